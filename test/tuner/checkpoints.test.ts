import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CheckpointConfig, Config, RunConfig, Scheduler, TrialContext, TuneConfig } from '../../src/index.ts';
import { inline, Trainable, Tuner, uniform } from '../../src/index.ts';
import { checkpointsOf, journalOf, rowsOf, temporaryStorage } from './temporary-storage.ts';

const storagePath = temporaryStorage();
const quiet = { storagePath, verbose: 0 } as const;
const objective = { metric: 'score', mode: 'max', seed: 7 } as const;

/** Reports these scores, each with a checkpoint that holds it. */
const scored =
  (scores: readonly number[], saved: number[] = []) =>
  async (_: Config, trial: TrialContext): Promise<void> => {
    for (const score of scores.slice(trial.iteration)) {
      const checkpoint = (dir: string): void => {
        saved.push(score);
        writeFileSync(join(dir, 'state'), String(score));
      };
      await trial.report({ score, eval: { score } }, { checkpoint });
    }
  };

const tune = (train: (config: Config, trial: TrialContext) => unknown, runConfig: RunConfig = {}, tuneConfig: TuneConfig = {}) =>
  new Tuner(train as never, {
    paramSpace: { x: uniform(0, 1) },
    tuneConfig: { ...objective, ...tuneConfig } as TuneConfig,
    runConfig: { ...quiet, ...runConfig },
  });

describe('retention', () => {
  const keptOf = async (scores: readonly number[], checkpointConfig: CheckpointConfig): Promise<readonly number[]> => {
    const { path } = (await tune(scored(scores), { checkpointConfig }).fit()).get(0);
    return checkpointsOf(path).map((name) => Number(readFileSync(join(path, name, 'state'), 'utf8')));
  };

  test('keeps the best K, and always the newest', async () => {
    expect(await keptOf([0.1, 0.9, 0.5, 0.2], { numToKeep: 2, scoreAttribute: 'score' })).toEqual([0.9, 0.5, 0.2]);
    expect(await keptOf([0.1, 0.9, 0.5, 0.2, 0.95], { numToKeep: 2, scoreAttribute: 'score' })).toEqual([0.9, 0.95]);
  });
  test('by a nested attribute, and in the other order', async () =>
    expect(await keptOf([0.1, 0.9, 0.5, 0.2], { numToKeep: 1, scoreAttribute: 'eval/score', scoreOrder: 'min' })).toEqual([0.1, 0.2]));
  test('by age without an attribute', async () => expect(await keptOf([0.1, 0.9, 0.5, 0.2], { numToKeep: 2 })).toEqual([0.5, 0.2]));
  test('keeps all by default', async () => expect(await keptOf([0.1, 0.9, 0.5], {})).toEqual([0.1, 0.9, 0.5]));
  test('ranks a checkpoint without the attribute last', async () =>
    expect(await keptOf([0.1, 0.9], { numToKeep: 1, scoreAttribute: 'missing' })).toHaveLength(1));

  test('the result opens what was kept, the best last', async () => {
    const grid = await tune(scored([0.1, 0.9, 0.5, 0.2]), { checkpointConfig: { numToKeep: 2, scoreAttribute: 'score' } }).fit();
    const result = grid.get(0);
    expect(result.bestCheckpoints.map(({ metrics }) => metrics['score'])).toEqual([0.2, 0.5, 0.9]);
    expect(readFileSync(join(result.getBestCheckpoint().path, 'state'), 'utf8')).toBe('0.9');
    expect(readFileSync(join(result.checkpoint?.path ?? '', 'state'), 'utf8')).toBe('0.2');
  });
});

describe('frequency', () => {
  const rowsWith = async (checkpointConfig: CheckpointConfig): Promise<readonly unknown[]> => {
    const saved: number[] = [];
    const { path } = (await tune(scored([1, 2, 3, 4, 5], saved), { checkpointConfig }).fit()).get(0);
    const rows = rowsOf(path);
    expect(rows.filter((row) => row['checkpoint_dir_name'] !== null).map((row) => row['score'])).toEqual(saved);
    return rows.map((row) => row['checkpoint_dir_name']);
  };
  const name = (n: number): string => `checkpoint_00000${n}`;

  test('1 by default for a function: every report with a saver', async () => expect(await rowsWith({})).toEqual([0, 1, 2, 3, 4].map(name)));
  test('every second report', async () => expect(await rowsWith({ frequency: 2 })).toEqual([null, name(0), null, name(1), null]));
  test('0: never, unless a decision asks', async () => expect(await rowsWith({ frequency: 0 })).toEqual([null, null, null, null, null]));

  test('a decision saves on the very report it is made on', async () => {
    const scheduler: Scheduler<null> = {
      name: 'saving',
      uses: ['checkpoint'],
      init: () => null,
      decide: (state, event) => ({
        state,
        decisions: event.kind === 'reported' && event.step === 3 ? [{ kind: 'checkpoint', trial: event.trial, reason: 'third' }] : [],
      }),
    };
    const { path } = (await tune(scored([1, 2, 3, 4]), { checkpointConfig: { frequency: 0 } }, { ...objective, scheduler }).fit()).get(0);
    expect(rowsOf(path).map((row) => row['checkpoint_dir_name'])).toEqual([null, null, name(0), null]);
  });

  test('a saver that throws fails the trial', async () => {
    const train = (_: Config, trial: TrialContext) =>
      trial.report(
        { score: 1 },
        {
          checkpoint: () => {
            throw new Error('disk full');
          },
        },
      );
    const grid = await tune(train).fit();
    expect(grid.errors[0]?.message).toContain('disk full');
    expect(checkpointsOf(grid.get(0).path)).toEqual([]);
  });
});

