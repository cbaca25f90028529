import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MoAshaOptions } from '../../schedulers/index.ts';
import { asha, moAsha } from '../../schedulers/index.ts';
import { isWorst, WORST } from '../../src/base/worst.ts';
import type { SchedulerEvent } from '../../src/schedule/scheduler.ts';
import { trialId } from '../../src/trial/ids.ts';
import { context, play, reasons, reported } from '../schedule/play.ts';

const at = (trial: number, step: number, ...losses: number[]): SchedulerEvent => ({ kind: 'reported', trial: trialId(trial), step, losses, metrics: {} });
const options = { maxT: 9, gracePeriod: 1, reductionFactor: 3 };
const two = (...all: (readonly [number, number])[]): SchedulerEvent[] => all.map(([a, b], trial) => at(trial, 1, a, b));

describe('moAsha', () => {
  test('stops a trial that too many are in better Pareto fronts than, and says so', () => {
    const events = two([1, 3], [3, 1], [4, 4]);
    expect(play(moAsha(options), events)).toEqual([
      [],
      [],
      [{ kind: 'stop', trial: 2, reason: 'rung 1: Pareto front 2, behind 2 of 3, only about the best one goes on' }],
    ]);
  });

  test('a trial that nobody dominates goes on, however many there are of them', () => {
    expect(reasons(moAsha(options), two(...Array.from({ length: 20 }, (_, i) => [i, 20 - i] as const)))).toEqual([]);
  });

  test('a front goes on as one when fewer than the best 1/reductionFactor are before it', () => {
    const many = two(...Array.from({ length: 8 }, () => [9, 9] as const), [0, 0], [1, 3], [3, 1], [2, 4]);
    expect(reasons(moAsha({ ...options, reductionFactor: 4 }), many)).toEqual(['rung 1: Pareto front 3, behind 3 of 12, only about the best 3 go on']);
  });

  test('stops every trial at maxT, and nobody between rungs', () => {
    expect(reasons(moAsha(options), [...two([1, 1]), at(1, 2, 5, 5), at(0, 2, 9, 9), at(0, 9, 0, 0)])).toEqual([
      'rung 1: Pareto front 2, behind 1 of 2, only about the best one goes on',
      'reached maxT 9',
    ]);
  });

  test('credits a report that skips rungs at the highest one only', () => {
    expect(reasons(moAsha(options), [...two([1, 1]), at(1, 4, 5, 5), at(1, 5, 9, 9), at(2, 1, 0, 0)])).toEqual([]);
  });

  test('a diverged metric comes after all others, also when another metric is the best of all', () => {
    expect(reasons(moAsha(options), two([5, 5], [WORST, 0]))).toEqual(['rung 1: a metric is NaN or infinite, those of 1 of 2 are not']);
    expect(reasons(moAsha(options), two([WORST, 0], [1, WORST], [5, 5], [4, 6]))).toEqual([]);
  });

  test('does not count a trial twice when it failed and is resumed', () => {
    expect(reasons(moAsha(options), [at(0, 1, 5, 5), { kind: 'failed', trial: trialId(0) }, at(0, 2, 1, 1), at(1, 1, 5, 5)])).toEqual([]);
  });

  test('reads the time from timeAttr; a report without it, or without a finite number there, decides nothing', () => {
    const timed = moAsha({ ...options, timeAttr: 'seconds' });
    expect(reasons(timed, [reported(0, 1, 1, { seconds: 9.5 })])).toEqual(['reached maxT 9']);
    expect(timed.needs).toEqual(['seconds']);
    expect(reasons(timed, [at(0, 1, 1, 1), at(0, 99, 1, 1), reported(0, 99, 1, { seconds: Number.POSITIVE_INFINITY })])).toEqual([]);
  });

  test.each([{ maxT: 0 }, { gracePeriod: 0 }, { maxT: 5, gracePeriod: 6 }, { reductionFactor: 1 }, { maxT: '9' }, { timeAttr: '' }])('refuses %j', (wrong) => {
    expect(() => moAsha(wrong as never)).toThrow(/^moAsha: .*\[OPTION_RANGE\]$/);
  });

  test('needs a metric, names an option that was meant, and records what makes it again', () => {
    expect(() => moAsha().check?.({ ...context, objectives: 0 })).toThrow(expect.objectContaining({ code: 'METRIC_INVALID' }));
    for (const objectives of [1, 2, 3]) expect(() => moAsha().check?.({ ...context, objectives })).not.toThrow();
    expect(() => moAsha({ max_t: 9 } as never)).toThrow('Did you mean "maxT"?');
    expect(moAsha().options).toEqual({ maxT: 100, gracePeriod: 1, reductionFactor: 4, timeAttr: 'training_iteration' });
    expect(moAsha(moAsha().options as never).options).toEqual(moAsha().options);
  });
});

