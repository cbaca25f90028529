import { describe, expect, test } from 'vitest';
import { hyperband } from '../../../schedulers/hyperband.ts';
import { WORST } from '../../../src/base/worst.ts';
import type { Decision, SchedulerEvent } from '../../../src/schedule/scheduler.ts';
import { trialId } from '../../../src/trial/ids.ts';
import { context, outcomes, play, reasons, reported } from '../../schedule/play.ts';

/** Brackets 4@1 2@2 1@4, then 3@2 1@4, then 3@4. */
const small = hyperband({ maxT: 4, reductionFactor: 2 });

const queued = (...trials: readonly number[]): SchedulerEvent[] => trials.map((trial) => ({ kind: 'queued', trial: trialId(trial), config: {} }));
const happens = (kind: 'paused' | 'completed' | 'stopped' | 'failed', ...trials: readonly number[]): SchedulerEvent[] =>
  trials.map((trial) => ({ kind, trial: trialId(trial) }));
const started = (trial: number, step = 0): SchedulerEvent => ({ kind: 'started', trial: trialId(trial), step });
/** Trials that come to a milestone with these losses, and pause there. */
const arrive = (step: number, losses: Readonly<Record<number, number>>): SchedulerEvent[] =>
  Object.entries(losses).flatMap(([trial, loss]) => [reported(Number(trial), step, loss), ...happens('paused', Number(trial))]);

const last = (events: readonly SchedulerEvent[], scheduler = small): readonly Decision[] => play(scheduler, events).at(-1) ?? [];
const brief = (decisions: readonly Decision[]): readonly string[] =>
  decisions.map((decision) => ('trial' in decision ? `${decision.kind} ${decision.trial}` : ''));

describe('hyperband', () => {
  const full = queued(0, 1, 2, 3);

  test('pauses the trials of a bracket at its first milestone until all are there', () => {
    expect(play(small, [...full, ...arrive(1, { 0: 0.4, 1: 0.3, 2: 0.2 })]).flat()).toEqual(
      [0, 1, 2].map((trial) => ({ kind: 'pause', trial, reason: 'bracket 1, rung 1: waits for the others' })),
    );
  });

  test('then the best of them go on, best first, and the others are stopped', () => {
    expect(last([...full, ...arrive(1, { 0: 0.4, 1: 0.3, 2: 0.2, 3: 0.1 })])).toEqual([
      { kind: 'resume', trial: 3, reason: 'bracket 1, rung 1: rank 1 of 4, the best 2 go on' },
      { kind: 'resume', trial: 2, reason: 'bracket 1, rung 1: rank 2 of 4, the best 2 go on' },
      { kind: 'stop', trial: 1, reason: 'bracket 1, rung 1: rank 3 of 4, the best 2 go on' },
      { kind: 'stop', trial: 0, reason: 'bracket 1, rung 1: rank 4 of 4, the best 2 go on' },
    ]);
  });

  test('only when all are saved, not when all have reported', () => {
    const reports = [0, 1, 2, 3].map((trial) => reported(trial, 1, trial));
    expect(last([...full, ...reports, ...happens('paused', 0, 1, 2)])).toEqual([]);
    expect(last([...full, ...reports, ...happens('paused', 0, 1, 2, 3)])).toHaveLength(4);
  });

  test('and so on, to maxT', () => {
    const first = [...full, ...arrive(1, { 0: 0.4, 1: 0.3, 2: 0.2, 3: 0.1 }), ...happens('stopped', 1, 0), started(3, 1), started(2, 1)];
    const second = [...first, ...arrive(2, { 3: 0.3, 2: 0.2 })];
    expect(brief(last(second))).toEqual(['resume 2', 'stop 3']);
    expect(reasons(small, [...second, started(2, 2), reported(2, 3, 0), reported(2, 4, 0)]).at(-1)).toBe('reached maxT 4');
  });

  test('fills the next bracket meanwhile, which begins later', () => {
    const events = [...full, ...queued(4, 5, 6), ...[4, 5, 6].map((trial) => reported(trial, 1, trial))];
    expect(play(small, events).flat()).toEqual([]);
    expect(brief(last([...events, ...arrive(2, { 4: 1, 5: 2, 6: 3 })]))).toEqual(['resume 4', 'stop 5', 'stop 6']);
  });

  test('the third bracket trains to the end, the fourth is like the first', () => {
    const events = [...full, ...queued(4, 5, 6), ...queued(7, 8, 9), ...queued(10, 11, 12, 13)];
    expect(reasons(small, [...events, reported(7, 2, 1), reported(7, 4, 1), reported(10, 1, 1)])).toEqual([
      'reached maxT 4',
      'bracket 4, rung 1: waits for the others',
    ]);
  });

  test('brackets come smallest first on request', () => {
    const reversed = hyperband({ maxT: 4, reductionFactor: 2, order: 'smallest-first' });
    expect(reasons(reversed, [...queued(0, 1, 2, 3), reported(0, 2, 1), reported(3, 2, 1)])).toEqual(['bracket 2, rung 2: waits for the others']);
  });

  test('ties are broken by the number of the trial', () => {
    expect(brief(last([...full, ...arrive(1, { 3: 0.5, 2: 0.5, 1: 0.5, 0: 0.5 })]))).toEqual(['resume 0', 'resume 1', 'stop 2', 'stop 3']);
  });

  test('reads the time from timeAttr; a report without it, or without a finite number there, decides nothing', () => {
    const timed = hyperband({ maxT: 4, reductionFactor: 2, timeAttr: 'epochs' });
    expect(reasons(timed, [...full, reported(0, 1, 0.1, { epochs: 0.5 }), reported(0, 2, 0.1, { epochs: 1 })])).toHaveLength(1);
    expect(timed.needs).toEqual(['epochs']);
    expect(reasons(timed, [...full, reported(0, 1, 0.1), reported(0, 9, 0.1), reported(0, 9, 0.1, { epochs: Number.POSITIVE_INFINITY })])).toEqual([]);
  });
});

