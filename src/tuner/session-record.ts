import type { JsonObject } from '../base/json.ts';
import { encodeJson, findNonJson } from '../base/json.ts';
import type { Created } from '../trial/events.ts';
import { rebuildExecutor, rebuildScheduler, rebuildSearcher } from './builtins.ts';
import type { RestoreOptions, RunConfig, TuneConfig } from './options.ts';
import type { Plan } from './plan.ts';

/** What a session was started with, beyond what is fixed for its experiment: enough to start another one like it. */
export interface SessionRecord {
  /** Those that are data, flat. An executor of ours as its name and options. */
  readonly options: JsonObject;
  /** The names of those that are code, which is not stored; a bare function as trainable is one. */
  readonly code: readonly string[];
}

const TUNE = ['maxConcurrentTrials', 'timeBudgetS'] as const satisfies readonly (keyof TuneConfig)[];
const RUN = [
  ...(['stop', 'failureConfig', 'trialTimeoutS', 'stopGraceS', 'resources', 'callbacks', 'loggers', 'reporter', 'trialDirName', 'handleSignals'] as const),
  'verbose',
] as const satisfies readonly (keyof RunConfig)[];

export function sessionRecord(plan: Plan, created: Created): SessionRecord {
  const { tune, run } = plan;
  const given = { ...pick(tune, TUNE), ...pick(run, RUN), executor: executorRecord(run) };
  const options: Record<string, JsonObject[string]> = {};
  const code = [
    created.trainable.module === undefined ? 'trainable' : '',
    encodeJson(created.space).includes('"$domain":"sampleFrom"') ? 'paramSpace' : '',
    rebuildSearcher(created.searcher) ? '' : 'searchAlg',
    rebuildScheduler(created.scheduler) ? '' : 'scheduler',
  ].filter(Boolean);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (findNonJson(value) === undefined) options[name] = value as never;
    else code.push(name);
  }
  return { options, code };
}

/** The options for a restore that goes on as this session did. */
export function restoreOptionsOf({ options }: SessionRecord): RestoreOptions {
  const { executor, ...rest } = options as { readonly executor?: { readonly name: string; readonly options?: JsonObject } };
  const rebuilt = executor && rebuildExecutor(executor);
  const runConfig = { ...pick(rest, RUN), ...(rebuilt ? { executor: rebuilt } : {}) };
  return { tuneConfig: pick(rest, TUNE), runConfig } as RestoreOptions;
}

/** As data when it is one of ours, else as it is. */
function executorRecord({ executor }: RunConfig): unknown {
  if (executor === undefined) return undefined;
  const record = { name: executor.name, ...(executor.options === undefined ? {} : { options: executor.options }) };
  return rebuildExecutor(record) ? record : executor;
}

function pick(options: object, names: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(options).filter(([name, value]) => names.includes(name) && value !== undefined));
}
