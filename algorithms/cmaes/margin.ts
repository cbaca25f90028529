import { normalTail, normalTailAt } from '../../src/base/numeric/normal.ts';

/** Where the points of one stepped parameter are drawn: around `mean`, this wide. */
export interface Marginal {
  readonly mean: number;
  readonly deviation: number;
}

/**
 * The nearest marginal that leaves the cell of its mean often enough: with probability `margin` where the cell has one neighbour, else
 * with half of that to either side. Without it the search stays at one value once the deviation is small beside the step.
 *
 * @param cell - the ends of the cell in which the mean lies; one of them may be infinite
 * @see Hamano, Saito, Nomura and Shirakawa 2022, "CMA-ES with margin", arXiv 2205.13482, section 4
 */
export function withMargin({ mean, deviation }: Marginal, [low, high]: readonly [number, number], margin: number): Marginal {
  if (low === -Infinity || high === Infinity) {
    const [end, side] = low === -Infinity ? [high, -1] : [low, 1];
    return { mean: end + side * Math.min(Math.abs(mean - end), normalTailAt(margin) * deviation), deviation };
  }
  const [below, above] = [normalTail((mean - low) / deviation), normalTail((high - mean) / deviation)];
  const least = margin / 2;
  if (Math.min(below, above) >= least) return { mean, deviation };
  const [inside, atLeastBelow, atLeastAbove] = [1 - below - above, Math.max(below, least), Math.max(above, least)];
  const excess = (1 - atLeastBelow - atLeastAbove - inside) / (atLeastBelow + inside + atLeastAbove - 3 * least);
  const reach = (probability: number): number => normalTailAt(Math.min(probability + excess * (probability - least), 0.5 - 1e-10));
  const [down, up] = [reach(atLeastBelow), reach(atLeastAbove)];
  return { mean: (low * up + high * down) / (down + up), deviation: (high - low) / (down + up) };
}