describe('nobody is waited for who does not come', () => {
  const full = queued(0, 1, 2, 3);
  const three = arrive(1, { 0: 0.1, 1: 0.2, 2: 0.3 });

  test.each(['failed', 'completed', 'stopped'] as const)('a trial that has %s leaves its bracket', (how) => {
    expect(brief(last([...full, ...three, ...happens(how, 3)]))).toEqual(['resume 0', 'resume 1', 'stop 2']);
    expect(brief(last([...full, ...happens(how, 3), ...three]))).toEqual(['resume 0', 'resume 1', 'stop 2']);
  });

  test('a diverged trial is stopped at its milestone', () => {
    expect(reasons(small, [...full, reported(0, 1, WORST)])).toEqual(['bracket 1, rung 1: its metric is NaN or infinite']);
  });

  test('when the searcher has no more, a bracket goes on with the trials it has', () => {
    const exhausted: SchedulerEvent = { kind: 'exhausted' };
    expect(brief(last([...queued(0, 1, 2), ...three, exhausted]))).toEqual(['resume 0', 'resume 1', 'stop 2']);
    expect(brief(last([...queued(0, 1, 2), exhausted, ...three]))).toEqual(['resume 0', 'resume 1', 'stop 2']);
    const two = play(small, [...queued(0, 1), ...arrive(1, { 0: 0.1, 1: 0.2 }), exhausted]).at(-1);
    expect(two).toMatchObject([{ trial: 0, reason: 'bracket 1, rung 1: rank 1 of 2, all go on' }, { trial: 1 }]);
  });

  test('while the searcher waits and nothing runs, too; the next trial begins a new bracket', () => {
    const stalled: SchedulerEvent = { kind: 'stalled' };
    const events = [...queued(0, 1, 2), ...three, stalled];
    expect(brief(last(events))).toEqual(['resume 0', 'resume 1', 'stop 2']);
    expect(reasons(small, [...events, ...queued(3), reported(3, 2, 0)]).at(-1)).toBe('bracket 2, rung 2: waits for the others');
  });

  test('a trial that is enqueued later joins the bracket that is being filled, and is waited for', () => {
    const events = [...queued(0, 1, 2), { kind: 'exhausted' as const }, ...queued(3), ...three];
    expect(last(events)).toEqual([]);
    expect(brief(last([...events, ...arrive(1, { 3: 0.0 })]))).toEqual(['resume 3', 'resume 0', 'stop 1', 'stop 2']);
  });

  test('a trial that a hand pauses on its way does not hold the others up, and joins a bracket when it goes on', () => {
    const events = [...full, ...happens('paused', 3), ...three];
    expect(brief(last(events))).toEqual(['resume 0', 'resume 1', 'stop 2']);
    expect(reasons(small, [...events, started(3), reported(3, 2, 0.5)]).at(-1)).toBe('bracket 2, rung 2: waits for the others');
  });

  test('a trial that a hand resumes before the others are there is waited for again', () => {
    const events = [...full, ...happens('paused', 3), started(3), ...three];
    expect(last(events)).toEqual([]);
    expect(last([...events, ...arrive(1, { 3: 0.5 })])).toHaveLength(4);
  });

  test('one that a hand keeps paused at its milestone does not hold up the next rung', () => {
    const events = [...full, ...three, ...arrive(1, { 3: 0.9 }), started(0, 1), ...arrive(2, { 0: 0.1 })]; // 1 was resumed too, and does not start
    expect(last(events)).toEqual([]);
    expect(brief(last([...events, { kind: 'idle' }]))).toEqual(['resume 0']);
  });

  test('a trial that failed before it was paused is paused at its next report', () => {
    expect(brief(last([...full, reported(0, 1, 0.1), started(0), reported(0, 2, 0.2)]))).toEqual(['pause 0']);
  });

  test('a report that skips milestones counts at each that the bracket comes to', () => {
    const events = [...full, ...arrive(3, { 0: 0.1 }), ...arrive(1, { 1: 0.2, 2: 0.3, 3: 0.4 })];
    expect(brief(last(events))).toEqual(['resume 1', 'stop 2', 'stop 3']); // 0 stays, with what it has reported
    expect(brief(last([...events, started(1, 1), ...arrive(2, { 1: 0.05 })]))).toEqual(['resume 1', 'stop 0']);
    expect(reasons(small, [...full, reported(0, 5, 0.1)])).toEqual(['reached maxT 4']);
  });
});

