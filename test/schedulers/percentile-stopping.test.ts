import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MedianStoppingOptions, PercentileStoppingOptions } from '../../schedulers/index.ts';
import { medianStopping, percentileStopping } from '../../schedulers/index.ts';
import { WORST } from '../../src/base/worst.ts';
import type { Scheduler, SchedulerEvent } from '../../src/schedule/scheduler.ts';
import { percentileOracle } from '../../src/testing/oracles/median.ts';
import { trialId } from '../../src/trial/ids.ts';
import { context, play, reasons, reported } from '../schedule/play.ts';

/** Counts in reports, and needs one other trial. */
const median = (options: MedianStoppingOptions = {}): Scheduler =>
  medianStopping({ timeAttr: 'training_iteration', gracePeriod: 0, minSamplesRequired: 1, ...options }) as Scheduler;
const percentile = (at: number, options: PercentileStoppingOptions = {}): Scheduler =>
  percentileStopping({ percentile: at, timeAttr: 'training_iteration', gracePeriod: 0, minSamplesRequired: 1, ...options }) as Scheduler;

/** One trial after the other, `[trial, step, loss]`; the reports at which a trial was to be stopped. */
const stops = (scheduler: Scheduler, reports: readonly (readonly [number, number, number])[]): readonly string[] =>
  play(
    scheduler,
    reports.map(([trial, step, loss]) => reported(trial, step, loss)),
  ).flatMap((decisions, i) => (decisions.length > 0 ? [`${reports[i]?.[0]}@${reports[i]?.[1]}`] : []));

/** Trials that each report once, at step 1. */
const once = (losses: readonly number[]): (readonly [number, number, number])[] => losses.map((loss, trial) => [trial, 1, loss]);

describe('medianStopping', () => {
  test('stops a trial whose best is worse than the median of the others, and says why', () => {
    const events = [reported(0, 1, 0.1), reported(1, 1, 0.2), reported(2, 1, 0.3), reported(3, 1, 0.9)];
    const reason = 'training_iteration 1: its best result is worse than the median of 3 other trials, of which 3 are better on average';
    expect(play(median(), events)).toEqual([
      [],
      [{ kind: 'stop', trial: 1, reason: expect.any(String) }],
      expect.any(Array),
      [{ kind: 'stop', trial: 3, reason }],
    ]);
  });

  test("without options it waits for 60 seconds of training and three others, as Ray's does", () => {
    const at = (seconds: number): SchedulerEvent[] => [1, 2, 3, 9].map((loss, trial) => reported(trial, seconds, loss, { time_total_s: seconds }));
    expect(medianStopping().options).toEqual({ timeAttr: 'time_total_s', gracePeriod: 60, minSamplesRequired: 3, interval: 0 });
    expect(reasons(medianStopping(), at(59))).toEqual([]);
    expect(reasons(medianStopping(), at(60))).toEqual([
      'time_total_s 60: its best result is worse than the median of 3 other trials, of which 3 are better on average',
    ]);
  });

  test('a tie goes on', () => expect(stops(median(), once([1, 1, 1, 1]))).toEqual([]));

  test('its own best result counts, not the latest', () => {
    expect(stops(median(), [...[1, 2].map((step) => [0, step, 0.5] as const), [1, 1, 0.4], [1, 2, 9]])).toEqual([]);
  });

  test('that may be one from before the grace period; of the others it is none', () => {
    const early = [
      [0, 1, 9],
      [0, 2, 1],
      [1, 1, 0.5],
      [1, 2, 5],
    ] as const;
    expect(stops(median({ gracePeriod: 2 }), early)).toEqual([]);
    expect(stops(median({ gracePeriod: 2 }), early.toSpliced(2, 1))).toEqual(['1@2']); // 5 > 1, although the mean of 9 and 1 is 5
  });

  test('the others count with the mean of their results up to the same time', () => {
    const falling = [4, 2, 0, 0].map((loss, i) => [0, i + 1, loss] as const);
    expect(stops(median(), [...falling, [1, 2, 3]])).toEqual([]); // (4 + 2) / 2
    expect(stops(median(), [...falling, [1, 2, 3.01]])).toEqual(['1@2']);
  });

  test('only those that have come as far count, whatever became of them', () => {
    const other = [reported(0, 1, 0.1), reported(0, 2, 0.1)];
    expect(reasons(median(), [...other, reported(1, 3, 9)])).toEqual([]);
    for (const kind of ['completed', 'stopped', 'failed'] as const)
      expect(reasons(median(), [...other, { kind, trial: trialId(0) }, reported(1, 2, 9)])).toHaveLength(1);
  });

  test('a trial that goes back in time, since it copies another one, forgets what lay after', () => {
    const started: SchedulerEvent = { kind: 'started', trial: trialId(0), step: 1 };
    const copied = [reported(0, 1, 5), reported(0, 2, 5), started, reported(0, 2, 1)];
    expect(reasons(median(), [...copied, reported(1, 1, 5), reported(1, 2, 2.9)])).toEqual([]); // the mean is (5 + 1) / 2, not (5 + 5 + 1) / 3
    expect(reasons(median(), [...copied, reported(1, 1, 5), reported(1, 2, 3.1)])).toHaveLength(1);
  });

  describe('with diverged results', () => {
    test('a trial that has no other result is stopped where enough others have one', () => {
      const events = [reported(0, 1, 0.3), reported(1, 1, WORST)];
      expect(reasons(median(), events)).toEqual(['training_iteration 1: its metric has always been NaN or infinite, that of another trial has not']);
    });

    test('one that has diverged is no sample, so a healthy trial never stops for it', () => {
      expect(stops(median(), once([WORST, WORST, WORST, 1e300]))).toEqual([]);
    });

    test('and what a trial had before counts on: (0.5 + 0.7) / 2', () => {
      const other = [0.5, WORST, 0.7].map((loss, i) => [0, i + 1, loss] as const);
      expect(stops(median(), [...other, [1, 3, 0.6]])).toEqual([]);
      expect(stops(median(), [...other, [1, 3, 0.61]])).toEqual(['1@3']);
    });
  });

  test('needs the time; reports without it count for nothing', () => {
    const events = [0, 1, 2, 3].map((trial) => reported(trial, 1, trial));
    expect(medianStopping().needs).toEqual(['time_total_s']);
    expect(reasons(medianStopping({ minSamplesRequired: 1 }), events)).toEqual([]);
  });

  test('a report that is told twice counts once', () => {
    const events = [reported(0, 1, 4), reported(0, 2, 2)];
    const twice = events.flatMap((event) => [event, event]);
    expect(play(median(), [...twice, reported(1, 2, 3)]).at(-1)).toEqual([]);
  });
});

