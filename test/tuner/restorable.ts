import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Config, RestoreOptions, ResultGrid, RunConfig, TrialContext, TunerOptions } from '../../src/index.ts';
import { inline, Tuner, uniform } from '../../src/index.ts';
import { journalOf, rowsOf } from './temporary-storage.ts';

export const STEPS = 4;
export const paramSpace = { x: uniform(0, 1) };
export const tuneConfig = { metric: 'loss', mode: 'min', seed: 7, numSamples: 6 } as const;
export const quiet = { verbose: 0 } as const;

export type Training = ReturnType<typeof training>;

/** Reports four times, each with a checkpoint, and goes on from it. `at` is called before each report. */
export const training = (at: (trial: TrialContext) => void = () => {}) =>
  async function train({ x }: Config, trial: TrialContext): Promise<void> {
    const state = trial.checkpoint ? Number(readFileSync(join(trial.checkpoint.path, 'state'), 'utf8')) : 0;
    expect(trial.iteration).toBe(state);
    while (trial.iteration < STEPS) {
      at(trial);
      const step = trial.iteration + 1;
      await trial.report({ loss: (x as number) + 1 / step }, { checkpoint: (dir) => writeFileSync(join(dir, 'state'), String(step)) });
    }
  };

/** An experiment of six trials, or what `options` makes of it. */
export const tunerIn = (
  storagePath: string,
  name: string,
  train: Training,
  { tuneConfig: tune = {}, runConfig = {}, paramSpace: space = paramSpace }: TunerOptions = {},
  workers = 1,
): Tuner =>
  new Tuner(
    train as never,
    {
      paramSpace: space,
      tuneConfig: { ...tuneConfig, ...tune },
      runConfig: { ...quiet, storagePath, name, executor: inline({ workers }), ...(runConfig as RunConfig) },
    } as never,
  );

export const restore = (path: string, options: RestoreOptions = {}, train = training()): Promise<Tuner> =>
  Tuner.restore(path, train, { ...options, runConfig: { ...quiet, ...options.runConfig } } as never) as unknown as Promise<Tuner>;

export const configsOf = <C, M extends object>(grid: ResultGrid<C, M>): readonly Config[] => [...grid].map(({ config }) => config as Config);

/** Every trial is there once, with each of its reports once, in the journal, in its files and in its table. */
export function checkWhole<C, M extends object>(grid: ResultGrid<C, M>, trials: number): void {
  expect(grid.length).toBe(trials);
  const lines = journalOf(grid.experimentPath);
  expect(lines[0]?.kind).toBe('created');
  expect(lines.at(-1)?.kind).toBe('closed');
  for (const [i, result] of [...grid].entries()) {
    const { status, path } = result;
    expect(status).toBe('TERMINATED');
    const steps = lines.flatMap((line) => (line.kind === 'reported' && line.trial === i ? [line.step] : []));
    const rows = rowsOf(path);
    expect(rows.map((row) => row['training_iteration'])).toEqual(steps);
    expect(steps).toEqual(steps.map((_, at) => at + 1));
    expect(result.metricsDataFrame().array('training_iteration')).toEqual(steps);
    for (const row of rows) expect(existsSync(join(path, String(row['checkpoint_dir_name'])))).toBe(true);
    expect(readdirSync(path).filter((name) => name.startsWith('.tmp'))).toEqual([]);
  }
}
