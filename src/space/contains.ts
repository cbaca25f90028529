import { AttuneError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { describe } from '../base/options.ts';
import { build, checkKeys } from './build.ts';
import type { Config } from './config.ts';
import { fits, isObject, optionOf } from './fits.ts';
import { snap } from './numeric.ts';
import type { OptionsNode, Space, SpaceNode } from './space.ts';

/** Whether `space` can produce `config`: every key, no other, every value in its domain. What a `sampleFrom` gives is not checked. */
export function contains(space: Space, config: Config): boolean {
  return fits(space.root, config, { partial: false, strict: true, root: config });
}

/**
 * The configuration of the space nearest to `config`: numbers are moved into their domain, constants restored, a value that is no
 * option becomes the nearest one (the first when none is a number), `sampleFrom` and `expr` are computed anew.
 * @throws {AttuneError} `CONFIG_INVALID` when a parameter is missing or no number, or a key is unknown
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
      for (const [key, child] of node.entries) collect(child, isObject(value) ? value[key] : undefined, into, space);
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

function nearestOption(node: OptionsNode, value: Json | undefined): number {
  const fitting = optionOf(node, value, { partial: false });
  if (fitting >= 0 || typeof value !== 'number') return Math.max(fitting, 0);
  const distance = (option: SpaceNode | undefined): number =>
    option?.kind === 'constant' && typeof option.value === 'number' ? Math.abs(option.value - value) : Infinity;
  return node.options.reduce((best, option, i) => (distance(option) < distance(node.options[best]) ? i : best), 0);
}

function wrong(space: Space, index: number, value: unknown): AttuneError {
  return new AttuneError('CONFIG_INVALID', `configuration: expected a value for "${space.parameters[index]?.name}", got ${describe(value)}.`, {
    hint: 'Draw what is missing with sample(space, rng, fixed).',
  });
}
