import type { Rng } from '../../src/base/rng.ts';
import { type Axis, settled } from '../../src/space/axis.ts';
import { drawEncoded, fillIn } from '../../src/space/fill-in.ts';
import type { Space } from '../../src/space/space.ts';
import { crossNumbers, mutateNumber } from './variation.ts';

/** How children are made of their parents: two probabilities. */
export interface Breeding {
  readonly crossover: number;
  /** For each parameter. */
  readonly mutation: number;
}

/**
 * The encoding of a child. With the probability of a crossover every other parameter is crossed, numbers near to both parents, options one of
 * theirs; the rest is the first parent's. A parameter that one parent lacks comes from the other, one that both lack is drawn. What is not
 * crossed has one parameter at least that mutates.
 *
 * @param axes - of the parameters of the space
 * @param parents - encodings
 */
export function childOf(space: Space, axes: readonly Axis[], parents: readonly [Float64Array, Float64Array], breeding: Breeding, rng: Rng): Float64Array {
  const [first, second] = parents;
  const crosses = rng.next() < breeding.crossover;
  const searched = axes.filter(({ index }) => space.parameters[index]?.range.cardinality !== 1 && !Number.isNaN(first[index]));
  const chosen = crosses ? undefined : searched[rng.int(searched.length)]?.index;
  return fillIn(space, (parameter, index) => {
    const axis = axes[index] as Axis;
    const inherited = inherit(axis, first[index] as number, second[index] as number, crosses, rng);
    if (Number.isNaN(inherited)) return drawEncoded(parameter, rng);
    const mutates = rng.next() < breeding.mutation || index === chosen;
    if (axis.kind === 'categorical') return mutates ? drawEncoded(parameter, rng) : inherited;
    return settled(axis, mutates ? mutateNumber(axis, inherited, rng) : inherited);
  });
}

/** NaN when neither parent has it. */
function inherit(axis: Axis, a: number, b: number, crosses: boolean, rng: Rng): number {
  if (Number.isNaN(a)) return b;
  if (Number.isNaN(b) || !crosses || rng.next() < 0.5) return a;
  return axis.kind === 'categorical' ? b : crossNumbers(axis, a, b, rng);
}