describe('its state', () => {
  test('forgets a bracket when its trials have ended', () => {
    const trials = [0, 1, 2, 3];
    const events = [...queued(...trials), ...arrive(1, { 0: 0, 1: 1, 2: 2, 3: 3 }), ...happens('stopped', ...trials)];
    expect(outcomes(small, events).at(-1)?.state).toEqual({ opened: 1, open: [], bracketOf: {}, exhausted: false });
  });

  test('is the same after a report that comes twice', () => {
    const events = [...queued(0, 1, 2, 3), reported(0, 1, 0.1), reported(0, 1, 0.1)];
    const [once, twice] = outcomes(small, events).slice(-2);
    expect(twice).toEqual(once);
  });
});

describe('checks', () => {
  test.each([
    { maxT: 0.5 },
    { maxT: Number.POSITIVE_INFINITY },
    { reductionFactor: 1 },
    { reductionFactor: '3' },
    { table: 'ray' },
    { order: 'smallest' },
    { timeAttr: 3 },
  ])('refuses %j', (wrong) => {
    expect(() => hyperband(wrong as never)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
  });

  test('says what an option may be', () => {
    expect(() => hyperband({ table: 'ray' as never })).toThrow(
      `hyperband: expected table to be one of 'paper', 'paper-example', 'ceil', got "ray". Hint: See the option in the documentation of this function. [OPTION_RANGE]`,
    );
    expect(() => hyperband({ eta: 3 } as never)).toThrow(expect.objectContaining({ code: 'OPTION_UNKNOWN' }));
  });

  test('needs exactly one metric', () => {
    for (const objectives of [0, 2]) expect(() => hyperband().check?.({ ...context, objectives })).toThrow(expect.objectContaining({ code: 'METRIC_INVALID' }));
    expect(() => hyperband().check?.(context)).not.toThrow();
  });

  test('records options that make the same scheduler again; the defaults are those of Ray', () => {
    expect(hyperband().options).toEqual({ maxT: 81, reductionFactor: 3, table: 'paper', order: 'largest-first' });
    expect(hyperband(hyperband({ timeAttr: 'epoch' }).options as never).options).toEqual(hyperband({ timeAttr: 'epoch' }).options);
  });
});
