import { LOG_ROOT_TAU, logMass, quantile } from '../../src/base/numeric/truncated-normal.ts';
import type { Rng } from '../../src/base/rng.ts';
import { type Axis, type CategoricalAxis, cell, type NumericAxis, settled } from '../../src/space/axis.ts';

/** So many of the latest observations count in full. */
const RECENT = 25;
/** Kernels are never narrower than the range by so much. */
export const MOST_PARTS = 100;
/** A kernel adds nothing to a density in which another weighs e^40 times as much: a number has not so many digits. */
const NOTHING = 40;
/** Draws of one number before it is computed. */
const MOST_TRIES = 32;

/** What was observed of one axis. */
export interface Column {
  /** One per observation, oldest first. */
  readonly values: Float64Array;
  /** The numbers of the observations by ascending value, ties by number; not read for a categorical axis. */
  readonly order: Int32Array;
  /** What was computed of these observations before. */
  readonly known?: KnownConstants;
}

/** The constants of kernels, by row, for the width that each had then. */
export interface KnownConstants {
  /** By observation. */
  readonly rows: Int32Array;
  readonly widths: Float64Array;
  readonly constants: Float64Array;
}

interface NumericKernels {
  readonly axis: NumericAxis;
  readonly means: Float64Array;
  readonly widths: Float64Array;
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
 * @param parts - kernels are at least the range divided by it wide; >= 1, default one more than there are kernels, at most 100
 * @see Watanabe 2023, "Tree-structured Parzen estimator", arXiv 2304.11127, section 3.3
 * @remarks O(count) for each axis.
 */
export function parzen(
  axes: readonly Axis[],
  count: number,
  columns: readonly Column[],
  { aging = true, parts = Math.min(MOST_PARTS, count + 2) }: { readonly aging?: boolean; readonly parts?: number } = {},
): Parzen {
  const size = count + 1;
  return {
    size,
    weights: weightsOf(count, aging),
    kernels: axes.map((axis, i) =>
      axis.kind === 'numeric' ? numericKernels(axis, size, parts, columns[i] as Column) : categoricalKernels(axis, size, columns[i] as Column),
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

function numericKernels(axis: NumericAxis, size: number, parts: number, { values, order, known }: Column): NumericKernels {
  const { low, high, prior, step } = axis;
  const means = new Float64Array(size);
  means.set(values.subarray(0, size - 1));
  means[size - 1] = prior.mean;
  const widths = widthsOf(axis, size, parts, values, order);
  const constants = new Float64Array(size);
  for (let k = 0; k < size; k++) {
    const width = widths[k] as number;
    const row = k < size - 1 && known !== undefined ? (known.rows[k] as number) : -1;
    if (row >= 0 && known?.widths[row] === width) {
      constants[k] = known.constants[row] as number;
      continue;
    }
    const mass = logMass((low - (means[k] as number)) / width, (high - (means[k] as number)) / width);
    const constant = step > 0 ? -mass : -mass - Math.log(width) - LOG_ROOT_TAU;
    constants[k] = constant;
    if (row < 0 || known === undefined) continue;
    known.widths[row] = width;
    known.constants[row] = constant;
  }
  return { axis, means, widths, constants };
}

/** As far as the farther neighbour, those at the ends as far as the only one; at least one of `parts` of the range, at most all of it. */
function widthsOf({ from, to, prior }: NumericAxis, size: number, parts: number, values: Float64Array, order: Int32Array): Float64Array {
  const widths = new Float64Array(size);
  const [count, range] = [size - 1, to - from];
  const least = range / parts;
  let before = count > 1 ? Infinity : from; // beyond the first one: as near as can be, or the end if it is alone
  let k = count > 0 ? (order[0] as number) : 0;
  let value = values[k] as number;
  for (let i = 0; i < count; i++) {
    const next = order[i + 1] as number;
    const after = i < count - 1 ? (values[next] as number) : count > 1 ? -Infinity : to;
    const reach = Math.max(value - before, after - value, least);
    widths[k] = reach < range ? reach : range;
    before = value;
    value = after;
    k = next;
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
 * @remarks O(kernels · axes) for each point, less where most kernels are far away.
 */
export function logDensities(density: Parzen, points: Float64Array): Float64Array {
  const seen = new Lookup(density);
  const width = density.kernels.length;
  return Float64Array.from({ length: width === 0 ? 1 : points.length / width }, (_, p) => seen.logDensity(points, p));
}

/**
 * The first of the points at which the ratio of the two densities is greatest.
 *
 * Points are tried in the order of the first density. As soon as the kernels of the other one, latest first, add up to so much that a point
 * cannot win, it is left: few points see all kernels.
 */
export function likeliest(promising: Parzen, other: Parzen, points: Float64Array): number {
  const densities = logDensities(promising, points);
  const order = [...densities.keys()].sort((a, b) => (densities[b] as number) - (densities[a] as number) || a - b);
  const seen = new Lookup(other);
  let [winner, best] = [order[0] ?? 0, -Infinity];
  for (const p of order) {
    const density = densities[p] as number;
    const ratio = density - seen.logDensity(points, p, density - best);
    if (ratio > best || (ratio === best && p < winner)) [winner, best] = [p, ratio];
  }
  return winner;
}

/** A density that is looked at from many points. */
class Lookup {
  readonly #size: number;
  /** Of each kernel: the logarithm of its weight, and of what does not depend on a continuous coordinate. */
  readonly #base: Float64Array;
  /** How many axes there are. */
  readonly #width: number;
  readonly #continuous: readonly number[];
  /** The mean and 1 / (√2 · width) of each kernel on all continuous axes, kernel by kernel: they are read in this order. */
  readonly #bells: Float64Array;
  readonly #discrete: readonly { readonly axis: number; readonly masses: (x: number) => Float64Array }[];

  constructor({ size, weights, kernels }: Parzen) {
    this.#size = size;
    this.#width = kernels.length;
    this.#base = weights.map(Math.log);
    this.#discrete = kernels.flatMap((kernel, axis) => ('observed' in kernel || kernel.axis.step > 0 ? [{ axis, masses: massesBy(kernel) }] : []));
    const bells = kernels.flatMap((kernel, index) => ('constants' in kernel && kernel.axis.step === 0 ? [{ index, kernel }] : []));
    this.#continuous = bells.map(({ index }) => index);
    this.#bells = new Float64Array(2 * bells.length * size);
    bells.forEach(({ kernel: { means, widths, constants } }, i) => {
      for (let k = 0; k < size; k++) {
        const at = 2 * (k * bells.length + i);
        this.#bells[at] = means[k] as number;
        this.#bells[at + 1] = Math.SQRT1_2 / (widths[k] as number);
        this.#base[k] = (this.#base[k] as number) + (constants[k] as number);
      }
    });
  }

  /** @param enough - where the density is greater, infinity does as well */
  logDensity(points: Float64Array, p: number, enough = Infinity): number {
    const masses = this.#discrete.map((one) => one.masses(points[p * this.#width + one.axis] as number));
    const x = this.#continuous.map((axis) => points[p * this.#width + axis] as number);
    let most = -Infinity; // the greatest term
    let sum = 0; // of all of them, divided by e^most
    for (let k = this.#size - 1; k >= 0; k--) {
      const term = this.#term(k, x, masses, most - NOTHING);
      if (term <= most - NOTHING) continue;
      if (term > most) {
        sum = sum * Math.exp(most - term) + 1;
        most = term;
      } else sum += Math.exp(term - most);
      if (most > enough || (enough < Infinity && sum > Math.exp(enough - most))) return Infinity;
    }
    return most + Math.log(sum);
  }

  /** What the kernel adds, as a logarithm; anything up to `least` when it is not more than that. */
  #term(k: number, x: readonly number[], masses: readonly Float64Array[], least: number): number {
    const bells = this.#bells;
    let term = this.#base[k] as number;
    for (const mass of masses) term += mass[k] as number;
    let at = 2 * k * x.length;
    for (let i = 0; i < x.length && term > least; i++, at += 2) {
      const z = ((x[i] as number) - (bells[at] as number)) * (bells[at + 1] as number);
      term -= z * z;
    }
    return term;
  }
}

/** The logarithm of what each kernel gives to a value, by value. */
function massesBy(kernel: NumericKernels | CategoricalKernels): (x: number) => Float64Array {
  const known = new Map<number, Float64Array>();
  return (x) => {
    const masses = known.get(x) ?? ('observed' in kernel ? optionMasses(kernel, x) : cellMasses(kernel, x));
    known.set(x, masses);
    return masses;
  };
}

function optionMasses({ axis, observed, hit, miss }: CategoricalKernels, x: number): Float64Array {
  const [logHit, logMiss] = [Math.log(hit), Math.log(miss)];
  const masses = new Float64Array(observed.length);
  for (let k = 0; k < observed.length; k++) masses[k] = observed[k] === x ? logHit : logMiss;
  masses[observed.length - 1] = -Math.log(axis.options);
  return masses;
}

function cellMasses({ axis, means, widths, constants }: NumericKernels, x: number): Float64Array {
  const [lower, upper] = cell(axis, x);
  return constants.map((constant, k) => {
    const [mean, width] = [means[k] as number, widths[k] as number];
    return constant + logMass((lower - mean) / width, (upper - mean) / width);
  });
}

/** Points drawn from the density, the coordinates of one after another. */
export function drawPoints({ weights, kernels }: Parzen, count: number, rng: Rng): Float64Array {
  const points = new Float64Array(count * kernels.length);
  for (let p = 0; p < count; p++) {
    const k = pick(weights, rng.next());
    kernels.forEach((kernel, i) => {
      points[p * kernels.length + i] = 'observed' in kernel ? drawOption(kernel, k, rng.next()) : drawNumber(kernel, k, rng);
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

/** Of a normal distribution, until it lies within the bounds: the mean does, so that takes less than three draws as a rule. */
function drawNumber({ axis, means, widths }: NumericKernels, k: number, rng: Rng): number {
  const mean = means[k] as number;
  const width = widths[k] as number;
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const drawn = mean + width * rng.normal();
    if (drawn >= axis.low && drawn <= axis.high) return settled(axis, drawn);
  }
  return settled(axis, mean + width * quantile(rng.next(), (axis.low - mean) / width, (axis.high - mean) / width));
}

function drawOption({ axis, observed, hit, miss }: CategoricalKernels, k: number, u: number): number {
  const seen = observed[k] as number;
  if (seen < 0) return Math.min(Math.floor(u * axis.options), axis.options - 1);
  if (u < hit) return seen;
  const other = Math.min(Math.floor((u - hit) / miss), axis.options - 2);
  return other < seen ? other : other + 1;
}
