import { AttuneError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { describe } from '../base/options.ts';
import { build } from './build.ts';
import { checkKeys } from './check-fixed.ts';
import type { Config } from './config.ts';
import { fits, isObject, optionOf, own } from './fits.ts';
import { snap } from './numeric.ts';
import type { OptionsNode, Space, SpaceNode } from './space.ts';

/**
 * Whether `space` can produce `config`: every key, no other, every value in its domain. What a `sampleFrom` gives is not checked.
 *
 * @example
 * import { compileSpace, contains, uniform } from 'attune';
 *
 * const space = compileSpace({ x: uniform(0, 1) });
 * contains(space, { x: 0.5 }); // => true
 * contains(space, { x: 2 }); // => false
 */
export function contains(space: Space, config: Config): boolean {
  return fits(space.root, config, { partial: false, strict: true, root: config });
}

/**
 * The configuration of the space nearest to `config`: numbers are moved into their domain, constants restored, a value that is no
 * option becomes the nearest one (the first when none is a number), `sampleFrom` and `expr` are computed anew.
 * @throws {AttuneError} `CONFIG_INVALID` when a parameter is missing or no number, or a key is unknown
 * @example
 * import { clip, compileSpace, randint, uniform } from 'attune';
 *
 * const space = compileSpace({ x: uniform(0, 1), units: randint(8, 65) });
 * clip(space, { x: 1.5, units: 99.4 }); // => { x: 1, units: 64 }
 */
export function clip(space: Space, config: Config): Config {
  const nearest: Nearest = { numbers: new Map(), options: new Map() };
  collect(space.root, config, nearest, space);
  return build(space, { number: (node) => nearest.numbers.get(node.index) as number, option: (node) => nearest.options.get(node.index) as number });
}

/** By number of the parameter. */
interface Nearest {
  readonly numbers: Map<number, number>;
  readonly options: Map<number, number>;
}

function collect(node: SpaceNode, value: Json | undefined, into: Nearest, space: Space): void {
  switch (node.kind) {
    case 'numeric': {
      if (typeof value !== 'number' || Number.isNaN(value)) throw wrong(space, node.index, value);
      into.numbers.set(node.index, snap(node.domain, value));
      return;
    }
    case 'object':
      if (isObject(value)) checkKeys(node.path, value, [node]);
      for (const [key, child] of node.entries) collect(child, isObject(value) ? own(value, key) : undefined, into, space);
      return;
    case 'array':
      node.items.forEach((item, i) => collect(item, Array.isArray(value) ? (value as readonly Json[])[i] : undefined, into, space));
      return;
    case 'options': {
      const chosen = nearestOption(node, value);
      const option = node.options[chosen];
      if (option === undefined) throw wrong(space, node.index, value);
      into.options.set(node.index, chosen);
      collect(option, value, into, space);
      return;
    }
    default:
  }
}

/** The option that contains the value; else, of those that it could be moved into, the one with the nearest number, or the first. */
function nearestOption(node: OptionsNode, value: Json | undefined): number {
  const fitting = optionOf(node, value, { partial: false });
  if (fitting >= 0) return fitting;
  const distances = node.options.map((option) => (movable(option, value) ? distance(option, value) : undefined));
  return distances.reduce<number>(
    (best, d, i) => (d !== undefined && d < (distances[best] ?? Infinity) ? i : best),
    Math.max(
      0,
      distances.findIndex((d) => d !== undefined),
    ),
  );
}

function distance(option: SpaceNode, value: Json | undefined): number {
  if (typeof value !== 'number') return Infinity;
  if (option.kind === 'numeric') return Math.abs(snap(option.domain, value) - value);
  return option.kind === 'constant' && typeof option.value === 'number' ? Math.abs(option.value - value) : Infinity;
}

/** Whether `value` has a number wherever this part of the space needs one, and no key that it lacks. */
function movable(node: SpaceNode, value: Json | undefined): boolean {
  switch (node.kind) {
    case 'numeric':
      return typeof value === 'number' && !Number.isNaN(value);
    case 'object':
      if (isObject(value) && Object.keys(value).some((key) => !node.entries.has(key))) return false;
      return [...node.entries].every(([key, child]) => movable(child, isObject(value) ? own(value, key) : undefined));
    case 'array':
      return node.items.every((item, i) => movable(item, Array.isArray(value) ? (value as readonly Json[])[i] : undefined));
    case 'options':
      return node.options.some((option) => movable(option, value));
    default:
      return true;
  }
}

function wrong(space: Space, index: number, value: unknown): AttuneError {
  return new AttuneError('CONFIG_INVALID', `configuration: expected a value for "${space.parameters[index]?.name}", got ${describe(value)}.`, {
    hint: 'Draw what is missing with sample(space, rng, fixed).',
  });
}
