import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Decision, Scheduler, SchedulerEvent } from '../../src/schedule/scheduler.ts';
import { stopRules } from '../../src/schedule/stop-rules.ts';
import type { Searcher } from '../../src/search/searcher.ts';
import { simulate } from '../../src/tuner/simulate.ts';
import { deciding, decision, exploit, simulation, steady, story, when } from './small-world.ts';

const objectives = [{ metric: 'loss', mode: 'min' }] as const;

describe('of several decisions about one trial the strongest counts', () => {
  /** The first thing that happens to the trial after the report on which they were made. */
  const FOLLOWS = { stop: 'stopped', exploit: 'exploited 1', pause: 'checkpointed 2', checkpoint: 'checkpointed 2' } as const;
  const STRENGTH = ['stop', 'exploit', 'pause', 'checkpoint'] as const;
  const made = { stop: decision('stop', 0), exploit: exploit(0, 0, 'checkpoint_000000'), pause: decision('pause', 0), checkpoint: decision('checkpoint', 0) };

  test('in whatever order they come', async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...STRENGTH], { minLength: 1 }), async (kinds) => {
        const scheduler = deciding((event, notes) => {
          if (event.kind === 'started' && event.step === 1) notes.add('exploited');
          if (when(event, 'reported', 0, 1)) return [decision('checkpoint', 0)];
          return when(event, 'reported', 0, 2) && !notes.has('exploited') ? kinds.map((kind) => made[kind]) : [];
        });
        const { lines } = await simulate(simulation({ scheduler }));
        const happened = story(lines, 0);
        const strongest = STRENGTH.find((kind) => kinds.includes(kind)) as keyof typeof FOLLOWS;
        expect(happened[happened.indexOf('reported 2') + 1]).toBe(FOLLOWS[strongest]);
        expect(happened.includes('paused')).toBe(strongest === 'pause');
      }),
    );
  });

  test('also when the stronger one is a stop rule, which comes after the scheduler', async () => {
    const scheduler = deciding((event) => (when(event, 'reported', 0, 2) ? [decision('pause', 0)] : []));
    const rules = stopRules({ training_iteration: 2 }, { objectives });
    const { lines, experiment } = await simulate(simulation({ scheduler, rules }));
    expect(story(lines, 0)).toEqual(['started 0', 'reported 1', 'reported 2', 'stopped']);
    expect(experiment.rows[0]?.reason).toEqual({ by: 'stop', reason: 'training_iteration 2 >= 2' });
    expect(lines.find(({ decisions }) => decisions)?.decisions).toEqual([
      { kind: 'pause', trial: 0, reason: 'pause it', by: 'deciding' },
      { kind: 'stop', trial: 0, reason: 'training_iteration 2 >= 2', by: 'stop', rule: true },
    ]);
  });

  test('and of two equal ones the first', async () => {
    const scheduler = deciding((event) => (when(event, 'reported', 0, 1) ? [decision('stop', 0, 'too slow'), decision('stop', 0, 'too late')] : []));
    const { experiment } = await simulate(simulation({ scheduler }));
    expect(experiment.rows[0]?.reason).toEqual({ by: 'deciding', reason: 'too slow' });
  });
});

