import { logMass } from '../../base/numeric/truncated-normal.ts';
import type { Attribute } from '../attributes.ts';
import { isNumber } from '../numbers.ts';

/** Of a continuous parameter; of one with fewer values as many as it has. */
const CELLS = 50;
/** Added to every density, so that none is 0. */
const FLOOR = 1e-12;
/** Trials with or without a parameter count from so many on. */
const LEAST_TRIALS = 2;

/**
 * PED-ANOVA: of each parameter, how far its distribution among the best trials is from that among all (Pearson's divergence of two kernel densities on a grid).
 *
 * @param losses - one per trial, finite
 * @param rows - of each trial its row in the attributes' values
 * @param top - the share of the trials that counts as the best; above 0, below 1
 * @returns one per attribute, >= 0; a parameter that only some trials have counts by the share of them
 * @remarks O(k n + 50² k) for k parameters of n trials.
 * @see Watanabe, Bansal & Hutter 2023, "PED-ANOVA", IJCAI, theorem 1; "Conditional PED-ANOVA", arXiv 2601.20800, theorem 4.2, for parameters that only some trials have
 */
export function pedAnova(attributes: readonly Attribute[], losses: readonly number[], rows: readonly number[], top: number): readonly number[] {
  const sorted = [...losses].sort((a, b) => a - b);
  const cutoff = sorted[Math.ceil(top * losses.length) - 1] as number;
  const best = rows.filter((_, i) => (losses[i] as number) <= cutoff);
  const scale = (best.length / rows.length) ** 2;
  return attributes.map((attribute) => {
    const present = (trials: readonly number[]): readonly number[] => trials.map((row) => attribute.values[row] as number).filter(isNumber);
    const [inTop, inAll] = [present(best), present(rows)];
    if (inAll.length < LEAST_TRIALS || inTop.length === 0 || new Set(inAll).size < 2) return 0;
    const [alpha, beta] = [inTop.length / best.length, inAll.length / rows.length];
    return (scale * alpha ** 2 * divergence(density(attribute, inTop), density(attribute, inAll))) / beta;
  });
}

function divergence(top: readonly number[], all: readonly number[]): number {
  return all.reduce((total, p, i) => total + (p + FLOOR) * (((top[i] as number) + FLOOR) / (p + FLOOR) - 1) ** 2, 0);
}

const density = (attribute: Attribute, values: readonly number[]): readonly number[] =>
  attribute.kind === 'categorical' ? shares(countsOf(values, attribute.labels.length)) : kernels(countsOf(values.map(cellOf(attribute)), cellsOf(attribute)));

function countsOf(indices: readonly number[], size: number): readonly number[] {
  const counts = new Array<number>(size).fill(0);
  for (const index of indices) counts[index] = (counts[index] as number) + 1;
  return counts;
}

type Numeric = Extract<Attribute, { kind: 'numeric' }>;

/** Logarithmic whole numbers have a cell for each doubling, and one more. */
const cellsOf = ({ log, cardinality }: Numeric): number =>
  Math.max(2, Math.min(CELLS, log && Number.isFinite(cardinality) ? Math.ceil(Math.log2(cardinality)) + 1 : cardinality));

/** The nearest point of an even grid from the lowest to the highest value; the lower of two. */
function cellOf(attribute: Numeric): (value: number) => number {
  const { low, high } = attribute;
  const cells = cellsOf(attribute);
  const width = (high - low) / (cells - 1);
  return (value) => Math.min(Math.max(Math.ceil((value - low) / width - 0.5), 0), cells - 1);
}

/** Of categories: each observed one a kernel that leaves a little for the others, and one even kernel for what was known before. */
function shares(counts: readonly number[]): readonly number[] {
  const observed = counts.filter((count) => count > 0).length;
  const total = counts.reduce((sum, count) => sum + count, 1);
  const others = 1 / (observed + 1);
  const sum = 1 + counts.length * others;
  return counts.map((own) => ((total - 1) * others + own) / sum / total + 1 / counts.length / total);
}

/** Of cells: a normal kernel on each observed one, of Scott's width, cut at the ends; and a wide one in the middle for what was known before. */
function kernels(counts: readonly number[]): readonly number[] {
  const cells = counts.length;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const all = [
    ...counts.flatMap((count, cell) => (count > 0 ? [{ weight: count, mean: cell, width: scottWidth(counts, total) }] : [])),
    { weight: 1, mean: (cells - 1) / 2, width: cells },
  ];
  const densities = new Array<number>(cells).fill(0);
  for (const { weight, mean, width } of all) {
    const whole = logMass((-0.5 - mean) / width, (cells - 0.5 - mean) / width);
    for (let cell = 0; cell < cells; cell++) {
      const mass = Math.exp(logMass((cell - 0.5 - mean) / width, (cell + 0.5 - mean) / width) - whole);
      densities[cell] = (densities[cell] as number) + (weight * mass) / (total + 1);
    }
  }
  return densities;
}

/** Ninety percent of a kernel lie within its cell at least. @see Scott 1992, "Multivariate Density Estimation" */
function scottWidth(counts: readonly number[], total: number): number {
  const observed = counts.flatMap((count, cell) => (count > 0 ? [{ count, cell }] : []));
  const mean = observed.reduce((sum, { count, cell }) => sum + count * cell, 0) / total;
  const variance = observed.reduce((sum, { count, cell }) => sum + count * (cell - mean) ** 2, 0) / Math.max(1, total - 1);
  const cumulated: number[] = [];
  for (const { count } of observed) cumulated.push((cumulated.at(-1) ?? 0) + count);
  const place = (holds: (sum: number) => boolean): number => {
    const index = cumulated.findIndex(holds);
    return observed[index < 0 ? observed.length - 1 : index]?.cell ?? 0;
  };
  const range = place((sum) => sum > Math.floor((total * 3) / 4)) - place((sum) => sum >= Math.floor(total / 4));
  return Math.max(1.059 * Math.min(range / 1.34, Math.sqrt(variance)) * total ** -0.2, 0.5 / 1.64);
}
