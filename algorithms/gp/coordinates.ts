import { quantile } from '../../src/base/numeric/truncated-normal.ts';
import type { Rng } from '../../src/base/rng.ts';
import { type Axis, axisOf, settled } from '../../src/space/axis.ts';
import { toEncoded, valueAt } from '../../src/space/numeric.ts';
import type { Parameter, Space } from '../../src/space/space.ts';

/** Where a number is that a configuration does not have, and the option where there is none. */
const [NOWHERE, NO_OPTION] = [0.5, -1];
/** Numbers with at most so many values are tried one by one; others are moved as if they were continuous, and rounded. */
const FEW = 16;
/** Values of a continuous number are multiples of this part of its range: what is computed anew is the same, to the last bit. */
const GRAIN = 2 ** -32;
/** A normal number stays within so many standard deviations. */
const REACH = 4;

/** A parameter with more than one value. */
export interface Coordinate {
  readonly axis: Axis;
  /** Its values, when they are few; else none. */
  readonly few: readonly number[];
  readonly stepped: boolean;
  /** Between which it lies: 0 and 1, and for a normal number farther. */
  readonly low: number;
  readonly high: number;
  /** The coordinate, and its option, without which it does not exist. */
  readonly when?: { readonly at: number; readonly option: number };
}

/** A space as a box. A point has a number for every coordinate: numbers from 0 to 1 first, then options, which are whole. */
export interface Coordinates {
  readonly all: readonly Coordinate[];
  /** How many of them are numbers. */
  readonly numbers: number;
  readonly size: number;
  /** The parents before their children. */
  readonly order: readonly number[];
  readonly dimensions: number;
  /** Encoded values of the parameters that have only one. */
  readonly fixed: readonly (readonly [number, number])[];
}

export function coordinatesOf({ parameters, dimensions }: Space): Coordinates {
  const fixed: [number, number][] = [];
  const found: { axis: Axis; index: number }[] = [];
  parameters.forEach((parameter, index) => {
    if (parameter.range.cardinality === 1) fixed.push([index, parameter.range.lower]);
    else found.push({ axis: axisOf(parameter, index), index });
  });
  const sorted = [...found.filter(({ axis }) => axis.kind === 'numeric'), ...found.filter(({ axis }) => axis.kind === 'categorical')];
  const place = new Map(sorted.map(({ index }, at) => [index, at]));
  /** An option of a choice that has only one is always there when the choice is. */
  const whenOf = (index: number): Coordinate['when'] => {
    const when = parameters[index]?.when;
    if (when === undefined) return undefined;
    const at = place.get(when.parameter);
    return at === undefined ? whenOf(when.parameter) : { at, option: when.option };
  };
  const all = sorted.map(({ axis, index }): Coordinate => {
    const when = whenOf(index);
    const reach = axis.kind === 'numeric' && axis.low === -Infinity ? REACH / (2 * Math.sqrt(3)) : 0.5;
    return {
      axis,
      few: fewOf(parameters[index] as Parameter, axis),
      stepped: axis.kind === 'categorical' || axis.step > 0,
      ...(axis.kind === 'categorical' ? { low: 0, high: axis.options - 1 } : { low: 0.5 - reach, high: 0.5 + reach }),
      ...(when === undefined ? {} : { when }),
    };
  });
  const numbers = found.filter(({ axis }) => axis.kind === 'numeric').length;
  const order = sorted.map((_, at) => at).sort((a, b) => (sorted[a]?.index ?? 0) - (sorted[b]?.index ?? 0));
  return { all, numbers, size: all.length, order, dimensions, fixed };
}

function fewOf({ range: { cardinality = Infinity } }: Parameter, axis: Axis): readonly number[] {
  if (axis.kind === 'categorical') return Array.from({ length: axis.options }, (_, option) => option);
  if (cardinality > FEW) return [];
  return Array.from({ length: cardinality }, (_, i) => grained((toEncoded(axis.domain, valueAt(axis.domain, i)) - axis.from) / (axis.to - axis.from)));
}

/** The point of an encoded configuration. */
export function pointOf({ all, size }: Coordinates, values: Float64Array): Float64Array {
  const point = new Float64Array(size);
  all.forEach(({ axis, low, high }, at) => {
    const value = values[axis.index] as number;
    if (axis.kind === 'categorical') point[at] = Number.isNaN(value) ? NO_OPTION : value;
    else point[at] = Number.isNaN(value) ? NOWHERE : grained(Math.min(Math.max((value - axis.from) / (axis.to - axis.from), low), high));
  });
  return point;
}

/** The encoded configuration of a point that is settled; NaN where a parameter does not exist. */
export function valuesOf({ all, dimensions, fixed, order }: Coordinates, point: Float64Array): Float64Array {
  const values = new Float64Array(dimensions).fill(Number.NaN);
  for (const [index, value] of fixed) values[index] = value;
  for (const at of order) {
    const { axis, when } = all[at] as Coordinate;
    if (when !== undefined && point[when.at] !== when.option) continue;
    const value = point[at] as number;
    values[axis.index] = axis.kind === 'categorical' ? value : settled(axis, axis.from + value * (axis.to - axis.from));
  }
  return values;
}

/**
 * Moves a point to the nearest one that is a configuration, in place: numbers to their steps, and what does not exist to its place.
 * @param whole - the numbers of parameters that do not exist too, kept for when they do
 */
export function settle({ all, order }: Coordinates, whole: Float64Array, point: Float64Array): void {
  for (const at of order) {
    const { axis, when, low, high, stepped } = all[at] as Coordinate;
    if (when !== undefined && point[when.at] !== when.option) {
      point[at] = axis.kind === 'categorical' ? NO_OPTION : NOWHERE;
      continue;
    }
    const value = Math.min(Math.max(whole[at] as number, low), high);
    if (axis.kind === 'categorical') point[at] = Math.round(value);
    else point[at] = grained(stepped ? (settled(axis, axis.from + value * (axis.to - axis.from)) - axis.from) / (axis.to - axis.from) : value);
  }
}

const grained = (value: number): number => Math.round(value / GRAIN) * GRAIN;

/** The value of a coordinate below which it lies with probability `q`, drawn as the space draws it. */
export function placeAt({ axis }: Coordinate, q: number): number {
  if (axis.kind === 'categorical') return Math.min(Math.floor(q * axis.options), axis.options - 1);
  return axis.low === -Infinity ? 0.5 + quantile(q, -REACH, REACH) / (2 * Math.sqrt(3)) : q;
}

/** A point of which nothing is known, with a number for what does not exist too. */
export function drawWhole({ all }: Coordinates, rng: Rng): Float64Array {
  return Float64Array.from(all, (coordinate) => placeAt(coordinate, rng.next()));
}