describe('pause and resume', () => {
  test('a paused trial saves first, and goes on from there once it is resumed', async () => {
    const scheduler = deciding((event) => {
      if (when(event, 'reported', 0, 2)) return [decision('pause', 0)];
      return event.kind === 'idle' ? [decision('resume', 0)] : [];
    });
    const { lines, warnings } = await simulate(simulation({ scheduler }));
    expect(story(lines, 0)).toEqual(['started 0', 'reported 1', 'reported 2', 'checkpointed 2', 'paused', 'started 2', 'reported 3', 'completed']);
    expect(warnings).toEqual([]);
  });

  test('a resume that comes while the pause is being saved holds after it', async () => {
    const scheduler = deciding((event) => (when(event, 'reported', 0, 1) ? [decision('pause', 0), decision('resume', 0)] : []));
    const { lines, warnings } = await simulate(simulation({ scheduler }));
    expect(story(lines, 0)).toEqual(['started 0', 'reported 1', 'checkpointed 1', 'paused', 'started 1', 'reported 2', 'reported 3', 'completed']);
    expect(warnings).toEqual([]);
  });

  test('at a report without a saver the trial goes back to its last checkpoint', async () => {
    const world = { report: (_: unknown, step: number) => (step > 3 ? undefined : { seconds: 1, metrics: { loss: step }, canSave: step === 1 }) };
    const scheduler = deciding((event, notes) => {
      if (when(event, 'reported', 0, 1)) return [decision('checkpoint', 0)];
      if (!when(event, 'reported', 0, 3) || notes.has('paused')) return [];
      notes.add('paused');
      return [decision('pause', 0), decision('resume', 0)];
    });
    const { lines, experiment } = await simulate(simulation({ scheduler, world }));
    expect(story(lines, 0)).toEqual(['started 0', 'reported 1', 'checkpointed 1', 'reported 2', 'reported 3', 'paused', 'started 1', 'completed']);
    expect(experiment.rows[0]).toMatchObject({ status: 'TERMINATED', step: 3 });
  });

  test('a trial without any checkpoint fails, and the others go on', async () => {
    const scheduler = deciding((event) =>
      event.kind === 'reported' && event.step === 2 && event.trial !== 1 ? [decision('pause', event.trial, 'rung 2')] : [],
    );
    const { experiment, lines } = await simulate(simulation({ samples: 3, scheduler, world: steady(3, { canSave: false }), maxFailures: 2 }));
    expect(experiment.rows.map(({ status }) => status)).toEqual(['ERROR', 'TERMINATED', 'ERROR']);
    expect(experiment.rows[0]?.error).toMatchObject({ code: 'PAUSE_WITHOUT_CHECKPOINT' });
    expect(experiment.rows[0]?.error?.message).toContain('rung 2');
    expect(story(lines, 0)).not.toContain('retried'); // it would only come again
  });

  test('a paused trial can be stopped', async () => {
    const scheduler = deciding((event) => {
      if (when(event, 'reported', 0, 1)) return [decision('pause', 0)];
      return when(event, 'reported', 1, 2) ? [decision('stop', 0, 'rank 2 of 2')] : [];
    });
    const { lines, experiment } = await simulate(simulation({ samples: 2, scheduler }));
    expect(story(lines, 0)).toEqual(['started 0', 'reported 1', 'checkpointed 1', 'paused', 'stopped']);
    expect(experiment.rows[0]?.reason).toEqual({ by: 'deciding', reason: 'rank 2 of 2' });
  });

  test('a trial may complete although it was to be paused: the decision lapses', async () => {
    // Trial 1 is slower: the decision comes while it works on what turns out to be its end.
    const world = {
      report: (run: { trial: number }, step: number) => (step > 3 - run.trial ? undefined : { seconds: 1 + 5 * run.trial, metrics: { loss: step } }),
    };
    const scheduler = deciding((event) => (when(event, 'reported', 1, 2) ? [decision('pause', 0)] : []));
    const { experiment, warnings } = await simulate(simulation({ samples: 2, workers: 2, world: world as never, scheduler }));
    expect(experiment.rows.map(({ status }) => status)).toEqual(['TERMINATED', 'TERMINATED']);
    expect(warnings).toEqual(['deciding: "pause" of trial 0 lapses: it is TERMINATED.']);
  });
});

describe('a decision that does not apply', () => {
  const CASES: readonly (readonly [string, Decision, string])[] = [
    ['stops nobody', decision('stop', 9), '"stop" of trial 9 lapses: there is no such trial'],
    ['stops a trial that has ended', decision('stop', 0), '"stop" of trial 0 lapses: it is TERMINATED'],
    ['resumes a trial that runs', decision('resume', 1), '"resume" of trial 1 lapses: it is RUNNING'],
    ['pauses a trial that has not started', decision('pause', 2), '"pause" of trial 2 lapses: it is PENDING'],
    ['copies onto a trial that has not started', exploit(2, 0, 'checkpoint_000000'), '"exploit" of trial 2 lapses: it is PENDING'],
    ['copies a checkpoint that is not there', exploit(1, 0, 'checkpoint_000007'), '"exploit" of trial 1 lapses: trial 0 has no checkpoint "checkpoint_000007"'],
    ['copies from nobody', exploit(1, 9, 'checkpoint_000000'), '"exploit" of trial 1 lapses: trial 9 has no checkpoint "checkpoint_000000"'],
    ['explores outside the space', exploit(1, 0, 'checkpoint_000000', 2), '"exploit" of trial 1 lapses: its configuration does not lie in the space'],
  ];

  test.each(CASES)('%s: it lapses, is journaled, and is warned about once', async (_, made, warning) => {
    const scheduler = deciding((event) => {
      if (event.kind === 'queued' && event.trial === 2) return [made];
      return event.kind === 'reported' && event.trial === 1 ? [made] : [];
    });
    const presets = [{ x: 0.1 }, { x: 0.2 }, { x: 0.3 }];
    const { experiment, warnings, lines } = await simulate(
      simulation({ samples: 3, presets, scheduler, checkpoints: { frequency: 1, atEnd: false }, workers: 1 }),
    );
    expect(warnings.filter((text) => text === `deciding: ${warning}.`)).toHaveLength(1);
    expect(lines.filter(({ decisions }) => decisions)).toHaveLength(4); // three reports, and a trial that was queued
    expect(experiment.rows.map(({ status }) => status)).toEqual(['TERMINATED', 'TERMINATED', 'TERMINATED']);
  });
});

