import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { Ask, Config, RunConfig, Suggestion, TrialContext, TuneConfig } from '../../src/index.ts';
import { gridSearch, hooks, inline, Tuner, uniform } from '../../src/index.ts';
import { inbox } from '../../src/tuner/inbox.ts';
import { simulate } from '../../src/tuner/simulate.ts';
import { deciding, decision, exploit, simulation, steady, story, when } from './small-world.ts';
import { checkpointsOf, journalOf, temporaryStorage } from './temporary-storage.ts';

const storagePath = temporaryStorage();
const quiet = { storagePath, verbose: 0 } as const;
const objective = { metric: 'loss', mode: 'min', seed: 7 } as const;
const STEPS = 4;
/** The ids of an experiment with this seed. */
const [first, second, third] = ['3af6c_00000', '3af6c_00001', '3af6c_00002'] as const;

/** Reports four times, each with a checkpoint, and goes on from it. `at` is awaited before each report. */
const training = (at: (trial: TrialContext) => unknown = () => {}) =>
  async function train(_: Config, trial: TrialContext): Promise<void> {
    if (trial.checkpoint) expect(readFileSync(join(trial.checkpoint.path, 'state'), 'utf8')).toBe(String(trial.iteration));
    while (trial.iteration < STEPS) {
      await at(trial);
      const step = trial.iteration + 1;
      await trial.report({ loss: 1 / step }, { checkpoint: (dir) => writeFileSync(join(dir, 'state'), String(step)) });
    }
  };

interface Options {
  readonly paramSpace?: Record<string, unknown>;
  readonly tuneConfig?: TuneConfig;
  readonly runConfig?: RunConfig;
}

const tune = (train: unknown, { paramSpace = { x: uniform(0, 1) }, tuneConfig = {}, runConfig = {} }: Options = {}): Tuner =>
  new Tuner(train as never, { paramSpace, tuneConfig: { ...objective, ...tuneConfig } as TuneConfig, runConfig: { ...quiet, ...runConfig } }) as never;

const restore = (path: string, train: unknown = training()): Promise<Tuner> => Tuner.restore(path, train as never, { runConfig: { verbose: 0 } }) as never;

