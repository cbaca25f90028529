import { basicVariant } from '../../algorithms/basic-variant.ts';
import { fifo } from '../../schedulers/fifo.ts';
import { AttuneError } from '../base/errors.ts';
import { findNonJson } from '../base/json.ts';
import { checkNumber, checkOptions, describe } from '../base/options.ts';
import { portabilityProblem, portableName } from '../base/portable-name.ts';
import { rng } from '../base/rng.ts';
import { warn } from '../base/warn.ts';
import { checkResources } from '../execute/devices/resources.ts';
import { endsEarly } from '../schedule/ends-early.ts';
import type { Scheduler } from '../schedule/scheduler.ts';
import { stopRules } from '../schedule/stop-rules.ts';
import type { Searcher } from '../search/searcher.ts';
import { sample } from '../space/sample.ts';
import type { Space } from '../space/space.ts';
import { compileSpace } from '../space/space.ts';
import { finiteSize } from '../space/variants.ts';
import type { TrainableRef } from '../trainable/trainable-ref.ts';
import type { CheckpointOptions } from '../trial/events.ts';
import { trialId, trialName } from '../trial/ids.ts';
import type { Mode, Objective } from '../trial/metrics.ts';
import { checkLogFormat, isLogFormat, LOG_FORMATS } from '../watch/log-format.ts';
import { AROUND, ENDLESS } from './builtins.ts';
import type { RunConfig, TuneConfig, TunerOptions } from './options.ts';
import { pluginFailed } from './plugin-failed.ts';

/** The options of an experiment, checked and with their defaults: nothing has been touched yet. */
export interface Plan {
  readonly trainable: TrainableRef;
  readonly space: Space;
  readonly objectives: readonly Objective[];
  readonly samples: number;
  readonly searcher: Searcher;
  readonly scheduler: Scheduler;
  readonly rules: Scheduler | undefined;
  readonly seed: number;
  readonly checkpoints: CheckpointOptions;
  readonly tune: TuneConfig;
  readonly run: RunConfig;
}

const TUNER = ['paramSpace', 'tuneConfig', 'runConfig'];
export const TUNE = ['metric', 'mode', 'numSamples', 'searchAlg', 'scheduler', 'maxConcurrentTrials', 'timeBudgetS', 'seed', 'pointsToEvaluate'];
export const RUN = [
  ...['name', 'storagePath', 'onExisting', 'stop', 'failureConfig', 'checkpointConfig', 'trialTimeoutS', 'stopGraceS', 'resources', 'executor'],
  ...['callbacks', 'loggers', 'reporter', 'trialDirName', 'handleSignals', 'verbose', 'syncPeriodMs'],
];
const CHECKPOINT = ['numToKeep', 'scoreAttribute', 'scoreOrder', 'frequency', 'atEnd'];

/** Checks everything that can be checked before work starts, and tells of what cannot be meant. `drawSeed` is used when no seed is given. */
export function makePlan(trainable: TrainableRef, options: TunerOptions, drawSeed: () => number, tell: (warning: string) => void = warn): Plan {
  const plan = readPlan(trainable, options, drawSeed);
  checkPlan(plan);
  const early = plan.run.verbose === 0 ? undefined : endsEarly(plan.scheduler, plan.rules);
  if (early !== undefined) tell(early);
  return plan;
}

