import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WORST } from '../../src/base/worst.ts';
import { History } from '../../src/search/history.ts';
import { type Outcome, outcomeOf, outcomesOf } from '../../src/search/outcomes.ts';
import { compareOutcomes, tiersOf } from '../../src/search/tiers.ts';
import { uniform } from '../../src/space/domains.ts';
import { compileSpace } from '../../src/space/space.ts';

type End = 'completed' | 'stopped' | 'failed' | 'left' | 'running';

/** What a trial reports, one after the other, and how it ends. */
interface Fate {
  readonly reports: readonly number[];
  readonly violation?: number;
  readonly end?: End;
}

function historyOf(fates: readonly Fate[]): History {
  const history = new History(compileSpace({ x: uniform(0, 1) }), 1);
  for (const { reports, violation = 0, end = 'completed' } of fates) {
    const row = history.add({ config: { x: 0.5 }, by: 'searcher', asked: history.ended.length });
    reports.forEach((loss, i) => void history.report(row, i + 1, [loss], violation));
    if (end === 'left') history.leave(row);
    else if (end !== 'running') history.end(row, end);
  }
  return history;
}

const all = (fates: readonly Fate[]): readonly (Outcome | undefined)[] => {
  const history = historyOf(fates);
  return fates.map((_, row) => outcomeOf(history.at(row)));
};
const compared = (a: Fate, b: Fate): number => {
  const [one, other] = all([a, b]);
  return Math.sign(compareOutcomes(one as Outcome, other as Outcome));
};

describe('an outcome is what a trial reported last', () => {
  test('whether it completed, was stopped or still runs', () => {
    for (const end of ['completed', 'stopped', 'running'] as const)
      expect(all([{ reports: [3, 2], violation: 0.5, end }])).toEqual([{ row: 0, losses: [2], violation: 0.5, isLost: false }]);
  });

  test('nobody has one who never reported, failed, or went on with another configuration', () => {
    expect(all([{ reports: [] }, { reports: [1], end: 'failed' }, { reports: [1], end: 'left' }])).toEqual([undefined, undefined, undefined]);
  });

  test('of a history: those of the trials that have ended, in that order, or the latest of them', () => {
    const history = historyOf([{ reports: [1] }, { reports: [2], end: 'running' }, { reports: [3], end: 'failed' }, { reports: [4], end: 'stopped' }]);
    history.end(1, 'completed');
    expect(outcomesOf(history).map(({ row }) => row)).toEqual([0, 3, 1]);
    expect(outcomesOf(history, 2).map(({ row }) => row)).toEqual([3, 1]);
  });
});

describe('the better of two', () => {
  test('has the lower loss, however far the other came', () => {
    expect(compared({ reports: [1], end: 'stopped' }, { reports: [9, 8, 7], end: 'completed' })).toBe(-1);
    expect(compared({ reports: [5], end: 'stopped' }, { reports: [9, 8, 4], end: 'stopped' })).toBe(1);
    expect(compared({ reports: [5], end: 'stopped' }, { reports: [9, 5], end: 'completed' })).toBe(0);
  });

  test('is feasible, or else violates less', () => {
    expect(compared({ reports: [9] }, { reports: [1], violation: 0.1 })).toBe(-1);
    expect(compared({ reports: [9], violation: 1 }, { reports: [1], violation: Infinity })).toBe(-1);
    expect(compared({ reports: [1], violation: Infinity }, { reports: [1], violation: Infinity })).toBe(0);
  });

  test('has not diverged: not even an infeasible one is worse', () => {
    expect(compared({ reports: [9], violation: 5 }, { reports: [1, WORST] })).toBe(-1);
    expect(compared({ reports: [WORST], violation: 5 }, { reports: [WORST] })).toBe(0);
  });
});

/** Few values, so that there are ties. */
const arbitraryFate: fc.Arbitrary<Fate> = fc.record({
  reports: fc.array(fc.constantFrom(-1e308, 0, 1, 2, 3, WORST), { minLength: 1, maxLength: 4 }),
  violation: fc.constantFrom(0, 0, 0, 1, 2, Infinity),
  end: fc.constantFrom<End>('completed', 'stopped', 'running'),
});

describe('in any trials', () => {
  test('it is a strict weak order: of three, two that follow each other, or are alike, say what the third is', () => {
    fc.assert(
      fc.property(arbitraryFate, arbitraryFate, arbitraryFate, (a, b, c) => {
        const [ab, bc, ac] = [compared(a, b), compared(b, c), compared(a, c)];
        expect(compared(a, a)).toBe(0);
        expect(compared(b, a) + ab).toBe(0);
        if (ab === 0) expect(ac).toBe(bc);
        if (ab === bc) expect(ac).toBe(ab);
      }),
    );
  });

  test('a stopped one is never behind one that came farther and has a worse loss', () => {
    fc.assert(
      fc.property(arbitraryFate, arbitraryFate, (a, b) => {
        const [loss = 0, other = 0] = [a.reports.at(-1), b.reports.at(-1)];
        fc.pre(loss <= other && a.violation === 0 && a.reports.length <= b.reports.length);
        expect(compared({ ...a, end: 'stopped' }, { ...b, end: 'completed' })).toBeLessThanOrEqual(0);
      }),
    );
  });

  test('tiers are in that order, lose nobody, and leave what is alike in the order in which it came', () => {
    fc.assert(
      fc.property(fc.array(arbitraryFate), (fates) => {
        const outcomes = all(fates) as readonly Outcome[];
        const tiers = tiersOf(outcomes);
        expect(tiers.flatMap((tier) => tier.map(({ row }) => row)).toSorted((a, b) => a - b)).toEqual(fates.map((_, row) => row));
        for (const tier of tiers) {
          expect(new Set(tier.map(({ isLost, violation }) => (isLost ? 'lost' : violation))).size).toBe(1);
          expect(tier.map(({ row }) => row)).toEqual(tier.map(({ row }) => row).toSorted((a, b) => a - b));
        }
        const best = tiers.map((tier) => tier.toSorted(compareOutcomes)[0] as Outcome);
        best.forEach((outcome, i) => void (i > 0 && expect(compareOutcomes(best[i - 1] as Outcome, outcome)).toBeLessThan(0)));
      }),
    );
  });
});
