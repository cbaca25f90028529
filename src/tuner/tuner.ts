import { resolve } from 'node:path';
import { AttuneError } from '../base/errors.ts';
import { block, INSPECT } from '../base/inspect.ts';
import type { JsonObject } from '../base/json.ts';
import { checkOptions } from '../base/options.ts';
import type { Executor } from '../execute/executor.ts';
import { inline } from '../execute/inline.ts';
import type { Manual } from '../execute/manual.ts';
import { manual } from '../execute/manual.ts';
import { threads } from '../execute/threads.ts';
import { ResultGrid } from '../results/result-grid.ts';
import type { ConfigFor } from '../space/config-of.ts';
import type { NoStrayKeys, SpaceFor } from '../space/space-for.ts';
import { hasBegun, isExperiment } from '../store/experiment-directory.ts';
import type { AnyTrainable } from '../trainable/bare.ts';
import { toTrainableRef } from '../trainable/bare.ts';
import { copyMetrics } from '../trainable/copy-metrics.ts';
import type { TrainableRef } from '../trainable/trainable-ref.ts';
import type { Metrics } from '../trainable/trial-context.ts';
import { isTrialWorker, openingRefused } from '../trainable/worker-mark.ts';
import type { RunId } from '../trial/ids.ts';
import type { ExperimentRecord } from '../trial/trial-record.ts';
import { consoleReporter } from '../watch/console-reporter.ts';
import { loggersOf } from '../watch/loggers.ts';
import { checkSame } from './created.ts';
import { drawSeed } from './experiment-name.ts';
import type { Inbox } from './inbox.ts';
import { inbox as makeInbox } from './inbox.ts';
import { observers } from './observers.ts';
import { isFinished, notYetEnqueued, standing } from './on-existing.ts';
import type { Restored } from './open-experiment.ts';
import { createExperiment, reopenExperiment, restoredPlan } from './open-experiment.ts';
import type { NeedsSpace, RestoreOptions, TunerOptions } from './options.ts';
import type { Plan } from './plan.ts';
import { checkPoints, makePlan } from './plan.ts';
import { readExperiment, readLines } from './restore.ts';
import { resumeLines } from './resume-lines.ts';
import { runSession } from './session.ts';
import { sessionRecord } from './session-record.ts';
import { haltOnSignals } from './signals.ts';
import { tunerLines } from './tuner-lines.ts';

/** A trial in a loop written by hand. */
export interface AskedTrial<C, M extends Metrics> {
  /** `6e465_00007` */
  readonly id: string;
  readonly config: C;
  /** One report; resolves with what the scheduler decided. After `stop` or `pause` the trial has ended. */
  report(metrics: Partial<M> | number): Promise<'continue' | 'stop' | 'pause'>;
}

/** The session behind `ask` and `tell`, and the runs that were handed out, by trial. */
interface Asking {
  readonly executor: Manual;
  readonly session: Promise<void>;
  readonly runs: Map<string, RunId>;
}

const RESTORE = ['paramSpace', 'tuneConfig', 'runConfig', 'resumeUnfinished', 'resumeErrored', 'restartErrored'];

/**
 * Composes a trainable with a space, a searcher, a scheduler and an executor, runs the trials, and gives their results.
 * Everything that can be checked is checked here, before any work starts: see docs/errors.md for the codes.
 *
 * In a worker of ours (the script that defines a trainable may also tune it) it checks and touches nothing.
 */
export class Tuner<C = JsonObject, M extends Metrics = Metrics, S extends SpaceFor<C> = SpaceFor<C>> {
  readonly #trainable: TrainableRef | undefined;
  #restored: Restored | undefined;
  /** With `onExisting: 'resume'`: the options, in case the experiment is there. */
  readonly #resumable: TunerOptions | undefined;
  #plan: Plan | undefined;
  #enqueued: readonly JsonObject[] = [];
  #inbox: Inbox | undefined;
  #record: ExperimentRecord | undefined;
  #asking: Asking | undefined;
  #over = false;

