import { readdirSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { AttuneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { rng } from '../base/rng.ts';
import type { ResultGrid } from '../results/result-grid.ts';
import { gridSearch } from '../space/domains.ts';
import { permutation } from '../space/permutation.ts';
import { isExperiment, standingDirectory } from '../store/experiment-directory.ts';
import { lockExperiment } from '../store/lock.ts';
import type { Metrics } from '../trainable/trial-context.ts';
import { openingRefused } from '../trainable/worker-mark.ts';
import type { RunConfig, TunerOptions } from '../tuner/options.ts';
import { resumesBy } from '../tuner/resume-lines.ts';
import { Tuner } from '../tuner/tuner.ts';
import { experimentConfigs } from './experiment-configs.ts';
import { type CheckedBase, checkBase, type ExperimentsBase } from './experiments-base.ts';
import { progressBar } from './progress-bar.ts';
import { type ExperimentFailure, type ExperimentResult, RecordFiles } from './record-files.ts';

/** What has come of a list of experiments. */
export interface ExperimentsSummary {
  /** Absolute path of the folder of the results. */
  readonly outPath: string;
  /** The lines of results.jsonl: the experiments that completed, in the order in which they did. */
  readonly results: readonly ExperimentResult[];
  /** The lines of failures.jsonl: those that threw or ran out of time. They are ERROR trials of `grid`. */
  readonly failures: readonly ExperimentFailure[];
  /** Each experiment as a trial, in the order in which they were run. */
  readonly grid: ResultGrid;
}

/**
 * Runs a list of experiments: for each configuration, `repetitions` times, `pre`, `fit` and `post`, as `definePhases` says. It is a run of
 * a `Tuner` in which each configuration is one trial: what a Tuner survives, reads and shows, this does too.
 *
 * `<outPath>/results.jsonl` gets a line for each experiment that completed, when it does: its configuration with `experiment_id` (its number in
 * `cfgs`), `out_path`, `repetitions` and `scores`, the keys in order. `<outPath>/failures.jsonl` gets one for each that failed: with `error` and
 * `finished`, the scores of the repetitions that were finished by then. NaN is null there, and infinities are ±1e999.
 *
 * @param cfgs - plain JSON, typed arrays as well, which become lists; at least one
 * @returns when all have ended; failures are in the summary, and do not throw
 * @throws {AttuneError} `OPTION_UNKNOWN`, `OPTION_RANGE`, `CONFIG_INVALID`, `TRAINABLE_INVALID`, `TRAINABLE_UNREACHABLE` before anything is touched;
 * `EXPERIMENT_EXISTS`, `EXPERIMENT_LOCKED`, `STORAGE_UNWRITABLE`; `RESTORE_MISMATCH` when it is to go on with another list than it began with
 *
 * @example
 * import { runExperiments } from 'attune';
 *
 * const summary = await runExperiments(
 *   { outPath: 'results', fit: (cfg: { lr: number }) => cfg.lr * 10, post: (_cfg, score) => ({ score }), verbose: false },
 *   [{ lr: 0.5 }, { lr: 0.1 }],
 * );
 * summary.results.map(({ scores }) => scores['score']); // => [5, 1]
 * summary.failures.length; // => 0
 */
export async function runExperiments<C extends object, P = undefined, F = unknown, M extends Metrics = Record<never, never>>(
  base: ExperimentsBase<C, P, F, M>,
  cfgs: readonly (C & { readonly repetitions?: number })[],
): Promise<ExperimentsSummary> {
  const refused = openingRefused('runExperiments()');
  if (refused) return refused; // no await otherwise: the list is the caller's again when this returns
  const checked = checkBase(base as unknown as ExperimentsBase<never, unknown, unknown, Metrics>);
  const configs = experimentConfigs(cfgs, checked.repetitions);
  const onExisting = makeRoom(checked);
  const files = new RecordFiles();
  resumesBy(files, ["To go on with it, run the script again with onExisting: 'resume'."]);
  const { trainable } = checked;
  try {
    const tuner = new Tuner(trainable, {
      paramSpace: gridSearch(inOrder(configs, checked.shuffle)),
      runConfig: runConfigOf(checked, onExisting, files),
    } as TunerOptions as never);
    const grid = await tuner.fit();
    files.writeAnew(grid.experimentPath); // when there was nothing left to run
    await files[Symbol.asyncDispose]();
    return { outPath: grid.experimentPath, results: files.results, failures: files.failures, grid: grid as unknown as ResultGrid };
  } catch (error) {
    throw inItsWords(error);
  }
}

function runConfigOf(base: CheckedBase, onExisting: NonNullable<RunConfig['onExisting']>, files: RecordFiles): RunConfig {
  const { storagePath, name, executor, resources, timeoutS, verbose } = base;
  return {
    ...{ storagePath, name, onExisting, executor, reporter: progressBar, callbacks: [files], loggers: [], verbose: verbose ? 1 : 0 },
    trialDirName: ({ config }) => String(config['experiment_id']),
    ...(timeoutS > 0 ? { trialTimeoutS: timeoutS } : {}),
    ...(Object.keys(resources).length > 0 ? { resources } : {}),
  };
}

/** In the order of the list, or in one that is drawn. */
function inOrder(configs: readonly JsonObject[], seed: number | undefined): readonly JsonObject[] {
  if (seed === undefined) return configs;
  const order = permutation(rng(seed).fork('shuffle'), BigInt(configs.length));
  return configs.map((_, i) => configs[Number(order(BigInt(i)))] as JsonObject);
}

/** Deletes what is to be overwritten. @returns what the engine is to do when something is there */
function makeRoom({ storagePath, name, onExisting }: CheckedBase): NonNullable<RunConfig['onExisting']> {
  if (onExisting === 'resume') return 'resume';
  const path = standingDirectory(storagePath, name);
  if (path === undefined) return onExisting === 'new' ? 'new' : 'error';
  try {
    if (statSync(path).isDirectory() && readdirSync(path).length === 0) return 'resume'; // takes an empty folder
    if (onExisting !== 'overwrite') return onExisting;
    if (!isExperiment(path)) {
      throw new AttuneError('EXPERIMENT_EXISTS', `runExperiments: expected an earlier run to overwrite, got "${path}", which holds files of something else.`, {
        hint: 'Nothing was deleted: give another outPath.',
      });
    }
    using _lock = lockExperiment(path, { pid: process.pid, host: hostname() });
    rmSync(path, { recursive: true, force: true });
    return 'error';
  } catch (cause) {
    if (cause instanceof AttuneError) throw cause;
    throw new AttuneError('STORAGE_UNWRITABLE', `runExperiments: expected to make room at "${path}", got ${(cause as Error).message}.`, {
      hint: WRITABLE,
      cause,
    });
  }
}

const WRITABLE = 'Give an outPath that this process may write to.';

/** The engine speaks of the options of a Tuner. */
function inItsWords(error: unknown): unknown {
  if (!(error instanceof AttuneError)) return error;
  const problem = error.message.slice(0, error.message.lastIndexOf(` Hint: ${error.hint}`));
  if (error.code === 'EXPERIMENT_EXISTS') {
    const named = problem.replace('runConfig.name: expected a name that is not taken', 'runExperiments: expected an outPath that is not taken');
    const hint = "Write onExisting: 'new' to write beside it, or give another outPath; an earlier run goes on with 'resume', and is replaced with 'overwrite'.";
    return new AttuneError(error.code, named, { hint, cause: error });
  }
  if (error.code === 'RESTORE_MISMATCH') {
    const named = problem.replace(/^[^:]+: 'resume': /, 'runExperiments: ').replaceAll('paramSpace', 'cfgs');
    const hint = 'Resume with the list, its order and the repetitions that it began with; another list wants another outPath.';
    return new AttuneError(error.code, named, { hint, cause: error });
  }
  if (error.code === 'STORAGE_UNWRITABLE' && problem.startsWith('runConfig'))
    return new AttuneError(error.code, problem.replace(/^runConfig[^:]*/, 'runExperiments'), { hint: WRITABLE, cause: error });
  return error;
}
