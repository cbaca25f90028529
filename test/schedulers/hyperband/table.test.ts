import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hyperbandTable, type Rung } from '../../../schedulers/hyperband/table.ts';

const brackets = (maxT: number, factor: number, table: 'paper' | 'paper-example' | 'ceil'): readonly (readonly Rung[])[] => hyperbandTable(maxT, factor, table);
const sizes = (all: readonly (readonly Rung[])[]): string => all.map((rungs) => rungs.map(({ trials }) => trials).join(' ')).join(' / ');
const sum = (all: readonly (readonly Rung[])[], cost: (rung: Rung, before: Rung | undefined) => number): number =>
  all.reduce((total, rungs) => total + rungs.reduce((subtotal, rung, i) => subtotal + cost(rung, rungs[i - 1]), 0), 0);

describe('the published tables', () => {
  // Sizes of the brackets, configurations, runs, budget when every rung trains from scratch, and when trials are resumed.
  test.each([
    [9, 3, 'paper', '9 3 1 / 5 1 / 3', 17, 22, 78, 69],
    [27, 3, 'paper', '27 9 3 1 / 12 4 1 / 6 2 / 4', 49, 69, 423, 357],
    [81, 3, 'paper', '81 27 9 3 1 / 34 11 3 1 / 15 5 1 / 8 2 / 5', 143, 206, 1902, 1581],
    [81, 3, 'paper-example', '81 27 9 3 1 / 27 9 3 1 / 9 3 1 / 6 2 / 5', 128, 187, 1701, 1404],
    [81, 3, 'ceil', '81 27 9 3 1 / 34 12 4 2 / 15 5 2 / 8 3 / 5', 143, 211, 2181, 1767],
    [16, 2, 'paper', '16 8 4 2 1 / 10 5 2 1 / 7 3 1 / 5 2 / 5', 43, 72, 372, 278],
    [64, 4, 'paper', '64 16 4 1 / 22 5 1 / 8 2 / 4', 98, 127, 1000, 884],
    [256, 4, 'paper', '256 64 16 4 1 / 80 20 5 1 / 27 6 1 / 10 2 / 5', 378, 498, 6000, 5232],
  ] as const)('maxT %d, factor %d, %s: %s', (maxT, factor, table, shape, configurations, runs, fromScratch, resumed) => {
    const all = brackets(maxT, factor, table);
    expect(sizes(all)).toBe(shape);
    expect(all.reduce((total, [first]) => total + (first?.trials ?? 0), 0)).toBe(configurations);
    expect(sum(all, ({ trials }) => trials)).toBe(runs);
    expect(sum(all, ({ trials, milestone }) => trials * milestone)).toBe(fromScratch);
    expect(sum(all, ({ trials, milestone }, before) => trials * (milestone - (before?.milestone ?? 0)))).toBe(resumed);
  });

  // In exact fractions; those of 'ceil' as other tools print them.
  test.each([
    [9, 3, 'paper', '9 3 1 / 5 1 / 3'],
    [9, 3, 'paper-example', '9 3 1 / 3 1 / 3'],
    [9, 3, 'ceil', '9 3 1 / 5 2 / 3'],
    [27, 3, 'paper', '27 9 3 1 / 12 4 1 / 6 2 / 4'],
    [27, 3, 'paper-example', '27 9 3 1 / 9 3 1 / 6 2 / 4'],
    [27, 3, 'ceil', '27 9 3 1 / 12 4 2 / 6 2 / 4'],
    [81, 3, 'paper', '81 27 9 3 1 / 34 11 3 1 / 15 5 1 / 8 2 / 5'],
    [81, 3, 'paper-example', '81 27 9 3 1 / 27 9 3 1 / 9 3 1 / 6 2 / 5'],
    [81, 3, 'ceil', '81 27 9 3 1 / 34 12 4 2 / 15 5 2 / 8 3 / 5'],
    [16, 2, 'paper', '16 8 4 2 1 / 10 5 2 1 / 7 3 1 / 5 2 / 5'],
    [16, 2, 'paper-example', '16 8 4 2 1 / 8 4 2 1 / 4 2 1 / 4 2 / 5'],
    [16, 2, 'ceil', '16 8 4 2 1 / 10 5 3 2 / 7 4 2 / 5 3 / 5'],
    [64, 4, 'paper', '64 16 4 1 / 22 5 1 / 8 2 / 4'],
    [64, 4, 'paper-example', '64 16 4 1 / 16 4 1 / 8 2 / 4'],
    [64, 4, 'ceil', '64 16 4 1 / 22 6 2 / 8 2 / 4'],
    [256, 4, 'paper', '256 64 16 4 1 / 80 20 5 1 / 27 6 1 / 10 2 / 5'],
    [256, 4, 'paper-example', '256 64 16 4 1 / 64 16 4 1 / 16 4 1 / 8 2 / 5'],
    [256, 4, 'ceil', '256 64 16 4 1 / 80 20 5 2 / 27 7 2 / 10 3 / 5'],
    [8, 2, 'paper', '8 4 2 1 / 6 3 1 / 4 2 / 4'],
    [8, 2, 'paper-example', '8 4 2 1 / 4 2 1 / 4 2 / 4'],
    [8, 2, 'ceil', '8 4 2 1 / 6 3 2 / 4 2 / 4'],
    [125, 5, 'paper', '125 25 5 1 / 34 6 1 / 10 2 / 4'],
    [125, 5, 'paper-example', '125 25 5 1 / 25 5 1 / 10 2 / 4'],
    [125, 5, 'ceil', '125 25 5 1 / 34 7 2 / 10 2 / 4'],
    [1000, 10, 'ceil', '1000 100 10 1 / 134 14 2 / 20 2 / 4'],
    [243, 3, 'paper-example', '243 81 27 9 3 1 / 81 27 9 3 1 / 27 9 3 1 / 18 6 2 / 9 3 / 6'],
    [1, 3, 'paper', '1'],
  ] as const)('maxT %d, factor %d, %s: %s', (maxT, factor, table, shape) => expect(sizes(brackets(maxT, factor, table))).toBe(shape));

  test('rungs end at maxT; those of a maxT that is no power stand between whole steps', () => {
    const milestones = (maxT: number): unknown => brackets(maxT, 3, 'paper').map((rungs) => rungs.map(({ milestone }) => Number(milestone.toPrecision(4))));
    expect(milestones(81)).toEqual([[1, 3, 9, 27, 81], [3, 9, 27, 81], [9, 27, 81], [27, 81], [81]]);
    expect(milestones(100)).toEqual([[1.235, 3.704, 11.11, 33.33, 100], [3.704, 11.11, 33.33, 100], [11.11, 33.33, 100], [33.33, 100], [100]]);
  });
});

