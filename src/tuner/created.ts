import { AttuneError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { canonicalJson } from '../base/json.ts';
import { spaceToJson } from '../space/space.ts';
import type { Created, PluginRecord } from '../trial/events.ts';
import type { Plan } from './plan.ts';

/** The first line of the journal: what is fixed for the life of an experiment. */
export function createdEvent(plan: Plan, name: string, versions: Readonly<Record<string, string>>, commit?: string): Created {
  const { trainable, seed, space, objectives, searcher, scheduler, checkpoints, run } = plan;
  const { maxFailures = 0, failFast = false } = run.failureConfig ?? {};
  return {
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
  };
}

function pluginRecord({ name, options }: { readonly name: string; readonly options?: Json }): PluginRecord {
  return options === undefined ? { name } : { name, options };
}

/** Refuses to go on with other options than the experiment was started with, naming each difference. @throws {AttuneError} `RESTORE_MISMATCH` */
export function checkSame(created: Created, plan: Plan): void {
  const now = createdEvent(plan, created.name, created.versions);
  const compared = ['seed', 'space', 'objectives', 'searcher', 'scheduler', 'checkpoints', 'maxFailures', 'failFast'] as const;
  const differences = compared.filter((key) => canonicalJson(created[key]) !== canonicalJson(now[key]));
  if (created.trainable.name !== now.trainable.name) differences.push('trainable' as never);
  if (differences.length === 0) return;
  const shown = differences.map((key) => `${key}: was ${canonicalJson(created[key])}, is ${canonicalJson(now[key])}`);
  throw new AttuneError('RESTORE_MISMATCH', `restore: expected the options of the experiment, got a different ${shown.join('; ')}.`);
}

/** More samples may be wanted of a restored experiment, never fewer: they may have run. @throws {AttuneError} `RESTORE_MISMATCH` */
export function checkSamples(before: number, now: number): void {
  if (now >= before) return;
  const show = (samples: number): string => String(Number.isFinite(samples) ? samples : -1);
  throw new AttuneError('RESTORE_MISMATCH', `restore: expected numSamples to be at least ${show(before)}, as before, got ${show(now)}.`);
}
