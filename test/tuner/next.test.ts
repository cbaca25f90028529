import { beforeEach, describe, expect, test } from 'vitest';
import type { Decision } from '../../src/schedule/scheduler.ts';
import type { ExperimentEvent } from '../../src/trial/events.ts';
import { runId, trialId } from '../../src/trial/ids.ts';
import { advance } from '../../src/tuner/advance.ts';
import type { Experiment } from '../../src/tuner/experiment.ts';
import { emptyExperiment } from '../../src/tuner/experiment.ts';
import type { Hands } from '../../src/tuner/next.ts';
import { next } from '../../src/tuner/next.ts';
import { deciding, decision, space } from './small-world.ts';

let experiment: Experiment;
/** What the scheduler answers to everything. */
let decisions: readonly Decision[];

beforeEach(() => {
  decisions = [];
  experiment = emptyExperiment(
    {
      ...{ kind: 'created', schema: 1, name: 'next', seed: 7, space: null, trainable: { name: 'train' }, maxFailures: 0, failFast: false, versions: {} },
      ...{ objectives: [], searcher: { name: 'drawing' }, scheduler: { name: 'deciding' }, checkpoints: { frequency: 1, atEnd: false } },
    },
    { space, scheduler: deciding(() => decisions) },
  );
  happen({ kind: 'opened', pid: 1, host: 'here', samples: 9, slots: 2 });
});

const happen = (...events: readonly ExperimentEvent[]): void => events.forEach((event) => advance(experiment, event, 0));
const ask = (hands: Partial<Hands> = {}) =>
  next(experiment, { slots: 2, runs: experiment.running.size, asking: false, waitedAt: -1, resting: new Set(), ...hands });

const queued = (trial: number): ExperimentEvent => ({
  ...{ kind: 'queued', trial: trialId(trial), config: { x: 0.5 }, tag: '', dir: String(trial), asked: 0 },
  by: { kind: 'searcher', index: trial },
});
const started = (trial: number): ExperimentEvent => ({ kind: 'started', trial: trialId(trial), run: runId(trial), step: 0 });
const paused = (trial: number): ExperimentEvent => ({ kind: 'paused', trial: trialId(trial), by: 'asha', reason: 'rung 1' });
const completed = (trial: number): ExperimentEvent => ({ kind: 'completed', trial: trialId(trial) });
const enqueued: ExperimentEvent = { kind: 'enqueued', config: { x: 0.25 } };
const preset: ExperimentEvent = { ...enqueued, preset: true };
const controlled = (kind: 'stop' | 'pause' | 'resume', trial: number): ExperimentEvent => ({
  kind: 'controlled',
  decision: { kind, trial, reason: 'by hand', by: 'user' },
});

describe('a free slot', () => {
  test('asks the searcher when there is nothing else', () => expect(ask()).toEqual({ do: 'ask' }));

  test('starts a runnable trial before all else, in the order in which they became so', () => {
    happen(preset, queued(0), queued(1));
    expect(ask()).toEqual({ do: 'start', trial: 0 });
    happen(started(0));
    expect(ask()).toEqual({ do: 'start', trial: 1 });
  });

  test('then queues a preset', () => {
    happen(queued(0), started(0), preset);
    expect(ask()).toEqual({ do: 'queue', entry: 0 });
  });

  test('is offered to the scheduler before the searcher is asked, once for what has happened', () => {
    happen(queued(0), started(0), paused(0));
    expect(ask()).toEqual({ do: 'tell', kind: 'idle' });
    happen({ kind: 'idle' });
    expect(ask()).toEqual({ do: 'ask' });
    happen(queued(1), started(1));
    expect(ask()).toEqual({ do: 'tell', kind: 'idle' });
  });

  test('is offered again when the answer lapses, but not for the same answer', () => {
    happen(queued(0), started(0), queued(1), started(1), paused(0), paused(1), controlled('pause', 0));
    decisions = [decision('resume', 0)];
    happen({ kind: 'idle' });
    expect(ask()).toEqual({ do: 'tell', kind: 'idle' });
    happen({ kind: 'idle' });
    expect(ask()).toEqual({ do: 'ask' });
  });

  test('waits while the searcher thinks, and asks it again only when something has happened since it said wait', () => {
    happen(queued(0), started(0));
    expect(ask({ asking: true })).toEqual({ do: 'wait' });
    expect(ask({ waitedAt: experiment.happened })).toEqual({ do: 'wait' });
    expect(ask({ waitedAt: experiment.happened - 1 })).toEqual({ do: 'ask' });
  });
});

test('no slot is free: it waits', () => {
  happen(queued(0), started(0), queued(1), started(1), queued(2));
  expect(ask()).toEqual({ do: 'wait' });
  expect(ask({ slots: 3 })).toEqual({ do: 'start', trial: 2 });
});

test('an intent that needs no worker is carried out at once, whatever else there is', () => {
  happen(queued(0), started(0), paused(0), queued(1));
  decisions = [decision('stop', 0)];
  happen(started(1));
  expect(ask()).toEqual({ do: 'finish', trial: 0 });
});