describe('laws', () => {
  const etas = fc.integer({ min: 2, max: 10 });
  const powers = fc.tuple(etas, fc.integer({ min: 1, max: 5 })).filter(([eta, k]) => eta ** k < 1e5);
  const tables = fc.constantFrom('paper' as const, 'paper-example' as const, 'ceil' as const);

  test('C2: as many brackets as powers up to maxT, exactly, for every eta^k and one less or more', () => {
    fc.assert(
      fc.property(powers, tables, ([eta, k], table) => {
        expect(brackets(eta ** k, eta, table)).toHaveLength(k + 1);
        expect(brackets(eta ** k + 1, eta, table)).toHaveLength(k + 1);
        expect(brackets(eta ** k - 1, eta, table)).toHaveLength(k);
      }),
    );
  });

  test('C3: a rung takes floor(n / eta) of the one before, with the ceiling ceil(n / eta); the last is at maxT, and somebody gets there', () => {
    fc.assert(
      fc.property(powers, tables, ([eta, k], table) => {
        for (const rungs of brackets(eta ** k, eta, table)) {
          expect(rungs.at(-1)?.milestone).toBe(eta ** k);
          for (const [i, { trials, milestone }] of rungs.entries()) {
            expect(trials).toBeGreaterThanOrEqual(1);
            const before = rungs[i - 1];
            if (before === undefined) continue;
            expect(trials).toBe(table === 'ceil' ? Math.ceil(before.trials / eta) : Math.floor(before.trials / eta));
            expect(milestone).toBe(before.milestone * eta);
          }
        }
      }),
    );
  });

  test('C4: a bracket of the paper costs at most (S + 1) maxT + (s + 1) maxT eta^-s', () => {
    fc.assert(
      fc.property(powers, ([eta, k]) => {
        for (const [i, rungs] of brackets(eta ** k, eta, 'paper').entries()) {
          const s = k - i;
          const bound = (k + 1) * eta ** k + (s + 1) * eta ** (k - s);
          expect(sum([rungs], ({ trials, milestone }) => trials * milestone)).toBeLessThanOrEqual(bound);
        }
      }),
    );
  });
});
