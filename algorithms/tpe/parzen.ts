import { LOG_ROOT_TAU, logMass, quantile } from '../../src/base/numeric/truncated-normal.ts';
import type { Rng } from '../../src/base/rng.ts';
import { type Axis, type CategoricalAxis, cell, type NumericAxis, settled } from '../../src/space/axis.ts';

/** So many of the latest observations count in full. */
const RECENT = 25;
/** Kernels are never narrower than the range by so much. */
const MOST_PARTS = 100;

/** What was observed of one axis. */
export interface Column {
  /** One per observation, oldest first. */
  readonly values: Float64Array;
  /** The numbers of the observations by ascending value, ties by number; not read for a categorical axis. */
  readonly order: Int32Array;
  /** What was computed of these observations before. */
  readonly known?: KnownMasses;
}

/** The logarithm of the part of a kernel that lies within the bounds, by observation, for the width that it had then. */
export interface KnownMasses {
  readonly rows: Int32Array;
  readonly widths: Float64Array;
  readonly masses: Float64Array;
}

interface NumericKernels {
  readonly axis: NumericAxis;
  readonly means: Float64Array;
  readonly widths: Float64Array;
  /** 1 / (√2 · width) */
  readonly sharpness: Float64Array;
  /** Of the density of each kernel: the logarithm of what does not depend on the point. */
  readonly constants: Float64Array;
}

interface CategoricalKernels {
  readonly axis: CategoricalAxis;
  /** The option that was observed; of the prior -1. */
  readonly observed: Int32Array;
  readonly hit: number;
  readonly miss: number;
}

/** A mixture of products: each kernel has a weight, and a distribution for each axis. The last one is the prior. */
export interface Parzen {
  readonly size: number;
  readonly weights: Float64Array;
  readonly kernels: readonly (NumericKernels | CategoricalKernels)[];
}

/**
 * The density of observations: one kernel around each, and one for what was known before.
 *
 * @param count - how many observations there are
 * @param columns - what was observed, one for each axis
 * @param aging - whether the weight of old observations falls; otherwise all weigh the same
 * @see Watanabe 2023, "Tree-structured Parzen estimator", arXiv 2304.11127, section 3.3
 * @remarks O(count) for each axis.
 */
export function parzen(axes: readonly Axis[], count: number, columns: readonly Column[], aging = true): Parzen {
  const size = count + 1;
  return {
    size,
    weights: weightsOf(count, aging),
    kernels: axes.map((axis, i) =>
      axis.kind === 'numeric' ? numericKernels(axis, size, columns[i] as Column) : categoricalKernels(axis, size, columns[i] as Column),
    ),
  };
}