describe('a class', () => {
  const log: string[] = [];
  class Counter extends Trainable<{ x: number }> {
    count = 0;
    setup(): void {
      log.push('setup');
    }
    step() {
      this.count += 1;
      return { score: this.count };
    }
    save(dir: string): void {
      log.push(`save ${this.count}`);
      writeFileSync(join(dir, 'count'), String(this.count));
    }
    restore(dir: string): void {
      this.count = Number(readFileSync(join(dir, 'count'), 'utf8'));
      log.push(`restore ${this.count}`);
    }
    override cleanup(): void {
      log.push('cleanup');
    }
  }
  const fit = async (checkpointConfig: CheckpointConfig, tuneConfig: object = {}) => {
    log.length = 0;
    const grid = await new Tuner(Counter, {
      paramSpace: { x: uniform(0, 1) },
      tuneConfig: { ...objective, ...tuneConfig },
      runConfig: { ...quiet, checkpointConfig, stop: { training_iteration: 4 } },
    }).fit();
    return grid.get(0);
  };

  test('saves when it is stopped', async () => {
    const result = await fit({});
    expect(log).toEqual(['setup', 'save 4', 'cleanup']);
    expect(rowsOf(result.path).map((row) => row['checkpoint_dir_name'])).toEqual([null, null, null, 'checkpoint_000000']);
  });
  test('does not with atEnd: false', async () => {
    expect((await fit({ atEnd: false })).checkpoint).toBeUndefined();
    expect(log).toEqual(['setup', 'cleanup']);
  });
  test('saves every second step', async () => {
    await fit({ frequency: 2 });
    expect(log).toEqual(['setup', 'save 2', 'save 4', 'cleanup']);
  });

  test('goes on from its checkpoint after a pause', async () => {
    const scheduler: Scheduler<null> = {
      name: 'pausing',
      uses: ['pause', 'resume'],
      init: () => null,
      decide(state, event) {
        if (event.kind === 'reported' && event.step === 2) return { state, decisions: [{ kind: 'pause', trial: event.trial, reason: 'rung' }] };
        return { state, decisions: event.kind === 'paused' ? [{ kind: 'resume', trial: event.trial, reason: 'go on' }] : [] };
      },
    };
    const result = await fit({}, { scheduler });
    expect(log).toEqual(['setup', 'save 2', 'cleanup', 'setup', 'restore 2', 'save 4', 'cleanup']);
    expect(rowsOf(result.path).map(({ training_iteration, score, iterations_since_restore }) => [training_iteration, score, iterations_since_restore])).toEqual(
      [
        [1, 1, 1],
        [2, 2, 2],
        [3, 3, 1],
        [4, 4, 2],
      ],
    );
  });

  test('saves its end, when it says that it is done', async () => {
    class Done extends Counter {
      override step() {
        return { ...super.step(), done: this.count === 3 };
      }
    }
    log.length = 0;
    const grid = await new Tuner(Done, { paramSpace: { x: 1 }, tuneConfig: objective, runConfig: quiet }).fit();
    expect(log).toEqual(['setup', 'save 3', 'cleanup']);
    expect(grid.get(0)).toMatchObject({ status: 'TERMINATED', metrics: { score: 3, done: true } });
  });
});

test('exploit copies the checkpoint on disk, also without log files', async () => {
  const scheduler: Scheduler<{ readonly exploited: boolean }> = {
    name: 'copying',
    uses: ['exploit'],
    init: () => ({ exploited: false }),
    decide(state, event) {
      if (event.kind !== 'reported' || event.trial !== 1 || event.step !== 2 || state.exploited) return { state, decisions: [] };
      return {
        state: { exploited: true },
        decisions: [{ kind: 'exploit', trial: event.trial, from: 0 as never, checkpoint: 'checkpoint_000002', config: { x: 0.5 }, reason: 'better' }],
      };
    },
  };
  const starts: unknown[] = [];
  const train = async ({ x }: Config, trial: TrialContext): Promise<void> => {
    starts.push([x, trial.checkpoint && readFileSync(join(trial.checkpoint.path, 'state'), 'utf8')]);
    for (; trial.iteration < 4; ) {
      const state = `${trial.id.at(-1)}: ${trial.iteration + 1}`;
      await trial.report({ score: trial.iteration }, { checkpoint: (dir) => writeFileSync(join(dir, 'state'), state) });
    }
  };
  const runConfig = { loggers: [], executor: inline(), name: 'exploit' };
  const grid = await tune(train, runConfig, { ...objective, scheduler, numSamples: 2, pointsToEvaluate: [{ x: 0.1 }, { x: 0.2 }] }).fit();
  expect(starts).toEqual([
    [0.1, undefined],
    [0.2, undefined],
    [0.5, '0: 3'],
  ]);
  expect(grid.get(1)).toMatchObject({ config: { x: 0.5 }, status: 'TERMINATED' });
  expect(checkpointsOf(grid.get(1).path)).toEqual(['checkpoint_000000', 'checkpoint_000001', 'checkpoint_000002']);
  expect(journalOf(grid.experimentPath).find(({ kind }) => kind === 'exploited')).toMatchObject({
    trial: 1,
    from: 0,
    source: 'checkpoint_000002',
    checkpoint: 'checkpoint_000001',
    step: 3,
  });
});
