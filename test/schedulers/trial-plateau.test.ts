import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TrialPlateauOptions } from '../../schedulers/trial-plateau.ts';
import { trialPlateau } from '../../schedulers/trial-plateau.ts';
import { WORST } from '../../src/base/worst.ts';
import type { SchedulerEvent } from '../../src/schedule/scheduler.ts';
import { trialId } from '../../src/trial/ids.ts';
import { context, play, reasons, reported, warnings } from '../schedule/play.ts';

/** The reports of one trial. */
const curve = (values: readonly number[], trial = 0): SchedulerEvent[] => values.map((value, i) => reported(trial, i + 1, value));
/** The number of the report at which a trial is stopped; 0: it is not. */
const stoppedAt = (options: TrialPlateauOptions, values: readonly number[]): number =>
  play(trialPlateau(options), curve(values)).findIndex((decisions) => decisions.length > 0) + 1;

describe('trialPlateau', () => {
  test('stops a trial whose last results are alike, and says how much', () => {
    const reason = 'the last 4 results are alike: their standard deviation 0.001 < 0.01';
    expect(play(trialPlateau(), curve([5, 0.5, 0.502, 0.5, 0.502])).at(-1)).toEqual([{ kind: 'stop', trial: 0, reason }]);
  });

  test.each<[string, TrialPlateauOptions, readonly number[], number]>([
    ['by default at four results within 0.01', {}, [1, 1, 1, 1], 4],
    ['not before the grace period', { gracePeriod: 7 }, [1, 1, 1, 1, 1, 1, 1], 7],
    ['not before there are numResults of them', { numResults: 6, gracePeriod: 2 }, [1, 1, 1, 1, 1, 1], 6],
    ['only the last results count', { numResults: 3 }, [9, 5, 1, 1, 1], 5],
    ['not while they move', {}, [1, 0.9, 0.8, 0.7, 0.6, 0.5], 0],
    ['a deviation of just std is no plateau', { std: 1, numResults: 2, gracePeriod: 0 }, [0, 2], 0],
    ['the deviation is that of the population', { std: 1.0001, numResults: 2, gracePeriod: 0 }, [0, 2], 2],
    ['a threshold from above has not been reached', { metric: 'loss', metricThreshold: 0.5, mode: 'min' }, [1, 1, 1, 1, 1], 0],
    ['a threshold from above has', { metric: 'loss', metricThreshold: 0.5, mode: 'min' }, [1, 0.5, 0.5, 0.5, 0.5], 5],
    ['a threshold of 0 is one', { metric: 'loss', metricThreshold: 0, mode: 'min' }, [1, 1, 1, 1, 1], 0],
    ['a threshold from below', { metric: 'loss', metricThreshold: 0.9, mode: 'max' }, [0.5, 0.5, 0.5, 0.5, 0.9, 0.9, 0.9, 0.9], 8],
    ['large numbers that are equal', {}, [1e300, 1e300, 1e300, 1e300], 4],
  ])('%s', (_, options, values, at) => expect(stoppedAt(options, values)).toBe(at));

  test('reports that have diverged, and those without the metric, are no results', () => {
    expect(stoppedAt({}, [1, 1, WORST, 1, WORST, 1])).toBe(6);
    expect(stoppedAt({}, [WORST, WORST, WORST, WORST, WORST])).toBe(0);
    const named = trialPlateau({ metric: 'eval/loss' });
    const values = [1, 1, Number.NaN, Number.NEGATIVE_INFINITY, undefined, 1, 1];
    const events = values.map((value, i) => reported(0, i + 1, 0, value === undefined ? {} : { 'eval/loss': value }));
    expect(play(named, events).map((decisions) => decisions.length)).toEqual([0, 0, 0, 0, 0, 0, 1]);
    expect(warnings(named, [...events, ...events])).toEqual(['trialPlateau: a report lacks the metric "eval/loss"; such reports count for nothing.']);
  });

  test('watches another metric than that of the experiment', () => {
    const events = [4, 3, 2, 1].map((loss, i) => reported(0, i + 1, loss, { loss, accuracy: 0.9 }));
    expect(reasons(trialPlateau({ metric: 'accuracy' }), events)).toHaveLength(1);
    expect(reasons(trialPlateau(), events)).toEqual([]);
  });

  test('forgets a trial that has ended, and not one that failed and is resumed', () => {
    const after = (kind: 'completed' | 'failed'): readonly string[] =>
      reasons(trialPlateau(), [...curve([1, 1, 1]), { kind, trial: trialId(0) }, reported(0, 4, 1)]);
    expect(after('completed')).toEqual([]);
    expect(after('failed')).toHaveLength(1);
  });

  test.each([
    { std: 0 },
    { std: Number.NaN },
    { numResults: 1 },
    { numResults: 2.5 },
    { gracePeriod: -1 },
    { metric: '' },
    { metric: 3 },
    { mode: 'best' },
    { metricThreshold: Number.NaN, metric: 'loss', mode: 'min' },
    { metricThreshold: 0 },
    { metricThreshold: 0, metric: 'loss' },
    { metricThreshold: 0, mode: 'max' },
  ])('refuses %j', (wrong) => {
    expect(() => trialPlateau(wrong as never)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
  });

  test('without a metric of its own it needs exactly one', () => {
    for (const objectives of [0, 2])
      expect(() => trialPlateau().check?.({ ...context, objectives })).toThrow(expect.objectContaining({ code: 'METRIC_INVALID' }));
    expect(() => trialPlateau().check?.(context)).not.toThrow();
    expect(() => trialPlateau({ metric: 'loss' }).check?.({ ...context, objectives: 0 })).not.toThrow();
  });

  test('names the option that was meant, and records what makes it again', () => {
    expect(() => trialPlateau({ num_results: 3 } as never)).toThrow('Did you mean "numResults"?');
    const all = { std: 0.1, numResults: 3, gracePeriod: 5, metric: 'loss', metricThreshold: 0, mode: 'min' } as const;
    expect(trialPlateau(all).options).toEqual(all);
    expect(trialPlateau().options).toEqual({ std: 0.01, numResults: 4, gracePeriod: 4 });
    expect(trialPlateau(trialPlateau(all).options as never).options).toEqual(all);
  });
});

const value = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constant(WORST), fc.double({ min: -10, max: 10, noNaN: true }));
const stream = fc.array(fc.record({ trial: fc.nat(3), value }), { maxLength: 60 });
const options = fc.record({ std: fc.constantFrom(0.01, 0.5, 1, 2), numResults: fc.integer({ min: 2, max: 5 }), gracePeriod: fc.nat(6) });

