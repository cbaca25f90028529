import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asha } from '../../schedulers/asha.ts';
import { isWorst, WORST } from '../../src/base/worst.ts';
import type { SchedulerEvent } from '../../src/schedule/scheduler.ts';
import { trialId } from '../../src/trial/ids.ts';
import { context, play, reasons, reported } from '../schedule/play.ts';

describe('asha', () => {
  const options = { maxT: 9, gracePeriod: 1, reductionFactor: 3 };

  test('stops a trial outside the best 1/reductionFactor of its rung, and says why', () => {
    const events = [reported(0, 1, 0.1), reported(1, 1, 0.2), reported(2, 1, 0.9)];
    expect(play(asha(options), events)[2]).toEqual([{ kind: 'stop', trial: 2, reason: 'rung 1: rank 3 of 3, only the best goes on' }]);
  });

  test('counts how many go on', () => {
    const twenty = Array.from({ length: 20 }, (_, trial) => reported(trial, 1, trial === 19 ? 13.5 : trial));
    expect(reasons(asha(options), twenty).at(-1)).toBe('rung 1: rank 15 of 20, only the best 6 go on');
  });

  test('lets the first trial of a rung through, however bad', () => {
    expect(play(asha(options), [reported(0, 1, 1e9)])).toEqual([[]]);
  });

  test('lets ties go on', () => {
    expect(
      reasons(
        asha(options),
        [0, 1, 2, 3].map((trial) => reported(trial, 1, 0.5)),
      ),
    ).toEqual([]);
  });

  test('decides nothing between rungs, nor before the grace period', () => {
    const patient = asha({ ...options, gracePeriod: 3 });
    expect(reasons(patient, [reported(0, 1, 0), reported(1, 1, 9), reported(1, 2, 9), reported(0, 3, 0), reported(0, 4, 9)])).toEqual([]);
  });

  test('stops every trial at maxT', () => {
    expect(reasons(asha({ maxT: 81, reductionFactor: 3 }), [reported(0, 80, 0), reported(0, 81, 0)])).toEqual(['reached maxT 81']);
    expect(reasons(asha({ maxT: 100 }), [reported(0, 150, 0)])).toEqual(['reached maxT 100']);
  });

  test('credits a report that skips rungs at the highest one only, and never at a lower one later', () => {
    const skipped = [reported(0, 1, 0.1), reported(1, 4, 0.9)]; // trial 1 is the first at rung 3, and was never at rung 1
    expect(reasons(asha(options), skipped)).toEqual([]);
    expect(reasons(asha(options), [...skipped, reported(1, 5, 99), reported(2, 1, 0.05)])).toEqual([]);
  });

  test('does not count a trial twice when it failed and is resumed', () => {
    const events: SchedulerEvent[] = [reported(0, 1, 0.5), { kind: 'failed', trial: trialId(0) }, reported(0, 2, 0.1), reported(1, 1, 0.5)];
    expect(reasons(asha(options), events)).toEqual([]);
  });

  test('reads the time from timeAttr; a report without it, or without a finite number there, decides nothing', () => {
    const timed = asha({ maxT: 60, gracePeriod: 10, timeAttr: 'seconds' });
    const events = [reported(0, 1, 0.1, { seconds: 12 }), reported(1, 1, 0.2, { seconds: 9 }), reported(1, 2, 0.2, { seconds: 10 })];
    expect(reasons(timed, events)).toEqual(['rung 10: rank 2 of 2, only the best goes on']);
    expect(reasons(timed, [reported(0, 1, 0.1, { seconds: 61 })])).toEqual(['reached maxT 60']);
    expect(timed.needs).toEqual(['seconds']);
    expect(reasons(timed, [reported(0, 1, 0.1), reported(0, 2, 0.1), reported(1, 1, 9, { seconds: Number.NaN })])).toEqual([]);
    expect(reasons(timed, [reported(0, 1, 0.1, { seconds: Number.POSITIVE_INFINITY })])).toEqual([]);
  });

  describe('with brackets', () => {
    /** The bracket that each of the first trials is drawn into. */
    const scheduler = asha({ ...options, brackets: 3 });
    const all = Array.from({ length: 20 }, (_, trial) => reported(trial, 1, 0));
    const drawn = all.reduce((state, event) => scheduler.decide(state, event, context).state, scheduler.init());
    const bracketOf = (trial: number): number => drawn.places[trial]?.bracket ?? -1;
    const inBracket = (bracket: number): number => Array.from({ length: 20 }, (_, trial) => trial).find((trial) => bracketOf(trial) === bracket) ?? -1;

    test('a bracket leaves out the first rungs, and compares its own trials only', () => {
      const [first, second] = [inBracket(0), inBracket(1)];
      expect(Math.min(first, second)).toBeGreaterThanOrEqual(0);
      const peers = [...all.keys()].filter((trial) => bracketOf(trial) === 0);
      expect(reasons(scheduler, [...peers.map((trial) => reported(trial, 1, trial)), reported(second, 1, 99)])).toHaveLength(peers.length - 1);
      expect(reasons(scheduler, [reported(first, 3, 0), reported(second, 3, 99)])).toEqual([]);
    });

    test('stops every trial at maxT, whatever its bracket', () => {
      expect(
        reasons(
          scheduler,
          all.map((_, trial) => reported(trial, 9, trial)),
        ),
      ).toEqual(all.map(() => 'reached maxT 9'));
    });
  });

  describe('with diverged trials', () => {
    test('stops one at a rung where another has not diverged', () => {
      const events = [reported(0, 1, 0.3), reported(1, 1, WORST)];
      expect(reasons(asha(options), events)).toEqual(['rung 1: its metric is NaN or infinite, that of 1 of 2 is not']);
    });

    test('stops one that its rank alone would let through', () => {
      const diverged = [0, 1, 2, 3, 4].map((trial) => reported(trial, 1, WORST));
      expect(play(asha({ ...options, reductionFactor: 2 }), [...diverged, reported(5, 1, 1), reported(6, 1, WORST)])[6]).toHaveLength(1);
    });

    test('lets them go on as long as all have diverged, and never stops a healthy one for them', () => {
      const diverged = [0, 1, 2, 3].map((trial) => reported(trial, 1, WORST));
      expect(reasons(asha(options), [...diverged, reported(4, 1, 1e300)])).toEqual([]);
    });
  });

  describe('checks', () => {
    test.each([
      { maxT: 0 },
      { gracePeriod: 0 },
      { maxT: 5, gracePeriod: 6 },
      { reductionFactor: 1 },
      { reductionFactor: Number.NaN },
      { maxT: '9' },
      { timeAttr: '' },
      { variant: 'pause' },
      { brackets: 0 },
      { brackets: 1.5 },
      { maxT: 16, brackets: 4 },
    ])('refuses %j', (wrong) => {
      expect(() => asha(wrong as never)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
    });

    test('names the option that was meant', () => {
      expect(() => asha({ max_t: 9 } as never)).toThrow(
        'asha: expected options among maxT, gracePeriod, reductionFactor, brackets, variant, timeAttr, got "max_t". Hint: Did you mean "maxT"? [OPTION_UNKNOWN]',
      );
    });

    test('needs exactly one metric', () => {
      for (const objectives of [0, 2]) {
        expect(() => asha().check?.({ ...context, objectives })).toThrow(expect.objectContaining({ code: 'METRIC_INVALID' }));
      }
      expect(() => asha().check?.(context)).not.toThrow();
    });

    test('records options that make the same scheduler again', () => {
      expect(asha({ timeAttr: 'epoch' }).options).toEqual({ maxT: 100, gracePeriod: 1, reductionFactor: 4, timeAttr: 'epoch' });
      expect(asha(asha().options as never).options).toEqual(asha().options);
      const unusual = { maxT: 9, gracePeriod: 1, reductionFactor: 3, brackets: 3, variant: 'delayed', timeAttr: 'epoch' } as const;
      expect(asha(unusual).options).toEqual(unusual);
    });
  });
});

const loss = fc.oneof(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 2 }), fc.constant(WORST));
const stream = fc.array(fc.record({ trial: fc.integer({ min: 0, max: 12 }), ahead: fc.integer({ min: 1, max: 6 }), loss }), { maxLength: 80 });
const eta = fc.constantFrom(2, 3, 4, 2.5);

