import { describe, expect, test } from 'vitest';
import { asha } from '../../../schedulers/asha.ts';
import { WORST } from '../../../src/base/worst.ts';
import type { SchedulerEvent } from '../../../src/schedule/scheduler.ts';
import { trialId } from '../../../src/trial/ids.ts';
import { play, reasons, reported } from '../../schedule/play.ts';

const promoting = asha({ maxT: 8, reductionFactor: 2, variant: 'promote' }); // rungs 1, 2, 4, 8
const delayed = asha({ maxT: 8, reductionFactor: 2, variant: 'delayed' });

const idle: SchedulerEvent = { kind: 'idle' };
const stalled: SchedulerEvent = { kind: 'stalled' };
const paused = (trial: number): SchedulerEvent => ({ kind: 'paused', trial: trialId(trial) });
const started = (trial: number, step = 0): SchedulerEvent => ({ kind: 'started', trial: trialId(trial), step });
const ended = (trial: number): SchedulerEvent => ({ kind: 'completed', trial: trialId(trial) });
/** Trials that come to a rung with these losses, and pause there. */
const arrived = (losses: readonly number[], step = 1): SchedulerEvent[] => losses.flatMap((loss, trial) => [reported(trial, step, loss), paused(trial)]);

/** Who is resumed, or else what is decided, on the last event. */
const last = (scheduler: typeof promoting, events: readonly SchedulerEvent[]): unknown => play(scheduler, events).at(-1);