  constructor(
    trainable: AnyTrainable<C, M>,
    options: TunerOptions<S & NoStrayKeys<S, C>, M> & NeedsSpace<C> = {} as TunerOptions<S & NoStrayKeys<S, C>, M> & NeedsSpace<C>,
  ) {
    if (isTrialWorker) return;
    this.#trainable = toTrainableRef(trainable as unknown as AnyTrainable);
    this.#restored = RESTORED.get(options);
    if (this.#restored) this.#record = readExperiment(this.#restored.path);
    else this.#plan = makePlan(this.#trainable, options as unknown as TunerOptions, drawSeed);
    if (this.#plan?.run.onExisting === 'resume') this.#resumable = options as unknown as TunerOptions;
  }

  /** Whether `dir` holds an experiment that `Tuner.restore` opens. */
  static async canRestore(dir: string): Promise<boolean> {
    await openingRefused('Tuner.canRestore()');
    return isExperiment(resolve(dir));
  }

  /**
   * The experiment in `dir`, to be read with `getResults()` or continued with `fit()`. Built-in searchers and schedulers
   * are rebuilt from their recorded options; give plug-ins of your own, `stop`, `callbacks` and `executor` again.
   *
   * @throws {AttuneError} `EXPERIMENT_NOT_FOUND`, `JOURNAL_VERSION`; `RESTORE_MISMATCH`, here or in `fit()`, when an option that is fixed differs
   */
  static async restore<C = JsonObject, M extends Metrics = Metrics, S extends SpaceFor<C> = SpaceFor<C>>(
    dir: string,
    trainable: AnyTrainable<C, M>,
    options: RestoreOptions<S & NoStrayKeys<S, C>, M> = {},
  ): Promise<Tuner<C, M, S>> {
    await openingRefused('Tuner.restore()');
    checkOptions('Tuner.restore', options, RESTORE);
    const { paramSpace, tuneConfig, runConfig } = options;
    const own = {
      ...(paramSpace ? { paramSpace } : {}),
      ...(tuneConfig ? { tuneConfig } : {}),
      ...(runConfig ? { runConfig } : {}),
    } as unknown as TunerOptions<S & NoStrayKeys<S, C>, M>;
    RESTORED.set(own, { path: resolve(dir), options: options as unknown as RestoreOptions });
    return new Tuner<C, M, S>(trainable, own as TunerOptions<S & NoStrayKeys<S, C>, M> & NeedsSpace<C>);
  }

  /**
   * Runs the experiment. Resolves when it is over, whatever became of single trials: failures are in `grid.errors`.
   *
   * @param options.signal - aborting it ends the run: trials are told, and can be continued with `Tuner.restore`
   * @throws {AttuneError} `EXPERIMENT_EXISTS`, `STORAGE_UNWRITABLE`, `TRAINABLE_UNREACHABLE` before any trial; `PLUGIN_FAILED` when a
   * searcher, scheduler or stop rule threw (its `cause`): running trials have had their grace period, the results so far are in
   * `getResults()`, and a restore with mended code goes on
   */
  async fit(options: { readonly signal?: AbortSignal } = {}): Promise<ResultGrid<ConfigFor<C, S>, M>> {
    await openingRefused('fit()');
    checkOptions('fit', options, ['signal']);
    const plan = this.#checked('fit()');
    if (this.#hasFinished(plan)) return this.getResults();
    const { trainable, run } = plan;
    await this.#run(run.executor ?? (trainable.module === undefined ? inline() : threads()), options.signal);
    return this.getResults();
  }

  /**
   * The results of a run, or of a restored experiment.
   * @throws {AttuneError} `NOT_RUN` when there are none yet
   */
  async getResults(): Promise<ResultGrid<ConfigFor<C, S>, M>> {
    await openingRefused('getResults()');
    if (this.#record === undefined) throw new AttuneError('NOT_RUN', 'getResults(): expected an experiment that has run, got one that has not.');
    return new ResultGrid<ConfigFor<C, S>, M>(this.#record);
  }

  /**
   * Runs a configuration, whole or partial, before the searcher is asked again; missing values are drawn, a missing grid is swept.
   * @throws {AttuneError} `CONFIG_INVALID` when it has a key that the space lacks, or a value that its domain cannot give, or is not JSON
   */
  enqueue(config: JsonObject): void {
    if (this.#over)
      throw new AttuneError('NOT_RUN', 'enqueue(): expected a run that goes on, got one that is over.', { hint: 'Use Tuner.restore, enqueue, then fit().' });
    checkPoints(this.#planned().space, [config]);
    const copy = structuredClone(config);
    if (this.#inbox) this.#inbox.put({ kind: 'told', event: { kind: 'enqueued', config: copy } });
    else this.#enqueued = [...this.#enqueued, copy];
  }

  /** The next trial of a loop written by hand; `undefined` when there is none any more. Several may be asked for at once. */
  async ask(): Promise<AskedTrial<ConfigFor<C, S>, M> | undefined> {
    await openingRefused('ask()');
    const { executor, session, runs } = (this.#asking ??= this.#startAsking());
    const taken = await executor.take();
    if (taken === undefined) {
      await session; // gives what ended it
      return undefined;
    }
    runs.set(taken.id, taken.run);
    const report = async (metrics: unknown) => (await executor.report(taken.run, this.#metricsOf('report', metrics))).then;
    return { id: taken.id, config: structuredClone(taken.config) as ConfigFor<C, S>, report };
  }

  /**
   * Ends a trial that `ask` gave, with its last metrics (a number when there is one metric) or with an error.
   * @throws {AttuneError} `METRIC_NOT_JSON`; `NOT_RUN` for an id that `ask` has not given
   */
  async tell(id: string, result: Partial<M> | number | Error | undefined): Promise<void> {
    const run = this.#asking?.runs.get(id);
    if (run === undefined) throw new AttuneError('NOT_RUN', `tell(): expected the id of a trial that ask() gave, got "${id}".`, { hint: 'Call ask() first.' });
    if (result instanceof Error) this.#asking?.executor.end(run, { error: result });
    else this.#asking?.executor.end(run, result === undefined ? {} : { metrics: this.#metricsOf('tell', result) });
  }

  /** @internal In the console: a short block. */
  [INSPECT](depth: number | null): string {
    return block('Tuner', depth, () => this.#lines());
  }

  #lines(): readonly string[] {
    const trainable = this.#trainable?.name;
    if (trainable === undefined) return ['in a worker'];
    const restored = this.#restored ? 'restored' : 'not run';
    const stage = this.#inbox === undefined ? restored : this.#over ? 'over' : 'running';
    const { objectives = [], searcher, scheduler } = this.#plan ?? this.#record?.created ?? {};
    const names = { searcher: searcher?.name ?? '', scheduler: scheduler?.name ?? '' };
    return tunerLines({ trainable, objectives, ...names, samples: this.#plan?.samples, record: this.#record, stage });
  }

  /** How to go on with a run that was interrupted. */
  #resumeLines(plan: Plan): readonly string[] {
    const { path, created, interrupted } = this.#record ?? {};
    return path === undefined || created === undefined || interrupted === undefined ? [] : resumeLines(path, created, sessionRecord(plan, created));
  }

  #metricsOf(where: string, metrics: unknown): JsonObject {
    const [objective, another] = this.#plan?.objectives ?? [];
    return copyMetrics(where, typeof metrics === 'number' && objective && !another ? { [objective.metric]: metrics } : metrics);
  }

  #startAsking(): Asking {
    this.#checked('ask()');
    const executor = manual(() => this.#inbox?.put({ kind: 'woken' }));
    const session = this.#run(executor, undefined).finally(() => executor.exhaust());
    session.catch(() => {}); // whoever asks is told
    return { executor, session, runs: new Map() };
  }

  #checked(call: string): Plan {
    if (this.#inbox !== undefined) {
      throw new AttuneError('NOT_RUN', `${call}: expected a Tuner that has not run, got one that has.`, {
        hint: 'Make a new Tuner, or Tuner.restore the directory.',
      });
    }
    this.#findExisting();
    return this.#planned();
  }

  /** With `onExisting: 'resume'`: an experiment that is there is restored. */
  #findExisting(): void {
    if (this.#resumable === undefined || this.#restored) return;
    const path = standing(this.#resumable.runConfig ?? {});
    if (path === undefined || !hasBegun(path)) return;
    this.#restored = { path, options: this.#resumable };
    this.#enqueued = notYetEnqueued(this.#enqueued, readLines(path).lines);
    this.#plan = undefined; // with the seed that was recorded
  }

  /** With `onExisting: 'resume'`: the experiment is there, and nothing is left to do. */
  #hasFinished(plan: Plan): boolean {
    if (this.#resumable === undefined || this.#restored === undefined) return false;
    const { created, lines } = readLines(this.#restored.path);
    checkSame(created, plan);
    if (this.#enqueued.length > 0 || !isFinished(lines, plan.samples)) return false;
    this.#record = readExperiment(this.#restored.path);
    return true;
  }

  #planned(): Plan {
    if (this.#restored && this.#trainable) this.#plan ??= restoredPlan(this.#trainable, this.#restored);
    return this.#plan as Plan;
  }

  async #run(owned: Executor, signal: AbortSignal | undefined): Promise<void> {
    const plan = this.#plan as Plan;
    const { trainable, run } = plan;
    const inbox = makeInbox();
    this.#inbox = inbox;
    using _over = { [Symbol.dispose]: () => void (this.#over = true) };
    await using executor = owned;
    const { stopGraceS = 5, trialTimeoutS, verbose = 1, reporter } = run;
    const warn = (message: string): void => (verbose === 0 ? undefined : process.emitWarning(message, 'AttuneWarning'));
    const closing = (): readonly string[] => this.#resumeLines(plan);
    const shown = consoleReporter({ verbose, ...(reporter ? { reporter } : {}), warn, closing });
    const callbacks = [...loggersOf(run.loggers), ...(run.callbacks ?? []), shown];
    await using watching = observers(callbacks, { mute: (event) => inbox.put({ kind: 'told', event }) }); // closed by the session; here when there is none
    await executor.open({ trainable, stopGraceS, ...(trialTimeoutS === undefined ? {} : { trialTimeoutS }), ...(verbose === 2 ? { echo: true } : {}), warn });
    using _signals = haltOnSignals(inbox, signal, run.handleSignals !== false);
    const opened = this.#restored ? await reopenExperiment(plan, this.#restored, { callbacks, watching }) : createExperiment(plan);
    using _lock = opened.lock;
    const { experiment, path } = opened;
    this.#record = {
      path,
      created: experiment.created,
      trials: experiment.rows,
      get interrupted() {
        return experiment.halted?.interrupt ? experiment.halted.by : undefined;
      },
    };
    const enqueued = this.#enqueued.map((config) => ({ kind: 'enqueued', config }) as const);
    const { failure } = await runSession({ plan, executor, inbox, watching, warn, ...opened, begin: [...opened.begin, ...enqueued] });
    if (failure) throw failure.error;
    if (experiment.fault) throw experiment.fault;
  }
}

/** Options that `Tuner.restore` made for the constructor. */
const RESTORED = new WeakMap<object, Restored>();
