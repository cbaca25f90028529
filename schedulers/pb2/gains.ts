import { isWorst } from '../../src/base/worst.ts';
import type { Gain } from '../pbt.ts';

type Before = Pick<Gain, 'time' | 'loss'>;

/** So many are remembered: a decision takes the third power of it. */
export const REMEMBERED = 200;

/**
 * Adds what a member gained, in the order of times and trials: in which order they came does not matter. The oldest are forgotten. No
 * time passed, or a member that had diverged: nothing was gained.
 */
export function remember(gains: Gain[], { time, loss }: Before, after: Before, trial: number, values: readonly (number | null)[]): void {
  if (!(after.time > time) || isWorst(loss)) return;
  const rate = (loss - after.loss) / (after.time - time);
  const gain: Gain = { time, loss: loss + 0, trial, rate: isWorst(after.loss) ? null : finite(rate), values }; // + 0: JSON has no -0
  const later = gains.findIndex((other) => compare(other, gain) > 0);
  gains.splice(later < 0 ? gains.length : later, 0, gain);
  gains.splice(0, gains.length - REMEMBERED);
}

const finite = (rate: number): number => Math.min(Math.max(rate, -Number.MAX_VALUE), Number.MAX_VALUE) + 0;

/** By time, trial, and then all the rest: only what is equal in everything ties. */
const compare = (a: Gain, b: Gain): number => keyOf(a).reduce((order, value, i) => order || value - (keyOf(b)[i] as number), 0);

const keyOf = ({ time, trial, loss, rate, values }: Gain): readonly number[] => [
  time,
  trial,
  loss,
  rate ?? -Infinity,
  ...values.map((value) => value ?? -Number.MAX_VALUE),
];
