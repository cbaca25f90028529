import { expect, test } from 'vitest';
import { list } from '../../algorithms/index.ts';
import { choice, uniform } from '../../src/space/domains.ts';
import { simulate } from '../../src/testing/simulate.ts';
import { rebuildSearcher } from '../../src/tuner/builtins.ts';

const space = { x: uniform(0, 1), kind: choice(['a', 'b']) };
const two = [{ x: 0.25, kind: 'b' }, { x: 0.75 }];

test('proposes what it is given, in order, as often as there are samples, and draws what is missing', async () => {
  const { grid } = await simulate({ space, curve: ({ x }) => x, searcher: list(two), trials: 2, workers: 3, maxT: 1 });
  expect([...grid].map(({ config }) => config.x)).toEqual([0.25, 0.75, 0.25, 0.75]);
  expect([...grid].map(({ config }) => config.kind)).toEqual(['b', expect.stringMatching(/^[ab]$/), 'b', expect.stringMatching(/^[ab]$/)]);
});

test('is rebuilt from what is recorded', () => {
  const record = JSON.parse(JSON.stringify({ name: 'list', options: list(two).options }));
  expect(rebuildSearcher(record)?.options).toEqual(record.options);
});

test.each<readonly [string, unknown, string]>([
  ['nothing', [], 'list: expected an array of at least one configuration, got an empty one.'],
  ['one configuration', two[0], 'list: expected an array of at least one configuration, got an object'],
  ['a key that the space lacks', [two[0], { y: 1 }], 'list: configs[1]: expected keys of the space, got "y".'],
  ['no number', [{ x: 'high' }], 'list: configs[0]/x: expected a finite number, got "high".'],
])('%s is refused', async (_, configs, message) => {
  const run = async (): Promise<unknown> => simulate({ space, curve: () => 1, searcher: list(configs as never) });
  await expect(run()).rejects.toThrow(message);
});
