import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AshaVariant } from '../../../schedulers/asha.ts';
import { asha } from '../../../schedulers/asha.ts';
import type { Rng } from '../../../src/base/rng.ts';
import { rng } from '../../../src/base/rng.ts';
import { isWorst, WORST } from '../../../src/base/worst.ts';
import { ashaOracle } from '../../../src/testing/oracles/asha.ts';
import { context, reported } from '../../schedule/play.ts';
import { Game, type Move } from './game.ts';

const loss = fc.oneof(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 2 }), fc.constant(WORST));
const move: fc.Arbitrary<Move> = fc.record({
  what: fc.constantFrom('new', 'new', 'report', 'report', 'pause', 'pause', 'idle', 'idle', 'end'),
  who: fc.nat(40),
  ahead: fc.integer({ min: 1, max: 6 }),
  loss,
});
const moves = fc.array(move, { maxLength: 120, size: 'max' });
const factors = fc.constantFrom(2, 3, 4, 2.5);
const variants = fc.constantFrom<AshaVariant>('stop', 'promote', 'delayed');

describe('asha, laws', () => {
  test('D1: decides like the obvious slow version, in every variant', () => {
    fc.assert(
      fc.property(moves, factors, variants, fc.integer({ min: 1, max: 3 }), (played, reductionFactor, variant, gracePeriod) => {
        const rule = { maxT: 27, gracePeriod, reductionFactor, variant };
        const { happened, answers } = new Game(asha(rule)).play(played);
        expect(answers).toEqual(ashaOracle(rule, happened));
      }),
      { numRuns: 1000 },
    );
  });

  test('D2, D3, D4: promotes from the highest rung it can, each trial once for each rung, whose rank is among the first floor(n / factor)', () => {
    fc.assert(
      fc.property(moves, factors, fc.boolean(), (played, reductionFactor, delayed) => {
        const { happened, answers } = new Game(asha({ maxT: 27, reductionFactor, variant: delayed ? 'delayed' : 'promote' })).play(played);
        const milestones = [1, ...[1, 2, 3, 4].map((k) => reductionFactor ** k)].filter((milestone) => milestone <= 27);
        const rungOf = (time: number): number => milestones.findLastIndex((milestone) => milestone <= time);
        const recorded = milestones.map((): { trial: number; loss: number }[] => []);
        const at: Record<number, number> = {};
        const promotions = new Set<string>();
        for (const [i, event] of happened.entries()) {
          if (event.kind === 'reported' && rungOf(event.time) > (at[event.trial] ?? -1)) {
            at[event.trial] = rungOf(event.time);
            recorded[rungOf(event.time)]?.push(event);
          }
          const resumed = answers[i]?.startsWith('resume') ? Number(answers[i].slice(7)) : undefined;
          if (resumed === undefined) continue;
          const rung = at[resumed] ?? -1;
          const peers = recorded[rung] ?? [];
          const own = peers.find(({ trial }) => trial === resumed)?.loss ?? WORST;
          expect(1 + peers.filter((peer) => peer.loss < own).length).toBeLessThanOrEqual(Math.floor(peers.length / reductionFactor));
          expect(isWorst(own)).toBe(false);
          expect(promotions.has(`${resumed} ${rung}`)).toBe(false);
          promotions.add(`${resumed} ${rung}`);
          if (delayed)
            expect([...promotions].filter((name) => name.endsWith(` ${rung}`)).length).toBeLessThanOrEqual(Math.floor(peers.length / reductionFactor));
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** How many of a stream of losses pass one rung, when a free slot is offered after each until nobody is promoted. */
function passing(variant: AshaVariant, reductionFactor: number, losses: readonly number[]): number {
  const scheduler = asha({ maxT: 1e9, reductionFactor, variant });
  let state = scheduler.init();
  let passed = 0;
  for (const [trial, value] of losses.entries()) {
    const report = reported(trial, 1, value);
    const outcome = scheduler.decide(state, report, context);
    state = outcome.state;
    if (variant === 'stop') {
      passed += outcome.decisions.length === 0 ? 1 : 0;
      continue;
    }
    if (report.kind !== 'reported') continue;
    ({ state } = scheduler.decide(state, { kind: 'paused', trial: report.trial }, context));
    for (;;) {
      const offered = scheduler.decide(state, { kind: 'idle' }, context);
      state = offered.state;
      if (offered.decisions.length === 0) break;
      passed += 1;
    }
  }
  return passed;
}

const stream = (n: number, draws: Rng): readonly number[] => Array.from({ length: n }, () => draws.next());
const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('of 100 trials in random order at one rung pass (400 runs)', () => {
  // Means that 4000 runs of other code gave, and the most in any of them.
  test.each([
    [2, 49.5, 54.3, 68, 50],
    [3, 33.0, 37.2, 50, 33],
    [4, 24.9, 28.5, 41, 25],
  ])('with a factor of %d: stop %f, promote %f (at most %d), delayed %d', (factor, stops, promotes, most, delays) => {
    const runs = Array.from({ length: 400 }, (_, run) => stream(100, rng(run).fork('pass counts', factor)));
    const counts = (variant: AshaVariant): readonly number[] => runs.map((losses) => passing(variant, factor, losses));
    expect(Math.abs(meanOf(counts('stop')) - stops)).toBeLessThan(1);
    const promoted = counts('promote');
    expect(Math.abs(meanOf(promoted) - promotes)).toBeLessThan(1);
    expect(Math.max(...promoted)).toBeLessThanOrEqual(most + 2);
    expect(new Set(counts('delayed'))).toEqual(new Set([delays]));
  });

  test('of an ever improving stream: all, all but factor - 1, floor(n / factor)', () => {
    const improving = Array.from({ length: 100 }, (_, i) => -i);
    expect((['stop', 'promote', 'delayed'] as const).map((variant) => passing(variant, 4, improving))).toEqual([100, 97, 25]);
  });

  test('of an ever worsening one: the first, floor(n / factor), floor(n / factor)', () => {
    const worsening = Array.from({ length: 100 }, (_, i) => i);
    expect((['stop', 'promote', 'delayed'] as const).map((variant) => passing(variant, 4, worsening))).toEqual([1, 25, 25]);
  });

  test('of equal ones: all, floor(n / factor), floor(n / factor)', () => {
    const equal = Array.from({ length: 100 }, () => 0.5);
    expect((['stop', 'promote', 'delayed'] as const).map((variant) => passing(variant, 4, equal))).toEqual([100, 25, 25]);
  });

  test('D5: promotes from floor(n / factor) to n - factor + 1 of them', () => {
    const distinct = fc.uniqueArray(fc.integer(), { minLength: 4, maxLength: 60 });
    fc.assert(
      fc.property(distinct, fc.constantFrom(2, 3, 4), (losses, factor) => {
        const promoted = passing('promote', factor, losses);
        expect(promoted).toBeGreaterThanOrEqual(Math.floor(losses.length / factor));
        expect(promoted).toBeLessThanOrEqual(losses.length - factor + 1);
        expect(passing('delayed', factor, losses)).toBe(Math.floor(losses.length / factor));
      }),
    );
  });
});

describe('brackets', () => {
  const chiSquare = (counts: readonly number[], chances: readonly number[]): number => {
    const n = counts.reduce((sum, count) => sum + count, 0);
    return counts.reduce((sum, count, i) => sum + (count - n * (chances[i] ?? 0)) ** 2 / (n * (chances[i] ?? 1)), 0);
  };

  /** In which bracket each of n trials is. */
  const drawn = (brackets: number, n: number, seed: number): readonly number[] => {
    const scheduler = asha({ maxT: 81, reductionFactor: 3, brackets });
    const seeded = { ...context, rng: (...key: readonly (string | number)[]) => rng(seed).fork('schedule', 'asha', ...key) };
    let state = scheduler.init();
    for (let trial = 0; trial < n; trial++) ({ state } = scheduler.decide(state, reported(trial, 1, 0), seeded));
    return Array.from({ length: n }, (_, trial) => state.places[trial]?.bracket ?? -1);
  };
  const countsOf = (all: readonly number[], brackets: number): readonly number[] =>
    Array.from({ length: brackets }, (_, bracket) => all.filter((one) => one === bracket).length);

  test('D8: are drawn as often as e to the number of their rungs says (chi-square, alpha 1e-4)', () => {
    expect(chiSquare(countsOf(drawn(3, 3000, 7), 3), [0.6652, 0.2447, 0.09])).toBeLessThan(18.42); // 2 degrees of freedom
    const weights = [0, 1, 2, 3, 4].map((s) => Math.exp(-s));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const chances = weights.map((weight) => weight / total);
    expect(chiSquare(countsOf(drawn(5, 3000, 8), 5), chances)).toBeLessThan(23.51); // 4 degrees of freedom
  });

  test('the bracket of a trial depends on the seed and the trial alone', () => {
    expect(drawn(3, 50, 7)).toEqual(drawn(3, 100, 7).slice(0, 50));
    expect(drawn(3, 100, 7)).not.toEqual(drawn(3, 100, 8));
  });
});
