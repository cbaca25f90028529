import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { basicVariant } from '../../algorithms/basic-variant.ts';
import { asha } from '../../schedulers/asha.ts';
import { hyperband } from '../../schedulers/hyperband.ts';
import { pbt } from '../../schedulers/pbt.ts';
import type { CheckpointConfig, Config, RunConfig, Scheduler, TrialContext } from '../../src/index.ts';
import { inline, Trainable, Tuner, uniform } from '../../src/index.ts';
import { simulate } from '../../src/tuner/simulate.ts';
import { simulation } from './small-world.ts';
import { checkpointsOf, temporaryStorage } from './temporary-storage.ts';

const storagePath = temporaryStorage();
const tune = (train: unknown, scheduler: Scheduler, runConfig: RunConfig = {}, numSamples = 6): Tuner =>
  new Tuner(train as never, {
    paramSpace: { x: uniform(0, 1) },
    tuneConfig: { metric: 'loss', mode: 'min', seed: 7, numSamples, scheduler } as never,
    runConfig: { storagePath, verbose: 0, ...runConfig },
  });

/** What a trial was given to go on from, and what it should have been. */
type Starts = { readonly was: string; readonly should: string }[];

/** Its weights after a step say whose they are, and of which step; `at` is called before each report. */
const training = (starts: Starts, at: (trial: TrialContext) => unknown = () => {}) =>
  async function train({ x }: Config, trial: TrialContext): Promise<void> {
    const name = trial.id.slice(-1);
    const was = trial.checkpoint === undefined ? 'none' : readFileSync(join(trial.checkpoint.path, 'weights'), 'utf8');
    starts.push({ was, should: trial.iteration === 0 ? 'none' : `${name}: ${trial.iteration}` });
    while (trial.iteration < 9) {
      await at(trial);
      const weights = `${name}: ${trial.iteration + 1}`;
      await trial.report({ loss: (x as number) - trial.iteration }, { checkpoint: (dir) => writeFileSync(join(dir, 'weights'), weights) });
    }
  };

class Learner extends Trainable<{ x: number }> {
  static starts: Starts = [];
  private x = 0;
  private weights = 'none';
  private context!: TrialContext;
  setup({ x }: { x: number }, trial: TrialContext): void {
    this.x = x;
    this.context = trial;
  }
  step() {
    this.weights = `${this.context.id}: ${this.context.iteration + 1}`;
    return { loss: this.x - this.context.iteration };
  }
  save(dir: string): void {
    writeFileSync(join(dir, 'weights'), this.weights);
  }
  restore(dir: string): void {
    Learner.starts.push({ was: readFileSync(join(dir, 'weights'), 'utf8'), should: `${this.context.id}: ${this.context.iteration}` });
  }
}

const halving = { hyperband: () => hyperband({ maxT: 9 }), promote: () => asha({ maxT: 9, reductionFactor: 3, variant: 'promote' }) };

describe.each(Object.entries(halving))('with numToKeep 1, the checkpoint that a paused trial goes on from is kept: %s', (_, scheduler) => {
  // By age, by a score that makes the newest the worst, and one that makes it the best.
  test.each<CheckpointConfig>([{ numToKeep: 1 }, { numToKeep: 1, scoreAttribute: 'loss' }, { numToKeep: 1, scoreAttribute: 'loss', scoreOrder: 'min' }])(
    '%j',
    async (checkpointConfig) => {
      const starts: Starts = [];
      const grid = await tune(training(starts), scheduler(), { checkpointConfig, executor: inline({ workers: 3 }) }).fit();
      expect(grid.numErrors).toBe(0);
      expect(starts.length).toBeGreaterThan(7);
      for (const { was, should } of starts) expect(was).toBe(should);
    },
  );

  test('of a class', async () => {
    Learner.starts = [];
    const grid = await tune(Learner, scheduler(), { checkpointConfig: { numToKeep: 1, frequency: 1 }, executor: inline({ workers: 3 }) }).fit();
    expect(grid.numErrors).toBe(0);
    expect(Learner.starts.length).toBeGreaterThan(1);
    for (const { was, should } of Learner.starts) expect(was).toBe(should);
    for (const { path } of grid) expect(checkpointsOf(path)).toHaveLength(1);
  });
});

