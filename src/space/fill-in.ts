import type { Rng } from '../base/rng.ts';
import { draw, toEncoded } from './numeric.ts';
import type { Parameter, Space } from './space.ts';

/**
 * The encoding of a configuration, parameter by parameter, a `choice` before what its options hold.
 *
 * @param valueOf - the encoded value of a parameter that this configuration has; not asked about those with one value
 * @returns one number per parameter, NaN where the options chosen so far leave it out
 */
export function fillIn({ parameters }: Space, valueOf: (parameter: Parameter, index: number) => number): Float64Array {
  const values = new Float64Array(parameters.length).fill(Number.NaN);
  parameters.forEach((parameter, index) => {
    const { when, range } = parameter;
    if (when !== undefined && values[when.parameter] !== when.option) return;
    values[index] = range.cardinality === 1 ? range.lower : valueOf(parameter, index);
  });
  return values;
}

/** The encoding of one draw. */
export function drawEncoded({ domain }: Parameter, rng: Rng): number {
  return 'options' in domain ? rng.int(domain.options.length) : toEncoded(domain, draw(domain, rng));
}