describe("the numbers of Optuna's tests", () => {
  test('2: one other at 1', () => expect(stops(median(), once([1, 2]))).toEqual(['1@1']));
  test('3: NaN, NaN, 1: the second is no sample, and the third is compared with nobody', () => expect(stops(median(), once([WORST, WORST, 1]))).toEqual([]));
  test('4: not before two others', () => expect(stops(median({ minSamplesRequired: 2 }), once([1, 1, 3]))).toEqual(['2@1']));
  test('5: not while it warms up', () =>
    expect(
      stops(median({ gracePeriod: 1 }), [
        [0, 0, 1],
        [0, 1, 1],
        [1, 0, 2],
        [1, 1, 2],
      ]),
    ).toEqual(['1@1']));

  test.each([
    [0, 1, 1, [0, 1, 2, 3, 4, 5]],
    [1, 1, 1, [1, 2, 3, 4, 5]],
    [1, 2, 1, [1, 3, 5]],
    [0, 3, 10, [0, 10, 20]],
    [2, 3, 10, [10, 20]],
    [0, 10, 3, [0, 12, 21]],
    [2, 10, 3, [3, 12, 24]],
  ])('6: warm-up %i, interval %i, a report every %i steps', (gracePeriod, interval, every, at) => {
    const last = every === 1 ? 5 : 28;
    const steps = Array.from({ length: last + 1 }, (_, step) => step).filter((step) => step % every === 0);
    const reports = [...steps.map((step) => [0, step, 0] as const), ...steps.map((step) => [1, step, 2] as const)];
    expect(stops(median({ gracePeriod, interval }), reports)).toEqual(at.map((step) => `1@${step}`));
  });

  test('8: 2.1 is worse than percentile 25 of 1 to 5, which is 2', () => {
    const last = (loss: number): boolean => stops(percentile(25), once([1, 2, 3, 4, 5, loss])).includes('5@1');
    expect([last(2), last(2.1)]).toEqual([false, true]);
  });

  test('9: percentile 25 of 0.1 to 0.9 is 0.3; of 0.1 to 0.5 and four NaN it is 0.2', () => {
    const last = (others: readonly number[], loss: number): boolean => stops(percentile(25), once([...others, loss])).includes(`${others.length}@1`);
    const nine = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
    expect([last(nine, 0.3), last(nine, 0.30001)]).toEqual([false, true]);
    const five = [0.1, 0.2, 0.3, 0.4, 0.5, WORST, WORST, WORST, WORST];
    expect([last(five, 0.2), last(five, 0.20001)]).toEqual([false, true]);
  });
});

