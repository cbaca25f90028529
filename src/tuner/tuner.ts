import { resolve } from 'node:path';
import { AttuneError } from '../base/errors.ts';
import { block, INSPECT } from '../base/inspect.ts';
import type { JsonObject } from '../base/json.ts';
import { checkOptions, checkText } from '../base/options.ts';
import { warn as warnUser } from '../base/warn.ts';
import type { Executor } from '../execute/executor.ts';
import { inline } from '../execute/inline.ts';
import { manual } from '../execute/manual.ts';
import { threads } from '../execute/threads.ts';
import { ResultGrid } from '../results/result-grid.ts';
import type { ConfigFor, PartialConfig } from '../space/config-of.ts';
import type { NoStrayKeys, SpaceFor } from '../space/space-for.ts';
import { hasBegun, isBegun } from '../store/experiment-directory.ts';
import { readCreated, readExperiment, readSetup } from '../store/read-experiment.ts';
import type { AnyTrainable } from '../trainable/bare.ts';
import { toTrainableRef } from '../trainable/bare.ts';
import type { TrainableRef } from '../trainable/trainable-ref.ts';
import type { Metrics } from '../trainable/trial-context.ts';
import { isTrialWorker, openingRefused } from '../trainable/worker-mark.ts';
import { trialId, trialName } from '../trial/ids.ts';
import type { Control } from '../trial/lifecycle.ts';
import type { ExperimentRecord } from '../trial/trial-record.ts';
import { consoleReporter } from '../watch/console-reporter.ts';
import { loggersOf } from '../watch/loggers.ts';
import type { AskedTrial, ToldOptions } from './asked-trial.ts';
import { Asking, notGiven } from './asking.ts';
import { executorSession } from './executor-session.ts';
import { drawSeed } from './experiment-name.ts';
import type { Inbox, Order } from './inbox.ts';
import { inbox as makeInbox } from './inbox.ts';
import { observers } from './observers.ts';
import { enqueuedEarlier, isFinished, standing } from './on-existing.ts';
import type { Restored } from './open-experiment.ts';
import { createExperiment, reopenExperiment } from './open-experiment.ts';
import type { NeedsSpace, RestoreOptions, TunerOptions } from './options.ts';
import { checkControl, checkUnchanged } from './orders.ts';
import type { Plan } from './plan.ts';
import { checkPoints, makePlan } from './plan.ts';
import { type Preview, type PreviewOptions, previewPlan } from './preview.ts';
import { restoredPlan } from './restored-plan.ts';
import { ownResumeLines, resumeLines } from './resume-lines.ts';
import { runSession } from './session.ts';
import { sessionRecord } from './session-record.ts';
import { haltOnSignals } from './signals.ts';
import { tunerLines } from './tuner-lines.ts';

const RESTORE = ['paramSpace', 'tuneConfig', 'runConfig', 'resumeUnfinished', 'resumeErrored', 'restartErrored'];

/**
 * Composes a trainable with a space, a searcher, a scheduler and an executor, runs the trials, and gives their results.
 * Everything that can be checked is checked here, before any work starts: see docs/errors.md for the codes.
 *
 * In a worker of ours (the script that defines a trainable may also tune it) it checks and touches nothing.
 *
 * @example
 * import { Tuner, uniform } from 'attune';
 * const options = { paramSpace: { x: uniform(0, 1) }, tuneConfig: { metric: 'loss', mode: 'min', numSamples: 10 }, runConfig: { verbose: 0 } } as const;
 * const grid = await new Tuner(({ x }: { x: number }) => x ** 2, options).fit();
 */
