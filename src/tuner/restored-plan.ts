import { AttuneError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import type { StopRule } from '../schedule/stop-rules.ts';
import { TAG } from '../space/domain-brand.ts';
import { spaceFromJson } from '../space/space.ts';
import type { TrainableRef } from '../trainable/trainable-ref.ts';
import type { ExperimentRecord } from '../trial/trial-record.ts';
import { rebuildScheduler, rebuildSearcher, rebuildStopRule, stopRuleName } from './builtins.ts';
import { checkSame } from './created.ts';
import type { Restored } from './open-experiment.ts';
import type { RestoreOptions, TunerOptions } from './options.ts';
import type { Plan } from './plan.ts';
import { checkPlan, readPlan } from './plan.ts';

/** What the code of an experiment has to go with. */
type Setup = Pick<ExperimentRecord, 'created' | 'opened'>;

/**
 * The options of a restored experiment: what was recorded, with what was given again. Touches nothing.
 *
 * @throws {AttuneError} `RESTORE_MISMATCH` naming all code that is missing, or all that differs although it is fixed; what `new Tuner` throws
 */
export function restoredPlan(trainable: TrainableRef, { options, by }: Pick<Restored, 'options' | 'by'>, experiment: Setup): Plan {
  checkNothingMissing(experiment, options, by);
  const { created, opened } = experiment;
  const { paramSpace } = options;
  const tuneConfig = definedIn(options.tuneConfig);
  const { name: _, onExisting: _existing, ...runConfig } = definedIn(options.runConfig); // the directory is there, with its name
  const { objectives, seed, checkpoints, maxFailures, failFast, points } = created;
  const recorded = opened?.samples ?? created.samples ?? 1;
  const samples = countOf(recorded);
  const metrics = objectives.length === 0 ? {} : { metric: objectives.map(({ metric }) => metric), mode: objectives.map(({ mode }) => mode) };
  const plugins = {
    searchAlg: tuneConfig.searchAlg ?? rebuildSearcher(created.searcher),
    scheduler: tuneConfig.scheduler ?? rebuildScheduler(created.scheduler),
  };
  const rules = recordedStop(experiment).flatMap(rebuilt);
  const stop = runConfig.stop ?? (rules.length > 0 ? rules : undefined);
  const plan = readPlan(
    trainable,
    {
      ...(paramSpace === undefined ? {} : { paramSpace }),
      tuneConfig: {
        seed,
        numSamples: recorded === 'unlimited' ? -1 : recorded,
        ...(points ? { pointsToEvaluate: points } : {}),
        ...metrics,
        ...tuneConfig,
        ...plugins,
      },
      runConfig: {
        ...(opened?.resources ? { resources: opened.resources } : {}),
        ...runConfig,
        failureConfig: { maxFailures, failFast, ...definedIn(runConfig.failureConfig) },
        stop,
      },
    } as TunerOptions,
    () => seed,
    spaceFromJson(created.space),
  );
  // A script that is run again still says what it began with, although somebody has raised it since.
  const isSinceRaised = by !== 'Tuner.restore' && plan.samples < samples && plan.samples >= countOf(created.samples ?? recorded);
  const same = { ...plan, ...(runConfig.checkpointConfig === undefined ? { checkpoints } : {}), ...(isSinceRaised ? { samples } : {}) };
  checkSame(created, same, by, samples);
  checkPlan(same);
  return same;
}

const countOf = (samples: number | 'unlimited'): number => (samples === 'unlimited' ? Number.POSITIVE_INFINITY : samples);

/** What is `undefined` is not given. */
const definedIn = <T extends object>(options: T | undefined): Partial<T> =>
  Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined)) as Partial<T>;

/** The records of the stop rules of the latest session. */
function recordedStop({ created, opened }: Setup): readonly Json[] {
  const stop = opened ? opened.stop : created.stop;
  return Array.isArray(stop) ? stop : [];
}

function rebuilt(record: Json): readonly StopRule[] {
  const rule = rebuildStopRule(record);
  return rule === undefined ? [] : [rule];
}

/** What is code, and neither given again nor a built-in: as an error message lists it. Empty for an experiment that `fit()` continues as it is. */
export function missingCode(experiment: Setup, { paramSpace, tuneConfig = {}, runConfig = {} }: RestoreOptions = {}): readonly string[] {
  const { searcher, scheduler, space } = experiment.created;
  const functions = paramSpace === undefined ? sampleFroms(space) : [];
  const rules = runConfig.stop === undefined ? recordedStop(experiment).filter((record) => rebuildStopRule(record) === undefined) : [];
  return [
    (tuneConfig.searchAlg ?? rebuildSearcher(searcher)) ? '' : `tuneConfig.searchAlg "${searcher.name}"`,
    (tuneConfig.scheduler ?? rebuildScheduler(scheduler)) ? '' : `tuneConfig.scheduler "${scheduler.name}"`,
    functions.length === 0 ? '' : `paramSpace (sampleFrom at ${functions.join(', ')})`,
    rules.length === 0 ? '' : `runConfig.stop (${rules.map(stopRuleName).join(', ')})`,
  ].filter(Boolean);
}

function checkNothingMissing(experiment: Setup, options: RestoreOptions, by: Restored['by']): void {
  const missing = missingCode(experiment, options);
  if (missing.length === 0) return;
  const list = missing.length === 1 ? missing[0] : `${missing.slice(0, -1).join(', ')} and ${missing.at(-1)}`;
  const hint = 'Give the options that it was started with; `stop: []` goes on without stop rules, and getResults() needs nothing.';
  throw new AttuneError('RESTORE_MISMATCH', `${by}: expected ${list} to be given again, since code is not stored, got nothing.`, { hint });
}

/** The paths of the functions in a stored space. */
function sampleFroms(space: Json): readonly string[] {
  if (typeof space !== 'object' || space === null) return [];
  const { [TAG]: kind, path } = space as Readonly<Record<string, Json>>;
  if (kind === 'sampleFrom') return [String(path)];
  return [...new Set(Object.values(space).flatMap(sampleFroms))];
}
