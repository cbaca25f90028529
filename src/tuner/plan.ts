import { basicVariant } from '../../algorithms/basic-variant.ts';
import { fifo } from '../../schedulers/fifo.ts';
import { AttuneError } from '../base/errors.ts';
import { checkNumber, checkOptions, describe } from '../base/options.ts';
import { stopRules } from '../schedule/stop-rules.ts';
import type { Scheduler } from '../schedule/scheduler.ts';
import type { Searcher } from '../search/searcher.ts';
import { rng } from '../base/rng.ts';
import { sample } from '../space/sample.ts';
import type { Space } from '../space/space.ts';
import { compileSpace } from '../space/space.ts';
import type { TrainableRef } from '../trainable/trainable-ref.ts';
import type { CheckpointOptions } from '../trial/events.ts';
import { trialId, trialName } from '../trial/ids.ts';
import type { Mode, Objective } from '../trial/metrics.ts';
import type { RunConfig, TuneConfig, TunerOptions } from './options.ts';

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
  ...['callbacks', 'loggers', 'reporter', 'trialDirName', 'handleSignals', 'verbose'],
];
const CHECKPOINT = ['numToKeep', 'scoreAttribute', 'scoreOrder', 'frequency', 'atEnd'];
/** Built-in searchers that never end by themselves when `numSamples` is -1. */
const ENDLESS = ['basicVariant', 'grid', 'random'];

/** Checks everything that can be checked before work starts. `drawSeed` is used when no seed is given. */
export function makePlan(trainable: TrainableRef, options: TunerOptions, drawSeed: () => number): Plan {
  checkOptions('Tuner', options, TUNER);
  const { paramSpace = {}, tuneConfig: tune = {}, runConfig: run = {} } = options;
  checkOptions('tuneConfig', tune, TUNE);
  checkRunConfig(run);
  const { numSamples = 1, searchAlg: searcher = basicVariant(), scheduler = fifo(), seed = drawSeed(), maxConcurrentTrials, timeBudgetS } = tune;
  const space = compileSpace(paramSpace);
  const objectives = toObjectives(tune);
  checkPlugin('searchAlg', searcher, 'suggest', objectives);
  checkPlugin('scheduler', scheduler, 'decide', objectives);
  checkNumber('tuneConfig', 'numSamples', numSamples, 'an integer >= 1, or -1', (n) => n === -1 || (Number.isInteger(n) && n >= 1));
  checkNumber('tuneConfig', 'seed', seed, 'a safe integer', Number.isSafeInteger);
  if (maxConcurrentTrials !== undefined) checkNumber('tuneConfig', 'maxConcurrentTrials', maxConcurrentTrials, 'an integer >= 1', isCount);
  if (timeBudgetS !== undefined) checkNumber('tuneConfig', 'timeBudgetS', timeBudgetS, 'a number > 0', (s) => s > 0);
  const rules = run.stop === undefined ? undefined : stopRules(run.stop, { objectives, trialName: (trial) => trialName(seed, trialId(trial)) });
  const ends = timeBudgetS !== undefined || scheduler.uses.includes('end') || rules?.uses.includes('end') || !ENDLESS.includes(searcher.name);
  if (numSamples === -1 && !ends) {
    throw new AttuneError('OPTION_RANGE', 'tuneConfig: expected something that ends a run of numSamples -1, got none.', {
      hint: 'Give timeBudgetS, a number of samples, or a scheduler that ends the run.',
    });
  }
  checkPoints(space, tune.pointsToEvaluate);
  const samples = numSamples === -1 ? Number.POSITIVE_INFINITY : numSamples;
  return { trainable, space, objectives, samples, searcher, scheduler, rules, seed, checkpoints: toCheckpoints(trainable, run), tune, run };
}

const isCount = (n: number): boolean => Number.isInteger(n) && n >= 1;