describe('checks', () => {
  test.each([
    { timeAttr: '' },
    { timeAttr: 5 },
    { gracePeriod: -1 },
    { gracePeriod: Number.POSITIVE_INFINITY },
    { minSamplesRequired: 0 },
    { minSamplesRequired: 1.5 },
    { interval: -1 },
    { interval: Number.NaN },
  ])('both refuse %j', (wrong) => {
    expect(() => medianStopping(wrong as never)).toThrow(/^medianStopping: .*\[OPTION_RANGE\]$/);
    expect(() => percentileStopping(wrong as never)).toThrow(/^percentileStopping: .*\[OPTION_RANGE\]$/);
  });

  test.each([-1, 101, Number.NaN, '50'])('percentileStopping refuses the percentile %j', (wrong) => {
    expect(() => percentileStopping({ percentile: wrong as never })).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
  });

  test('an option that nobody reads is named, with the one that was meant', () => {
    expect(() => medianStopping({ min_samples_required: 3 } as never)).toThrow('Did you mean "minSamplesRequired"?');
    expect(() => medianStopping({ percentile: 25 } as never)).toThrow(expect.objectContaining({ code: 'OPTION_UNKNOWN' }));
  });

  test('exactly one metric is needed', () => {
    for (const objectives of [0, 2])
      expect(() => medianStopping().check?.({ ...context, objectives })).toThrow(expect.objectContaining({ code: 'METRIC_INVALID' }));
    expect(() => medianStopping().check?.(context)).not.toThrow();
  });

  test('the recorded options make the same again', () => {
    expect(medianStopping(median().options as never).options).toEqual(median().options);
    expect(percentileStopping(percentile(25).options as never).options).toEqual(percentile(25).options);
  });
});

const loss = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true, min: -1e9, max: 1e9 }), fc.constant(WORST));
const stream = fc.array(fc.record({ trial: fc.nat(5), ahead: fc.integer({ min: 1, max: 3 }), loss }), { maxLength: 60 });
const rule = fc.record({
  percentile: fc.constantFrom(0, 10, 25, 50, 75, 90, 100),
  gracePeriod: fc.integer({ min: 0, max: 4 }),
  minSamplesRequired: fc.integer({ min: 1, max: 3 }),
});

/** Every report with its time; nobody is removed from the stream when the rule would stop it. */
function timed(reports: readonly { trial: number; ahead: number; loss: number }[]): { trial: number; time: number; loss: number }[] {
  const times = new Map<number, number>();
  return reports.map(({ trial, ahead, loss: value }) => {
    const time = (times.get(trial) ?? 0) + ahead;
    times.set(trial, time);
    return { trial, time, loss: value };
  });
}

const decided = (options: PercentileStoppingOptions, reports: readonly { trial: number; time: number; loss: number }[]): readonly boolean[] =>
  play(
    percentileStopping({ timeAttr: 'training_iteration', ...options }),
    reports.map(({ trial, time, loss: value }) => reported(trial, time, value)),
  ).map((decisions) => decisions.length > 0);

