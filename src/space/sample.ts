import type { Rng } from '../base/rng.ts';
import type { Chooser } from './build.ts';
import { build } from './build.ts';
import type { Config } from './config.ts';
import { draw } from './numeric.ts';
import type { Space } from './space.ts';

/**
 * One random configuration: fresh plain JSON. Every parameter draws from its own fork of `rng`, keyed by its path, so
 * adding a parameter does not change the others, and the same stream gives the same configuration. A `gridSearch` counts as a `choice`.
 *
 * @param fixed - values to keep; the rest is drawn. Numbers may lie outside the bounds of their domain
 * @throws {AttuneError} `CONFIG_INVALID` when `fixed` has a key that the space lacks, or a value of another type than its domain gives; what a `sampleFrom` or `expr` has to say
 * @example
 * import { compileSpace, contains, rng, sample, uniform } from 'attune';
 *
 * const space = compileSpace({ x: uniform(0, 1), y: uniform(0, 1) });
 * const config = sample(space, rng(7), { y: 0.5 });
 * config['y']; // => 0.5
 * contains(space, config); // => true
 */
export function sample(space: Space, rng: Rng, fixed?: Config): Config {
  return build(space, chooserOf(rng), fixed);
}

/** Draws every parameter from its own fork of `rng`. */
export function chooserOf(rng: Rng): Chooser {
  return {
    number: (node) => draw(node.domain, rng.fork(...node.stream)),
    option: (node) => rng.fork(...node.stream).int(node.options.length),
  };
}