/** A promise, and what settles it. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

const happened = (path: string, trial = 0): readonly string[] => story(journalOf(path), trial);

test('a pause that a trial cannot keep, since it reports without a checkpoint, lapses with a warning', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const shown = { runConfig: { verbose: 1, reporter: () => '' } } as const;
  const tuner = tune(async (_: Config, trial: TrialContext) => {
    await tuner.pauseTrial(trial.id); // nobody knows yet how it will report
    await trial.report({ loss: 1 });
    await trial.report({ loss: 2 });
  }, shown);
  const grid = await tuner.fit();
  expect(grid.at(0)).toMatchObject({ status: 'TERMINATED', metrics: { training_iteration: 2 } });
  expect(warned.mock.calls.map(([text]) => String(text))).toEqual([`${first} was not paused: it reports without a checkpoint that it could go on from.`]);
  warned.mockRestore();
});

describe('stopTrial', () => {
  test('stops a trial that runs, with its reason, and what it has reported counts', async () => {
    const tuner = tune(
      training((trial) => (trial.iteration === 2 ? tuner.stopTrial(trial.id, 'I have seen enough') : undefined)),
      { tuneConfig: { numSamples: 2 } },
    );
    const grid = await tuner.fit();
    expect([...grid].map(({ status, reason }) => ({ status, reason }))).toEqual([
      { status: 'TERMINATED', reason: { by: 'user', reason: 'I have seen enough' } },
      { status: 'TERMINATED', reason: { by: 'user', reason: 'I have seen enough' } },
    ]);
    expect(grid.at(0)?.metrics).toMatchObject({ training_iteration: 3, done: true }); // the report after it counts
    expect(journalOf(grid.experimentPath).filter(({ kind }) => kind === 'controlled')).toMatchObject([
      { decision: { kind: 'stop', trial: 0, reason: 'I have seen enough', by: 'user' } },
      { decision: { kind: 'stop', trial: 1 } },
    ]);
  });

  test('is in the journal when it resolves', async () => {
    const tuner = tune(
      training(async (trial) => {
        if (trial.iteration !== 1) return;
        await tuner.stopTrial(trial.id);
        expect(journalOf(join(trial.dir, '..')).at(-1)).toMatchObject({ kind: 'controlled', decision: { kind: 'stop', reason: 'stopped by hand' } });
      }),
    );
    expect((await tuner.fit()).hasErrors).toBe(false);
  });

  test('tells a trial that works on a long step through its signal', async () => {
    const tuner = tune(async (_: Config, trial: TrialContext) => {
      await trial.report({ loss: 1 });
      const aborted = new Promise((_resolve, reject) => trial.signal.addEventListener('abort', () => reject(trial.signal.reason as Error)));
      await Promise.all([tuner.stopTrial(trial.id, 'too long'), aborted]);
    });
    expect((await tuner.fit()).at(0)).toMatchObject({ status: 'TERMINATED', reason: { by: 'user', reason: 'too long' } });
  });

  test('ends a trial that has not started, and one that is paused, at once', async () => {
    const going = gate();
    const tuner = tune(
      training(async (trial) => {
        if (trial.id !== first) return going.opened;
        const id = await tuner.enqueue({ x: 0.5 });
        await tuner.stopTrial(id, 'not this one');
        await tuner.pauseTrial(trial.id);
      }),
      {
        tuneConfig: { numSamples: 2 },
        runConfig: { callbacks: [hooks({ onTrialPause: (trial) => void tuner.stopTrial(trial.name, 'nor this one').then(going.open) })] },
      },
    );
    const grid = await tuner.fit();
    expect([...grid].map(({ status, reason }) => [status, reason?.reason])).toEqual([
      ['TERMINATED', 'nor this one'],
      ['TERMINATED', 'not this one'],
      ['TERMINATED', 'completed'],
    ]);
    expect(happened(grid.experimentPath, 1)).toEqual(['stopped']);
  });

  test('is not undone by a failure, however many retries there are', async () => {
    const orders = inbox();
    const world = {
      report(_: unknown, step: number) {
        if (step < 3) return { seconds: 1, metrics: { loss: step } };
        void orders.order({ kind: 'stop', id: first, reason: 'enough' });
        return { seconds: 1, fails: 'killed' };
      },
    };
    const { lines } = await simulate(simulation({ world, inbox: orders, maxFailures: 3 }));
    expect(story(lines, 0)).toEqual(['started 0', 'reported 1', 'reported 2', 'failed']);
  });
});

describe('pauseTrial and resumeTrial', () => {
  const pausing = async (name: string): Promise<string> => {
    const tuner = tune(
      training((trial) => (trial.id === first && trial.iteration === 1 ? tuner.pauseTrial(trial.id, 'later') : undefined)),
      {
        tuneConfig: { numSamples: 2 },
        runConfig: { name },
      },
    );
    const grid = await tuner.fit();
    expect([...grid].map(({ status, reason }) => [status, reason?.reason])).toEqual([
      ['PAUSED', 'later'],
      ['TERMINATED', 'completed'],
    ]);
    return grid.experimentPath;
  };

  test('one that is paused by hand is left PAUSED, and goes on from its checkpoint once a restored experiment resumes it', async () => {
    const path = await pausing('paused');
    expect(happened(path)).toEqual(['started 0', 'reported 1', 'checkpointed 1', 'reported 2', 'checkpointed 2', 'paused']);
    expect(journalOf(path).at(-1)).toMatchObject({ kind: 'closed', why: 'all other trials have ended, and 1 are paused' });

    const untouched = await (await restore(path)).fit();
    expect(untouched.at(0)).toMatchObject({ status: 'PAUSED', reason: { by: 'user', reason: 'later' } });

    const restored = await restore(path);
    await restored.resumeTrial(first);
    const grid = await restored.fit();
    expect(grid.at(0)).toMatchObject({ status: 'TERMINATED', reason: { by: 'completed' } });
    expect(happened(path).slice(6)).toEqual(['started 2', 'reported 3', 'checkpointed 3', 'reported 4', 'checkpointed 4', 'completed']);
    expect(checkpointsOf(grid.at(0)?.path ?? '')).toHaveLength(4);
  });

  test('a restored experiment may stop it as well, or pause others before it runs', async () => {
    const path = await pausing('paused-stopped');
    const restored = await restore(path);
    await restored.stopTrial(first, 'no');
    expect((await restored.fit()).at(0)).toMatchObject({ status: 'TERMINATED', reason: { by: 'user', reason: 'no' } });

    const abort = new AbortController();
    const interrupted = tune(
      training((trial) => trial.iteration === 2 && abort.abort()),
      { runConfig: { name: 'interrupted' } },
    );
    const { experimentPath } = await interrupted.fit({ signal: abort.signal });
    const again = await restore(experimentPath);
    await again.pauseTrial(first, 'not now');
    expect((await again.fit()).at(0)).toMatchObject({ status: 'PAUSED', reason: { by: 'user', reason: 'not now' } });
    expect(happened(experimentPath).at(-1)).toBe('paused');
  });

  test('resumed while the run goes on, it takes the next free slot', async () => {
    const tuner = tune(
      training(async (trial) => {
        if (trial.id === first && trial.iteration === 1) await tuner.pauseTrial(trial.id);
        if (trial.id === second && trial.iteration === 3) await tuner.resumeTrial(first);
      }),
      { tuneConfig: { numSamples: 3 }, runConfig: { executor: inline({ workers: 1 }) } },
    );
    const grid = await tuner.fit();
    expect([...grid].every(({ status }) => status === 'TERMINATED')).toBe(true);
    const starts = journalOf(grid.experimentPath).flatMap((line) => (line.kind === 'started' ? [line.trial] : []));
    expect(starts).toEqual([0, 1, 0, 2]);
  });

  test('nobody else resumes it: neither the scheduler nor the loop, and an exploit lapses', async () => {
    const orders = inbox();
    const scheduler = deciding((event) => {
      if (event.kind === 'paused' && event.trial === 0) return [decision('resume', 0)];
      return when(event, 'reported', 1, 2) ? [exploit(0, 1, 'checkpoint_000000')] : [];
    });
    const world = {
      report(run: { trial: number }, step: number) {
        if (run.trial === 0 && step === 2) void orders.order({ kind: 'pause', id: first, reason: 'later' });
        return steady(3).report(run as never, step);
      },
    };
    const { lines, experiment, warnings } = await simulate(
      simulation({ scheduler, world, inbox: orders, samples: 2, checkpoints: { frequency: 1, atEnd: false } }),
    );
    expect(story(lines, 0)).toEqual(['started 0', 'reported 1', 'checkpointed 1', 'reported 2', 'checkpointed 2', 'paused']);
    expect(experiment.rows[0]).toMatchObject({ status: 'PAUSED', reason: { by: 'user', reason: 'later' } });
    expect(warnings).toEqual(['deciding: "resume" of trial 0 lapses: it was paused by hand.', 'deciding: "exploit" of trial 0 lapses: it was paused by hand.']);
  });

  test('a pause by hand outlasts a retry', async () => {
    const orders = inbox();
    let failed = false;
    const failing = {
      report(run: { trial: number }, step: number) {
        if (step < 3 || failed) return steady(4).report(run as never, step);
        failed = true;
        void orders.order({ kind: 'pause', id: first, reason: 'later' });
        return { seconds: 1, fails: 'killed' };
      },
    };
    const retried = await simulate(simulation({ world: failing, inbox: orders, maxFailures: 1, checkpoints: { frequency: 1, atEnd: false } }));
    expect(story(retried.lines, 0).slice(-4)).toEqual(['started 2', 'reported 3', 'checkpointed 3', 'paused']);
  });

  test('and an exploit that was under way', async () => {
    const orders = inbox();
    const scheduler = deciding((event) => (when(event, 'reported', 0, 2) ? [exploit(1, 0, 'checkpoint_000000')] : []));
    const world = {
      report(run: { trial: number }, step: number) {
        if (run.trial === 0 && step === 3) void orders.order({ kind: 'pause', id: second, reason: 'later' });
        const happening = steady(3).report(run as never, step);
        return happening && { ...happening, seconds: run.trial === 0 ? 1 : 5 };
      },
    };
    const simulated = simulation({ scheduler, world, inbox: orders, samples: 2, workers: 2, checkpoints: { frequency: 1, atEnd: false } });
    const { lines, experiment } = await simulate(simulated);
    expect(story(lines, 1)).toEqual(['started 0', 'reported 1', 'exploited 1', 'started 1', 'reported 2', 'checkpointed 2', 'paused']);
    expect(experiment.rows[1]?.reason).toEqual({ by: 'user', reason: 'later' });
  });

  test('one that a scheduler has paused can be held, which shows, and a hand lets it go on', async () => {
    const held = async (resume: boolean) => {
      const orders = inbox();
      const scheduler = deciding((event) => {
        if (when(event, 'reported', 0, 2)) return [decision('pause', 0, 'rung 2')];
        return event.kind === 'completed' ? [decision('resume', 0)] : [];
      });
      const world = {
        report(run: { trial: number }, step: number) {
          if (run.trial === 1 && step === 1) void orders.order({ kind: 'pause', id: first, reason: 'hold it' });
          if (run.trial === 2 && step === 1 && resume) void orders.order({ kind: 'resume', id: first, reason: 'let go' });
          return steady(3).report(run as never, step);
        },
      };
      const { lines, experiment } = await simulate(simulation({ scheduler, world, inbox: orders, samples: 3 }));
      return [experiment.rows[0]?.reason?.reason, ...story(lines, 0).slice(-3)];
    };
    expect(await held(false)).toEqual(['hold it', 'reported 2', 'checkpointed 2', 'paused']);
    expect(await held(true)).toEqual(['completed', 'started 2', 'reported 3', 'completed']);
  });
});

describe('what is not allowed is refused, and changes nothing', () => {
  test('with what is already about to happen to the trial', async () => {
    const refusals: string[] = [];
    const refused = (attempt: Promise<unknown>): Promise<unknown> => attempt.catch((error: Error) => refusals.push(error.message.replace(/\. Hint.*/, '')));
    const tuner = tune(
      training(async (trial) => {
        if (trial.iteration !== 1) return;
        await tuner.pauseTrial(trial.id);
        await refused(tuner.pauseTrial(trial.id));
        await tuner.resumeTrial(trial.id);
        await refused(tuner.resumeTrial(trial.id));
        await tuner.stopTrial(trial.id);
        await refused(tuner.pauseTrial(trial.id));
      }),
      { tuneConfig: { numSamples: 1 }, runConfig: { executor: inline() } },
    );
    await tuner.fit();
    expect(refusals).toEqual([
      `Trial ${first} is RUNNING, and about to pause; it cannot be "paused". Allowed: stop, resume`,
      `Trial ${first} is RUNNING, and about to pause and go on; it cannot be "resumed". Allowed: stop, pause`,
      `Trial ${first} is RUNNING, and about to end; it cannot be "paused". Allowed: stop`,
    ]);
  });

  test('of a trial that has ended, that there is not, or that is there already', async () => {
    const messages: string[] = [];
    const refused = async (attempt: Promise<unknown>): Promise<void> => {
      await attempt.then(
        () => messages.push('accepted'),
        (error: Error) => messages.push(error.message),
      );
    };
    const tuner = tune(
      training(async (trial) => {
        if (trial.id !== second || trial.iteration !== 1) return;
        await refused(tuner.stopTrial(first));
        await refused(tuner.resumeTrial(first));
        await refused(tuner.pauseTrial('00000_00000'));
        await refused(tuner.pauseTrial('0'));
        await refused(tuner.resumeTrial(trial.id));
        await refused(tuner.pauseTrial(trial.id));
        await refused(tuner.pauseTrial(trial.id));
        await refused(tuner.pauseTrial(3 as never));
        await refused(tuner.stop(3 as never));
      }),
      { tuneConfig: { numSamples: 2 }, runConfig: { executor: inline({ workers: 1 }) } },
    );
    const grid = await tuner.fit();
    const hint = 'Hint: Look at the status of the trial first; its id is what the console and result.metrics.trial_id show. [CONTROL_REFUSED]';
    expect(messages).toEqual([
      `Trial ${first} is TERMINATED; it cannot be "stopped". Allowed: nothing (it is final). ${hint}`,
      `Trial ${first} is TERMINATED; it cannot be "resumed". Allowed: nothing (it is final). ${hint}`,
      `pauseTrial(): expected the id of a trial of this experiment, got "00000_00000". ${hint}`,
      `pauseTrial(): expected the id of a trial of this experiment, got "0". ${hint}`,
      `Trial ${second} is RUNNING; it cannot be "resumed". Allowed: stop, pause. ${hint}`,
      'accepted',
      `Trial ${second} is RUNNING, and about to pause; it cannot be "paused". Allowed: stop, resume. ${hint}`,
      expect.stringContaining('pauseTrial: expected id to be a string, got 3.'),
      expect.stringContaining('stop: expected reason to be a string, got 3.'),
    ]);
    expect(journalOf(grid.experimentPath).filter(({ kind }) => kind === 'controlled' || kind === 'halted')).toHaveLength(1);
  });

  test('a pause of a trial that saves nothing', async () => {
    const tuner = tune(async (_: Config, trial: TrialContext) => {
      await trial.report({ loss: 1 });
      await expect(tuner.pauseTrial(trial.id)).rejects.toMatchObject({ code: 'PAUSE_WITHOUT_CHECKPOINT' });
      await trial.report({ loss: 2 });
    });
    expect((await tuner.fit()).at(0)).toMatchObject({ status: 'TERMINATED' });
  });

  test('anything when the run is over, or has not begun', async () => {
    const tuner = tune(training());
    await expect(tuner.stop()).rejects.toMatchObject({ code: 'NOT_RUN' });
    await expect(tuner.stopTrial(first)).rejects.toMatchObject({ code: 'CONTROL_REFUSED' });
    const { experimentPath } = await tuner.fit();
    for (const attempt of [tuner.stop(), tuner.stopTrial(first), tuner.pauseTrial(first), tuner.resumeTrial(first), tuner.enqueue({})]) {
      await expect(attempt).rejects.toMatchObject({ code: 'NOT_RUN' });
    }
    const restored = await restore(experimentPath);
    await expect(restored.resumeTrial(first)).rejects.toThrow(`Trial ${first} is TERMINATED; it cannot be "resumed".`);
    await expect(restored.stop()).rejects.toMatchObject({ code: 'NOT_RUN' });
  });

  test('a callback that waits for an order when everything is over hears so, and holds nothing up', async () => {
    const heard: unknown[] = [];
    const tuner = tune(training(), {
      runConfig: { callbacks: [hooks({ onTrialComplete: async () => void heard.push(await tuner.stop().catch(({ code }: { code: string }) => code)) })] },
    });
    await tuner.fit();
    expect(heard).toEqual(['NOT_RUN']);
  });

  test('an order that nobody has written when the run breaks off', async () => {
    const orders = inbox();
    const asked = orders.order({ kind: 'end', reason: 'enough' });
    await orders.take();
    orders.close();
    await expect(asked).rejects.toMatchObject({ code: 'NOT_RUN' });
    await expect(orders.order({ kind: 'end', reason: 'enough' })).rejects.toMatchObject({ code: 'NOT_RUN' });
  });
});

