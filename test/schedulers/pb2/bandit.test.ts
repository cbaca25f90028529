import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { suggest, type Trial } from '../../../schedulers/pb2/bandit.ts';
import { REMEMBERED, remember } from '../../../schedulers/pb2/gains.ts';
import type { Gain } from '../../../schedulers/pbt.ts';
import { rng } from '../../../src/base/rng.ts';
import { WORST } from '../../../src/base/worst.ts';

const extreme = fc.constantFrom(0, -0, 1e308, -1e308, Number.MAX_VALUE, -Number.MAX_VALUE, 5e-324);
const number = fc.oneof(fc.double({ min: -10, max: 10, noNaN: true }), extreme);
const unit = fc.double({ min: 0, max: 1, noNaN: true });
const tried = fc.array(fc.record({ time: fc.nat(30), loss: number, rate: fc.option(number), at: fc.tuple(unit, unit) }) satisfies fc.Arbitrary<Trial>, {
  minLength: 1,
  maxLength: 12,
});

/** To the values of a parameter with five, and a continuous one. */
const settle = ([a = 0, b = 0]: readonly number[]): readonly number[] => [Math.round(a * 4) / 4, b];

describe('the numbers that are suggested', () => {
  test('lie in the bounds, among those that there are, and follow from the question and the stream, whatever was gained', () => {
    fc.assert(
      fc.property(tried, fc.array(fc.tuple(unit, unit), { maxLength: 4 }), number, fc.nat(), (known, pending, loss, seed) => {
        const question = { tried: known, pending, now: { time: 31, loss }, settle };
        const at = suggest(question, rng(seed));
        expect(at).toHaveLength(2);
        for (const x of at) expect(x).toSatisfy((value: number) => value >= 0 && value <= 1);
        expect([0, 0.25, 0.5, 0.75, 1]).toContain(at[0]);
        expect(suggest(question, rng(seed))).toEqual(at);
      }),
    );
  });

  const line = (...slopes: readonly (readonly [number, number | null])[]): readonly Trial[] =>
    Array.from({ length: 9 }, (_, time) => slopes.map(([x, rate]): Trial => ({ time, loss: -time, rate, at: [x] }))).flat();
  const ask = (known: readonly Trial[], pending: readonly (readonly number[])[] = [], seed = 0): number =>
    suggest({ tried: known, pending, now: { time: 9, loss: -9 }, settle: (at) => at }, rng(seed))[0] as number;

  test.each([0, 1, 2, 3, 4])('are in the upper half when that gained twice as much (seed %i)', (seed) => {
    expect(ask(line([0.2, 10], [0.8, 20]), [], seed)).toBeGreaterThan(0.5);
  });

  test.each([0, 1, 2, 3, 4])('are far from where trials diverged (seed %i)', (seed) => {
    expect(ask(line([0.9, null], [0.2, 1], [0.3, 1.1]), [], seed)).toBeLessThan(0.8);
  });

  test('are where a fine search finds the bound to be highest', () => {
    const values = [
      [0.1, 0],
      [0.4, 3],
      [0.6, 4],
      [0.9, 1],
    ] as const;
    const at = ask(line(...values));
    expect(at).toBeGreaterThan(0.4);
    expect(at).toBeLessThan(0.8);
    for (const seed of [1, 2, 3, 4]) expect(ask(line(...values), [], seed)).toBeCloseTo(at, 1);
  });

  test('are others when those are pending already', () => {
    const known = [{ time: 0, loss: 0, rate: 1, at: [0.5] }];
    const first = ask(known);
    expect(Math.abs(ask(known, [[first]]) - first)).toBeGreaterThan(0.1);
  });
});

describe('what is remembered', () => {
  const report = fc.record({ trial: fc.nat(9), from: fc.nat(20), length: fc.nat(3), before: number, after: fc.oneof(number, fc.constant(WORST)) });

  test('does not depend on the order in which it came, survives JSON, and is bounded', () => {
    fc.assert(
      fc.property(fc.array(report, { maxLength: 260 }), fc.nat(), (reports, seed) => {
        const all = (some: typeof reports): Gain[] => {
          const gains: Gain[] = [];
          for (const { trial, from, length, before, after } of some)
            remember(gains, { time: from, loss: before }, { time: from + length, loss: after }, trial, [trial % 2 ? 0.5 : null]);
          return gains;
        };
        const stream = rng(seed);
        const shuffled = reports.map((one) => ({ one, key: stream.next() })).sort((a, b) => a.key - b.key);
        const gains = all(reports);
        expect(all(shuffled.map(({ one }) => one))).toEqual(gains);
        expect(JSON.parse(JSON.stringify(gains))).toEqual(gains);
        expect(gains.length).toBeLessThanOrEqual(REMEMBERED);
      }),
    );
  });
});