describe("asha with variant 'promote'", () => {
  test('pauses a trial at a rung, and says what for', () => {
    expect(play(promoting, [reported(0, 1, 0.5), paused(0), reported(1, 1, 0.7)])).toEqual([
      [{ kind: 'pause', trial: 0, reason: 'rung 1: rank 1 of 1, waits to be among the best 50 %' }],
      [],
      [{ kind: 'pause', trial: 1, reason: 'rung 1: rank 2 of 2, waits to be among the best 50 %' }],
    ]);
  });

  test('a free slot goes to the best trial that is paused, if it is among the best 1 / reductionFactor', () => {
    const events = [...arrived([0.3, 0.2, 0.1]), idle];
    expect(last(promoting, events)).toEqual([{ kind: 'resume', trial: 2, reason: 'rung 1: rank 1 of 3, the best goes on' }]);
    expect(last(promoting, [...events, started(2, 1), idle])).toEqual([]); // rank 2 of 3 is not among the best half
    expect(last(promoting, [...arrived([0.3]), idle])).toEqual([]);
  });

  test('the highest rung comes first', () => {
    const first = [...arrived([0.1, 0.2, 0.3, 0.4]), idle, started(0, 1), idle, started(1, 1)];
    const second = [reported(0, 2, 0.1), paused(0), reported(1, 2, 0.2), paused(1), reported(4, 1, 0.0), paused(4)];
    expect(last(promoting, [...first, ...second, idle])).toMatchObject([{ trial: 0, reason: 'rung 2: rank 1 of 2, the best goes on' }]);
    expect(last(promoting, [...first, ...second, idle, started(0, 2), idle])).toMatchObject([{ trial: 4, reason: 'rung 1: rank 1 of 5, the best 2 go on' }]);
  });

  test('of equals the one with the lowest number goes on', () => {
    expect(last(promoting, [reported(1, 1, 0.5), paused(1), reported(0, 1, 0.5), paused(0), idle])).toMatchObject([{ trial: 0 }]);
    expect(last(promoting, [...arrived([0.5, 0.5]), idle, started(0, 1), idle])).toEqual([]);
  });

  test('only what is saved is resumed', () => {
    expect(last(promoting, [reported(0, 1, 0.1), reported(1, 1, 0.2), idle])).toEqual([]);
    expect(last(promoting, [reported(0, 1, 0.1), reported(1, 1, 0.2), paused(1), idle])).toEqual([]); // not the best one
    expect(last(promoting, [reported(0, 1, 0.1), reported(1, 1, 0.2), paused(1), paused(0), idle])).toMatchObject([{ trial: 0 }]);
  });

  test('a report that skips rungs counts at the highest only', () => {
    expect(reasons(promoting, [reported(0, 1, 0.1), paused(0), reported(1, 3, 0.9)])[1]).toBe('rung 2: rank 1 of 1, waits to be among the best 50 %');
    expect(last(promoting, [reported(0, 1, 0.1), paused(0), reported(1, 3, 0.9), paused(1), idle])).toEqual([]);
  });

  test('stops at maxT, from whatever rung', () => {
    expect(reasons(promoting, [reported(0, 8, 0.5)])).toEqual(['reached maxT 8']);
    const between = asha({ maxT: 100, variant: 'promote' });
    expect(reasons(between, [reported(0, 64, 0.5), paused(0), started(0, 64), reported(0, 99, 0.5), reported(0, 100, 0.5)])).toEqual([
      'rung 64: rank 1 of 1, waits to be among the best 25 %',
      'reached maxT 100',
    ]);
  });

  test('a diverged trial is stopped at its rung, and counts as the last', () => {
    const events = [reported(0, 1, WORST), reported(1, 1, 0.5), paused(1), idle];
    expect(reasons(promoting, events)).toEqual([
      'rung 1: its metric is NaN or infinite',
      'rung 1: rank 1 of 2, waits to be among the best 50 %',
      'rung 1: rank 1 of 2, the best goes on',
    ]);
  });

  test('pauses a trial again that failed before it was paused', () => {
    const [again] = play(promoting, [reported(0, 1, 0.5), started(0), reported(0, 2, 0.4)]).slice(-1);
    expect(again).toMatchObject([{ kind: 'pause', reason: 'rung 2: rank 1 of 1, waits to be among the best 50 %' }]);
    const [within] = play(asha({ maxT: 9, reductionFactor: 3, variant: 'promote' }), [reported(0, 1, 0.5), started(0), reported(0, 2, 0.4)]).slice(-1);
    expect(within).toMatchObject([{ kind: 'pause', reason: 'rung 1: rank 1 of 1, waits to be among the best 33.3 %' }]);
  });

  test('leaves a trial alone that a hand resumes, or pauses between rungs', () => {
    expect(last(promoting, [...arrived([0.1, 0.2]), started(0, 1), idle])).toEqual([]);
    expect(last(promoting, [...arrived([0.1, 0.2]), idle, started(0, 1), paused(0), idle])).toEqual([]);
  });

  test('a trial that has ended is not promoted, and its result counts on', () => {
    expect(last(promoting, [...arrived([0.1, 0.2, 0.3, 0.4]), ended(0), idle])).toMatchObject([{ trial: 1, reason: 'rung 1: rank 2 of 4, the best 2 go on' }]);
  });

  test('while the searcher waits and nothing runs, stops the worst trial of the lowest rung', () => {
    const events = [...arrived([0.1, 0.2, 0.3]), idle, started(0, 1), reported(0, 2, 0.1), paused(0)];
    const [decision] = play(promoting, [...events, stalled]).slice(-1);
    expect(decision).toEqual([{ kind: 'stop', trial: 2, reason: 'rung 1: rank 3 of 3, and the searcher waits for a trial to end' }]);
    expect(last(promoting, [...arrived([0.1, 0.2]), stalled])).toMatchObject([{ kind: 'resume', trial: 0 }]);
    expect(last(promoting, [stalled])).toEqual([]);
  });
});

describe("asha with variant 'delayed'", () => {
  test('promotes no more than floor(n / reductionFactor) of a rung in all', () => {
    // 0 is promoted as the best of 0, 1; then 2 and 3 are better.
    const events = [...arrived([0.5, 0.6]), idle, started(0, 1), reported(2, 1, 0.4), paused(2), idle];
    expect(last(promoting, events)).toMatchObject([{ trial: 2 }]);
    expect(last(delayed, events)).toEqual([]);
    expect(last(delayed, [...events, reported(3, 1, 0.3), paused(3), idle])).toMatchObject([{ trial: 3 }]);
  });
});
