import { AttuneError } from '../../base/errors.ts';
import { checkNumber, checkOptions, checkText, describe } from '../../base/options.ts';
import { checkPart } from '../../schedule/compose.ts';
import type { Scheduler } from '../../schedule/scheduler.ts';
import { choice, loguniform, qrandint, randint, uniform } from '../../space/domains.ts';
import { compileSpace, spaceToJson } from '../../space/space.ts';
import { ashaLaws } from './asha.ts';
import { type Check, checkOf } from './check.ts';
import { hyperbandLaws } from './hyperband.ts';
import type { Law } from './law.ts';
import { METRIC } from './law-world.ts';
import { lifecycleLaws } from './lifecycle.ts';
import { medianLaws } from './median.ts';
import { pbtLaws } from './pbt.ts';
import type { Family, Given, Subject } from './subject.ts';
import { symmetryLaws } from './symmetry.ts';

/** What `schedulerLaws` takes beside the scheduler. */
export interface SchedulerLawsOptions {
  /** What it is a kind of; its laws come with it, all of them. `'other'`: only those for every scheduler. */
  readonly family: Family;
  /** Whether it pauses trials. Default false: then a pause is a broken law. */
  readonly pauses?: boolean;
  /** Whether it may leave trials paused when all is done, as where only the best are promoted. Default false: then that is a deadlock. */
  readonly leavesPaused?: boolean;
  /** The metric that says how far a trial is. Default: the recorded option `timeAttr`, else the number of its reports. */
  readonly timeAttr?: string;
  /** In how many worlds each law is tried. Default 100. */
  readonly numRuns?: number;
  /** Of the worlds: the same seed, the same worlds. Default 0. */
  readonly seed?: number;
  /** The space that configurations are drawn from. Default: one parameter of each kind. */
  readonly paramSpace?: unknown;
  /** How many metrics the worlds report. Default 1. */
  readonly objectives?: number;
  /** Whether a world that breaks a law is made as small as can be. Default true; false is faster. */
  readonly shrink?: boolean;
  /** Only the laws of these names, one at least. Default: all. */
  readonly only?: readonly string[];
}

const OPTIONS = [
  'family',
  'pauses',
  'leavesPaused',
  'timeAttr',
  'numRuns',
  'seed',
  'paramSpace',
  'objectives',
  'shrink',
  'only',
] as const satisfies (keyof SchedulerLawsOptions)[];

/** The laws of each family, beside those for every scheduler. */
const FAMILIES: Readonly<Record<Family, readonly Law[]>> = { asha: ashaLaws, hyperband: hyperbandLaws, median: medianLaws, pbt: pbtLaws, other: [] };

/** Every law that there is for schedulers of the family. */
export const lawsOf = (family: Family): readonly Law[] => [...lifecycleLaws, ...symmetryLaws, ...FAMILIES[family]];

/** One parameter of each kind: what a scheduler may have to mutate. */
export const LAW_SPACE = {
  lr: loguniform(1e-4, 1),
  width: qrandint(8, 256, 8),
  layers: randint(1, 5),
  kind: choice(['a', 'b', 'c']),
  nested: { momentum: uniform(0, 1) },
};

/**
 * The laws that a scheduler must keep, as checks for any test runner. Each is tried in generated worlds, through the real loop
 * in virtual time: 1 ms or two for each run.
 *
 * @param make - makes a new scheduler, each time; told which metric the world has and in which mode, for one that watches it by name
 * @returns one check for each law; those that do not apply are there too, with the reason, as `skipped`
 * @throws {AttuneError} `OPTION_UNKNOWN`; `OPTION_RANGE`, also where `make` makes no scheduler; what `make` and `check` of the scheduler throw
 * @example
 * import { fifo } from 'attune/schedulers';
 * import { schedulerLaws } from 'attune/testing';
 * import { test } from 'vitest';
 *
 * for (const { name, law, run, skipped } of schedulerLaws(() => fifo(), { family: 'other' })) {
 *   test.skipIf(skipped)(`${name}: ${law}`, () => run());
 * }
 */
