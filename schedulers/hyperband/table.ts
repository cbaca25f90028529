import { rungs } from '../../src/schedule/rungs.ts';

/** Which sizes brackets have. */
export type HyperbandTable = 'paper' | 'paper-example' | 'ceil';

/** So many trials of a bracket train that far. */
export interface Rung {
  readonly trials: number;
  readonly milestone: number;
}

/**
 * The brackets of HyperBand, largest first, each with its rungs from the first to `maxT`. With S the greatest whole number for which
 * `reductionFactor ** S <= maxT`, bracket s from S to 0 begins at `maxT / reductionFactor ** s` with this many trials, of which
 * the rung after it takes one in `reductionFactor`:
 *
 * - `'paper'`: `ceil((S + 1) / (s + 1) * reductionFactor ** s)`, and rounded down at every rung;
 * - `'paper-example'`: `ceil(floor((S + 1) / (s + 1)) * reductionFactor ** s)`, and rounded down;
 * - `'ceil'`: as many as `'paper'`, and rounded up.
 */
export function hyperbandTable(maxT: number, reductionFactor: number, table: HyperbandTable): readonly (readonly Rung[])[] {
  const powers = rungs(1, maxT, reductionFactor);
  const most = powers.length - 1;
  return powers.toReversed().map((power, i) => {
    const s = most - i;
    const first = Math.ceil(table === 'paper-example' ? Math.floor((most + 1) / (s + 1)) * power : ((most + 1) * power) / (s + 1));
    let trials = first;
    return powers.slice(0, s + 1).map((divisor, rung): Rung => {
      if (rung > 0) trials = table === 'ceil' ? Math.ceil(trials / reductionFactor) : Math.max(1, Math.floor(first / divisor));
      return { trials, milestone: maxT / (powers[s - rung] ?? 1) };
    });
  });
}