/** 1 for the latest, falling to 1 / count for the oldest; the prior, last, has 1. They add up to 1. */
export function weightsOf(count: number, aging = true): Float64Array {
  const weights = new Float64Array(count + 1).fill(1);
  const ramp = aging ? count - RECENT : 0;
  for (let i = 0; i < ramp; i++) weights[i] = ramp === 1 ? 1 / count : 1 / count + ((1 - 1 / count) * i) / (ramp - 1);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

function numericKernels(axis: NumericAxis, size: number, { values, order, known }: Column): NumericKernels {
  const { low, high, prior, step } = axis;
  const means = new Float64Array(size);
  means.set(values.subarray(0, size - 1));
  means[size - 1] = prior.mean;
  const widths = widthsOf(axis, size, values, order);
  const constants = new Float64Array(size);
  for (let k = 0; k < size; k++) {
    const [mean, width] = [means[k] as number, widths[k] as number];
    const row = k < size - 1 ? known?.rows[k] : undefined;
    let mass = row !== undefined && known?.widths[row] === width ? (known.masses[row] as number) : Number.NaN;
    if (Number.isNaN(mass)) mass = logMass((low - mean) / width, (high - mean) / width);
    if (row !== undefined && known !== undefined) {
      known.widths[row] = width;
      known.masses[row] = mass;
    }
    constants[k] = step > 0 ? -mass : -mass - Math.log(width) - LOG_ROOT_TAU;
  }
  return { axis, means, widths, sharpness: widths.map((width) => Math.SQRT1_2 / width), constants };
}

/** As far as the farther neighbour, those at the ends as far as the only one; at least a hundredth of the range, at most all of it. */
function widthsOf({ from, to, prior }: NumericAxis, size: number, values: Float64Array, order: Int32Array): Float64Array {
  const widths = new Float64Array(size);
  const [count, range] = [size - 1, to - from];
  const least = range / Math.min(MOST_PARTS, 1 + size);
  for (let i = 0; i < count; i++) {
    const k = order[i] as number;
    const value = values[k] as number;
    const below = i > 0 ? value - (values[order[i - 1] as number] as number) : count > 1 ? 0 : value - from;
    const above = i < count - 1 ? (values[order[i + 1] as number] as number) - value : count > 1 ? 0 : to - value;
    widths[k] = Math.min(Math.max(below, above, least), range);
  }
  widths[count] = prior.width;
  return widths;
}

function categoricalKernels(axis: CategoricalAxis, size: number, { values }: Column): CategoricalKernels {
  const observed = new Int32Array(size).fill(-1);
  for (let k = 0; k < size - 1; k++) observed[k] = values[k] as number;
  const total = 1 + axis.options / size;
  return { axis, observed, hit: (1 + 1 / size) / total, miss: 1 / size / total };
}

/**
 * The logarithm of the density at each point. Of a logarithmic axis it is that of the logarithm, of a stepped one a probability.
 *
 * @param points - the coordinates of one point after another
 * @remarks O(kernels · axes) for each point.
 */
export function logDensities({ size, weights, kernels }: Parzen, points: Float64Array): Float64Array {
  const width = kernels.length;
  const base = weights.map(Math.log);
  for (const kernel of kernels) if ('constants' in kernel && kernel.axis.step === 0) addTo(base, kernel.constants);
  const cells = new Map<string, Float64Array>();
  const densities = new Float64Array(width === 0 ? 1 : points.length / width);
  const terms = new Float64Array(size);
  for (let p = 0; p < densities.length; p++) {
    terms.set(base);
    kernels.forEach((kernel, i) => {
      const x = points[p * width + i] as number;
      if ('observed' in kernel) addOption(terms, kernel, x);
      else if (kernel.axis.step === 0) addNormal(terms, kernel, x);
      else {
        const key = `${i} ${x}`;
        const masses = cells.get(key) ?? cellMasses(kernel, x);
        cells.set(key, masses);
        addTo(terms, masses);
      }
    });
    densities[p] = logSumOf(terms);
  }
  return densities;
}

function addTo(sum: Float64Array, more: Float64Array): void {
  for (let k = 0; k < sum.length; k++) sum[k] = (sum[k] as number) + (more[k] as number);
}

function addNormal(terms: Float64Array, { means, sharpness }: NumericKernels, x: number): void {
  for (let k = 0; k < terms.length; k++) {
    const z = (x - (means[k] as number)) * (sharpness[k] as number);
    terms[k] = (terms[k] as number) - z * z;
  }
}

function addOption(terms: Float64Array, { axis, observed, hit, miss }: CategoricalKernels, x: number): void {
  const [logHit, logMiss] = [Math.log(hit), Math.log(miss)];
  const prior = terms.length - 1;
  for (let k = 0; k < prior; k++) terms[k] = (terms[k] as number) + (observed[k] === x ? logHit : logMiss);
  terms[prior] = (terms[prior] as number) - Math.log(axis.options);
}

function cellMasses({ axis, means, widths, constants }: NumericKernels, x: number): Float64Array {
  const [lower, upper] = cell(axis, x);
  return constants.map((constant, k) => {
    const [mean, width] = [means[k] as number, widths[k] as number];
    return constant + logMass((lower - mean) / width, (upper - mean) / width);
  });
}

function logSumOf(terms: Float64Array): number {
  let most = -Infinity;
  for (let k = 0; k < terms.length; k++) if ((terms[k] as number) > most) most = terms[k] as number;
  if (most === -Infinity) return most;
  let sum = 0;
  for (let k = 0; k < terms.length; k++) sum += Math.exp((terms[k] as number) - most);
  return most + Math.log(sum);
}

/** Points drawn from the density, the coordinates of one after another. */
export function drawPoints({ weights, kernels }: Parzen, count: number, rng: Rng): Float64Array {
  const points = new Float64Array(count * kernels.length);
  for (let p = 0; p < count; p++) {
    const k = pick(weights, rng.next());
    kernels.forEach((kernel, i) => {
      points[p * kernels.length + i] = 'observed' in kernel ? drawOption(kernel, k, rng.next()) : drawNumber(kernel, k, rng.next());
    });
  }
  return points;
}

/** The first for which the weights up to it add up to more than `u`. */
function pick(weights: Float64Array, u: number): number {
  let sum = 0;
  for (let k = 0; k < weights.length - 1; k++) {
    sum += weights[k] as number;
    if (u < sum) return k;
  }
  return weights.length - 1;
}

function drawNumber({ axis, means, widths }: NumericKernels, k: number, u: number): number {
  const [mean, width] = [means[k] as number, widths[k] as number];
  return settled(axis, mean + width * quantile(Math.max(u, Number.EPSILON), (axis.low - mean) / width, (axis.high - mean) / width));
}

function drawOption({ axis, observed, hit, miss }: CategoricalKernels, k: number, u: number): number {
  const seen = observed[k] as number;
  if (seen < 0) return Math.min(Math.floor(u * axis.options), axis.options - 1);
  if (u < hit) return seen;
  const other = Math.min(Math.floor((u - hit) / miss), axis.options - 2);
  return other < seen ? other : other + 1;
}
