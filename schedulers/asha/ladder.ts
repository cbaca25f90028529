import type { ScheduleContext } from '../../src/schedule/scheduler.ts';

/** What the variants of `asha` have in common: where the rungs stand, and who climbs which ones. */
export interface Ladder {
  readonly maxT: number;
  readonly reductionFactor: number;
  readonly timeAttr: string | undefined;
  /** By bracket: its milestones, ascending. Bracket `s` leaves out the first `s`. */
  readonly brackets: readonly (readonly number[])[];
}

/** Where a trial is: the highest rung at which it was recorded, -1 for none. */
export interface Place {
  readonly bracket: number;
  rung: number;
}

/** The place of a trial; one that is new is put into a bracket. */
export function placeOf<P extends Place>(places: Record<string, P>, trial: number, ladder: Ladder, context: ScheduleContext, fresh: (bracket: number) => P): P {
  return (places[trial] ??= fresh(ladder.brackets.length === 1 ? 0 : drawBracket(ladder, context.rng('bracket', trial).next())));
}

/** A bracket is drawn with a chance that goes by e to the number of its rungs. @param draw - uniform on [0, 1) */
function drawBracket({ brackets }: Ladder, draw: number): number {
  const weights = brackets.map(({ length }) => Math.exp(length - (brackets[0]?.length ?? 0)));
  let left = draw * weights.reduce((sum, weight) => sum + weight, 0);
  const drawn = weights.findIndex((weight) => (left -= weight) < 0);
  return drawn < 0 ? brackets.length - 1 : drawn;
}

/** The highest rung that a trial has passed, if it was not recorded there, or higher, before. */
export function rungPassed({ brackets }: Ladder, { bracket, rung }: Place, time: number): number | undefined {
  const passed = brackets[bracket]?.findLastIndex((milestone) => milestone <= time) ?? -1;
  return passed > rung ? passed : undefined;
}

/** How many of `n` trials at a rung may go on. */
export const placesOf = (n: number, { reductionFactor }: Ladder): number => Math.floor(n / reductionFactor);

/** How many come before, in an ascending list; `comesBefore` is true for the first ones and false for all others. */
export function countBefore<T>(ascending: readonly T[], comesBefore: (entry: T) => boolean): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (comesBefore(ascending[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return low;
}