/** Legal reports: steps of a trial grow, and a stopped trial reports no more. */
function* reports(events: readonly { trial: number; ahead: number; loss: number }[], stopped: ReadonlySet<number>): Iterable<[number, number, number]> {
  const steps = new Map<number, number>();
  for (const { trial, ahead, loss } of events) {
    if (stopped.has(trial)) continue;
    const step = (steps.get(trial) ?? 0) + ahead;
    steps.set(trial, step);
    yield [trial, step, loss];
  }
}

/** Plays a generated stream against one scheduler; `judge` sees each report and whether its trial goes on. */
function run(
  events: readonly { trial: number; ahead: number; loss: number }[],
  factor: number,
  judge: (trial: number, step: number, loss: number, goesOn: boolean) => void,
): void {
  const scheduler = asha({ maxT: 27, reductionFactor: factor });
  const stopped = new Set<number>();
  let state = scheduler.init();
  for (const [trial, step, loss] of reports(events, stopped)) {
    const outcome = scheduler.decide(state, reported(trial, step, loss), context);
    state = JSON.parse(JSON.stringify(outcome.state)) as typeof state;
    if (outcome.decisions.length > 0) stopped.add(trial);
    judge(trial, step, loss, outcome.decisions.length === 0);
  }
}

describe('asha, laws', () => {
  test('D9: the best so far at a rung is never stopped there', () => {
    fc.assert(
      fc.property(fc.array(loss, { minLength: 1 }), eta, (losses, factor) => {
        const decisions = play(
          asha({ maxT: 27, reductionFactor: factor }),
          losses.map((value, trial) => reported(trial, 1, value)),
        );
        for (const [trial, value] of losses.entries()) if (value <= Math.min(...losses.slice(0, trial + 1))) expect(decisions[trial]).toEqual([]);
      }),
    );
  });

  test('B2: only ranks count', () => {
    fc.assert(
      fc.property(stream, eta, (events, factor) => {
        const decided: boolean[] = [];
        const redecided: boolean[] = [];
        // integers, so that the map is strictly increasing in floating point too
        const whole = events.map((event) => ({ ...event, loss: isWorst(event.loss) ? event.loss : Math.round(event.loss) }));
        run(whole, factor, (_trial, _step, _loss, goesOn) => decided.push(goesOn));
        run(
          whole.map((event) => ({ ...event, loss: isWorst(event.loss) ? event.loss : 3 * event.loss ** 3 - 7 })),
          factor,
          (_trial, _step, _loss, goesOn) => redecided.push(goesOn),
        );
        expect(redecided).toEqual(decided);
      }),
    );
  });

  test('B10: one more diverged trial never stops a healthy one that went on', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1 }), fc.nat(), eta, (losses, at, factor) => {
        const events = losses.map((value, trial) => reported(trial, 1, value));
        const place = at % (events.length + 1);
        const without = play(asha({ maxT: 27, reductionFactor: factor }), events);
        const inserted = play(asha({ maxT: 27, reductionFactor: factor }), events.toSpliced(place, 0, reported(99, 1, WORST))).toSpliced(place, 1);
        for (const [i, decisions] of without.entries()) if (decisions.length === 0) expect(inserted[i]).toEqual([]);
      }),
    );
  });

  test('the same events give the same decisions, with the state through JSON or not', () => {
    fc.assert(
      fc.property(stream, (events) => {
        const all = [...reports(events, new Set())].map(([trial, step, value]) => reported(trial, step, value));
        expect(play(asha(), all, true)).toEqual(play(asha(), all, false));
      }),
    );
  });

  test('D6: of 1000 trials in random order as many pass a rung as the sum of max(1, floor(i/4))/i says (5 sigma)', () => {
    const draws = context.rng('D6');
    const n = 1000;
    const stops = reasons(
      asha({ maxT: 2 }),
      Array.from({ length: n }, (_, trial) => reported(trial, 1, draws.next())),
    );
    const chances = Array.from({ length: n }, (_, i) => Math.max(1, Math.floor((i + 1) / 4)) / (i + 1));
    const mean = chances.reduce((sum, p) => sum + p, 0);
    const sd = Math.sqrt(chances.reduce((sum, p) => sum + p * (1 - p), 0));
    expect(Math.abs(n - stops.length - mean)).toBeLessThan(5 * sd);
  });
});
