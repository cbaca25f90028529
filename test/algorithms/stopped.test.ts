import { describe, expect, test } from 'vitest';
import { cmaes, evolution, gp, nsga2, tpe } from '../../algorithms/index.ts';
import { asha } from '../../schedulers/index.ts';
import type { Searcher } from '../../src/search/searcher.ts';
import { uniform } from '../../src/space/domains.ts';
import { type SimulateOptions, simulate } from '../../src/testing/simulate.ts';

const space = { x: uniform(0, 1), y: uniform(0, 1) };
const away = ({ x, y }: Readonly<Record<string, unknown>>): number => Math.hypot((x as number) - 0.3, (y as number) - 0.7);

/** Of the later proposals, how many in a hundred lie near the best. */
async function nearBest(make: () => Searcher, more: Omit<SimulateOptions<typeof space>, 'curve'>, seeds = 2): Promise<number> {
  let [near, count] = [0, 0];
  for (let seed = 0; seed < seeds; seed++) {
    const { journal } = await simulate({
      space,
      searcher: make(),
      trials: 60,
      maxT: 10,
      curve: (config, step) => away(config) + 1 / (step + 1),
      seed,
      ...more,
    });
    const later = journal.flatMap((line) => (line.kind === 'queued' ? [line.config] : [])).slice(20);
    near += later.filter((config) => away(config) < 0.15).length;
    count += later.length;
  }
  return (100 * near) / count;
}

describe.each<readonly [string, () => Searcher]>([
  ['tpe', tpe],
  ['gp', gp],
  ['cmaes', cmaes],
  ['evolution', evolution],
  ['nsga2', nsga2],
])('%s', (_name, make) => {
  test('a trial that is stopped because it is good enough is a good one', async () => {
    const [free, stopped] = [await nearBest(make, {}), await nearBest(make, { stop: 'loss < 0.25' })];
    expect(stopped).toBeGreaterThan(0.7 * free);
  });

  test('one that a scheduler stops because it is bad is a bad one', async () => {
    expect(await nearBest(make, { scheduler: asha({ maxT: 10 }), workers: 2 })).toBeGreaterThan(15); // of random ones it is 7
  });
});
