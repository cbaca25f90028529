import { AttuneError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import type { Rng } from '../base/rng.ts';
import { build } from './build.ts';
import type { Config } from './config.ts';
import type { Count, Point } from './count.ts';
import { childrenOf, countNode } from './count.ts';
import { isObject, optionOf, own } from './fits.ts';
import { permutation } from './permutation.ts';
import { chooserOf, sample } from './sample.ts';
import type { OptionsNode, Segment, Space, SpaceNode } from './space.ts';

/** Every combination of the `gridSearch` options of one sample. */
export interface Sweep {
  /** How many configurations it has; 1 without a grid. */
  readonly size: number;
  /** The options of the `j`-th combination, as `withoutRepeats` takes them. */
  point(j: number): Point;
  /** The `j`-th configuration, 0 <= j < size: what is not in the grid is drawn anew for each, from `rng.fork('variant', j)`. */
  at(j: number): Config;
}

/**
 * One sample of a grid sweep. Grids are ordered by their path and the first varies fastest. A grid inside an option of a grid
 * multiplies that option only. A `choice` that has a grid in an option is drawn once for the whole sweep, from `rng`.
 *
 * @param fixed - values to keep: a grid that it settles is not swept
 */
export function sweep(space: Space, rng: Rng, fixed?: Config): Sweep {
  const drawn = new Map<OptionsNode, number>();
  const draw = chooserOf(rng).option;
  const pick = (node: OptionsNode): number => {
    const option = draw(node);
    drawn.set(node, option);
    return option;
  };
  const digits = digitsOf(space.root, fixed, pick);
  const point = (j: number): Point => {
    const options = new Map(drawn);
    settle(digits, j, options);
    return options;
  };
  return {
    size: sizeOf(digits),
    point,
    at(j) {
      const options = point(j);
      const random = chooserOf(rng.fork('variant', j));
      return build(space, { number: random.number, option: (node) => options.get(node) ?? random.option(node) }, fixed);
    },
  };
}

/**
 * All configurations of one `sweep`, in order, made one at a time.
 *
 * @example
 * import { compileSpace, gridSearch, rng, variants } from 'attune';
 *
 * const space = compileSpace({ units: gridSearch([16, 32]), act: gridSearch(['relu', 'tanh']) });
 * [...variants(space, rng(0))].map(({ units, act }) => `${units} ${act}`); // => ['16 relu', '16 tanh', '32 relu', '32 tanh']
 */
export function* variants(space: Space, rng: Rng, fixed?: Config): Generator<Config, void, undefined> {
  const { size, at } = sweep(space, rng, fixed);
  for (let j = 0; j < size; j++) yield at(j);
}

/**
 * How many configurations one `sweep` has; where that depends on a `choice` that is drawn, the most it can be.
 *
 * @example
 * import { compileSpace, gridSearch, gridSize, uniform } from 'attune';
 *
 * const space = compileSpace({ lr: uniform(0, 1), units: gridSearch([16, 32]), act: gridSearch(['relu', 'tanh', 'elu']) });
 * gridSize(space); // => 6
 */
export function gridSize(space: Space, fixed?: Config): number {
  const largest = (node: OptionsNode): number => {
    const sizes = node.options.map((option) => sizeOf(digitsOf(option, undefined, largest)));
    return sizes.indexOf(Math.max(...sizes));
  };
  return sizeOf(digitsOf(space.root, fixed, largest));
}

/** A grid, with the grids inside each of its options. */
interface Digit {
  readonly node: OptionsNode;
  readonly size: number;
  readonly options: readonly { readonly size: number; readonly digits: readonly Digit[] }[];
}

const sizeOf = (digits: readonly Digit[]): number => digits.reduce((size, digit) => size * digit.size, 1);

function digitsOf(node: SpaceNode, fixed: Json | undefined, pick: (node: OptionsNode) => number): Digit[] {
  return found(node, fixed, pick).sort((a, b) => comparePlaces(a.node.place, b.node.place));
}

function found(node: SpaceNode, fixed: Json | undefined, pick: (node: OptionsNode) => number): Digit[] {
  if (node.kind === 'object') {
    if (fixed !== undefined && !isObject(fixed)) return [];
    return [...node.entries].flatMap(([key, child]) => found(child, own(fixed, key), pick));
  }
  if (node.kind === 'array') {
    const items = fixed === undefined ? [] : fixed;
    return Array.isArray(items) ? node.items.flatMap((item, i) => found(item, (items as readonly Json[])[i], pick)) : [];
  }
  if (node.kind !== 'options') return [];
  if (fixed !== undefined) {
    const option = node.options[optionOf(node, fixed, { partial: true })];
    return option ? found(option, fixed, pick) : [];
  }
  if (node.domain.kind !== 'gridSearch') return hasGrid(node) ? found(node.options[pick(node)] as SpaceNode, undefined, pick) : [];
  const options = node.options.map((option) => {
    const digits = digitsOf(option, undefined, pick);
    return { digits, size: sizeOf(digits) };
  });
  return [{ node, options, size: options.reduce((sum, { size }) => sum + size, 0) }];
}

function hasGrid(node: SpaceNode): boolean {
  return (node.kind === 'options' && node.domain.kind === 'gridSearch') || childrenOf(node).some(hasGrid);
}

function comparePlaces(a: readonly Segment[], b: readonly Segment[]): number {
  for (const [i, left] of a.entries()) {
    const right = b[i];
    if (right === undefined) return 1;
    if (left === right) continue;
    if (typeof left === 'number' && typeof right === 'number') return left - right;
    return String(left) < String(right) ? -1 : 1;
  }
  return a.length - b.length;
}

function settle(digits: readonly Digit[], index: number, into: Map<OptionsNode, number>): void {
  let rest = index;
  for (const { node, size, options } of digits) {
    let within = rest % size;
    rest = Math.floor(rest / size);
    const chosen = options.findIndex((option) => {
      if (within < option.size) return true;
      within -= option.size;
      return false;
    });
    into.set(node, chosen);
    settle(options[chosen]?.digits ?? [], within, into);
  }
}

const counts = new WeakMap<Space, Count>();
const NOWHERE: Point = new Map();

function countOf(space: Space, point: Point): Count {
  if (point.size > 0) return countNode(space.root, point);
  const known = counts.get(space) ?? countNode(space.root, NOWHERE);
  counts.set(space, known);
  return known;
}

const asNumber = (size: bigint | undefined): number => (size === undefined ? Infinity : Math.min(Number(size), Number.MAX_VALUE));

/**
 * How many distinct configurations the space has: equal options count once, whatever follows from others adds none. Infinity when
 * there is a continuous parameter (or options with more than 100,000 values that overlap). Exact up to 2^53.
 *
 * @example
 * import { choice, compileSpace, finiteSize, randint, uniform } from 'attune';
 *
 * finiteSize(compileSpace({ units: randint(1, 4), act: choice(['relu', 'tanh']) })); // => 6
 * finiteSize(compileSpace({ lr: uniform(0, 1) })); // => Infinity
 */
export function finiteSize(space: Space): number {
  return asNumber(countOf(space, NOWHERE).size);
}

/**
 * The `index`-th configuration of a finite space: all are distinct, and the first parameter varies fastest.
 * @throws {AttuneError} `OPTION_RANGE` unless `index` is a whole number in [0, finiteSize(space))
 * @example
 * import { choice, compileSpace, configAt, randint } from 'attune';
 *
 * const space = compileSpace({ units: randint(1, 4), act: choice(['relu', 'tanh']) });
 * configAt(space, 0); // => { units: 1, act: 'relu' }
 * configAt(space, 5); // => { units: 3, act: 'tanh' }
 */
export function configAt(space: Space, index: number | bigint): Config {
  return buildAt(space, NOWHERE, index);
}

function buildAt(space: Space, point: Point, index: number | bigint): Config {
  const count = countOf(space, point);
  const whole = typeof index === 'bigint' || Number.isSafeInteger(index) ? BigInt(index) : -1n;
  if (count.size === undefined || whole < 0n || whole >= count.size) {
    throw new AttuneError('OPTION_RANGE', `configAt: expected a whole number in [0, ${count.size ?? 'finite size'}), got ${index}.`, {
      hint: count.size === undefined ? 'This space has a continuous parameter: sample it.' : 'See finiteSize(space).',
    });
  }
  const numbers = new Map();
  const options = new Map();
  count.assign(whole, { numbers, options });
  return build(space, { number: (node) => numbers.get(node) as number, option: (node) => options.get(node) as number });
}

/** Random configurations of which no two are equal. */
export interface Draws {
  /** How many there are; Infinity for an infinite space. */
  readonly size: number;
  /** The `k`-th, 0 <= k < size. O(1) memory; does not depend on what was asked before. */
  at(k: number): Config;
}

/**
 * Sampling without replacement: the k-th draw is a function of `rng` and k alone, so n draws cost O(n) whatever the size of the space.
 * The draws from an infinite space are independent.
 *
 * @param point - options that are settled, from a `sweep`: draws what remains
 * @example
 * import { compileSpace, randint, rng, withoutRepeats } from 'attune';
 *
 * const draws = withoutRepeats(compileSpace({ x: randint(0, 1_000_000) }), rng(1));
 * draws.size; // => 1000000
 * draws.at(0)['x'] === draws.at(1)['x']; // => false
 */
export function withoutRepeats(space: Space, rng: Rng, point: Point = NOWHERE): Draws {
  const { size } = countOf(space, point);
  if (size === undefined) {
    return { size: Infinity, at: (k) => drawAround(space, rng.fork('draw', k), point) };
  }
  const order = permutation(rng, size);
  return {
    size: asNumber(size),
    at(k) {
      if (!(Number.isSafeInteger(k) && k >= 0 && BigInt(k) < size))
        throw new AttuneError('OPTION_RANGE', `withoutRepeats: expected a whole number in [0, ${size}), got ${k}.`, { hint: 'See size.' });
      return buildAt(space, point, order(BigInt(k)));
    },
  };
}

function drawAround(space: Space, rng: Rng, point: Point): Config {
  if (point.size === 0) return sample(space, rng);
  const random = chooserOf(rng);
  return build(space, { number: random.number, option: (node) => point.get(node) ?? random.option(node) });
}
