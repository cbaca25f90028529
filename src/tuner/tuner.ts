import { hostname } from 'node:os';
import { basename, resolve } from 'node:path';
import { AttuneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { checkOptions } from '../base/options.ts';
import { inline } from '../execute/inline.ts';
import { threads } from '../execute/threads.ts';
import type { Executor } from '../execute/executor.ts';
import { ResultGrid } from '../results/result-grid.ts';
import type { ConfigOf } from '../space/config-of.ts';
import type { SpaceFor } from '../space/space-for.ts';
import { createExperimentDirectory, isExperiment } from '../store/experiment-directory.ts';
import { lockExperiment } from '../store/lock.ts';
import { systemClock } from '../base/clock.ts';
import type { AnyTrainable } from '../trainable/bare.ts';
import { toTrainableRef } from '../trainable/bare.ts';
import type { Metrics } from '../trainable/trial-context.ts';
import { openingRefused, isTrialWorker } from '../trainable/worker-mark.ts';
import type { ExperimentEvent, JournalLine } from '../trial/events.ts';
import type { ExperimentRecord } from '../trial/trial-record.ts';
import type { Callback } from '../watch/callback.ts';
import { consoleReporter } from '../watch/console-reporter.ts';
import { resultLogs } from '../watch/result-logs.ts';
import { rebuildScheduler, rebuildSearcher } from './builtins.ts';
import { checkSame, createdEvent } from './created.ts';
import type { Experiment } from './experiment.ts';
import { emptyExperiment } from './experiment.ts';
import { drawSeed, experimentName } from './experiment-name.ts';
import type { Inbox } from './inbox.ts';
import { inbox as makeInbox } from './inbox.ts';
import type { TunerOptions } from './options.ts';
import type { Plan } from './plan.ts';
import { makePlan } from './plan.ts';
import { LogRebuilder } from './rebuild-logs.ts';
import { readExperiment, readLines, replay } from './restore.ts';
import { runSession } from './session.ts';
import { haltOnSignals } from './signals.ts';
import { versions } from './versions.ts';

export interface RestoreOptions<S = unknown, M extends Metrics = Metrics> extends TunerOptions<S, M> {
  /** Go on with trials that had not ended. Default true; else they become TERMINATED. */
  readonly resumeUnfinished?: boolean;
  /** Go on with failed trials from their last checkpoint. Default false. */
  readonly resumeErrored?: boolean;
  /** Run the configurations of failed trials again, as new trials. Default false. */
  readonly restartErrored?: boolean;
}

const RESTORE = ['paramSpace', 'tuneConfig', 'runConfig', 'resumeUnfinished', 'resumeErrored', 'restartErrored'];

/**
 * Composes a trainable with a space, a searcher, a scheduler and an executor, runs the trials, and gives their results.
 * Everything that can be checked is checked here, before any work starts: see docs/errors.md for the codes.
 *
 * In a worker of ours (the script that defines a trainable may also tune it) it checks and touches nothing.
 */
export class Tuner<C = JsonObject, M extends Metrics = Metrics, const S extends SpaceFor<C> = SpaceFor<C>> {
  readonly #plan: Plan | undefined;
  readonly #restored: { readonly path: string; readonly options: RestoreOptions } | undefined;
  #inbox: Inbox | undefined;
  #experiment: Experiment | undefined;
  #record: ExperimentRecord | undefined;
  #running = false;
  readonly #enqueued: JsonObject[] = [];

  constructor(trainable: AnyTrainable<C, M>, options: TunerOptions<S, M> = {}) {
    if (isTrialWorker) return;
    const restored = RESTORED.get(options);
    this.#restored = restored;
    const ref = toTrainableRef(trainable as unknown as AnyTrainable);
    this.#plan = restored ? restoredPlan(ref, restored.path, restored.options) : makePlan(ref, options as unknown as TunerOptions, drawSeed);
    if (restored) this.#record = readExperiment(restored.path);
    checkPlugins(this.#plan);
  }

  /** True when `dir` holds an experiment that `Tuner.restore` opens. */
  static canRestore(dir: string): boolean {
    return isExperiment(resolve(dir));
  }

  /**
   * The experiment in `dir`, to be read with `getResults()` or continued with `fit()`. Built-in searchers and schedulers
   * are rebuilt from their recorded options; give plug-ins of your own, `stop`, `callbacks` and `executor` again.
   *
   * @throws {AttuneError} `EXPERIMENT_NOT_FOUND`, `JOURNAL_VERSION`, `RESTORE_MISMATCH` when an option that is fixed differs
   */
  static restore<C = JsonObject, M extends Metrics = Metrics, const S extends SpaceFor<C> = SpaceFor<C>>(
    dir: string,
    trainable: AnyTrainable<C, M>,
    options: RestoreOptions<S, M> = {},
  ): Tuner<C, M, S> {
    checkOptions('Tuner.restore', options, RESTORE);
    const { paramSpace, tuneConfig, runConfig } = options;
    const own = { ...(paramSpace ? { paramSpace } : {}), ...(tuneConfig ? { tuneConfig } : {}), ...(runConfig ? { runConfig } : {}) } as TunerOptions<S, M>;
    RESTORED.set(own, { path: resolve(dir), options: options as unknown as RestoreOptions });
    return new Tuner<C, M, S>(trainable, own);
  }

  /**
   * Runs the experiment. Resolves when it is over, whatever became of single trials: failures are in `grid.errors`.
   *
   * @param options.signal - aborting it ends the run: trials are told, and can be continued with `Tuner.restore`
   * @throws {AttuneError} `EXPERIMENT_EXISTS`, `STORAGE_UNWRITABLE`, `TRAINABLE_UNREACHABLE` before any trial; `PLUGIN_FAULT` when a
   * searcher, scheduler or stop rule threw; the results so far are then in `getResults()`
   */
  async fit(options: { readonly signal?: AbortSignal } = {}): Promise<ResultGrid<ConfigOf<S>, M>> {
    await openingRefused('fit()');
    const plan = this.#plan as Plan;
    if (this.#running || this.#experiment) throw new AttuneError('NOT_RUN', 'fit(): expected one call, got a second one of the same Tuner.', { hint: 'Make a new Tuner, or Tuner.restore the directory.' });
    this.#running = true;
    const { trainable, run } = plan;
    const mailbox = makeInbox();
    this.#inbox = mailbox;
    const warn = (message: string): void => (run.verbose === 0 ? undefined : process.emitWarning(message, 'AttuneWarning'));
    await using executor: Executor = run.executor ?? (trainable.module === undefined ? inline() : threads());
    const { stopGraceS = 5, trialTimeoutS } = run;
    await executor.open({ trainable, stopGraceS, ...(trialTimeoutS === undefined ? {} : { trialTimeoutS }), warn });
    using _signals = haltOnSignals(mailbox, options.signal, run.handleSignals !== false);
    const opened = this.#restored ? reopen(plan, this.#restored) : create(plan);
    using _lock = opened.lock;
    this.#experiment = opened.experiment;
    for (const config of this.#enqueued) mailbox.put({ kind: 'told', event: { kind: 'enqueued', config } });
    const callbacks = [...(run.loggers ?? [resultLogs()]), ...(run.callbacks ?? []), run.reporter ?? consoleReporter({ verbose: run.verbose ?? 1 })];
    const { failure } = await runSession({ plan, executor, inbox: mailbox, callbacks, warn, ...opened });
    this.#running = false;
    this.#record = { path: opened.path, created: opened.experiment.created, trials: opened.experiment.rows };
    const { fault } = opened.experiment;
    if (failure) throw pluginFault(plan.searcher.name, failure.error);
    if (fault) throw pluginFault('the scheduler or a stop rule', fault);
    return this.getResults();
  }

  /**
   * The results of a run that is over, or of a restored experiment.
   * @throws {AttuneError} `NOT_RUN` when there are none yet
   */
  getResults(): ResultGrid<ConfigOf<S>, M> {
    if (this.#record === undefined) throw new AttuneError('NOT_RUN', 'getResults(): expected an experiment that has run, got one that has not.');
    return new ResultGrid<ConfigOf<S>, M>(this.#record);
  }

  /** Runs a configuration, whole or partial, before the searcher is asked again; missing values are drawn, a missing grid is swept. */
  enqueue(config: JsonObject): void {
    if (this.#inbox) this.#inbox.put({ kind: 'told', event: { kind: 'enqueued', config } });
    else this.#enqueued.push(config);
  }
}

const RESTORED = new WeakMap<object, { readonly path: string; readonly options: RestoreOptions }>();

interface Opened {
  /** Held until the session is over. */
  readonly lock: Disposable;
  readonly path: string;
  readonly experiment: Experiment;
  readonly bytes: number;
  readonly first?: readonly JournalLine[];
  readonly begin: readonly ExperimentEvent[];
}

function create(plan: Plan): Opened {
  const { run, trainable, space, scheduler, rules, tune } = plan;
  const name = run.name ?? experimentName(trainable.name, new Date(systemClock.now()));
  const path = createExperimentDirectory(run.storagePath ?? './attune_results', name, run.onExisting ?? 'error');
  const lock = lockExperiment(path, owner());
  const created = createdEvent(plan, basename(path), versions());
  const experiment = emptyExperiment(created, { space, scheduler, rules });
  const begin = (tune.pointsToEvaluate ?? []).map((config) => ({ kind: 'enqueued', config, preset: true }) as const);
  return { lock, path, experiment, bytes: 0, first: [{ ...created, at: systemClock.now() }], begin };
}

function reopen(plan: Plan, { path, options }: { readonly path: string; readonly options: RestoreOptions }): Opened {
  const lock = lockExperiment(path, owner());
  try {
    const { created, lines, bytes } = readLines(path);
    checkSame(created, plan);
    const { space, scheduler, rules } = plan;
    const logs = new LogRebuilder();
    const experiment = replay(lines, { space, scheduler, rules }, (line, state) => logs.see(line, state));
    if (plan.run.loggers === undefined) logs.write(path, experiment);
    return { lock, path, experiment, bytes, begin: beginRestored(experiment, options) };
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

const owner = (): { pid: number; host: string } => ({ pid: process.pid, host: hostname() });

function beginRestored({ rows }: Experiment, options: RestoreOptions): readonly ExperimentEvent[] {
  const { resumeUnfinished = true, resumeErrored = false, restartErrored = false } = options;
  return rows.flatMap((row): ExperimentEvent[] => {
    const { id: trial, status, error, config } = row;
    if (status === 'ERROR' && resumeErrored) return [{ kind: 'retried', trial, error: error ?? { name: 'Error', message: 'unknown' } }];
    if (status === 'ERROR' && restartErrored) return [{ kind: 'enqueued', config }];
    const unfinished = status === 'PENDING' || status === 'RUNNING' || status === 'PAUSED';
    if (unfinished && !resumeUnfinished) return [{ kind: 'stopped', trial, by: 'restore', reason: 'resumeUnfinished is false' }];
    return [];
  });
}

/** The options of a restored experiment: what was recorded, with what was given again. */
function restoredPlan(trainable: Plan['trainable'], path: string, options: RestoreOptions): Plan {
  const { created, lines } = readLines(path);
  const { tuneConfig = {}, runConfig = {}, paramSpace } = options;
  const searchAlg = tuneConfig.searchAlg ?? rebuildSearcher(created.searcher);
  const scheduler = tuneConfig.scheduler ?? rebuildScheduler(created.scheduler);
  const missing = [searchAlg ? '' : `searchAlg "${created.searcher.name}"`, scheduler ? '' : `scheduler "${created.scheduler.name}"`].filter(Boolean);
  if (missing.length > 0) throw new AttuneError('RESTORE_MISMATCH', `Tuner.restore: expected ${missing.join(' and ')} in tuneConfig, got none: code is not stored.`);
  const opened = lines.findLast((line) => line.kind === 'opened');
  const samples = opened?.kind === 'opened' ? (opened.samples === 'unlimited' ? -1 : opened.samples) : 1;
  const { objectives, seed, checkpoints, maxFailures, failFast } = created;
  const metrics = objectives.length === 0 ? {} : { metric: objectives.map(({ metric }) => metric), mode: objectives.map(({ mode }) => mode) };
  const plan = makePlan(
    trainable,
    {
      paramSpace: paramSpace ?? created.space,
      tuneConfig: { seed, numSamples: samples, ...metrics, ...tuneConfig, searchAlg, scheduler } as NonNullable<TunerOptions['tuneConfig']>,
      runConfig: { failureConfig: { maxFailures, failFast }, ...runConfig },
    },
    () => seed,
  );
  return { ...plan, checkpoints };
}

function checkPlugins({ space, objectives, samples, searcher, scheduler, rules, tune }: Plan): void {
  const wanted = Math.max(0, samples - (tune.pointsToEvaluate?.length ?? 0));
  const setup = { space, objectives: objectives.length, samples: wanted, slots: tune.maxConcurrentTrials ?? 1 };
  for (const plugin of [searcher, scheduler, rules]) plugin?.check?.(setup);
}

function pluginFault(name: string, cause: unknown): AttuneError {
  if (cause instanceof AttuneError) return cause;
  const message = typeof cause === 'object' && cause !== null && 'message' in cause ? String(cause.message) : String(cause);
  return new AttuneError('PLUGIN_FAULT', `${name} threw: ${message}.`, { cause });
}
