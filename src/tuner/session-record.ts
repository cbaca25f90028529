import type { Json, JsonObject } from '../base/json.ts';
import { findNonJson } from '../base/json.ts';
import { cloneJson } from '../space/clone-json.ts';
import type { Created, Opened } from '../trial/events.ts';
import { executorRecord, rebuildExecutor } from './builtins.ts';
import type { RestoreOptions, RunConfig, TuneConfig } from './options.ts';
import type { Plan } from './plan.ts';
import { missingCode } from './restored-plan.ts';

/** What a session was started with, beyond what a restore knows anyway: enough to start another one like it. */
export interface SessionRecord {
  /** Those options that are data, flat. An executor of ours as its name and options. */
  readonly options: JsonObject;
  /** All that is code, which is not stored, in words; a bare function as trainable is, too. */
  readonly code: readonly string[];
}

const TUNE = ['maxConcurrentTrials', 'timeBudgetS'] as const satisfies readonly (keyof TuneConfig)[];
const RUN = [
  ...(['failureConfig', 'trialTimeoutS', 'stopGraceS', 'callbacks', 'loggers', 'reporter', 'trialDirName', 'handleSignals', 'verbose'] as const),
  'syncPeriodMs',
] as const satisfies readonly (keyof RunConfig)[];

export function sessionRecord({ tune, run, rules }: Plan, created: Created): SessionRecord {
  const given: Readonly<Record<string, unknown>> = {
    ...pick(tune, TUNE),
    ...pick(run, RUN),
    ...(run.executor ? { executor: executorRecord(run.executor) ?? run.executor } : {}),
  };
  const options: Record<string, JsonObject[string]> = {};
  const opened = (rules?.options === undefined ? {} : { stop: rules.options }) as Opened; // of it only these are looked at
  const code = [...(created.trainable.module === undefined ? ['trainable'] : []), ...missingCode({ created, opened })];
  for (const [name, value] of Object.entries(given)) {
    if (findNonJson(value) === undefined) options[name] = cloneJson(value as Json);
    else code.push(`runConfig.${name}`);
  }
  return { options, code };
}

/** The options for a restore that goes on as this session did. */
export function restoreOptionsOf({ options }: Pick<SessionRecord, 'options'>): RestoreOptions {
  const { executor, ...rest } = options as { readonly executor?: { readonly name: string; readonly options?: JsonObject } };
  const rebuilt = executor && rebuildExecutor(executor);
  const runConfig = { ...pick(rest, RUN), ...(rebuilt ? { executor: rebuilt } : {}) };
  return { tuneConfig: pick(rest, TUNE), runConfig } as RestoreOptions;
}

function pick(options: object, names: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(options).filter(([name, value]) => names.includes(name) && value !== undefined));
}