/** The options with their defaults, each of them checked; `checkPlan` says whether they fit together. @param stored - used when there is no `paramSpace` */
export function readPlan(trainable: TrainableRef, options: TunerOptions, drawSeed: () => number, stored: Space = compileSpace({})): Plan {
  checkOptions('Tuner', options, TUNER);
  const { paramSpace, tuneConfig: tune = {}, runConfig: run = {} } = options;
  checkOptions('tuneConfig', tune, TUNE);
  checkRunConfig(run);
  const { numSamples = 1, searchAlg: searcher = basicVariant(), scheduler = fifo(), seed = drawSeed(), maxConcurrentTrials, timeBudgetS } = tune;
  const space = paramSpace === undefined ? stored : compileSpace(paramSpace);
  const objectives = toObjectives(tune);
  checkComplete('searchAlg', searcher, 'suggest');
  checkComplete('scheduler', scheduler, 'decide');
  checkNumber('tuneConfig', 'numSamples', numSamples, 'an integer >= 1, or -1', (n) => n === -1 || (Number.isInteger(n) && n >= 1));
  checkNumber('tuneConfig', 'seed', seed, 'a safe integer', Number.isSafeInteger);
  if (maxConcurrentTrials !== undefined) checkNumber('tuneConfig', 'maxConcurrentTrials', maxConcurrentTrials, 'an integer >= 1', isCount);
  if (timeBudgetS !== undefined) checkNumber('tuneConfig', 'timeBudgetS', timeBudgetS, 'a finite number > 0', isDuration);
  const rules = run.stop === undefined ? undefined : stopRules(run.stop, { objectives, trialName: (trial) => trialName(seed, trialId(trial)) });
  const samples = numSamples === -1 ? Number.POSITIVE_INFINITY : numSamples;
  return { trainable, space, objectives, samples, searcher, scheduler, rules, seed, checkpoints: toCheckpoints(trainable, run), tune, run };
}

/** Refuses options that do not fit together. */
export function checkPlan(plan: Plan): void {
  const { space, objectives, samples, searcher, scheduler, rules, seed, tune } = plan;
  if (space.derived) sample(space, rng(seed)); // circles and NaN show in the first sample: now, not in a trial
  checkOwnMetric(searcher, objectives);
  checkOwnMetric(scheduler, objectives);
  const ends = tune.timeBudgetS !== undefined || scheduler.uses.includes('end') || rules?.uses.includes('end') || runsOut(searcher, space);
  if (samples === Number.POSITIVE_INFINITY && !ends) {
    throw new AttuneError('OPTION_RANGE', 'tuneConfig: expected something that ends a run of numSamples -1, got none.', {
      hint: 'Give timeBudgetS, a number of samples, or a scheduler that ends the run.',
    });
  }
  checkPoints(space, tune.pointsToEvaluate);
  checkPlugins(plan);
}

/** A searcher that ends by itself although it is not told how many: it draws without replacement from a finite space, or is not ours. */
function runsOut({ name, options }: Pick<Searcher, 'name' | 'options'>, space: Space): boolean {
  if (!ENDLESS.includes(name) && !AROUND.includes(name)) return true;
  const { unique, searcher } = isObject(options) ? options : {};
  const unlessTold = (name === 'basicVariant' || name === 'random') && space.parameters.some(({ domain }) => domain.kind === 'variation');
  const distinct = name === 'avoidDuplicates' || ((unique as boolean | undefined) ?? unlessTold);
  if (distinct && finiteSize(space) < Number.POSITIVE_INFINITY) return true;
  return isObject(searcher) && runsOut(searcher as unknown as Searcher, space);
}

const isCount = (n: number): boolean => Number.isInteger(n) && n >= 1;
/** A timer of Node holds 31 bits of milliseconds: 24 days. */
const MAX_TIMER_S = 2_147_483;
const isDuration = (seconds: number): boolean => seconds > 0 && Number.isFinite(seconds);