export class Tuner<C = JsonObject, M extends Metrics = Metrics, S extends SpaceFor<C> = SpaceFor<C>> {
  readonly #trainable: TrainableRef | undefined;
  #restored: Restored | undefined;
  /** With `onExisting: 'resume'`: the options, in case the experiment is there. */
  readonly #resumable: TunerOptions | undefined;
  #plan: Plan | undefined;
  readonly #inbox: Inbox = makeInbox();
  #stage: 'new' | 'asked to run' | 'running' = 'new';
  /** How many trials were enqueued before the run. */
  #enqueued = 0;
  /** Something was asked for before the run. */
  #isAwaited = false;
  /** With `onExisting: 'resume'`: takes what an earlier run of the script has enqueued. */
  #earlier: ReturnType<typeof enqueuedEarlier> | undefined;
  #record: ExperimentRecord | undefined;
  #asking: Asking | undefined;

  /** @throws {AttuneError} by what is wrong: nothing has begun then */
  constructor(
    trainable: AnyTrainable<C, M>,
    options: TunerOptions<S & NoStrayKeys<S, C>, M> & NeedsSpace<C> = {} as TunerOptions<S & NoStrayKeys<S, C>, M> & NeedsSpace<C>,
  ) {
    if (isTrialWorker) return;
    this.#trainable = toTrainableRef(trainable as unknown as AnyTrainable);
    this.#restored = RESTORED.get(options);
    if (this.#restored) readCreated(this.#restored.path);
    else this.#plan = makePlan(this.#trainable, options as unknown as TunerOptions, drawSeed);
    if (this.#plan?.run.onExisting === 'resume') this.#resumable = options as unknown as TunerOptions;
  }

  /** Whether `dir` holds an experiment that `Tuner.restore` opens: false for anything else, a journal of another version too. Reads one line; never rejects. */
  static async canRestore(dir: string): Promise<boolean> {
    await openingRefused('Tuner.canRestore()');
    return hasBegun(resolve(dir));
  }

  /**
   * The experiment in `dir`, to be read with `getResults()`, which needs no options, or continued with `fit()`. What is no code, and
   * built-in searchers, schedulers and stop rules, may be left out; give plug-ins and functions of your own again. Cost: one pass over the journal.
   *
   * @throws {AttuneError} `EXPERIMENT_NOT_FOUND`, `JOURNAL_VERSION`, `JOURNAL_INVALID`. `fit()` then throws `RESTORE_MISMATCH` when code is missing or
   * an option that is fixed differs, `EXPERIMENT_LOCKED` when somebody runs it: before anything runs
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
    RESTORED.set(own, { path: resolve(dir), options: options as unknown as RestoreOptions, by: 'Tuner.restore' });
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
    if (this.#stage === 'new') this.#stage = 'asked to run';
    await openingRefused('fit()');
    checkOptions('fit', options, ['signal']);
    const plan = this.#checked('fit()');
    if (this.#hasFinished(plan)) return this.getResults();
    const { trainable, run } = plan;
    await this.#run(run.executor ?? (trainable.module === undefined ? inline() : threads()), options.signal);
    return this.getResults();
  }

  /**
   * How many trials the run will train how far, and how much that is in all: see `preview` in attune/testing, which knows schedulers alone. Nothing
   * is run and nothing is written. Of the stop rules those that look at nothing but how far a trial is do their part; the others are named in `ignored`.
   *
   * @throws {AttuneError} `OPTION_UNKNOWN`, `OPTION_RANGE`, also for `numSamples: -1`
   */
  async preview(options: PreviewOptions = {}): Promise<Preview> {
    await openingRefused('preview()');
    return previewPlan('preview', this.#planned(), options);
  }

  /**
   * The results of a run, of a restored experiment, or, with `onExisting: 'resume'`, of the one that is there.
   * @throws {AttuneError} `NOT_RUN` when there are none yet
   */
  async getResults(): Promise<ResultGrid<ConfigFor<C, S>, M>> {
    await openingRefused('getResults()');
    this.#findExisting();
    const record = this.#recorded();
    if (record === undefined) throw new AttuneError('NOT_RUN', 'getResults(): expected an experiment that has run, got one that has not.');
    return new ResultGrid<ConfigFor<C, S>, M>(record);
  }

  /**
   * Queues a configuration, whole or partial, as one more trial, before the searcher is asked again; missing values are drawn, a missing grid is swept.
   *
   * @returns the id of the trial (the first of a sweep), once it is in the journal; before the run at once, and the run begins with it
   * @throws {AttuneError} `CONFIG_INVALID` when it has a key that the space lacks, or a value that its domain cannot give, or is not JSON; `NOT_RUN` when the run is over
   */
  async enqueue(config: PartialConfig<ConfigFor<C, S>>): Promise<string> {
    const refused = openingRefused('enqueue()');
    if (refused) return refused; // no await otherwise: the configuration is the caller's again when this returns
    this.#findExisting();
    const { space, seed } = this.#planned();
    checkPoints(space, [config as JsonObject]);
    const earlier = this.#enqueuedEarlier(config as JsonObject);
    if (earlier !== undefined) return earlier;
    const id = trialName(seed, trialId((this.#recorded()?.trials.length ?? 0) + this.#enqueued));
    const isNew = this.#isWaiting;
    const queued = this.#order({ kind: 'enqueue', config: structuredClone(config) as JsonObject });
    if (!isNew) return queued;
    this.#enqueued += 1;
    await queued;
    return id;
  }

  /**
   * Stops a trial by hand: one that runs at its next report, which counts, any other at once. Its reason is then `{ by: 'user', reason }`.
   *
   * This, `pauseTrial` and `resumeTrial` resolve once it is in the journal, before it has happened to a trial that runs. On a restored
   * experiment they may come before `fit()`: they are checked at once, and the first thing that the run does.
   *
   * @param id - `6e465_00007`, as results, callbacks and the console show it
   * @throws {AttuneError} `CONTROL_REFUSED` when there is no such trial, or it has ended; `NOT_RUN` when the run is over
   */
  async stopTrial(id: string, reason = 'stopped by hand'): Promise<void> {
    await this.#control('stop', id, reason);
  }

  /**
   * Pauses a running trial by hand: at its next report, which it saves, or else it goes back to its last checkpoint. It stays paused until
   * `resumeTrial`, whatever the scheduler says and over restores; when only such trials are left, the run ends and leaves them `PAUSED`.
   *
   * @throws {AttuneError} `CONTROL_REFUSED` unless it runs, or is paused by a scheduler; `PAUSE_WITHOUT_CHECKPOINT` when it reports without; `NOT_RUN`
   */
  async pauseTrial(id: string, reason = 'paused by hand'): Promise<void> {
    await this.#control('pause', id, reason);
  }

  /**
   * Lets a paused trial go on, when a slot is free. One that is still to pause does so first.
   * @throws {AttuneError} `CONTROL_REFUSED` unless it is paused, or about to be; `NOT_RUN` when the run is over
   */
  async resumeTrial(id: string, reason = 'resumed by hand'): Promise<void> {
    await this.#control('resume', id, reason);
  }

  /**
   * Ends the run, as a time budget does: running trials are stopped at their next report, which counts, `fit()` resolves, and a restore goes on
   * with what was not tried. Resolves once it is in the journal. To interrupt trials that a restore continues, abort the signal of `fit()`.
   * @throws {AttuneError} `NOT_RUN` when nothing runs
   */
  async stop(reason = 'stopped by hand'): Promise<void> {
    const refused = openingRefused('stop()');
    if (refused) return refused;
    checkText('stop', 'reason', reason);
    if (this.#stage === 'new') throw new AttuneError('NOT_RUN', 'stop(): expected a run that goes on, got one that has not begun.');
    await this.#inbox.order({ kind: 'end', reason });
  }

  /**
   * The next trial of a loop written by hand; `undefined` when the search is over. Several may be asked for at once.
   *
   * It waits while there is no other trial until an open one is told: when all samples are handed out, or with `limitConcurrency`. Open trials may be
   * told meanwhile, from elsewhere in the program.
   *
   * @throws {AttuneError} `NOT_RUN` when nothing is left in the program that could tell them (Node is about to exit), with their ids; what `fit` throws
   */
  async ask(): Promise<AskedTrial<ConfigFor<C, S>, M> | undefined> {
    if (this.#stage === 'new') this.#stage = 'asked to run';
    await openingRefused('ask()');
    return (this.#asking ??= this.#startAsking()).ask();
  }

  /**
   * Ends a trial that `ask` gave, with its last metrics (a number when there is one metric), with an error, or with what it has reported.
   * Resolves once its end is in the journal, so that `getResults` has it. A trial that was stopped or paused meanwhile has ended: nothing more is taken.
   *
   * @param options.constraints - of these metrics, as in a report: each at most 0 when satisfied
   * @throws {AttuneError} `METRIC_NOT_JSON`, `OPTION_UNKNOWN`, `OPTION_RANGE`: the trial is still open; `NOT_RUN` for an id that `ask` has not given, and
   * for a trial that was told before; what ended the run, when that came first
   */
  async tell(id: string, result: Partial<M> | number | Error | undefined, options: ToldOptions = {}): Promise<void> {
    if (this.#asking === undefined) throw notGiven(id);
    await this.#asking.tell(id, result, options);
  }

  /** @internal In the console: a short block. */
  [INSPECT](depth: number | null): string {
    return block('Tuner', depth, () => this.#lines());
  }

  /** Of a restored experiment read when it is first wanted. */
  #recorded(): ExperimentRecord | undefined {
    if (this.#restored) this.#record ??= readExperiment(this.#restored.path);
    return this.#record;
  }

  #lines(): readonly string[] {
    const trainable = this.#trainable?.name;
    if (trainable === undefined) return ['in a worker'];
    const waiting = this.#restored ? 'restored' : 'not run';
    const stage = this.#isWaiting ? waiting : this.#inbox.closed ? 'over' : 'running';
    const record = this.#recorded();
    const { objectives = [], searcher, scheduler } = this.#plan ?? record?.created ?? {};
    const names = { searcher: searcher?.name ?? '', scheduler: scheduler?.name ?? '' };
    return tunerLines({ trainable, objectives, ...names, samples: this.#plan?.samples, record, stage });
  }

  /** How to go on with a run that was interrupted. */
  #resumeLines(plan: Plan): readonly string[] {
    const { path, created, interrupted } = this.#record ?? {};
    if (path === undefined || created === undefined || interrupted === undefined) return [];
    return ownResumeLines(plan.run.callbacks ?? []) ?? resumeLines(path, created, sessionRecord(plan, created));
  }

  #startAsking(): Asking {
    this.#checked('ask()');
    const executor = manual(() => this.#inbox.put({ kind: 'woken' }));
    const session = this.#run(executor, undefined).finally(() => executor.exhaust());
    session.catch(() => {}); // whoever asks is told
    const [objective, another] = this.#planned().objectives;
    return new Asking({ executor, session, metric: another ? undefined : objective?.metric, trials: () => this.#record?.trials ?? [] });
  }

  #checked(call: string): Plan {
    if (!this.#isWaiting) {
      throw new AttuneError('NOT_RUN', `${call}: expected a Tuner that has not run, got one that has.`, {
        hint: 'Make a new Tuner, or Tuner.restore the directory.',
      });
    }
    this.#findExisting();
    return this.#planned();
  }

  /** With `onExisting: 'resume'`: an experiment that is there is restored. */
  #findExisting(): void {
    if (this.#resumable === undefined || this.#restored || !this.#isWaiting) return;
    const path = standing(this.#resumable.runConfig ?? {});
    if (path === undefined || !isBegun(path)) return;
    this.#restored = { path, options: this.#resumable, by: "runConfig.onExisting: 'resume'" };
    this.#plan = undefined; // with the seed that was recorded
  }

  /** The trial of a configuration that an earlier run of the same script has enqueued: each of them counts once. */
  #enqueuedEarlier(config: JsonObject): string | undefined {
    if (this.#resumable === undefined || this.#restored === undefined || !this.#isWaiting) return undefined;
    this.#earlier ??= enqueuedEarlier(this.#restored.path);
    return this.#earlier(config);
  }

  /** With `onExisting: 'resume'`: the experiment is there, and nothing is left to do. */
  #hasFinished({ samples }: Plan): boolean {
    if (this.#resumable === undefined || this.#restored === undefined || this.#isAwaited) return false;
    if (!isFinished(this.#restored.path, samples)) return false;
    this.#stage = 'running';
    this.#inbox.close();
    return true;
  }

  get #isWaiting(): boolean {
    return this.#stage !== 'running';
  }

  async #control(kind: Control, id: string, reason: string): Promise<void> {
    const refused = openingRefused(`${kind}Trial()`);
    if (refused) return refused;
    checkText(`${kind}Trial`, 'id', id);
    checkText(`${kind}Trial`, 'reason', reason);
    this.#findExisting();
    if (this.#isWaiting) checkControl(this.#recorded()?.trials ?? [], kind, id);
    await this.#order({ kind, id, reason });
  }

  /** Before the run it is accepted at once, and a refusal is a warning. */
  #order(order: Order): Promise<string> {
    const written = this.#inbox.order(order);
    if (!this.#isWaiting) return written;
    this.#isAwaited = true;
    written.catch((error: unknown) => this.#inbox.closed || warnUser(String(error)));
    return Promise.resolve('');
  }

  #planned(): Plan {
    if (this.#restored && this.#trainable) {
      this.#plan ??= restoredPlan(this.#trainable, this.#restored, this.#record ?? readSetup(this.#restored.path));
    }
    return this.#plan as Plan;
  }

  async #run(owned: Executor, signal: AbortSignal | undefined): Promise<void> {
    const plan = this.#plan as Plan;
    const { run } = plan;
    const inbox = this.#inbox;
    this.#stage = 'running';
    using _over = { [Symbol.dispose]: () => inbox.close() };
    using halting = haltOnSignals(inbox, signal, run.handleSignals !== false);
    using held = { lock: undefined as Disposable | undefined, [Symbol.dispose]: () => held.lock?.[Symbol.dispose]() }; // longer than the executor: workers may save
    await using executor = owned;
    const { verbose = 1, reporter } = run;
    const warn = (message: string): void => (verbose === 0 ? undefined : warnUser(message));
    const shown = consoleReporter({ verbose, ...(reporter ? { reporter } : {}), warn, closing: () => this.#resumeLines(plan) });
    const callbacks = [...loggersOf(run.loggers), ...(run.callbacks ?? [])];
    await using watching = observers(callbacks, { last: shown, mute: (event) => inbox.put({ kind: 'told', event }) }); // closed by the session; here when there is none
    await Promise.race([executor.open(executorSession(plan, warn)), halting.asked]); // a module that takes long to load is not waited for
    const opened = this.#restored ? await reopenExperiment(plan, this.#restored, { callbacks, watching }) : createExperiment(plan);
    const { experiment, path } = opened;
    held.lock = opened.lock;
    if (this.#enqueued > 0) checkUnchanged(this.#record?.trials, experiment.rows);
    this.#record = {
      path,
      created: experiment.created,
      trials: experiment.rows,
      get interrupted() {
        return experiment.halted?.interrupt ? experiment.halted.by : undefined;
      },
      get openMs() {
        const { spent, opened: from, last } = experiment.time;
        return spent + Math.max(0, last - from);
      },
    };
    const { failure } = await runSession({ plan, executor, inbox, watching, warn, ...opened });
    if (failure) throw failure.error;
    if (experiment.fault) throw experiment.fault;
  }
}

/** Options that `Tuner.restore` made for the constructor. */
const RESTORED = new WeakMap<object, Restored>();