describe('enqueue', () => {
  test('gives the id of its trial: before the run, and in it once that is in the journal', async () => {
    const ids: string[] = [];
    const tuner = tune(
      training(async (trial) => {
        if (trial.id !== first || trial.iteration !== 1) return;
        ids.push(await tuner.enqueue({ x: 0.75 }));
        expect(journalOf(join(trial.dir, '..')).slice(-2)).toMatchObject([
          { kind: 'enqueued', config: { x: 0.75 } },
          { kind: 'queued', trial: 2, config: { x: 0.75 } },
        ]);
      }),
      { tuneConfig: { numSamples: 2, pointsToEvaluate: [{ x: 0.125 }] }, runConfig: { executor: inline({ workers: 1 }) } },
    );
    const point = { x: 0.25 };
    const enqueued = tuner.enqueue(point);
    point.x = 9; // it is ours no longer
    ids.push(await enqueued, await tuner.enqueue({ x: 0.5 }));
    const grid = await tuner.fit();
    expect(ids).toEqual([first, second, third]);
    const configs = new Map([...grid].map(({ metrics, config }) => [metrics.trial_id, config]));
    expect(ids.map((id) => configs.get(id))).toEqual([{ x: 0.25 }, { x: 0.5 }, { x: 0.75 }]);
    expect(grid.length).toBe(5); // a preset and a sample as well
    expect(grid.at(3)?.config).toEqual({ x: 0.125 });
  });

  test('of a restored experiment, too', async () => {
    const { experimentPath } = await tune(training(), { tuneConfig: { numSamples: 2 }, runConfig: { name: 'enqueue-restored' } }).fit();
    const restored = await restore(experimentPath);
    expect(await restored.enqueue({ x: 0.5 })).toBe(third);
    expect((await restored.fit()).at(2)?.config).toEqual({ x: 0.5 });
  });

  test('is refused when another process has added trials since the experiment was read for it', async () => {
    const { experimentPath } = await tune(training(), { runConfig: { name: 'twice-restored' } }).fit();
    const [one, other] = [await restore(experimentPath), await restore(experimentPath)];
    await other.enqueue({ x: 0.25 });
    await one.enqueue({ x: 0.5 });
    await one.fit();
    await expect(other.fit()).rejects.toMatchObject({ code: 'RESTORE_MISMATCH' });
    expect((await (await restore(experimentPath)).getResults()).length).toBe(2);
  });

  test('of a sweep it is the first', async () => {
    const tuner = tune(() => 1, { paramSpace: { a: gridSearch([1, 2, 3]), x: uniform(0, 1) }, tuneConfig: { numSamples: 1 } });
    expect(await tuner.enqueue({ x: 0.5 })).toBe(first);
    expect(await tuner.enqueue({ a: 2, x: 0.25 })).toBe(second);
    const configs = [...(await tuner.fit())].map(({ config }) => config as { a: number; x: number });
    expect(configs.slice(0, 4)).toEqual([
      { a: 1, x: 0.5 },
      { a: 2, x: 0.25 },
      { a: 2, x: 0.5 },
      { a: 3, x: 0.5 },
    ]);
    expect(configs).toHaveLength(7);
  });

  test('a configuration that is none is refused, and the run goes on', async () => {
    const codes: string[] = [];
    const tuner = tune(
      training(async (trial) => {
        if (trial.iteration > 0) return;
        await tuner.enqueue({ y: 1 }).catch(({ code }: { code: string }) => codes.push(code));
        await tuner.enqueue({ x: () => 1 } as never).catch(({ code }: { code: string }) => codes.push(code));
      }),
    );
    expect((await tuner.fit()).numTerminated).toBe(1);
    expect(codes).toEqual(['CONFIG_INVALID', 'CONFIG_INVALID']);
  });

  test('is refused once the run is to end', async () => {
    const codes: string[] = [];
    const tuner = tune(
      training(async (trial) => {
        if (trial.iteration > 0) return;
        await tuner.stop();
        await tuner.enqueue({ x: 1 }).catch(({ code }: { code: string }) => codes.push(code));
      }),
    );
    expect((await tuner.fit()).length).toBe(1);
    expect(codes).toEqual(['NOT_RUN']);
  });
});