/** Every report with its place in its trial. */
const eventsOf = (reports: readonly { trial: number; value: number }[]): SchedulerEvent[] =>
  reports.map((one, i) => reported(one.trial, reports.slice(0, i + 1).filter(({ trial }) => trial === one.trial).length, one.value));

/** The rule, slowly: all results of the trial so far, and the textbook's deviation. */
function oracle(
  reports: readonly { trial: number; value: number }[],
  i: number,
  rule: Required<Omit<TrialPlateauOptions, 'metric' | 'mode' | 'metricThreshold'>>,
): boolean {
  const now = reports[i];
  if (now === undefined || now.value === WORST) return false;
  const results = reports.slice(0, i + 1).flatMap((one) => (one.trial === now.trial && one.value !== WORST ? [one.value] : []));
  if (results.length < rule.gracePeriod || results.length < rule.numResults) return false;
  const last = results.slice(-rule.numResults);
  const mean = last.reduce((a, b) => a + b) / last.length;
  return Math.sqrt(last.reduce((sum, one) => sum + (one - mean) ** 2, 0) / last.length) < rule.std;
}

describe('trialPlateau, laws', () => {
  test('decides like the obvious slow version', () => {
    fc.assert(
      fc.property(stream, options, (reports, rule) => {
        const decided = play(trialPlateau(rule), eventsOf(reports)).map((decisions) => decisions.length === 1);
        expect(decided).toEqual(reports.map((_, i) => oracle(reports, i, rule)));
      }),
    );
  });

  test('each trial counts for itself: the others change nothing, in whatever order they report', () => {
    fc.assert(
      fc.property(stream, options, (reports, rule) => {
        const of = (trial: number, all: typeof reports): readonly unknown[] =>
          play(trialPlateau(rule), eventsOf(all)).filter((_, i) => all[i]?.trial === trial);
        for (const trial of [0, 1, 2, 3])
          expect(of(trial, reports)).toEqual(
            of(
              trial,
              reports.filter((one) => one.trial === trial),
            ),
          );
      }),
    );
  });

  test('diverged reports change nothing', () => {
    fc.assert(
      fc.property(stream, options, (reports, rule) => {
        const healthy = reports.filter((one) => one.value !== WORST);
        const stops = (all: typeof reports): readonly unknown[] => play(trialPlateau(rule), eventsOf(all)).filter((_, i) => all[i]?.value !== WORST);
        expect(stops(reports)).toEqual(stops(healthy));
      }),
    );
  });

  test('the direction does not matter without a threshold: the negated curve stops at the same report', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 30 }), options, (values, rule) => {
        expect(
          stoppedAt(
            rule,
            values.map((one) => -one),
          ),
        ).toBe(stoppedAt(rule, values));
      }),
    );
  });

  test('the same events give the same decisions, with the state through JSON or not', () => {
    fc.assert(
      fc.property(stream, options, (reports, rule) => {
        expect(play(trialPlateau(rule), eventsOf(reports), true)).toEqual(play(trialPlateau(rule), eventsOf(reports), false));
      }),
    );
  });
});
