import { describe, expect, test } from 'vitest';
import { encodedAt } from '../../../algorithms/cmaes/cube.ts';
import { Evolution } from '../../../algorithms/cmaes/evolution.ts';
import { withMargin } from '../../../algorithms/cmaes/margin.ts';
import { cmaes } from '../../../algorithms/cmaes.ts';
import { normalTail } from '../../../src/base/numeric/normal.ts';
import { rng } from '../../../src/base/rng.ts';
import { History } from '../../../src/search/history.ts';
import { axisOf, type NumericAxis } from '../../../src/space/axis.ts';
import { randint, uniform } from '../../../src/space/domains.ts';
import { decode } from '../../../src/space/encode.ts';
import { compileSpace, type Parameter } from '../../../src/space/space.ts';

describe('a marginal leaves its cell with a probability of at least the margin', () => {
  const leaving = (marginal: { mean: number; deviation: number }, [low, high]: readonly [number, number]): readonly [number, number] => [
    normalTail((marginal.mean - low) / marginal.deviation),
    normalTail((high - marginal.mean) / marginal.deviation),
  ];

  test('half of it to either side, where there are values on both', () => {
    const [below, above] = leaving(withMargin({ mean: 0.52, deviation: 1e-3 }, [0.4, 0.6], 0.1), [0.4, 0.6]);
    expect(below).toBeCloseTo(0.05, 10);
    expect(above).toBeCloseTo(0.05, 10);
  });

  test('a side that has enough keeps nearly what it has', () => {
    const [below, above] = leaving(withMargin({ mean: 0.42, deviation: 0.05 }, [0.4, 0.6], 0.1), [0.4, 0.6]);
    expect(below).toBeGreaterThan(0.3);
    expect(above).toBeCloseTo(0.05, 10);
  });

  test('all of it to the one side of an outermost cell, by moving the mean alone', () => {
    const kept = withMargin({ mean: 0.1, deviation: 0.01 }, [-Infinity, 0.2], 0.1);
    expect(kept.deviation).toBe(0.01);
    expect(leaving(kept, [-Infinity, 0.2])).toEqual([0, expect.closeTo(0.1, 10)]);
    expect(leaving(withMargin({ mean: 0.95, deviation: 0.01 }, [0.8, Infinity], 0.1), [0.8, Infinity])[0]).toBeCloseTo(0.1, 10);
  });

  test('one that does so already stays as it is', () => {
    const wide = { mean: 0.47, deviation: 0.2 };
    expect(withMargin(wide, [0.4, 0.6], 0.1)).toEqual(wide);
    expect(withMargin(wide, [-Infinity, 0.6], 0.1)).toEqual({ mean: expect.closeTo(0.47, 12), deviation: 0.2 });
  });
});

/** Four whole numbers that have little weight beside four that are continuous, which settle first. */
const space = compileSpace(Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`x${i}`, i < 4 ? randint(-10, 11) : uniform(-10, 10)])));
const lossOf = (config: Record<string, unknown>): number =>
  Array.from({ length: 8 }, (_, i) => (i < 4 ? 0.1 : 10) * ((config[`x${i}`] as number) - (i < 4 ? 2 * i - 3 : i - 5.5)) ** 2).reduce((a, b) => a + b);

/** The lowest loss of the whole numbers after 1,000 trials. */
function wholePart(margin: boolean, seed: number): number {
  const cube = space.parameters.map((parameter: Parameter, i) => axisOf(parameter, i) as NumericAxis);
  const history = new History(space, 1);
  const evolution = new Evolution(cube, { sigma: 0.14, population: 7, restarts: 0, margin }, rng(seed));
  let [lowest, whole] = [Infinity, Infinity];
  for (let i = 0; i < 1000; i++) {
    for (const _ of evolution.read(history));
    const point = evolution.draw(rng(seed).fork(i));
    const config = decode(
      space,
      Float64Array.from(point, (position, k) => encodedAt(cube[k] as NumericAxis, position)),
    );
    const row = history.add({ config, by: 'searcher', asked: i, note: evolution.noteOf(point) });
    const loss = lossOf(config);
    if (loss < lowest) [lowest, whole] = [loss, [0, 1, 2, 3].reduce((sum, k) => sum + ((config[`x${k}`] as number) - (2 * k - 3)) ** 2, 0)];
    history.report(row, 1, [loss]);
    history.end(row, 'completed');
  }
  return whole;
}

test('with the margin the whole numbers of a mixed space reach their best; without it they stay where they are', () => {
  const solved = (margin: boolean): number => Array.from({ length: 10 }, (_, seed) => wholePart(margin, seed)).filter((rest) => rest === 0).length;
  expect(solved(true)).toBeGreaterThanOrEqual(9);
  expect(solved(false)).toBeLessThanOrEqual(2);
});

test('a proposal remembers where it lay before it was rounded, where there is something to round', async () => {
  const ask = { space, index: 0, samples: 9, history: new History(space, 1), objectives: 1, slots: 1, rng: rng(1), stream: rng(1), breathe: async () => {} };
  expect(await cmaes().suggest(ask)).toMatchObject({ note: [expect.any(Number), expect.any(Number), expect.any(Number), expect.any(Number)] });
});