const loss = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constant(WORST));
const stream = (objectives: number) =>
  fc.array(fc.record({ trial: fc.nat(12), ahead: fc.integer({ min: 1, max: 6 }), losses: fc.array(loss, { minLength: objectives, maxLength: objectives }) }), {
    maxLength: 60,
  });
type Stream = readonly { readonly trial: number; readonly ahead: number; readonly losses: readonly number[] }[];
const eta = fc.constantFrom(2, 3, 2.5);

const eventsOf = (all: Stream): (SchedulerEvent & { kind: 'reported' })[] => {
  const steps = new Map<number, number>();
  return all.map(({ trial, ahead, losses }) => {
    const step = (steps.get(trial) ?? 0) + ahead;
    steps.set(trial, step);
    return at(trial, step, ...losses) as SchedulerEvent & { kind: 'reported' };
  });
};
const decided = (more: MoAshaOptions, all: Stream): readonly boolean[] => play(moAsha({ maxT: 27, ...more }), eventsOf(all)).map(({ length }) => length > 0);

/** The front of each, from 0: peeled off one by one. Diverged ones come last. */
function frontsOf(rows: readonly (readonly number[])[]): readonly number[] {
  const beats = (a: readonly number[], b: readonly number[]): boolean =>
    a.some(isWorst) ? false : b.some(isWorst) || (a.every((one, i) => one <= (b[i] as number)) && a.some((one, i) => one < (b[i] as number)));
  const fronts = new Array<number>(rows.length).fill(-1);
  for (let front = 0; fronts.includes(-1); front++) {
    const left = rows.flatMap((_, i) => (fronts[i] === -1 ? [i] : []));
    const first = left.filter((i) => !left.some((other) => beats(rows[other] as readonly number[], rows[i] as readonly number[])));
    for (const i of first) fronts[i] = front;
  }
  return fronts;
}

describe('moAsha, laws', () => {
  test('decides like the obvious slow version', () => {
    fc.assert(
      fc.property(stream(2), eta, (all, reductionFactor) => {
        const milestones: number[] = [];
        for (let milestone = 1; milestone <= 27; milestone *= reductionFactor) milestones.push(milestone);
        const seen: { trial: number; milestone: number; losses: readonly number[] }[] = [];
        const slow = eventsOf(all).map(({ trial, step, losses }) => {
          const milestone = Math.max(...milestones.filter((one) => one <= step));
          const isNew = seen.every((one) => one.trial !== trial || one.milestone < milestone);
          if (isNew) seen.push({ trial, milestone, losses });
          if (step >= 27) return true;
          if (!isNew) return false;
          const rows = seen.filter((one) => one.milestone === milestone).map((one) => one.losses);
          const fronts = frontsOf(rows);
          const own = fronts.at(-1) as number;
          const better = fronts.filter((front) => front < own).length;
          return losses.some(isWorst) ? rows.some((row) => !row.some(isWorst)) : better >= Math.max(1, Math.floor(rows.length / reductionFactor));
        });
        expect(decided({ reductionFactor }, all)).toEqual(slow);
      }),
    );
  });

  test('with one metric it stops what asha stops', () => {
    fc.assert(
      fc.property(stream(1), eta, (all, reductionFactor) => {
        const single = play(asha({ maxT: 27, reductionFactor }), eventsOf(all)).map(({ length }) => length > 0);
        expect(decided({ reductionFactor }, all)).toEqual(single);
      }),
    );
  });

  test('D9: what nobody at the rung dominates is never stopped there', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }))), eta, (all, reductionFactor) => {
        const stops = play(moAsha({ maxT: 27, reductionFactor }), two(...all));
        for (const [i, [a, b]] of all.entries()) {
          const isDominated = all.slice(0, i).some(([c, d]) => c <= a && d <= b && (c < a || d < b));
          if (!isDominated) expect(stops[i]).toEqual([]);
        }
      }),
    );
  });

  test('B2: only ranks count, metric by metric, and the order of the metrics does not', () => {
    fc.assert(
      fc.property(stream(3), eta, (all, reductionFactor) => {
        const grown = (value: number, i: number): number => (isWorst(value) ? value : ([3 * value ** 3 - 7, Math.sqrt(value), -1 / (value + 1)][i] as number));
        expect(
          decided(
            { reductionFactor },
            all.map((one) => ({ ...one, losses: one.losses.map(grown) })),
          ),
        ).toEqual(decided({ reductionFactor }, all));
        expect(
          decided(
            { reductionFactor },
            all.map((one) => ({ ...one, losses: one.losses.toReversed() })),
          ),
        ).toEqual(decided({ reductionFactor }, all));
      }),
    );
  });

  test('the same events give the same decisions, with the state through JSON or not', () => {
    fc.assert(
      fc.property(stream(2), (all) => {
        expect(play(moAsha({ maxT: 9 }), eventsOf(all), true)).toEqual(play(moAsha({ maxT: 9 }), eventsOf(all), false));
      }),
    );
  });
});
