import { describe, expect, test } from 'vitest';
import { fromAskTell } from '../../algorithms/index.ts';
import type { Config } from '../../src/space/config.ts';
import { uniform } from '../../src/space/domains.ts';
import { compileSpace } from '../../src/space/space.ts';
import { simulate } from '../../src/testing/simulate.ts';
import { simulate as restorable } from '../../src/tuner/simulate.ts';
import { simulation, steady } from '../tuner/small-world.ts';
import { climber } from './climber.ts';

const space = { x: uniform(0, 1) };

test('tells of each finished trial once, in the order of the trials, before it asks', async () => {
  const told: [Config, number][] = [];
  const searcher = fromAskTell((setup) => climber(setup, told));
  const durations = ({ x }: { readonly x: number }): number => 1 + 5 * x;
  const { grid } = await simulate({ space, curve: ({ x }) => x, durations, searcher, trials: 30, workers: 4, maxT: 1, pointsToEvaluate: [{ x: 0.5 }] });
  const all = [...grid].map(({ config }) => config.x);
  const order = told.map(([{ x }, loss]) => {
    expect(loss).toBe(x);
    return x as number;
  });
  expect(new Set(order).size).toBe(new Set(order.filter((x) => all.includes(x))).size);
  expect(order.length).toBeGreaterThanOrEqual(26); // those that ran when it was asked last were never told of
  expect(order).toContain(0.5);
});

test('a diverged trial, and one that failed, are infinitely bad; losses are negated scores', async () => {
  const told: [Config, number][] = [];
  const searcher = fromAskTell((setup) => climber(setup, told));
  const failures = ({ x }: { readonly x: number }): boolean => x < 0.3;
  await simulate({ space, curve: ({ x }) => (x > 0.7 ? Number.NaN : x), failures, mode: 'max', searcher, trials: 40, maxT: 1 });
  for (const [{ x }, loss] of told) expect(loss).toBe((x as number) < 0.3 || (x as number) > 0.7 ? Infinity : -(x as number));
});

test('cut at any line and restored, with another optimiser, it proposes the same', async () => {
  const make = () => fromAskTell((setup) => climber(setup));
  const whole = simulation({ searcher: make(), samples: 12, world: steady(1) });
  const { lines } = await restorable(whole);
  const configsOf = (all: typeof lines) => all.flatMap((one) => (one.kind === 'queued' ? [one.config] : []));
  for (let cut = 2; cut < lines.length; cut += 3) {
    const restored = await restorable(simulation({ searcher: make(), samples: 12, world: steady(1) }), lines.slice(0, cut));
    expect(configsOf(restored.lines)).toEqual(configsOf(lines));
  }
  expect(configsOf(lines)).toHaveLength(12);
});

test('ends when the optimiser has no more; it may take its time', async () => {
  const searcher = fromAskTell(() => {
    let left = 3;
    return { ask: async () => (left-- > 0 ? { x: left / 4 } : undefined), tell: async () => {} };
  });
  const { grid } = await simulate({ space, curve: ({ x }) => x, searcher, trials: 10, maxT: 1 });
  expect([...grid].map(({ config }) => config.x)).toEqual([0.5, 0.25, 0]);
});

describe('is refused', () => {
  test.each<readonly [string, () => unknown, string]>([
    [
      'an optimiser that was made already',
      () => fromAskTell({ ask() {}, tell() {} } as never),
      'fromAskTell: expected a function that makes an optimiser, got',
    ],
    ['no name', () => fromAskTell(() => ({}) as never, { name: '' }), 'expected name to be a name, got "".'],
    [
      'two metrics',
      () => fromAskTell(climber).check?.({ space: compileSpace(space), objectives: 2, samples: 1, slots: 1 }),
      'fromAskTell: expected one metric, got 2.',
    ],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(message);
  });

  test('something without ask and tell, by the name given', async () => {
    const run = simulate({ space, curve: () => 1, searcher: fromAskTell(() => ({ ask: () => ({}) }) as never, { name: 'mine' }) });
    await expect(run).rejects.toThrow('mine: expected create() to return an object with ask() and tell()');
  });
});
