import type { Json } from '../base/json.ts';
import type { Scheduler } from './scheduler.ts';

/** How far a scheduler lets trials train, and by what it counts that. */
export interface Horizon {
  /** The name of the scheduler. */
  readonly by: string;
  readonly timeAttr: string;
  /** `Infinity` of one that only says by what it counts. */
  readonly maxT: number;
}

/** What is counted where nothing else is named. */
export const STEPS = 'training_iteration';

/** Those of a scheduler and of all within it, known from recorded options: their `maxT` and `timeAttr`. */
export function horizonsOf({ name, options = null }: Pick<Scheduler, 'name' | 'options'>): readonly Horizon[] {
  const { maxT, timeAttr } = isObject(options) ? options : {};
  const own = { by: name, timeAttr: typeof timeAttr === 'string' ? timeAttr : STEPS, maxT: typeof maxT === 'number' ? maxT : Number.POSITIVE_INFINITY };
  return [...(typeof maxT === 'number' || typeof timeAttr === 'string' ? [own] : []), ...partsOf(options).flatMap(horizonsOf)];
}

/**
 * Where recorded stop rules end every trial, in units of `timeAttr`; `Infinity` where they do not say. They say it where they compare that
 * attribute with a number, or count reports. Expressions and functions are not looked into.
 */
export function endOf(rules: Scheduler | undefined, timeAttr: string): number {
  const records = Array.isArray(rules?.options) ? (rules.options as readonly Json[]) : [];
  return Math.min(...records.flatMap((record) => (isObject(record) ? endsOf(record, timeAttr) : [])));
}

function endsOf(rule: Readonly<Record<string, Json>>, timeAttr: string): readonly number[] {
  const { [timeAttr]: threshold, scheduler, options = null, metric, mode, value } = rule;
  if (typeof scheduler === 'string') return timeAttr === STEPS ? [reportsOf({ name: scheduler, options })] : [];
  return [threshold, metric === timeAttr && mode === 'max' ? value : undefined].filter((end) => typeof end === 'number');
}

/** At which report a scheduler stops every trial at the latest, as far as it counts reports; else `Infinity`. */
export function reportsOf({ name, options = null }: Pick<Scheduler, 'name' | 'options'>): number {
  if (name === 'firstOf') return Math.min(...partsOf(options).map(reportsOf));
  if (name === 'allOf') return Math.max(...partsOf(options).map(reportsOf));
  const maxIter = name === 'maximumIteration' && isObject(options) ? options['maxIter'] : undefined;
  return typeof maxIter === 'number' ? maxIter : Number.POSITIVE_INFINITY;
}

/** Whether all that it decides follows from how many reports trials have made. */
export function countsReports({ name, options = null }: Pick<Scheduler, 'name' | 'options'>): boolean {
  if (name === 'firstOf' || name === 'allOf') return partsOf(options).every(countsReports);
  return name === 'maximumIteration';
}

/** The schedulers within another, as it records them. */
function partsOf(options: Json): readonly { readonly name: string; readonly options: Json }[] {
  const values: readonly Json[] = isObject(options) ? Object.values(options).flat() : Array.isArray(options) ? options : [];
  return values.flatMap((value) => {
    const { name, options: its } = isObject(value) ? value : {};
    return typeof name === 'string' && its !== undefined ? [{ name, options: its }] : [];
  });
}

const isObject = (value: Json): value is Readonly<Record<string, Json>> => typeof value === 'object' && value !== null && !Array.isArray(value);
