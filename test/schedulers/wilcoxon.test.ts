import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { WilcoxonOptions } from '../../schedulers/index.ts';
import { allOf, wilcoxon } from '../../schedulers/index.ts';
import { WORST } from '../../src/base/worst.ts';
import type { Scheduler, SchedulerEvent } from '../../src/schedule/scheduler.ts';
import { trialId } from '../../src/trial/ids.ts';
import { context, play, reasons, reported, warnings } from '../schedule/play.ts';

const curve = (trial: number, losses: readonly number[]): SchedulerEvent[] => losses.map((loss, step) => reported(trial, step, loss));
const ended = (trial: number, kind: 'completed' | 'stopped' | 'failed' = 'completed'): SchedulerEvent => ({ kind, trial: trialId(trial) });
const zeros = (n: number): readonly number[] => Array.from({ length: n }, () => 0);

/** At each report of the second trial, whether it was to be stopped; the first has ended. */
const stopped = (options: WilcoxonOptions, best: readonly number[], own: readonly number[]): readonly boolean[] =>
  play(wilcoxon(options), [...curve(0, best), ended(0), ...curve(1, own)])
    .slice(best.length + 1)
    .map(({ length }) => length > 0);

describe('wilcoxon', () => {
  test('stops a trial that is worse than the best on the steps that both have, and says how sure that is', () => {
    const events = [...curve(0, [0, 0, 0, 0]), ended(0), ...curve(1, [1, 2, 3, 4])];
    expect(play(wilcoxon(), events).at(-1)).toEqual([{ kind: 'stop', trial: 1, reason: 'worse than the best on 4 steps that both have: p 0.0625 < 0.1' }]);
  });

  const own = [-1, 1, 2, 3, 4, 5, -2, -3];
  test.each<[WilcoxonOptions, string]>([
    [{ pThreshold: 0.2 }, '---sssss'],
    [{ pThreshold: 0.15 }, '----sss-'],
    [{ pThreshold: 0.15, startupSteps: 6 }, '-----ss-'],
    [{ pThreshold: 0 }, '--------'],
  ])("the numbers of Optuna's tests: %j", (options, expected) => {
    expect(
      stopped(options, zeros(10), own)
        .map((stop) => (stop ? 's' : '-'))
        .join(''),
    ).toBe(expected);
  });

  test('not while its mean is no worse than that of the best, on the steps that each has', () => {
    const best = [...zeros(10), ...zeros(10).map(() => 8)]; // 4 on average
    const slow = [...zeros(10).map(() => 1), ...zeros(10).map(() => 9)];
    const stops = stopped({ pThreshold: 0.5 }, best, slow);
    const mean = (n: number): number => slow.slice(0, n).reduce((sum, one) => sum + one, 0) / n;
    expect(stops).toEqual(slow.map((_, i) => mean(i + 1) > 4));
  });

  test('steps may come in any order, and those that the best lacks do not count', () => {
    const events = [...curve(0, [0, 0, 0, 0]), ended(0), ...[9, 3, 8, 1, 0, 2].map((step) => reported(1, step, step + 1))];
    expect(play(wilcoxon(), events).map(({ length }) => length)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  });

  describe('the best', () => {
    const judge = (...before: SchedulerEvent[]): number => reasons(wilcoxon(), [...before, ...curve(9, [1, 2, 3, 4])]).length;

    test('is one that has ended: nobody is compared with what still runs', () => {
      expect(judge(...curve(0, zeros(4)))).toBe(0);
      expect(judge(...curve(0, zeros(4)), ended(0, 'failed'))).toBe(1); // what it reported before counts
      expect(judge(...curve(0, zeros(4)), ended(0, 'stopped'))).toBe(1); // by the user's limit, as a class always is
    });

    test('is none that this rule has stopped', () => {
      const worse = [...curve(0, [0, 0, 0, 0]), ended(0), ...curve(1, [5, 5, 5, 5]), ended(1, 'stopped')];
      let state = wilcoxon().init();
      for (const event of worse) ({ state } = wilcoxon().decide(state, event, context));
      expect(state.best).toEqual({ 0: 0, 1: 0, 2: 0, 3: 0 });
    });

    test('unless it was overruled and went on', () => {
      const careful = allOf(wilcoxon(), { name: 'never', uses: ['stop'], init: () => null, decide: (state) => ({ state, decisions: [] }) } as Scheduler);
      let state = careful.init() as [ReturnType<ReturnType<typeof wilcoxon>['init']>, null];
      for (const event of [...curve(0, [0, 0, 0, 0]), ended(0), ...curve(1, [1, 1, 1, 1, -9, -9, -9]), ended(1)])
        state = careful.decide(state, event, context).state as typeof state;
      expect(Object.keys(state[0].best ?? {})).toHaveLength(7);
    });

    test('has the most steps, then the lowest mean', () => {
      const short = [...curve(0, [-9]), ended(0), ...curve(1, [0, 0, 0, 0]), ended(1), ...curve(2, [-99]), ended(2)];
      expect(judge(...short)).toBe(1);
      const better = [...curve(0, [5, 5, 5, 5]), ended(0), ...curve(1, [0, 0, 0, 0]), ended(1), ...curve(2, [0, 0, 0, 1]), ended(2)];
      expect(judge(...better)).toBe(1);
    });
  });

  test('a trial with a diverged result is neither judged nor compared with, and that is said once', () => {
    const sick = [...curve(0, zeros(4)), ended(0), ...curve(1, [WORST, 1, 2, 3, 4]), ended(1), ...curve(2, [1, 2, 3, 4])];
    expect(reasons(wilcoxon(), sick)).toHaveLength(1);
    expect(warnings(wilcoxon(), [...sick, ...curve(3, [WORST])])).toEqual([
      expect.stringMatching(/^wilcoxon: a metric is NaN or infinite; .* add threshold\(\)\.$/),
    ]);
  });

  test.each([{ pThreshold: -0.1 }, { pThreshold: 1.1 }, { pThreshold: Number.NaN }, { startupSteps: -1 }, { startupSteps: 0.5 }])('refuses %j', (wrong) => {
    expect(() => wilcoxon(wrong)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
  });

  test('needs exactly one metric, names an option that was meant, and records what makes it again', () => {
    for (const objectives of [0, 2]) expect(() => wilcoxon().check?.({ ...context, objectives })).toThrow(expect.objectContaining({ code: 'METRIC_INVALID' }));
    expect(() => wilcoxon().check?.(context)).not.toThrow();
    expect(() => wilcoxon({ p_threshold: 1 } as never)).toThrow('Did you mean "pThreshold"?');
    expect(wilcoxon().options).toEqual({ pThreshold: 0.1, startupSteps: 2 });
    expect(wilcoxon(wilcoxon().options as never).options).toEqual(wilcoxon().options);
  });
});

const losses = fc.array(fc.oneof(fc.integer({ min: -4, max: 4 }), fc.constant(WORST)), { maxLength: 12 });

describe('wilcoxon, laws', () => {
  test('a trial whose mean is no worse than that of the best is never stopped', () => {
    fc.assert(
      fc.property(losses, losses, (best, own) => {
        const mean = (all: readonly number[]): number => all.reduce((sum, one) => sum + one, 0) / all.length;
        for (const [i, stop] of stopped({ pThreshold: 1 }, best, own).entries()) if (stop) expect(mean(own.slice(0, i + 1))).toBeGreaterThan(mean(best));
      }),
    );
  });

  test('a larger pThreshold stops a superset, more startupSteps a subset', () => {
    fc.assert(
      fc.property(losses, losses, fc.constantFrom(0.05, 0.1, 0.3), fc.nat(4), (best, own, pThreshold, more) => {
        const base = stopped({ pThreshold }, best, own);
        for (const [i, stop] of base.entries()) if (stop) expect(stopped({ pThreshold: pThreshold * 2 }, best, own)[i]).toBe(true);
        for (const [i, stop] of stopped({ pThreshold, startupSteps: 2 + more }, best, own).entries()) if (stop) expect(base[i]).toBe(true);
      }),
    );
  });

  test('the order of a trial’s steps does not matter for what is decided in the end', () => {
    fc.assert(
      fc.property(losses, losses, (best, own) => {
        const last = (steps: readonly (readonly [number, number])[]): number =>
          play(wilcoxon(), [...curve(0, best), ended(0), ...steps.map(([step, loss]) => reported(1, step, loss))]).at(-1)?.length ?? 0;
        const steps = own.map((loss, step) => [step, loss] as const);
        expect(last(steps.toReversed())).toBe(last(steps));
      }),
    );
  });

  test('the same events give the same decisions, with the state through JSON or not', () => {
    const event = fc.oneof(
      fc.record({ trial: fc.nat(3), step: fc.nat(6), loss: fc.integer({ min: 0, max: 5 }) }).map(({ trial, step, loss }) => reported(trial, step, loss)),
      fc
        .record({ trial: fc.nat(3), kind: fc.constantFrom('completed' as const, 'stopped' as const, 'failed' as const) })
        .map(({ trial, kind }) => ended(trial, kind)),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        expect(play(wilcoxon({ pThreshold: 0.5 }), events, true)).toEqual(play(wilcoxon({ pThreshold: 0.5 }), events, false));
      }),
    );
  });
});
