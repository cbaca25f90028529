import { lbfgs, type Minimum } from '../../src/base/numeric/lbfgs.ts';
import { evidence, roomFor, type Sample } from './evidence.ts';
import type { Shape } from './kernel.ts';
import type { Pace } from './pace.ts';

/** Bounds of the logarithms of weights, of the scale, and of the noise. */
const [WEIGHT, SCALE, NOISE] = [
  [-12, 9.5],
  [-5, 5],
  [-20, 0.5],
] as const;
/** So often the evidence is looked at: for the first time, and from where it was highest before. */
const [EVALUATIONS, MORE] = [40, 12];

/** Parameters, as `kernelOf` takes them, to begin with: half of the box is alike, and there is little noise. */
export function startOf({ size }: Shape): Float64Array {
  return Float64Array.from({ length: size + 2 }, (_, i) => (i < size ? Math.log(4) : i === size ? 0 : Math.log(1e-3)));
}

/**
 * The parameters under which the targets are the most probable, near those that were before.
 *
 * @param afresh - whether to look from the beginning too
 * @remarks O(count³) for each of at most 12 evaluations, 80 when afresh.
 */
export async function fit(sample: Sample, from: Float64Array | undefined, afresh: boolean, pace: Pace): Promise<Float64Array> {
  const { shape, count } = sample;
  const room = roomFor(count);
  const bound = (which: 0 | 1): Float64Array =>
    Float64Array.from({ length: shape.size + 2 }, (_, i) => (i < shape.size ? WEIGHT : i === shape.size ? SCALE : NOISE)[which]);
  const options = { low: bound(0), high: bound(1), evaluations: afresh ? EVALUATIONS : MORE, tolerance: 0.01, gain: 1e-3 };
  const objective = async (theta: Float64Array, gradient: Float64Array): Promise<number> => {
    await pace.spend((count * count * (count + 2 * shape.size + 40)) / 2);
    return evidence(sample, theta, gradient, room);
  };
  const found: Minimum[] = [];
  if (from !== undefined) found.push(await lbfgs(objective, from, options));
  if (from === undefined || afresh) found.push(await lbfgs(objective, startOf(shape), options));
  const [best] = found.sort((a, b) => a.value - b.value);
  return best !== undefined && Number.isFinite(best.value) ? best.x : startOf(shape);
}