test('what is enqueued has its trial at once, whether or not a slot is free', () => {
  happen(queued(0), started(0), queued(1), started(1), queued(2), enqueued, enqueued);
  expect(ask()).toEqual({ do: 'queue', entry: 0 });
  happen({ ...queued(3), by: { kind: 'enqueued', entry: 1, part: 0, of: 1 } } as ExperimentEvent);
  expect(ask()).toEqual({ do: 'queue', entry: 0 });
  happen({ ...queued(4), by: { kind: 'enqueued', entry: 0, part: 0, of: 2 } } as ExperimentEvent);
  expect(ask()).toEqual({ do: 'wait' });
  expect(ask({ slots: 9 })).toEqual({ do: 'start', trial: 2 });
  happen(started(2), started(3), started(4));
  expect(ask({ slots: 9 })).toEqual({ do: 'queue', entry: 0 }); // the rest of its sweep
});

describe('a trial that is paused by hand', () => {
  test('is nothing that a scheduler could offer for a free slot', () => {
    happen(queued(0), started(0), controlled('pause', 0));
    expect(ask()).toEqual({ do: 'ask' });
    happen(paused(0));
    expect(ask()).toEqual({ do: 'ask' });
  });

  test('is not what goes on when nothing runs: the run ends', () => {
    happen(queued(0), started(0), queued(1), started(1), controlled('pause', 1), paused(1), paused(0), controlled('pause', 0));
    const waits = () => ask({ waitedAt: experiment.happened });
    expect(waits()).toEqual({ do: 'tell', kind: 'stalled' });
    happen({ kind: 'stalled' });
    expect(waits()).toEqual({ do: 'end', why: 'the searcher waits, and 2 trials are paused by hand' });
    happen(controlled('resume', 1));
    expect(waits()).toEqual({ do: 'start', trial: 1 });
  });
});

describe('the searcher has no more', () => {
  test('the scheduler is told as soon as that is known, unless something enqueued waits', () => {
    happen(queued(0), started(0), { ...queued(1), last: true } as ExperimentEvent);
    expect(ask({ slots: 1 })).toEqual({ do: 'tell', kind: 'exhausted' });
    happen(preset);
    expect(ask({ slots: 1 })).toEqual({ do: 'wait' });
  });

  test('it ends when nothing runs, though some are paused', () => {
    happen(queued(0), started(0), paused(0), { kind: 'exhausted' });
    expect(ask()).toEqual({ do: 'tell', kind: 'idle' });
    happen({ kind: 'idle' });
    expect(ask()).toEqual({ do: 'end', why: 'all other trials have ended, and 1 are paused' });
  });
});

describe('nothing runs, and the searcher waits', () => {
  const waits = () => ask({ waitedAt: experiment.happened });

  test('the scheduler is told; unanswered, the trial that has been paused longest goes on', () => {
    happen(queued(0), started(0), queued(1), started(1), paused(1), paused(0), { kind: 'idle' });
    expect(waits()).toEqual({ do: 'tell', kind: 'stalled' });
    happen({ kind: 'stalled' });
    expect(waits()).toEqual({ do: 'start', trial: 1 });
  });

  test('it ends when nobody is paused either', () => {
    expect(waits()).toEqual({ do: 'tell', kind: 'stalled' });
    happen({ kind: 'stalled' });
    expect(waits()).toMatchObject({ do: 'end' });
  });

  test('a manual executor that nobody has asked has no slot: that is no stall', () => expect(ask({ slots: 0 })).toEqual({ do: 'wait' }));
});

describe('a run that was halted', () => {
  const halted: ExperimentEvent = { kind: 'halted', by: 'timeBudgetS', reason: 'the time is used up' };

  test('starts nothing more, waits for what runs, and ends with the reason', () => {
    happen(queued(0), started(0), queued(1), halted);
    expect(ask()).toEqual({ do: 'wait' });
    happen(completed(0));
    expect(ask()).toEqual({ do: 'end', why: 'the time is used up' });
  });

  test('does not wait for a searcher that is still thinking', () => {
    happen(halted);
    expect(ask({ asking: true })).toEqual({ do: 'end', why: 'the time is used up' });
  });

  test('still carries out intents that need no worker, unless it was interrupted', () => {
    happen(queued(0), started(0), paused(0), queued(1));
    decisions = [decision('stop', 0)];
    happen(started(1), halted);
    expect(ask()).toEqual({ do: 'finish', trial: 0 });
  });
});

describe('a session that opens on a journal', () => {
  const opened: ExperimentEvent = { kind: 'opened', pid: 2, host: 'here', samples: 9, slots: 2 };

  test('starts the trials that were interrupted, the lowest first, before all others', () => {
    happen(queued(0), queued(1), started(1), queued(2), started(2), opened);
    expect(experiment.runnable).toEqual([1, 2, 0]);
    expect(ask()).toEqual({ do: 'start', trial: 1 });
  });

  test('finishes at once the ones that were to stop', () => {
    happen(queued(0), started(0), queued(1));
    decisions = [decision('stop', 0)];
    happen(started(1));
    decisions = [];
    happen(opened);
    expect(ask()).toEqual({ do: 'finish', trial: 0 });
    expect(experiment.runnable).toEqual([1]);
  });
});