test('with numToKeep 1, the checkpoint that an exploit names is kept until it is copied', async () => {
  const copying: Scheduler<null> = {
    name: 'copying',
    uses: ['exploit'],
    init: () => null,
    decide: (state, event) => ({
      state,
      decisions:
        event.kind === 'checkpointed' && event.trial === 0 && event.step === 1
          ? [{ kind: 'exploit', trial: 1 as never, from: event.trial, checkpoint: event.checkpoint, config: { x: 0.5 }, reason: 'better' }]
          : [],
    }),
  };
  const starts: Starts = [];
  let sourceHasSaved = (): void => {};
  const source = new Promise<void>((resolve) => (sourceHasSaved = resolve));
  let isThere = false;
  const at = (trial: TrialContext): Promise<void> | undefined => {
    if (trial.id.endsWith('1')) return trial.iteration === 0 ? source : undefined;
    if (trial.iteration === 5) {
      const [dir = ''] = readdirSync(join(storagePath, 'pinned')).filter((name) => name.includes('_00000_'));
      isThere = existsSync(join(storagePath, 'pinned', dir, 'checkpoint_000000'));
      sourceHasSaved();
    }
    return undefined;
  };
  const runConfig = { name: 'pinned', checkpointConfig: { numToKeep: 1 }, syncPeriodMs: 0, executor: inline({ workers: 2 }) };
  const grid = await tune(training(starts, at), copying, runConfig, 2).fit();
  expect(isThere).toBe(true);
  expect(starts.map(({ was }) => was)).toEqual(['none', 'none', '0: 1']);
  expect(checkpointsOf(grid.get(1).path)).toHaveLength(1);
});

describe('a trainable that cannot save', () => {
  test('as a class is refused, with the name of what to add', () => {
    class Forgetful {
      setup(): void {}
      step() {
        return { loss: 0 };
      }
      save(): void {}
    }
    expect(() => tune(Forgetful, hyperband())).toThrow(
      expect.objectContaining({ code: 'TRAINABLE_INVALID', message: expect.stringContaining('got Forgetful without restore') as string }),
    );
  });

  test('as a function fails at its first pause, with what to add, and the others go on', async () => {
    const train = async (_: Config, trial: TrialContext): Promise<void> => {
      const saver = trial.id.endsWith('2') ? {} : { checkpoint: (dir: string) => writeFileSync(join(dir, 'weights'), '') };
      while (trial.iteration < 9) await trial.report({ loss: trial.iteration }, saver);
    };
    const grid = await tune(train, hyperband({ maxT: 9 })).fit();
    expect(grid.errors.map(({ message }) => message)).toEqual([
      'hyperband: expected a checkpoint of trial 2 to go on from after a pause (bracket 1, rung 1: waits for the others), got none from "train". ' +
        'Hint: Report with a checkpoint: report(metrics, { checkpoint: (dir) => … }). [PAUSE_WITHOUT_CHECKPOINT]',
    ]);
    expect([...grid].map(({ status }) => status).sort()).toEqual(['ERROR', ...Array<string>(5).fill('TERMINATED')]);
  });
});

describe('pbt with a slot for every member, which never pauses', () => {
  const scheduler = pbt({ perturbationInterval: 3, quantileFraction: 0.5, hyperparamMutations: { x: uniform(0, 1) } });
  const play = (canSave: (step: number) => boolean) =>
    simulate(
      simulation({
        ...{ scheduler, searcher: basicVariant(), samples: 4, workers: 4 },
        world: { report: (run, step) => (step > 9 ? undefined : { seconds: 1, metrics: { loss: run.trial }, canSave: canSave(step) }) },
      }),
    );

  test('says once that nobody can go on from another when nothing is saved, and what to add; all train to their ends', async () => {
    const { warnings, experiment } = await play(() => false);
    expect(warnings).toEqual(['pbt: a checkpoint was asked for, and none came: trials are only copied from checkpoints, which report() must offer.']);
    expect(experiment.rows.map(({ status, step }) => [status, step])).toEqual(Array(4).fill(['TERMINATED', 9]));
  });

  test('says nothing when reports come with a saver, or some do', async () => {
    for (const canSave of [() => true, (step: number) => step % 2 === 1]) {
      const { warnings, lines } = await play(canSave);
      expect(warnings).toEqual([]);
      expect(lines.some(({ kind }) => kind === 'exploited')).toBe(true);
    }
  });
});

describe('a stop rule that ends trials before maxT', () => {
  const heard = (make: () => unknown): readonly unknown[] => {
    const spy = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    try {
      make();
      return spy.mock.calls.map(([message]) => message);
    } finally {
      spy.mockRestore();
    }
  };

  test('is warned of once, by new Tuner', () => {
    const warnings = heard(() => tune(training([]), hyperband(), { stop: { training_iteration: 50 }, verbose: 1 }));
    expect(warnings).toEqual([
      'stop: trials end at training_iteration 50, but hyperband trains the best ones to maxT 81: it compares no trial beyond 50. Give both the same number.',
    ]);
  });

  test('is not with verbose 0, nor when the numbers agree', () => {
    expect(heard(() => tune(training([]), hyperband(), { stop: { training_iteration: 50 } }))).toEqual([]);
    expect(heard(() => tune(training([]), hyperband(), { stop: { training_iteration: 81 }, verbose: 1 }))).toEqual([]);
  });
});
