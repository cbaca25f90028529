import type { Rng } from '../../src/base/rng.ts';
import { type Axis, type CategoricalAxis, type NumericAxis, settled } from '../../src/space/axis.ts';
import { drawEncoded, fillIn } from '../../src/space/fill-in.ts';
import type { Space } from '../../src/space/space.ts';

/** The standard deviation of a step, in parts of the range. */
const STEP = 0.1;

/**
 * The encoding of a configuration that differs from the parent's in one parameter, and in what an option brings with it that the parent
 * does not have, which is drawn. The same one when there is nothing to change.
 *
 * @param axes - of the parameters of the space
 * @param parent - an encoding
 */
export function mutantOf(space: Space, axes: readonly Axis[], parent: Float64Array, rng: Rng): Float64Array {
  const changeable = axes.filter(({ index }) => space.parameters[index]?.range.cardinality !== 1 && !Number.isNaN(parent[index]));
  const chosen = changeable[rng.int(changeable.length)];
  return fillIn(space, (parameter, index) => {
    const inherited = parent[index] as number;
    if (Number.isNaN(inherited)) return drawEncoded(parameter, rng);
    const axis = axes[index] as Axis;
    if (axis !== chosen) return axis.kind === 'categorical' ? inherited : settled(axis, inherited);
    return axis.kind === 'categorical' ? otherOption(axis, inherited, rng) : nearby(axis, inherited, rng);
  });
}

function otherOption({ options }: CategoricalAxis, option: number, rng: Rng): number {
  const other = rng.int(options - 1);
  return other < option ? other : other + 1;
}

/** A normal step away; of a stepped parameter at least to the neighbour, where there is one. */
function nearby(axis: NumericAxis, value: number, rng: Rng): number {
  const here = settled(axis, value);
  const away = rng.normal() * STEP * (axis.to - axis.from);
  const there = settled(axis, here + away);
  if (there !== here || axis.step === 0) return there;
  const [above, below] = [neighbour(axis, here, 1), neighbour(axis, here, -1)];
  if (above === here) return below;
  return below === here || away > 0 ? above : below;
}

/** The next value of a stepped parameter in this direction; the same at the end. */
function neighbour(axis: NumericAxis, encoded: number, way: 1 | -1): number {
  if (!axis.log) return settled(axis, encoded + way * axis.step);
  return settled(axis, Math.log(Math.max(Math.exp(encoded) + way * axis.step, axis.step / 2)));
}