function checkRunConfig(run: RunConfig): void {
  checkOptions('runConfig', run, RUN);
  const { name, storagePath, onExisting, failureConfig = {}, trialTimeoutS, stopGraceS, verbose, syncPeriodMs } = run;
  if (name !== undefined) checkName(name);
  if (storagePath !== undefined && (typeof storagePath !== 'string' || storagePath === '')) {
    throw new AttuneError('OPTION_RANGE', `runConfig: expected storagePath to be a path, got ${describe(storagePath)}.`);
  }
  if (onExisting !== undefined && onExisting !== 'error' && onExisting !== 'new' && onExisting !== 'resume') {
    throw new AttuneError('OPTION_RANGE', `runConfig: expected onExisting to be 'error', 'new' or 'resume', got ${describe(onExisting)}.`);
  }
  if (onExisting === 'resume' && name === undefined) {
    throw new AttuneError('OPTION_RANGE', "runConfig: expected a name with onExisting: 'resume', got none.", {
      hint: 'Without one every run is a new experiment.',
    });
  }
  checkOptions('failureConfig', failureConfig, ['maxFailures', 'backoffS', 'failFast']);
  const { maxFailures, backoffS, failFast } = failureConfig;
  if (backoffS !== undefined) checkNumber('failureConfig', 'backoffS', backoffS, 'a finite number >= 0', (s) => s >= 0 && Number.isFinite(s));
  checkBoolean('failureConfig', 'failFast', failFast);
  if (maxFailures !== undefined) checkNumber('failureConfig', 'maxFailures', maxFailures, 'an integer >= -1', (n) => Number.isInteger(n) && n >= -1);
  if (trialTimeoutS !== undefined)
    checkNumber('runConfig', 'trialTimeoutS', trialTimeoutS, `a number > 0 and <= ${MAX_TIMER_S}`, (s) => s > 0 && s <= MAX_TIMER_S);
  if (stopGraceS !== undefined) checkNumber('runConfig', 'stopGraceS', stopGraceS, `a number >= 0 and <= ${MAX_TIMER_S}`, (s) => s >= 0 && s <= MAX_TIMER_S);
  if (verbose !== undefined) checkNumber('runConfig', 'verbose', verbose, '0, 1 or 2', (v) => v === 0 || v === 1 || v === 2);
  if (syncPeriodMs !== undefined) checkNumber('runConfig', 'syncPeriodMs', syncPeriodMs, 'a number >= 0 and <= 60000', (ms) => ms >= 0 && ms <= 60_000);
  checkBoolean('runConfig', 'handleSignals', run.handleSignals);
  checkParts(run);
}

function checkName(name: unknown): void {
  const expected = 'runConfig: expected name to be a folder name';
  if (typeof name !== 'string') throw new AttuneError('OPTION_RANGE', `${expected}, got ${describe(name)}.`);
  const problem = name.startsWith('.') ? 'a dot at its start' : portabilityProblem(name);
  if (problem === undefined) return;
  throw new AttuneError('OPTION_RANGE', `${expected} that Windows, macOS and Linux take, got ${describe(name)}, which has ${problem}.`, {
    hint: `Write ${describe(portableName(name.replace(/^\.+/, '')))}.`,
  });
}

/** The options that hold code of the user's, and those that must survive JSON. */
function checkParts({ resources, executor, callbacks, loggers, reporter, trialDirName }: RunConfig): void {
  const wrong = (option: string, expected: string, got: string): AttuneError =>
    new AttuneError('OPTION_RANGE', `runConfig: expected ${option} to be ${expected}, got ${got}.`);
  const lost = resources === undefined ? undefined : (findNonJson(resources) ?? (isObject(resources) ? undefined : { got: describe(resources) }));
  if (lost) throw wrong('resources', 'an object of JSON values', lost.got);
  if (resources !== undefined) checkResources('runConfig', resources);
  if (executor !== undefined && !hasMethods(executor, ['open', 'start', 'answer', 'batches']))
    throw wrong('executor', 'inline(), threads() or another executor', describe(executor));
  for (const [option, value] of Object.entries({ trialDirName, reporter }))
    if (value !== undefined && typeof value !== 'function') throw wrong(option, 'a function', describe(value));
  for (const [option, list] of Object.entries({ callbacks, loggers })) {
    if (list === undefined) continue;
    if (!Array.isArray(list)) throw notAList(option, list);
    for (const [i, entry] of list.entries()) {
      if (option === 'loggers' && typeof entry === 'string') checkLogFormat('runConfig', entry);
      else checkCallback(`${option}[${i}]`, entry);
    }
  }
}

function notAList(option: string, value: unknown): AttuneError {
  const names = LOG_FORMATS.map((format) => `'${format}'`).join(', ');
  const entries = option === 'loggers' ? `an array of callbacks and of the names ${names}` : 'an array of callbacks';
  const hint = option === 'loggers' && isLogFormat(value) ? `['${value}']` : `[${option === 'loggers' ? 'logger' : 'callback'}]`;
  return new AttuneError('OPTION_RANGE', `runConfig: expected ${option} to be ${entries}, got ${describe(value)}.`, { hint: `Write ${option}: ${hint}.` });
}

