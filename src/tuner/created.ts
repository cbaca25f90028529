import { AttuneError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { cloneJson } from '../space/clone-json.ts';
import { spaceToJson } from '../space/space.ts';
import type { Created, PluginRecord } from '../trial/events.ts';
import { callText, differences } from './differences.ts';
import type { Plan } from './plan.ts';

/** The first line of the journal: what is fixed for the life of an experiment, and what its first session begins with. */
export function createdEvent(plan: Plan, name: string, versions: Readonly<Record<string, string>>, commit?: string): Created {
  const { trainable, seed, space, objectives, searcher, scheduler, checkpoints, run, tune, rules } = plan;
  const { maxFailures = 0, failFast = false } = run.failureConfig ?? {};
  const points = tune.pointsToEvaluate ?? [];
  const created: Created = {
    kind: 'created',
    schema: 1,
    name,
    seed,
    space: spaceToJson(space),
    objectives,
    trainable: { name: trainable.name, ...(trainable.module === undefined ? {} : { module: trainable.module }), form: trainable.form },
    searcher: pluginRecord(searcher),
    scheduler: pluginRecord(scheduler),
    checkpoints,
    maxFailures,
    failFast,
    versions,
    ...(commit === undefined ? {} : { commit }),
    samples: samplesRecord(plan),
    ...(points.length === 0 ? {} : { points }),
    ...(rules?.options === undefined ? {} : { stop: rules.options }),
  };
  return cloneJson(created as unknown as Json) as unknown as Created; // options and choices are objects of the user's
}

/** JSON has no infinity. */
export const samplesRecord = ({ samples }: Plan): number | 'unlimited' => (Number.isFinite(samples) ? samples : 'unlimited');

function pluginRecord({ name, options }: { readonly name: string; readonly options?: Json }): PluginRecord {
  return options === undefined ? { name } : { name, options };
}

/**
 * Refuses to go on with other options than the experiment was started with, naming each difference. More samples may be wanted, never fewer: they may have run.
 *
 * @param by - who wants to, for the message
 * @param samples - as many as were wanted last; default: not looked at
 * @throws {AttuneError} `RESTORE_MISMATCH`
 */
export function checkSame(created: Created, plan: Plan, by: string, samples = 0): void {
  const now = createdEvent(plan, created.name, created.versions);
  const [metric, mode] = (['metric', 'mode'] as const).map((key) => [created, now].map(({ objectives }) => oneOrAll(objectives.map((each) => each[key]))));
  const found = [
    ...differences('trainable', created.trainable.name, now.trainable.name),
    ...differences('paramSpace', created.space, now.space, true),
    ...differences('tuneConfig.metric', metric?.[0], metric?.[1]),
    ...differences('tuneConfig.mode', mode?.[0], mode?.[1]),
    ...differences('tuneConfig.seed', created.seed, now.seed),
    ...(plan.samples < samples ? [`tuneConfig.numSamples: recorded ${recordedText(samples)}, got ${plan.samples}`] : []),
    ...pluginDifferences('tuneConfig.searchAlg', created.searcher, now.searcher),
    ...pluginDifferences('tuneConfig.scheduler', created.scheduler, now.scheduler),
    ...differences('tuneConfig.pointsToEvaluate', created.points ?? [], now.points ?? []),
    ...differences('runConfig.checkpointConfig', { ...created.checkpoints }, { ...now.checkpoints }),
    ...differences('runConfig.failureConfig.maxFailures', created.maxFailures, now.maxFailures),
    ...differences('runConfig.failureConfig.failFast', created.failFast, now.failFast),
  ];
  if (found.length === 0) return;
  throw new AttuneError('RESTORE_MISMATCH', `${by}: expected the options of the experiment, got others: ${found.join('; ')}.`, {
    hint: 'Give them as they were, or leave them out: what is no code is recorded.',
  });
}

/** One objective is written without an array. */
const oneOrAll = (values: readonly string[]): Json | undefined => (values.length < 2 ? values[0] : values);

function pluginDifferences(option: string, recorded: PluginRecord, given: PluginRecord): readonly string[] {
  if (recorded.name !== given.name) return [`${option}: recorded ${callText(recorded)}, got ${callText(given)}`];
  return differences(option, recorded.options ?? {}, given.options ?? {});
}

const recordedText = (samples: number): string => (Number.isFinite(samples) ? `${samples}, which can only be raised` : '-1 (no limit)');
