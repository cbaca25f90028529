import { AttuneError } from '../../base/errors.ts';
import { checkNumber, checkOptions, describe } from '../../base/options.ts';
import type { Scheduler } from '../../schedule/scheduler.ts';
import { choice, loguniform, qrandint, randint, uniform } from '../../space/domains.ts';
import { compileSpace } from '../../space/space.ts';
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

export interface SchedulerLawsOptions {
  /** What it is a kind of; its laws come with it, all of them. `'other'`: only those for every scheduler. */
  readonly family: Family;
  /** Whether it pauses trials. Default false: then a pause is a broken law. */
  readonly pauses?: boolean;
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
  /** Only the laws of these names. Default: all. */
  readonly only?: readonly string[];
}

const OPTIONS = [
  'family',
  'pauses',
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
 * @throws {AttuneError} `OPTION_UNKNOWN`, `OPTION_RANGE`, and what `check` of the scheduler throws
 * @example
 * for (const { name, law, run, skipped } of schedulerLaws(() => myScheduler(), { family: 'other' })) {
 *   test.skipIf(skipped)(`${name}: ${law}`, () => run());
 * }
 */
export function schedulerLaws(make: (given: Given) => Scheduler, options: SchedulerLawsOptions): readonly Check[] {
  const { numRuns = 100, seed = 0, shrink = true, only } = checked(options);
  const subject = subjectOf(make, options);
  const laws = lawsOf(options.family);
  const unknown = only?.find((name) => laws.every((law) => law.name !== name));
  if (unknown !== undefined) {
    const names = laws.map(({ name }) => name).join(', ');
    throw new AttuneError('OPTION_RANGE', `schedulerLaws: expected laws of the family ${options.family} (${names}), got ${describe(unknown)}.`);
  }
  return laws.filter(({ name }) => only === undefined || only.includes(name)).map((law) => checkOf(law, subject, { numRuns, seed, shrink }));
}

function checked(options: SchedulerLawsOptions): SchedulerLawsOptions {
  checkOptions('schedulerLaws', options, OPTIONS);
  const { family, numRuns, seed, objectives } = options;
  if (!Object.hasOwn(FAMILIES, family)) {
    throw new AttuneError('OPTION_RANGE', `schedulerLaws: expected family to be one of ${Object.keys(FAMILIES).join(', ')}, got ${describe(family)}.`);
  }
  if (numRuns !== undefined) checkNumber('schedulerLaws', 'numRuns', numRuns, 'an integer >= 1', (n) => Number.isSafeInteger(n) && n >= 1);
  if (seed !== undefined) checkNumber('schedulerLaws', 'seed', seed, 'an integer', Number.isSafeInteger);
  if (objectives !== undefined) checkNumber('schedulerLaws', 'objectives', objectives, 'an integer >= 0', (n) => Number.isSafeInteger(n) && n >= 0);
  return options;
}

function subjectOf(make: (given: Given) => Scheduler, options: SchedulerLawsOptions): Subject {
  const { family, pauses = false, paramSpace = LAW_SPACE, objectives = 1 } = options;
  const space = compileSpace(paramSpace);
  const scheduler = make({ metric: METRIC, mode: 'min' });
  scheduler.check?.({ space, objectives, samples: 8, slots: 4 });
  const { name, uses, options: recorded } = scheduler;
  const known = typeof recorded === 'object' && recorded !== null && !Array.isArray(recorded) ? (recorded as Subject['options']) : {};
  const timeAttr = options.timeAttr ?? (typeof known['timeAttr'] === 'string' ? known['timeAttr'] : undefined);
  return { make, name, family, pauses, uses: new Set(uses), timeAttr, space, options: known, objectives };
}
