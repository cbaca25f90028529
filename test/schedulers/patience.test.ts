import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PatienceOptions } from '../../schedulers/index.ts';
import { patience } from '../../schedulers/index.ts';
import { WORST } from '../../src/base/worst.ts';
import type { SchedulerEvent } from '../../src/schedule/scheduler.ts';
import { trialId } from '../../src/trial/ids.ts';
import { context, play, reasons, reported } from '../schedule/play.ts';

/** The reports of one trial, from step 0. */
const curve = (losses: readonly number[], trial = 0): SchedulerEvent[] => losses.map((loss, step) => reported(trial, step, loss));
/** At each step of one trial, whether it was to be stopped. */
const stopped = (options: PatienceOptions, losses: readonly number[]): readonly boolean[] =>
  play(patience(options), curve(losses)).map(({ length }) => length > 0);
const stops = (options: PatienceOptions, losses: readonly number[]): readonly number[] =>
  stopped(options, losses).flatMap((stop, step) => (stop ? [step] : []));

describe('patience', () => {
  test('stops a trial that has got worse for longer than that, and says so', () => {
    const reason = 'the last 3 results are all worse than the best before';
    expect(play(patience({ patience: 2 }), curve([0.5, 0.4, 0.6, 0.5, 0.7]))).toEqual([[], [], [], [], [{ kind: 'stop', trial: 0, reason }]]);
    expect(reasons(patience({ patience: 0 }), curve([1, 2]))).toEqual(['the last result is worse than the best before']);
    expect(reasons(patience({ patience: 1, minDelta: 0.1 }), curve([1, 2, 2]))).toEqual([
      'the last 2 results are all worse than the best before, by more than 0.1',
    ]);
  });

  test('one result that is as good as the best starts the count again', () => {
    expect(stops({ patience: 1 }, [1, 2, 1, 2, 2])).toEqual([4]);
    expect(stops({ patience: 1, minDelta: 0.5 }, [1, 2, 1.5, 2, 2])).toEqual([4]);
  });

  test('a trial that stands still goes on', () => expect(stops({ patience: 0 }, [1, 1, 1, 1])).toEqual([]));

  test('without options it has patience for ten', () => {
    expect(stops({}, [0, ...Array.from({ length: 11 }, () => 1)])).toEqual([11]);
    expect(patience().options).toEqual({ patience: 10, minDelta: 0 });
  });

  // Maximised values are told as losses: [1, 0] is [-1, 0].
  test.each<[number, number, readonly number[], readonly number[]]>([
    [0, 0, [-1, 0], [1]],
    [1, 0, [-2, -1, 0], [2]],
    [0, 0, [0, 1], [1]],
    [1, 0, [0, 1, 2], [2]],
    [0, 1, [-1, 0], []],
    [1, 1, [-3, -2, -1, 0], [3]],
    [0, 1, [0, 1], []],
    [1, 1, [0, 1, 2, 3], [3]],
  ])("the numbers of Optuna's tests: patience %i, minDelta %i, losses %j", (most, minDelta, losses, at) => {
    expect(stops({ patience: most, minDelta }, losses)).toEqual(at);
  });

  describe('with diverged results', () => {
    test('they are as bad as can be', () => {
      expect(stops({ patience: 1 }, [1, WORST, 1, WORST, WORST])).toEqual([4]);
      expect(stops({ patience: 0 }, [WORST, 1, WORST])).toEqual([2]); // Optuna lets this one go on for ever
    });

    test('but not worse than each other', () => expect(stops({ patience: 0 }, [WORST, WORST, WORST])).toEqual([]));
  });

  test('a report that is told twice counts once, and after an exploit the same step is another report', () => {
    const worse = [reported(0, 1, 1), reported(0, 2, 2)];
    expect(reasons(patience({ patience: 1 }), [...worse, reported(0, 2, 2)])).toEqual([]);
    expect(reasons(patience({ patience: 1 }), [...worse, { kind: 'started', trial: trialId(0), step: 1 }, reported(0, 2, 2)])).toHaveLength(1);
  });

  test('forgets a trial that has ended, and not one that failed and is resumed', () => {
    const after = (kind: 'completed' | 'failed'): readonly string[] =>
      reasons(patience({ patience: 1 }), [...curve([1, 2]), { kind, trial: trialId(0) }, reported(0, 3, 2)]);
    expect(after('completed')).toEqual([]);
    expect(after('failed')).toHaveLength(1);
  });

  test.each([{ patience: -1 }, { patience: 1.5 }, { minDelta: -0.1 }, { minDelta: Number.POSITIVE_INFINITY }])('refuses %j', (wrong) => {
    expect(() => patience(wrong)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
  });

  test('needs exactly one metric, names an option that was meant, and records what makes it again', () => {
    for (const objectives of [0, 2]) expect(() => patience().check?.({ ...context, objectives })).toThrow(expect.objectContaining({ code: 'METRIC_INVALID' }));
    expect(() => patience().check?.(context)).not.toThrow();
    expect(() => patience({ min_delta: 1 } as never)).toThrow('Did you mean "minDelta"?');
    expect(patience(patience({ patience: 3, minDelta: 1 }).options as never).options).toEqual({ patience: 3, minDelta: 1 });
  });
});

const losses = fc.array(fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constant(WORST)), { maxLength: 30 });
const rule = fc.record({ patience: fc.nat(4), minDelta: fc.nat(2) });

describe('patience, laws', () => {
  test('decides like the obvious slow version', () => {
    fc.assert(
      fc.property(losses, rule, (all, { patience: most, minDelta }) => {
        const slow = all.map((_, i) => {
          const before = all.slice(0, Math.max(0, i - most));
          return before.length > 0 && Math.min(...before) + minDelta < Math.min(...all.slice(i - most, i + 1));
        });
        expect(stopped({ patience: most, minDelta }, all)).toEqual(slow);
      }),
    );
  });

  test('E5: so many bad results never stop a trial', () => {
    fc.assert(
      fc.property(losses, rule, (all, options) => {
        for (const at of stops(options, all)) {
          const latest = all.slice(at - options.patience, at + 1);
          const before = Math.min(...all.slice(0, at - options.patience));
          expect(latest.filter((loss) => loss > before)).toHaveLength(options.patience + 1);
        }
      }),
    );
  });

  test('more patience stops later, and a larger minDelta only what a smaller one stops', () => {
    fc.assert(
      fc.property(losses, rule, fc.nat(3), (all, options, more) => {
        const first = (at: readonly number[]): number => at[0] ?? Number.POSITIVE_INFINITY;
        expect(first(stops({ ...options, patience: options.patience + more }, all))).toBeGreaterThanOrEqual(first(stops(options, all)));
        const strict = stopped(options, all);
        for (const [i, stop] of stopped({ ...options, minDelta: options.minDelta + more }, all).entries()) if (stop) expect(strict[i]).toBe(true);
      }),
    );
  });

  test('each trial counts for itself, and its state may pass through JSON', () => {
    fc.assert(
      fc.property(losses, losses, rule, (a, b, options) => {
        const both = a.flatMap((loss, i) => [reported(0, i, loss), ...(b[i] === undefined ? [] : [reported(1, i, b[i])])]);
        const of = (trial: number): readonly boolean[] =>
          play(patience(options), both).flatMap(({ length }, i) => ((both[i] as { trial: number }).trial === trial ? [length > 0] : []));
        expect(of(0)).toEqual(stopped(options, a));
        expect(play(patience(options), both, false)).toEqual(play(patience(options), both, true));
      }),
    );
  });
});