export function schedulerLaws(make: (given: Given) => Scheduler, options: SchedulerLawsOptions): readonly Check[] {
  const { numRuns = 100, seed = 0, shrink = true, only } = checked(options);
  checkMake('schedulerLaws', make);
  const subject = subjectOf(make, options);
  const laws = chosen(`schedulerLaws of the family ${options.family}`, lawsOf(options.family), only);
  return laws.map((law) => checkOf(law, subject, { numRuns, seed, shrink }));
}

/** @throws {AttuneError} `OPTION_RANGE` unless it is a function */
export function checkMake(where: string, make: unknown): void {
  if (typeof make === 'function') return;
  const hint = typeof make === 'object' && make !== null ? { hint: 'Each run takes a new one: give () => … with the call that makes it.' } : {};
  throw new AttuneError('OPTION_RANGE', `${where}: expected make to be a function, got ${describe(make)}.`, hint);
}

/**
 * The laws of these names, or all.
 * @throws {AttuneError} `OPTION_RANGE` for a name that no law has, and for none: a file of no laws would be green
 */
export function chosen<T extends { readonly name: string }>(where: string, laws: readonly T[], only: unknown): readonly T[] {
  if (only === undefined) return laws;
  const names = laws.map(({ name }) => name);
  const wrong = Array.isArray(only) ? (only as unknown[]).find((name) => !names.includes(name as string)) : only;
  if (wrong === undefined && Array.isArray(only) && only.length > 0) return laws.filter(({ name }) => only.includes(name));
  throw new AttuneError('OPTION_RANGE', `${where}: expected only to be a list of laws (${names.join(', ')}), got ${describe(wrong ?? only)}.`);
}

function checked(options: SchedulerLawsOptions): SchedulerLawsOptions {
  checkOptions('schedulerLaws', options, OPTIONS);
  const { family, numRuns, seed, objectives, timeAttr } = options;
  if (!Object.hasOwn(FAMILIES, family)) {
    throw new AttuneError('OPTION_RANGE', `schedulerLaws: expected family to be one of ${Object.keys(FAMILIES).join(', ')}, got ${describe(family)}.`);
  }
  for (const name of ['pauses', 'leavesPaused', 'shrink'] as const) {
    const value: unknown = options[name];
    if (value !== undefined && typeof value !== 'boolean')
      throw new AttuneError('OPTION_RANGE', `schedulerLaws: expected ${name} to be true or false, got ${describe(value)}.`);
  }
  if (timeAttr !== undefined) checkText('schedulerLaws', 'timeAttr', timeAttr);
  if (numRuns !== undefined) checkNumber('schedulerLaws', 'numRuns', numRuns, 'an integer >= 1', (n) => Number.isSafeInteger(n) && n >= 1);
  if (seed !== undefined) checkNumber('schedulerLaws', 'seed', seed, 'an integer', Number.isSafeInteger);
  if (objectives !== undefined) checkNumber('schedulerLaws', 'objectives', objectives, 'an integer >= 0', (n) => Number.isSafeInteger(n) && n >= 0);
  return options;
}

function subjectOf(make: (given: Given) => Scheduler, options: SchedulerLawsOptions): Subject {
  const { family, pauses = false, leavesPaused = false, paramSpace = LAW_SPACE, objectives = 1 } = options;
  const space = compileSpace(paramSpace);
  const scheduler: unknown = make({ metric: METRIC, mode: 'min' });
  checkPart('schedulerLaws: make()', scheduler);
  scheduler.check?.({ space, objectives, samples: 8, slots: 4 });
  const { name, uses, options: recorded } = scheduler;
  const known = typeof recorded === 'object' && recorded !== null && !Array.isArray(recorded) ? (recorded as Subject['options']) : {};
  const timeAttr = options.timeAttr ?? (typeof known['timeAttr'] === 'string' ? known['timeAttr'] : undefined);
  const declared = {
    family,
    ...(pauses ? { pauses } : {}),
    ...(leavesPaused ? { leavesPaused } : {}),
    ...(timeAttr === undefined ? {} : { timeAttr }),
    ...(objectives === 1 ? {} : { objectives }),
    ...(paramSpace === LAW_SPACE ? {} : { paramSpace: spaceToJson(space) }),
  };
  return { make, name, family, pauses, leavesPaused, uses: new Set(uses), timeAttr, space, options: known, objectives, declared };
}