describe('exploit', () => {
  test('ends the run, goes on from the copied checkpoint with the new configuration, and leaves the history', async () => {
    const scheduler = deciding((event, notes) => {
      if (!when(event, 'reported', 1, 3) || notes.has('done')) return [];
      notes.add('done');
      return [exploit(1, 0, 'checkpoint_000001', 0.25)];
    });
    const { lines, experiment } = await simulate(simulation({ samples: 2, scheduler, world: steady(4), checkpoints: { frequency: 1, atEnd: false } }));
    expect(story(lines, 1)).toEqual(
      ['started 0', 'reported 1', 'checkpointed 1', 'reported 2', 'checkpointed 2', 'reported 3', 'exploited 2'].concat([
        'started 2',
        'reported 3',
        'checkpointed 3',
        'reported 4',
        'checkpointed 4',
        'completed',
      ]),
    );
    expect(experiment.rows[1]).toMatchObject({ config: { x: 0.25 }, status: 'TERMINATED', step: 4 });
    expect(experiment.history.at(1).state).toBe('exploited');
    expect(experiment.history.ended).toEqual([0]);
  });

  test('keeps the checkpoint it names until it is copied, whatever retention says', async () => {
    // Trial 1 takes five seconds a step: trial 0 saves four more times before it can be told.
    const world = { report: (run: { trial: number }, step: number) => (step > 6 ? undefined : { seconds: run.trial === 1 ? 5 : 1, metrics: { loss: step } }) };
    const scheduler = deciding((event) => (when(event, 'checkpointed', 0, 1) ? [exploit(1, 0, 'checkpoint_000000')] : []));
    const checkpoints = { frequency: 1, atEnd: false, numToKeep: 1 };
    const { lines } = await simulate(simulation({ samples: 2, workers: 2, scheduler, world: world as never, checkpoints }));
    const exploited = lines.findIndex(({ kind }) => kind === 'exploited');
    const removed = (part: typeof lines) => part.flatMap((line) => (line.kind === 'checkpointed' && line.trial === 0 ? (line.removed ?? []) : []));
    expect(removed(lines.slice(0, exploited))).toContain('checkpoint_000001');
    expect(removed(lines.slice(0, exploited))).not.toContain('checkpoint_000000');
    expect(removed(lines)).toContain('checkpoint_000000');
  });

  test('works on a paused trial, which has no report to answer', async () => {
    const scheduler = deciding((event) => {
      if (when(event, 'reported', 1, 1)) return [decision('pause', 1)];
      return when(event, 'paused', 1) ? [exploit(1, 0, 'checkpoint_000002')] : [];
    });
    const { lines } = await simulate(simulation({ samples: 2, scheduler, checkpoints: { frequency: 1, atEnd: false } }));
    expect(story(lines, 1)).toEqual(['started 0', 'reported 1', 'checkpointed 1', 'paused', 'exploited 3', 'started 3', 'completed']);
  });
});

describe('the searcher has no more', () => {
  const pausing = (told: SchedulerEvent[]): Scheduler =>
    deciding((event) => {
      if (event.kind === 'exhausted' || event.kind === 'stalled') told.push(event);
      return event.kind === 'reported' && event.step === 1 ? [decision('pause', event.trial)] : [];
    });

  test('the scheduler is told once, and again after an enqueued trial and after more samples', async () => {
    const told: SchedulerEvent[] = [];
    const first = await simulate(simulation({ samples: 2, scheduler: pausing(told) }));
    expect(story(first.lines).slice(-3)).toEqual(['exhausted', 'idle', 'closed']);
    expect(told).toHaveLength(1);
    expect(first.experiment.rows.map(({ status }) => status)).toEqual(['PAUSED', 'PAUSED']);

    const enqueued = [...first.lines, { kind: 'enqueued', config: { x: 0.5 }, at: 99 } as const];
    told.length = 0;
    const second = await simulate(simulation({ samples: 2, scheduler: pausing(told) }), enqueued);
    expect(told).toHaveLength(2); // in the replay, and anew
    expect(second.experiment.rows.map(({ config }) => config).at(-1)).toEqual({ x: 0.5 });

    told.length = 0;
    const third = await simulate(simulation({ samples: 4, scheduler: pausing(told) }), second.lines);
    expect(told).toHaveLength(3);
    expect(third.experiment.rows).toHaveLength(5);
  });
});

