import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ThresholdOptions } from '../../schedulers/index.ts';
import { threshold } from '../../schedulers/index.ts';
import { WORST } from '../../src/base/worst.ts';
import type { SchedulerEvent } from '../../src/schedule/scheduler.ts';
import { trialId } from '../../src/trial/ids.ts';
import { context, play, reasons, reported, warnings } from '../schedule/play.ts';

/** The reports of one trial whose loss is its value. */
const at = (values: Readonly<Record<number, number>>): SchedulerEvent[] =>
  Object.entries(values).map(([step, loss]) => reported(0, Number(step), Number.isFinite(loss) ? loss : WORST, { loss }));
const stopped = (options: ThresholdOptions, values: Readonly<Record<number, number>>): readonly boolean[] =>
  play(threshold({ metric: 'loss', ...options }), at(values)).map(({ length }) => length > 0);

describe('threshold', () => {
  test('stops a trial below or above its bounds, and says by how much', () => {
    const bounds = { metric: 'accuracy', lower: 0.2, upper: 1 };
    const events = [0.2, 0.1, 1, 1.5, Number.NaN].map((accuracy, i) => reported(i, 1, 0, { accuracy }));
    expect(play(threshold(bounds), events)).toEqual([
      [],
      [{ kind: 'stop', trial: 1, reason: 'accuracy 0.1 < 0.2' }],
      [],
      [{ kind: 'stop', trial: 3, reason: 'accuracy 1.5 > 1' }],
      [{ kind: 'stop', trial: 4, reason: 'accuracy is NaN' }],
    ]);
  });

  test('without options it stops what has diverged, in any objective', () => {
    const two = { kind: 'reported', trial: trialId(0), step: 1, losses: [1, WORST], metrics: {} } as const;
    expect(reasons(threshold(), [reported(0, 1, 1e300), reported(0, 2, WORST)])).toEqual(['its metric is NaN or infinite']);
    expect(reasons(threshold(), [two, { ...two, step: 2, losses: [1, 2] }])).toHaveLength(1);
  });

  test('an infinity has diverged, whatever the bounds', () => {
    expect(stopped({ lower: 0 }, { 1: Number.POSITIVE_INFINITY })).toEqual([true]);
    expect(stopped({ upper: 0 }, { 1: Number.NEGATIVE_INFINITY })).toEqual([true]);
  });

  test.each<[ThresholdOptions, Readonly<Record<number, number>>, string]>([
    [{ upper: 2 }, { 0: 1, 1: 3 }, 'no yes'],
    [{ lower: 2 }, { 0: 3, 1: 1 }, 'no yes'],
    [{ lower: 0, upper: 1 }, { 0: -0.1, 1: 0, 2: 0.4, 3: 1, 4: 1.1 }, 'yes no no no yes'],
    [{ lower: 0, upper: 1 }, { 0: Number.NaN }, 'yes'],
    [{ lower: 0, upper: 1, gracePeriod: 2 }, { 0: -10, 1: 100, 3: -100, 4: 1, 5: 1000 }, 'no no yes no yes'],
    [{ lower: 0, upper: 1, interval: 2 }, { 0: 9, 1: 9, 2: 9, 3: 9, 4: 9 }, 'yes no yes no yes'],
  ])("the numbers of Optuna's tests: %j, %j", (options, values, expected) => {
    expect(
      stopped(options, values)
        .map((stop) => (stop ? 'yes' : 'no'))
        .join(' '),
    ).toBe(expected);
  });

  test('warns once of reports without the metric; those without the time count for nothing', () => {
    const named = threshold({ metric: 'memory', upper: 8, timeAttr: 'seconds' });
    const events = [{}, {}, { seconds: 1 }, { seconds: 2 }, { seconds: 3, memory: 7 }].map((metrics, i) => reported(0, i + 1, 0, metrics));
    expect(warnings(named, events)).toEqual(['threshold: a report lacks the metric "memory"; such reports stop nobody.']);
    expect(reasons(named, [...events, reported(0, 9, 0, { memory: 9 })])).toEqual([]);
  });

  test.each([
    { lower: 1 },
    { upper: 1 },
    { metric: '' },
    { metric: 'loss', lower: Number.NaN },
    { metric: 'loss', upper: Number.POSITIVE_INFINITY },
    { metric: 'loss', lower: 2, upper: 1 },
    { gracePeriod: -1 },
    { interval: '2' },
    { timeAttr: '' },
  ])('refuses %j', (wrong) => {
    expect(() => threshold(wrong as never)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
  });

  test('says what a bound needs', () => {
    expect(() => threshold({ upper: 1 })).toThrow('threshold: expected a metric with upper, got none. Hint: Name the metric');
    expect(() => threshold({ above: 1 } as never)).toThrow(expect.objectContaining({ code: 'OPTION_UNKNOWN' }));
  });

  test('needs a metric to watch, and records what makes it again', () => {
    expect(() => threshold().check?.({ ...context, objectives: 0 })).toThrow(expect.objectContaining({ code: 'METRIC_INVALID' }));
    expect(() => threshold().check?.({ ...context, objectives: 2 })).not.toThrow();
    expect(() => threshold({ metric: 'loss' }).check?.({ ...context, objectives: 0 })).not.toThrow();
    const all = { metric: 'loss', lower: 0, upper: 1, timeAttr: 'seconds', gracePeriod: 2, interval: 3 };
    expect(threshold(all).options).toEqual(all);
    expect(threshold(threshold().options as never).options).toEqual(threshold().options);
  });

  test('law: each report counts for itself; wider bounds stop a subset', () => {
    const values = fc.array(fc.oneof(fc.double({ min: -3, max: 3, noNaN: true }), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY)));
    fc.assert(
      fc.property(
        values,
        fc.double({ min: -2, max: 0, noNaN: true }),
        fc.double({ min: 0, max: 2, noNaN: true }),
        fc.double({ min: 0, max: 2, noNaN: true }),
        (all, lower, upper, wider) => {
          const narrow = stopped({ lower, upper }, all);
          expect(narrow).toEqual(all.map((value) => !(value >= lower && value <= upper)));
          for (const [i, stop] of stopped({ lower: lower - wider, upper: upper + wider }, all).entries()) if (stop) expect(narrow[i]).toBe(true);
        },
      ),
    );
  });
});
