import { AttuneError } from '../../base/errors.ts';
import { checkNumber, checkOptions, describe } from '../../base/options.ts';
import type { Mode } from '../../trial/metrics.ts';

/** One report of a trial in the world of a law. */
export interface LawReport {
  /** The metric. NaN and infinities are values too. */
  readonly value: number;
  /** Virtual seconds from the report before, or from the start. Default 1. */
  readonly seconds?: number;
  /** The time attribute, where the scheduler has one. Default: the number of the report. */
  readonly time?: number;
  /** It lacks the metric: reaches neither scheduler nor searcher. */
  readonly missing?: true;
  /** The trial fails so many times before it makes this report. Default 0. */
  readonly fails?: number;
}

/** What one trial reports, from its first step on; after the last it is complete. A number stands for `{ value }`. */
export type LawTrial = readonly (number | LawReport)[];

/**
 * The world that a law is tried in, as plain data: what each trial reports, when, and where it fails. Trials are numbered as
 * they are listed. Everything but `trials` has a default.
 */
export interface LawWorld {
  readonly trials: readonly LawTrial[];
  /** How many trials run at once. Default 1. */
  readonly workers?: number;
  /** Default `'min'`. */
  readonly mode?: Mode;
  /** Keys the configurations, and the draws of the scheduler. Default 0. */
  readonly seed?: number;
  /** How often a trial that failed is tried again, from its last checkpoint. Default 0. */
  readonly retries?: number;
  /** Every so many reports are saved; 0: only those that the scheduler wants saved. Default 0. */
  readonly saveEvery?: number;
  /** The searcher waits while so many trials have not ended. Default: it never waits. */
  readonly inFlight?: number;
}

/** The metric that trials of these worlds report. */
export const METRIC = 'value';

export type FullReport = Required<Omit<LawReport, 'missing' | 'time'>> & Pick<LawReport, 'missing' | 'time'>;

/** A world with every default in its place. */
export interface FullWorld extends Required<Omit<LawWorld, 'trials' | 'inFlight'>> {
  readonly trials: readonly (readonly FullReport[])[];
  readonly inFlight?: number;
}

const reportOf = (report: number | LawReport): FullReport => {
  const { value, seconds = 1, fails = 0, time, missing } = typeof report === 'number' ? { value: report } : report;
  return { value, seconds, fails, ...(time === undefined ? {} : { time }), ...(missing ? { missing } : {}) };
};

export function fullWorld({ trials, workers = 1, mode = 'min', seed = 0, retries = 0, saveEvery = 0, inFlight }: LawWorld): FullWorld {
  return { trials: trials.map((trial) => trial.map(reportOf)), workers, mode, seed, retries, saveEvery, ...(inFlight === undefined ? {} : { inFlight }) };
}

const isCount = (n: number): boolean => Number.isSafeInteger(n) && n >= 0;

/** @throws {AttuneError} `OPTION_RANGE`, `OPTION_UNKNOWN` unless it is a world */
export function checkWorld(world: unknown): asserts world is LawWorld {
  const where = 'run(world)';
  if (typeof world !== 'object' || world === null || Array.isArray(world))
    throw new AttuneError('OPTION_RANGE', `${where}: expected a world, such as { trials: [[0.3, 0.2], [0.5]] }, got ${describe(world)}.`);
  checkOptions(where, world, ['trials', 'workers', 'mode', 'seed', 'retries', 'saveEvery', 'inFlight'] satisfies (keyof LawWorld)[]);
  const { trials, mode, ...numbers } = world as Readonly<Record<string, unknown>>;
  if (!Array.isArray(trials))
    throw new AttuneError('OPTION_RANGE', `${where}: expected trials to be a list with one list of reports each, got ${describe(trials)}.`);
  for (const [i, trial] of (trials as unknown[]).entries()) {
    const at = `${where}: trial ${i}`;
    if (!Array.isArray(trial)) throw new AttuneError('OPTION_RANGE', `${at}: expected a list of reports, got ${describe(trial)}.`);
    for (const report of trial as unknown[]) checkReport(at, report);
  }
  if (mode !== undefined && mode !== 'min' && mode !== 'max')
    throw new AttuneError('OPTION_RANGE', `${where}: expected mode to be "min" or "max", got ${describe(mode)}.`);
  for (const [name, value] of Object.entries(numbers)) {
    if (value === undefined) continue;
    if (name === 'workers' || name === 'inFlight') checkNumber(where, name, value, 'an integer >= 1', (n) => isCount(n) && n >= 1);
    else if (name === 'seed') checkNumber(where, name, value, 'an integer', Number.isSafeInteger);
    else checkNumber(where, name, value, 'an integer >= 0', isCount);
  }
}

function checkReport(where: string, report: unknown): void {
  if (typeof report === 'number') return;
  if (typeof report !== 'object' || report === null)
    throw new AttuneError('OPTION_RANGE', `${where}: expected a number or { value }, got ${describe(report)}.`);
  checkOptions(where, report, ['value', 'seconds', 'time', 'missing', 'fails'] satisfies (keyof LawReport)[]);
  const { value, seconds = 1, time = 1, missing, fails = 0 } = report as Readonly<Record<string, unknown>>;
  if (typeof value !== 'number') throw new AttuneError('OPTION_RANGE', `${where}: expected value to be a number, got ${describe(value)}.`);
  if (typeof time !== 'number') throw new AttuneError('OPTION_RANGE', `${where}: expected time to be a number, got ${describe(time)}.`);
  checkNumber(where, 'seconds', seconds, 'a finite number >= 0', (n) => Number.isFinite(n) && n >= 0);
  checkNumber(where, 'fails', fails, 'an integer >= 0', isCount);
  if (missing !== undefined && typeof missing !== 'boolean')
    throw new AttuneError('OPTION_RANGE', `${where}: expected missing to be true, got ${describe(missing)}.`);
}

/** The same world as a person would write it: without what is a default. */
export function plainWorld(world: LawWorld): LawWorld {
  const { trials, ...rest } = fullWorld(world);
  const defaults: Readonly<Record<string, unknown>> = { workers: 1, mode: 'min', seed: 0, retries: 0, saveEvery: 0 };
  const kept = Object.entries(rest).filter(([key, value]) => value !== defaults[key]);
  return { ...Object.fromEntries(kept), trials: trials.map((trial) => trial.map(plainReport)) };
}

function plainReport({ value, seconds, fails, time, missing }: FullReport): number | LawReport {
  if (seconds === 1 && fails === 0 && time === undefined && !missing) return value;
  return {
    value,
    ...(seconds === 1 ? {} : { seconds }),
    ...(time === undefined ? {} : { time }),
    ...(missing ? { missing } : {}),
    ...(fails === 0 ? {} : { fails }),
  };
}

/** The same world with every report changed. */
export const eachReport = (world: FullWorld, change: (report: FullReport, trial: number, at: number) => FullReport): FullWorld => ({
  ...world,
  trials: world.trials.map((trial, i) => trial.map((report, at) => change(report, i, at))),
});
