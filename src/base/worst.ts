/**
 * The loss of a report that is NaN or infinite: sorts last, never promoted, never averaged.
 *
 * @example
 * import { WORST } from 'attune';
 *
 * Math.min(1e300, WORST); // => 1e+300
 */
export const WORST = Number.MAX_VALUE;

/**
 * True for the loss of a diverged report. Test with this before a loss is averaged or fitted.
 *
 * @example
 * import { isWorst, WORST } from 'attune';
 *
 * [0.3, WORST, 0.2].filter((loss) => !isWorst(loss)); // => [0.3, 0.2]
 */
export const isWorst = (loss: number): boolean => loss >= WORST;
