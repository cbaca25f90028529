import { AttuneError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { build } from './build.ts';
import type { Config } from './config.ts';
import { isObject, optionOf, own } from './fits.ts';
import { fromEncoded, toEncoded } from './numeric.ts';
import type { Space, SpaceNode } from './space.ts';

/**
 * A configuration as numbers, one per parameter of the space: the value, or its natural logarithm where `range.log`; the number
 * of the option for categorical ones, the first that contains the value. NaN where the parameter does not exist in this
 * configuration, or has a value that no number stands for. Values out of bounds stay so.
 *
 * @example
 * import { choice, compileSpace, encode, loguniform } from 'attune';
 *
 * const space = compileSpace({ lr: loguniform(0.01, 1), act: choice(['relu', 'tanh']) });
 * Array.from(encode(space, { lr: 1, act: 'tanh' })); // => [0, 1]
 */
export function encode(space: Space, config: Config): Float64Array {
  const values = new Float64Array(space.dimensions).fill(NaN);
  encodeNode(space.root, config, config, values);
  return values;
}

function encodeNode(node: SpaceNode, value: Json | undefined, root: Config, into: Float64Array): void {
  switch (node.kind) {
    case 'numeric':
      into[node.index] = toEncoded(node.domain, value);
      return;
    case 'object':
      if (isObject(value)) for (const [key, child] of node.entries) encodeNode(child, own(value, key), root, into);
      return;
    case 'array':
      if (Array.isArray(value)) node.items.forEach((item, i) => encodeNode(item, (value as readonly Json[])[i], root, into));
      return;
    case 'options': {
      const chosen = value === undefined ? -1 : optionOf(node, value, { partial: false, root });
      const option = node.options[chosen];
      if (option === undefined) return;
      into[node.index] = chosen;
      encodeNode(option, value, root, into);
      return;
    }
    default:
  }
}

/**
 * The configuration for an encoding: each number is moved to the nearest value of its domain, categorical ones to the nearest
 * option, and `sampleFrom` and `expr` are computed anew. Entries of parameters that do not exist then are not looked at.
 *
 * @throws {AttuneError} `SUGGESTION_INVALID` when an entry that is needed is NaN
 * @example
 * import { choice, compileSpace, decode, loguniform } from 'attune';
 *
 * const space = compileSpace({ lr: loguniform(0.01, 1), act: choice(['relu', 'tanh']) });
 * decode(space, [0, 0.9]); // => { lr: 1, act: 'tanh' }
 */
export function decode(space: Space, values: ArrayLike<number>): Config {
  const at = (index: number): number => {
    const value = values[index];
    if (value !== undefined && !Number.isNaN(value)) return value;
    throw new AttuneError('SUGGESTION_INVALID', `decode: expected a number for "${space.parameters[index]?.name}", got ${value}.`, {
      hint: 'This option brings parameters that the encoding lacks: give them values, or draw them with sample(space, rng, fixed).',
    });
  };
  return build(space, {
    number: (node) => fromEncoded(node.domain, at(node.index)),
    option: (node) => Math.round(Math.min(Math.max(at(node.index), 0), node.options.length - 1)),
  });
}