function checkCallback(where: string, callback: unknown): void {
  const close: unknown = isObject(callback) ? (callback as Partial<AsyncDisposable>)[Symbol.asyncDispose] : undefined;
  if (hasMethods(callback, ['onEvent']) && (close === undefined || typeof close === 'function')) return;
  const expected = close === undefined ? 'a callback, which has a name and onEvent()' : 'a callback, whose [Symbol.asyncDispose] is a function';
  const call = typeof callback === 'function' && callback.name !== '' ? `Call it: ${callback.name}(…). ` : '';
  const hint = `${call}hooks({ onTrialReport, … }) makes a callback of functions.`;
  throw new AttuneError('OPTION_RANGE', `runConfig: expected ${where} to be ${expected}, got ${describe(callback)}.`, { hint });
}

function checkBoolean(where: string, option: string, value: unknown): void {
  if (value === undefined || typeof value === 'boolean') return;
  throw new AttuneError('OPTION_RANGE', `${where}: expected ${option} to be true or false, got ${describe(value)}.`);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** True for an object with a name and these methods: what a plug-in of the user's must at least be. */
const hasMethods = (value: unknown, methods: readonly string[]): boolean =>
  isObject(value) && typeof value['name'] === 'string' && value['name'] !== '' && methods.every((method) => typeof value[method] === 'function');

function toCheckpoints(trainable: TrainableRef, { checkpointConfig = {} }: RunConfig): CheckpointOptions {
  checkOptions('checkpointConfig', checkpointConfig, CHECKPOINT);
  const isClass = trainable.form === 'class';
  const { numToKeep, scoreAttribute, scoreOrder, frequency = isClass ? 0 : 1, atEnd = isClass } = checkpointConfig;
  if (numToKeep !== undefined) checkNumber('checkpointConfig', 'numToKeep', numToKeep, 'an integer >= 1', isCount);
  checkNumber('checkpointConfig', 'frequency', frequency, 'an integer >= 0', (n) => Number.isInteger(n) && n >= 0);
  if (scoreOrder !== undefined && scoreOrder !== 'min' && scoreOrder !== 'max') {
    throw new AttuneError('OPTION_RANGE', `checkpointConfig: expected scoreOrder to be 'min' or 'max', got ${describe(scoreOrder)}.`);
  }
  if (scoreAttribute !== undefined && (typeof scoreAttribute !== 'string' || scoreAttribute === '')) {
    throw new AttuneError('OPTION_RANGE', `checkpointConfig: expected scoreAttribute to be the name of a metric, got ${describe(scoreAttribute)}.`);
  }
  checkBoolean('checkpointConfig', 'atEnd', atEnd);
  if (atEnd && !isClass) {
    throw new AttuneError('OPTION_RANGE', 'checkpointConfig: expected atEnd with a class trainable, got a function.', {
      hint: 'A function decides itself when it reports with a checkpoint; save with its last report.',
    });
  }
  return {
    frequency,
    atEnd,
    ...(numToKeep === undefined ? {} : { numToKeep }),
    ...(scoreAttribute ? { scoreAttribute } : {}),
    ...(scoreOrder ? { scoreOrder } : {}),
  };
}

function toObjectives(tune: TuneConfig): readonly Objective[] {
  const { metric, mode } = tune as { metric?: unknown; mode?: unknown };
  if (metric === undefined && mode === undefined) return [];
  const invalid = (problem: string): AttuneError => new AttuneError('METRIC_INVALID', `tuneConfig: ${problem}.`);
  if (metric === undefined || mode === undefined) {
    const got = metric === undefined ? `mode ${describe(mode)} alone` : `metric ${describe(metric)} alone`;
    throw invalid(`expected metric and mode together, got ${got}`);
  }
  const metrics: readonly unknown[] = Array.isArray(metric) ? metric : [metric];
  const modes: readonly unknown[] = Array.isArray(mode) ? mode : metrics.map(() => mode);
  if (metrics.length === 0) throw invalid('expected at least one metric, got an empty array');
  if (modes.length !== metrics.length) throw invalid(`expected one mode per metric, got ${metrics.length} metrics and ${modes.length} modes`);
  return metrics.map((name, i) => {
    if (typeof name !== 'string' || name === '') throw invalid(`expected metric to be a name, got ${describe(name)}`);
    if (metrics.indexOf(name) !== i) throw invalid(`expected different metrics, got "${name}" twice`);
    const direction = modes[i];
    if (direction !== 'min' && direction !== 'max') throw invalid(`expected mode to be 'min' or 'max', got ${describe(direction)}`);
    return { metric: name, mode: direction satisfies Mode };
  });
}

function checkComplete(option: 'searchAlg' | 'scheduler', plugin: Searcher | Scheduler, method: 'suggest' | 'decide'): void {
  const isComplete = hasMethods(plugin, [method]) && (method === 'suggest' || saysWhatItUses(plugin as Scheduler));
  if (isComplete) return;
  const parts = method === 'suggest' ? 'a name and suggest()' : 'a name, what it uses, init() and decide()';
  const [made, from] = method === 'suggest' ? ['tpe()', 'attune/algorithms'] : ['asha({ maxT: 100 })', 'attune/schedulers'];
  const called = typeof plugin === 'function' ? `Call it: ${option}: ${(plugin as { name: string }).name}(…).` : undefined;
  const hint = { hint: called ?? `Names are not looked up: import one from '${from}', as in ${option}: ${made}.` };
  throw new AttuneError('OPTION_RANGE', `tuneConfig: expected ${option} to have ${parts}, got ${describe(plugin)}.`, hint);
}

const saysWhatItUses = ({ uses, needs = [] }: Scheduler): boolean => Array.isArray(uses) && Array.isArray(needs);

/** A searcher or scheduler may carry a metric and a mode of its own in its options; they must be the experiment's. */
function checkOwnMetric(plugin: Searcher | Scheduler, objectives: readonly Objective[]): void {
  const options: unknown = plugin.options;
  if (!isObject(options)) return;
  const metrics = listOf(options['metric']);
  const modes = listOf(options['mode']);
  const named = metrics?.map((metric) => objectives.find((objective) => objective.metric === metric)) ?? objectives;
  const sameMetrics = named.every((objective) => objective !== undefined);
  const sameModes = modes === undefined || named.every((objective, i) => objective?.mode === modes[modes.length === 1 ? 0 : i]);
  if (sameMetrics && sameModes) return;
  const key = sameMetrics ? 'mode' : 'metric';
  const ours = objectives.map((objective) => objective[key]);
  const expected = ours.length === 0 ? 'none' : JSON.stringify(ours.length === 1 ? ours[0] : ours);
  throw new AttuneError('METRIC_INVALID', `${plugin.name}: expected the ${key} of tuneConfig, ${expected}, got ${JSON.stringify(options[key])}.`, {
    hint: 'Give metric and mode once, in tuneConfig.',
  });
}

const listOf = (value: unknown): readonly unknown[] | undefined => (value === undefined || value === null ? undefined : Array.isArray(value) ? value : [value]);

/** Refuses presets that name something the space does not have. */
export function checkPoints(space: Space, points: TuneConfig['pointsToEvaluate']): void {
  if (points === undefined) return;
  if (!Array.isArray(points)) throw new AttuneError('OPTION_RANGE', `tuneConfig: expected pointsToEvaluate to be an array, got ${describe(points)}.`);
  for (const point of points) sample(space, rng(0), point);
}

/** Lets every plug-in refuse what it cannot work with. */
function checkPlugins({ space, objectives, samples, searcher, scheduler, rules, tune }: Plan): void {
  const wanted = Math.max(0, samples - (tune.pointsToEvaluate?.length ?? 0));
  const metrics = objectives.map(({ metric }) => metric);
  const setup = { space, objectives: metrics.length, metrics, samples: wanted, slots: tune.maxConcurrentTrials ?? 1 };
  for (const plugin of [searcher, scheduler, rules]) {
    try {
      plugin?.check?.(setup);
    } catch (error) {
      throw error instanceof AttuneError ? error : pluginFailed(`${plugin?.name}.check`, error);
    }
  }
  try {
    scheduler.init(); // pure: the experiment asks again
  } catch (error) {
    throw pluginFailed(`${scheduler.name}.init`, error);
  }
}