describe('nothing runs and the searcher waits', () => {
  /** Two trials, and no more before one of them has ended. */
  const waiting: Searcher = {
    name: 'waiting',
    suggest({ index, history }) {
      if (index < 2) return { kind: 'config', config: { x: 0.5 } };
      return { kind: history.ended.length > 0 ? 'done' : 'wait' };
    },
  };

  test('the scheduler is told; the trial that has been paused longest goes on when it does not answer', async () => {
    const scheduler = deciding((event) => (event.kind === 'reported' && event.step === 1 ? [decision('pause', event.trial)] : []));
    const { lines, experiment } = await simulate(simulation({ samples: 3, scheduler, searcher: waiting }));
    const stalled = lines.findIndex(({ kind }) => kind === 'stalled');
    expect(lines.slice(stalled).find(({ kind }) => kind === 'started')).toMatchObject({ trial: 0, step: 1 });
    expect(experiment.rows.map(({ status }) => status)).toEqual(['TERMINATED', 'PAUSED']);
  });

  test('the scheduler may resume another one, or stop all', async () => {
    const pause = (event: SchedulerEvent): Decision[] => (event.kind === 'reported' && event.step === 1 ? [decision('pause', event.trial)] : []);
    const resuming = deciding((event) => (event.kind === 'stalled' ? [decision('resume', 1)] : pause(event)));
    const resumed = await simulate(simulation({ samples: 3, scheduler: resuming, searcher: waiting }));
    expect(resumed.experiment.rows.map(({ status }) => status)).toEqual(['PAUSED', 'TERMINATED']);

    const stopping = deciding((event) => (event.kind === 'stalled' ? [decision('stop', 0), decision('stop', 1)] : pause(event)));
    const stopped = await simulate(simulation({ samples: 3, scheduler: stopping, searcher: waiting }));
    expect(stopped.experiment.rows.map(({ status }) => status)).toEqual(['TERMINATED', 'TERMINATED']);
  });

  test('a searcher that waits for ever ends the run instead of hanging it', async () => {
    const searcher: Searcher = { name: 'forever', suggest: () => ({ kind: 'wait' }) };
    const { why, experiment } = await simulate(simulation({ samples: 3, searcher }));
    expect(why).toContain('the searcher waits');
    expect(experiment.rows).toEqual([]);
  });
});

describe('an idle slot', () => {
  test('is offered once, and again only after something has happened', async () => {
    const scheduler = deciding((event) => (when(event, 'reported', 0, 1) ? [decision('pause', 0)] : []));
    const { lines } = await simulate(simulation({ samples: 3, workers: 3, scheduler }));
    const between = lines.map(({ kind }) => kind).filter((kind) => kind !== 'closed');
    for (const [i, kind] of between.entries()) if (kind === 'idle') expect(between[i + 1]).not.toBe('idle');
  });
});

describe('end', () => {
  test('stops what runs at its next report, starts nothing more, and says why', async () => {
    const scheduler = deciding((event) => (when(event, 'reported', 1, 2) ? [{ kind: 'end', reason: 'no progress for 10 trials' }] : []));
    const { experiment, why } = await simulate(simulation({ samples: 9, workers: 2, scheduler, world: steady(5) }));
    expect(why).toBe('no progress for 10 trials');
    expect(experiment.rows.map(({ status, reason }) => [status, reason?.reason])).toEqual([
      ['TERMINATED', 'no progress for 10 trials'],
      ['TERMINATED', 'no progress for 10 trials'],
    ]);
  });
});