describe('percentileStopping, laws', () => {
  test('decides like the obvious slow version', () => {
    // Equal up to the last bit of a mean: the oracle does not keep it from falling below the best result.
    const whole = fc.array(
      fc.record({ trial: fc.nat(5), ahead: fc.integer({ min: 1, max: 3 }), loss: fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constant(WORST)) }),
      {
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(whole, rule, (events, options) => {
        const reports = timed(events);
        const opinions = percentileOracle(options, reports);
        expect(decided(options, reports)).toEqual(opinions.map(({ best, line = Number.POSITIVE_INFINITY }) => best > line));
      }),
    );
  });

  test('E1: nobody is stopped before the grace period, nor before enough others came as far', () => {
    fc.assert(
      fc.property(stream, rule, (events, options) => {
        const reports = timed(events);
        for (const [i, stopped] of decided(options, reports).entries()) {
          const { trial, time } = reports[i] as (typeof reports)[number];
          const others = new Set(reports.slice(0, i).flatMap((one) => (one.trial !== trial && one.time >= time ? [one.trial] : [])));
          if (time < options.gracePeriod || others.size < options.minSamplesRequired) expect(stopped).toBe(false);
        }
      }),
    );
  });

  test('E2: the trial with the best result so far is never stopped', () => {
    fc.assert(
      fc.property(stream, rule, (events, options) => {
        const reports = timed(events);
        for (const [i, stopped] of decided(options, reports).entries()) {
          const past = reports.slice(0, i + 1);
          const best = Math.min(...past.map((one) => one.loss));
          if (past.some((one) => one.trial === reports[i]?.trial && one.loss === best)) expect(stopped).toBe(false);
        }
      }),
    );
  });

  test('E3: trials that have diverged are no samples: without them all is decided as with them', () => {
    fc.assert(
      fc.property(stream, rule, fc.nat(5), (events, options, sick) => {
        const reports = timed(events.map((event) => (event.trial === sick ? { ...event, loss: WORST } : event)));
        const healthy = reports.filter(({ trial }) => trial !== sick);
        expect(decided(options, reports).filter((_, i) => reports[i]?.trial !== sick)).toEqual(decided(options, healthy));
      }),
    );
  });

  test('E4: when all results are equal nobody is stopped', () => {
    fc.assert(
      fc.property(stream, rule, fc.double({ noNaN: true, noDefaultInfinity: true }), (events, options, value) => {
        expect(decided(options, timed(events.map((event) => ({ ...event, loss: value }))))).not.toContain(true);
      }),
    );
  });

  test('a larger percentile stops a subset', () => {
    fc.assert(
      fc.property(stream, rule, fc.double({ min: 0, max: 100, noNaN: true }), fc.double({ min: 0, max: 100, noNaN: true }), (events, options, a, b) => {
        const reports = timed(events);
        const lenient = decided({ ...options, percentile: Math.max(a, b) }, reports);
        const strict = decided({ ...options, percentile: Math.min(a, b) }, reports);
        for (const [i, stopped] of lenient.entries()) if (stopped) expect(strict[i]).toBe(true);
      }),
    );
  });

  test('a better own result never turns going on into a stop', () => {
    fc.assert(
      fc.property(stream, rule, fc.nat(100), (events, options, gain) => {
        const reports = timed(events);
        const last = reports.at(-1);
        if (last === undefined || !(last.loss < WORST)) return;
        const better = [...reports.slice(0, -1), { ...last, loss: last.loss - gain }];
        if (decided(options, reports).at(-1) === false) expect(decided(options, better).at(-1)).toBe(false);
      }),
    );
  });

  test('the order in which the others reported does not matter', () => {
    fc.assert(
      fc.property(stream, rule, fc.nat(), (events, options, seed) => {
        const whole = events.map((event) => ({ ...event, loss: event.loss === WORST ? WORST : Math.round(event.loss) }));
        const reports = timed(whole);
        const last = { trial: 9, time: 3, loss: 1 };
        const byTrial = [...reports].sort((a, b) => ((a.trial * (seed + 1)) % 7) - ((b.trial * (seed + 1)) % 7)); // stable: each trial keeps its order
        expect(decided(options, [...byTrial, last]).at(-1)).toBe(decided(options, [...reports, last]).at(-1));
      }),
    );
  });

  test('medianStopping is its percentile 50', () => {
    fc.assert(
      fc.property(stream, rule, (events, { percentile: _, ...options }) => {
        const all = timed(events).map((one) => reported(one.trial, one.time, one.loss));
        expect(play(percentileStopping({ timeAttr: 'training_iteration', ...options }), all)).toEqual(play(median(options), all));
      }),
    );
  });

  test('the same events give the same decisions, with the state through JSON or not', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ trial: fc.nat(5), ahead: fc.integer({ min: -1, max: 3 }), loss: fc.oneof(loss, fc.double({ noNaN: true, noDefaultInfinity: true })) }),
        ),
        (events) => {
          const all = timed(events).map((one) => reported(one.trial, one.time, one.loss));
          expect(play(median(), all, true)).toEqual(play(median(), all, false));
        },
      ),
    );
  });
});