function checkRunConfig(run: RunConfig): void {
  checkOptions('runConfig', run, RUN);
  const { name, storagePath, onExisting, failureConfig = {}, trialTimeoutS, stopGraceS, verbose } = run;
  if (name !== undefined && (typeof name !== 'string' || !/^[^/\\]+$/.test(name) || name.startsWith('.'))) {
    throw new AttuneError('OPTION_RANGE', `runConfig: expected name to be a folder name, got ${describe(name)}.`);
  }
  if (storagePath !== undefined && (typeof storagePath !== 'string' || storagePath === '')) {
    throw new AttuneError('OPTION_RANGE', `runConfig: expected storagePath to be a path, got ${describe(storagePath)}.`);
  }
  if (onExisting !== undefined && onExisting !== 'error' && onExisting !== 'new') {
    throw new AttuneError('OPTION_RANGE', `runConfig: expected onExisting to be 'error' or 'new', got ${describe(onExisting)}.`);
  }
  checkOptions('failureConfig', failureConfig, ['maxFailures', 'failFast']);
  const { maxFailures } = failureConfig;
  if (maxFailures !== undefined) checkNumber('failureConfig', 'maxFailures', maxFailures, 'an integer >= -1', (n) => Number.isInteger(n) && n >= -1);
  if (trialTimeoutS !== undefined) checkNumber('runConfig', 'trialTimeoutS', trialTimeoutS, 'a number > 0', (s) => s > 0);
  if (stopGraceS !== undefined) checkNumber('runConfig', 'stopGraceS', stopGraceS, 'a number >= 0', (s) => s >= 0);
  if (verbose !== undefined) checkNumber('runConfig', 'verbose', verbose, '0, 1 or 2', (v) => v === 0 || v === 1 || v === 2);
}

function toCheckpoints(trainable: TrainableRef, { checkpointConfig = {} }: RunConfig): CheckpointOptions {
  checkOptions('checkpointConfig', checkpointConfig, CHECKPOINT);
  const isClass = trainable.form === 'class';
  const { numToKeep, scoreAttribute, scoreOrder, frequency = isClass ? 0 : 1, atEnd = isClass } = checkpointConfig;
  if (numToKeep !== undefined) checkNumber('checkpointConfig', 'numToKeep', numToKeep, 'an integer >= 1', isCount);
  checkNumber('checkpointConfig', 'frequency', frequency, 'an integer >= 0', (n) => Number.isInteger(n) && n >= 0);
  if (scoreOrder !== undefined && scoreOrder !== 'min' && scoreOrder !== 'max') {
    throw new AttuneError('OPTION_RANGE', `checkpointConfig: expected scoreOrder to be 'min' or 'max', got ${describe(scoreOrder)}.`);
  }
  if (atEnd && !isClass) {
    throw new AttuneError('OPTION_RANGE', 'checkpointConfig: expected atEnd with a class trainable, got a function.', {
      hint: 'A function decides itself when it reports with a checkpoint; save with its last report.',
    });
  }
  return { frequency, atEnd, ...(numToKeep === undefined ? {} : { numToKeep }), ...(scoreAttribute ? { scoreAttribute } : {}), ...(scoreOrder ? { scoreOrder } : {}) };
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

/** A searcher or scheduler may carry a metric of its own in its options; it must be the experiment's. */
function checkPlugin(option: 'searchAlg' | 'scheduler', plugin: Searcher | Scheduler, method: 'suggest' | 'decide', objectives: readonly Objective[]): void {
  const candidate = plugin as unknown as Record<string, unknown> | null;
  if (typeof candidate !== 'object' || candidate === null || typeof candidate['name'] !== 'string' || typeof candidate[method] !== 'function') {
    throw new AttuneError('OPTION_RANGE', `tuneConfig: expected ${option} to have a name and ${method}(), got ${describe(plugin)}.`);
  }
  const options = plugin.options;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return;
  for (const key of ['metric', 'mode'] as const) {
    const own = (options as Record<string, unknown>)[key];
    const ours = objectives.map((objective) => objective[key]);
    if (own === undefined || ours.includes(own as never)) continue;
    throw new AttuneError('METRIC_INVALID', `${plugin.name}: expected the ${key} of tuneConfig, ${ours.map(describe).join(', ') || 'none'}, got ${describe(own)}.`);
  }
}

function checkPoints(space: Space, points: TuneConfig['pointsToEvaluate']): void {
  if (points === undefined) return;
  if (!Array.isArray(points)) throw new AttuneError('OPTION_RANGE', `tuneConfig: expected pointsToEvaluate to be an array, got ${describe(points)}.`);
  for (const point of points) sample(space, rng(0), point);
}

/** Lets every plug-in refuse what it cannot work with. */
export function checkPlugins({ space, objectives, samples, searcher, scheduler, rules, tune }: Plan): void {
  const wanted = Math.max(0, samples - (tune.pointsToEvaluate?.length ?? 0));
  const setup = { space, objectives: objectives.length, samples: wanted, slots: tune.maxConcurrentTrials ?? 1 };
  for (const plugin of [searcher, scheduler, rules]) plugin?.check?.(setup);
}
