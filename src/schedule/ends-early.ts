import type { Json } from '../base/json.ts';
import type { Scheduler } from './scheduler.ts';

/** How far trials train at most, and by what that is counted. */
interface Horizon {
  readonly by: string;
  readonly timeAttr: string;
  readonly maxT: number;
}

const STEPS = 'training_iteration';

/**
 * What to tell somebody whose stop rules end every trial before the `maxT` that the scheduler plans with: its last rungs would never
 * be reached. Known from recorded options: a scheduler's `maxT` and `timeAttr`, also within others, and rules that compare that
 * attribute with a number, or count reports. Expressions and functions are not looked into.
 */
export function endsEarly(scheduler: Scheduler, rules: Scheduler | undefined): string | undefined {
  for (const { by, timeAttr, maxT } of horizonsOf(scheduler.name, scheduler.options)) {
    const end = Math.min(...listOf(rules?.options).flatMap((rule) => endOf(rule, timeAttr)));
    if (end >= maxT) continue;
    return `stop: trials end at ${timeAttr} ${end}, but ${by} trains the best ones to maxT ${maxT}: it compares no trial beyond ${end}. Give both the same number.`;
  }
  return undefined;
}

function horizonsOf(by: string, options: Json | undefined): readonly Horizon[] {
  if (typeof options !== 'object' || options === null) return [];
  if (Array.isArray(options)) return options.flatMap((part) => horizonsOf(by, part as Json));
  const { maxT, timeAttr = STEPS, name = by, ...parts } = options as Readonly<Record<string, Json>>;
  const owner = typeof name === 'string' ? name : by;
  if (typeof maxT === 'number' && typeof timeAttr === 'string') return [{ by: owner, timeAttr, maxT }];
  return Object.values(parts).flatMap((part) => horizonsOf(owner, part));
}

/** Where a recorded stop rule ends a trial, if that is a number. */
function endOf(rule: Json, timeAttr: string): readonly number[] {
  if (typeof rule !== 'object' || rule === null) return [];
  const { [timeAttr]: threshold, scheduler, options, metric, mode, value } = rule as Readonly<Record<string, Json>>;
  const counted = scheduler === 'maximumIteration' && timeAttr === STEPS ? (options as { readonly maxIter?: Json }).maxIter : undefined;
  const compared = metric === timeAttr && mode === 'max' ? value : undefined;
  return [threshold, counted, compared].filter((end) => typeof end === 'number');
}

const listOf = (options: Json | undefined): readonly Json[] => (Array.isArray(options) ? options : []);