describe('stop', () => {
  test('ends the run: trials that run are stopped with the reason, and a restore goes on with the others', async () => {
    const tuner = tune(
      training((trial) => (trial.id === second && trial.iteration === 2 ? tuner.stop('enough for today') : undefined)),
      {
        tuneConfig: { numSamples: 4 },
        runConfig: { name: 'stopped', executor: inline({ workers: 1 }) },
      },
    );
    const grid = await tuner.fit();
    expect([...grid].map(({ status, reason }) => [status, reason?.by, reason?.reason])).toEqual([
      ['TERMINATED', 'completed', 'completed'],
      ['TERMINATED', 'user', 'enough for today'],
    ]);
    expect(journalOf(grid.experimentPath).at(-1)).toMatchObject({ kind: 'closed', why: 'enough for today' });
    const whole = await (await restore(grid.experimentPath)).fit();
    expect([...whole].map(({ reason }) => reason?.by)).toEqual(['completed', 'user', 'completed', 'completed']);
  });

  test('right after fit() it starts nothing', async () => {
    const tuner = tune(training());
    const over = tuner.fit();
    await tuner.stop();
    expect((await over).length).toBe(0);
  });

  test('twice is once', async () => {
    const tuner = tune(training(() => Promise.all([tuner.stop('one'), tuner.stop('two')])));
    const { experimentPath } = await tuner.fit();
    expect(journalOf(experimentPath).filter(({ kind }) => kind === 'halted')).toMatchObject([{ by: 'user', reason: 'one' }]);
  });

  test('works in a loop of your own', async () => {
    const tuner = tune(() => 1, { tuneConfig: { numSamples: 9 } });
    const trial = await tuner.ask();
    await tuner.stop('enough');
    expect(await trial?.report({ loss: 1 })).toBe('stop');
    expect(await tuner.ask()).toBeUndefined();
    const grid = await tuner.getResults();
    expect(grid.at(0)).toMatchObject({ reason: { by: 'user', reason: 'enough' }, metrics: { loss: 1, training_iteration: 1 } }); // what it was at counts
  });

  test('in a loop of your own, what is told after it counts too', async () => {
    const tuner = tune(() => 1, { tuneConfig: { numSamples: 9 } });
    const trial = await tuner.ask();
    await trial?.report({ loss: 3 });
    await tuner.stop('enough');
    await tuner.tell(trial?.id ?? '', { loss: 1 });
    expect(await tuner.ask()).toBeUndefined();
    expect((await tuner.getResults()).at(0)?.metrics).toMatchObject({ loss: 1, training_iteration: 2 });
  });

  test('does not wait for a searcher that never answers', async () => {
    const suggest = ({ index }: Ask): Suggestion | Promise<Suggestion> => (index === 0 ? { kind: 'config', config: { x: 0.5 } } : new Promise(() => {}));
    const tuner = tune(() => 1, {
      tuneConfig: { numSamples: 2, searchAlg: { name: 'stuck', suggest } },
      runConfig: { callbacks: [hooks({ onTrialComplete: () => void tuner.stop() })] },
    });
    expect((await tuner.fit()).numTerminated).toBe(1);
  });
});

test('what was accepted and has not happened yet when the process dies, a restore carries out', async () => {
  const copy = join(storagePath, 'killed');
  const tuner = tune(
    training(async (trial) => {
      if (trial.iteration !== 2) return;
      await tuner.pauseTrial(trial.id, 'later');
      cpSync(join(trial.dir, '..'), copy, { recursive: true }); // as a kill would leave it
      rmSync(join(copy, 'lock'));
    }),
  );
  await tuner.fit();
  expect(happened(copy).at(-1)).toBe('checkpointed 2');
  const grid = await (await restore(copy)).fit();
  expect(grid.at(0)).toMatchObject({ status: 'PAUSED', reason: { by: 'user', reason: 'later' } });
  expect(happened(copy).slice(-3)).toEqual(['reported 3', 'checkpointed 3', 'paused']);
});