describe('a report without the metric', () => {
  const world = (missing: readonly number[]) => ({
    report: (_: unknown, step: number) => (step > 3 ? undefined : { seconds: 1, metrics: missing.includes(step) ? { lss: 1 } : { loss: step } }),
  });

  test('fails the trial when it is the first, and names what was reported', async () => {
    const { experiment } = await simulate(simulation({ world: world([1]), maxFailures: 3 }));
    expect(experiment.rows[0]).toMatchObject({ status: 'ERROR', failures: 1, step: 1, error: { code: 'METRIC_MISSING' } });
    expect(experiment.rows[0]?.error?.message).toContain('expected the metric "loss" of the experiment, got "lss"');
  });

  test('is stored later on, but reaches neither scheduler nor searcher; stop rules see it', async () => {
    const seen: number[] = [];
    const scheduler = deciding((event) => (event.kind === 'reported' ? (seen.push(event.step), []) : []));
    const rules = stopRules('training_iteration >= 2 and lss == 1', { objectives });
    const { experiment } = await simulate(simulation({ world: world([2]), scheduler, rules }));
    expect(seen).toEqual([1]);
    expect(experiment.history.at(0).losses).toEqual([1]);
    expect(experiment.rows[0]).toMatchObject({ status: 'TERMINATED', step: 2, reason: { by: 'stop' } });
  });
});

describe('replay', () => {
  test('takes the decisions of several authors as they are recorded', async () => {
    const scheduler = (): Scheduler<null> => ({
      name: 'both',
      uses: ['stop'],
      init: () => null,
      decide: (state, event) => ({
        state,
        decisions: event.kind === 'reported' && event.step === 2 ? [{ kind: 'stop', trial: event.trial, reason: 'enough' }] : [],
        by: ['stop'],
      }),
    });
    const g = () => simulation({ samples: 2, scheduler: scheduler(), rules: stopRules({ training_iteration: 2 }, { objectives }) });
    const { lines } = await simulate(g());
    const restored = await simulate(g(), lines.slice(0, -3));
    expect(restored.experiment.rows.map(({ reason }) => reason)).toEqual([
      { by: 'stop', reason: 'enough' },
      { by: 'stop', reason: 'enough' },
    ]);
  });

  test('lets stop rules differ, and keeps what the old ones decided', async () => {
    const rules = (at: number) => stopRules({ training_iteration: at }, { objectives });
    const { lines } = await simulate(simulation({ rules: rules(1) }));
    const restored = await simulate(simulation({ samples: 2, rules: rules(2) }), lines);
    expect(restored.experiment.rows.map(({ step, reason }) => [step, reason?.by])).toEqual([
      [1, 'stop'],
      [2, 'stop'],
    ]);
  });

  test('refuses a scheduler that decides otherwise', async () => {
    const { lines } = await simulate(simulation({ scheduler: deciding((event) => (when(event, 'reported', 0, 2) ? [decision('stop', 0)] : [])) }));
    await expect(simulate(simulation({ scheduler: deciding(() => []) }), lines)).rejects.toMatchObject({ code: 'RESTORE_MISMATCH' });
  });

  test('decides anew the line on which a scheduler threw', async () => {
    const broken = deciding((event) => {
      if (when(event, 'reported', 0, 2)) throw new TypeError('not yet written');
      return [];
    });
    const { lines, experiment, why } = await simulate(simulation({ samples: 2, scheduler: broken }));
    expect(why).toContain('not yet written');
    expect(lines.find(({ fault }) => fault)).toMatchObject({ kind: 'reported', step: 2, fault: { cause: { name: 'TypeError', message: 'not yet written' } } });
    expect(experiment.rows[0]?.status).toBe('RUNNING');

    const mended = deciding((event) => (when(event, 'reported', 0, 2) ? [decision('stop', 0, 'as it should')] : []));
    const restored = await simulate(simulation({ samples: 2, scheduler: mended }), lines);
    expect(restored.experiment.rows.map(({ status, reason }) => [status, reason?.reason])).toEqual([
      ['TERMINATED', 'as it should'],
      ['TERMINATED', 'completed'],
    ]);
    await expect(simulate(simulation({ samples: 2, scheduler: broken }), lines)).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
  });
});

describe('a retry', () => {
  test('starts again from the last checkpoint, and does not journal what it repeats', async () => {
    let attempts = 0;
    const world = {
      report(run: { step: number }, step: number) {
        if (step === 3 && attempts++ === 0) return { seconds: 1, fails: 'out of luck' };
        return step > 3 ? undefined : { seconds: 1, metrics: { loss: step + run.step } };
      },
    };
    const scheduler = deciding((event) => (when(event, 'reported', 0, 1) ? [decision('checkpoint', 0)] : []));
    const { lines, experiment } = await simulate(simulation({ world: world as never, scheduler, maxFailures: 1 }));
    expect(story(lines, 0)).toEqual(['started 0', 'reported 1', 'checkpointed 1', 'reported 2', 'retried', 'started 1', 'reported 3', 'completed']);
    expect(experiment.rows[0]).toMatchObject({ status: 'TERMINATED', failures: 1 });
    expect(experiment.rows[0]?.error).toBeUndefined();
  });
});
