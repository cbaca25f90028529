import { lbfgs } from '../../src/base/numeric/lbfgs.ts';
import { factorRows } from '../../src/base/numeric/triangle.ts';
import { evidence, kernelOf, roomFor, type Sample } from './evidence.ts';
import type { Shape } from './kernel.ts';
import type { Pace } from './pace.ts';
import { Posterior } from './posterior.ts';
import { BENDS, type Bend, plausibility, warped } from './warp.ts';

/** What was fitted: the parameters of the kernel as `kernelOf` takes them, and the bend of the losses. */
export interface Fit {
  readonly theta: Float64Array;
  readonly bend: Bend;
}

/** Half of the box is alike, and there is little noise. */
export function startOf({ size }: Shape): Fit {
  const theta = new Float64Array(size + 2).fill(Math.log(4));
  theta[size] = 0;
  theta[size + 1] = Math.log(1e-3);
  return { theta, bend: Infinity };
}

/** Bounds of the logarithms of weights, of the scale, and of the noise. */
const [WEIGHT, SCALE, NOISE] = [
  [-12, 9.5],
  [-5, 5],
  [-20, 0.5],
] as const;

export async function fit(shape: Shape, points: Float64Array, levels: Float64Array, from: Fit, fresh: boolean, pace: Pace): Promise<Fit> {
  const count = levels.length;
  const bend = await bestBend(shape, points, levels, from, pace);
  const sample: Sample = { shape, count, points, targets: warped(levels, bend) };
  const room = roomFor(count);
  const bounds = (which: 0 | 1): Float64Array =>
    Float64Array.from({ length: shape.size + 2 }, (_, i) => (i < shape.size ? WEIGHT : i === shape.size ? SCALE : NOISE)[which]);
  const options = { low: bounds(0), high: bounds(1), evaluations: fresh ? 40 : 12, tolerance: 0.01, gain: 1e-3 };
  const objective = async (theta: Float64Array, gradient: Float64Array): Promise<number> => {
    await pace.spend(count ** 3 / 2 + count * count * (shape.size + 10));
    return evidence(sample, theta, gradient, room);
  };
  let best = await lbfgs(objective, from.theta, options);
  if (fresh) {
    const other = await lbfgs(objective, startOf(shape).theta, options);
    if (other.value < best.value) best = other;
  }
  return { theta: Number.isFinite(best.value) ? best.x : startOf(shape).theta, bend };
}

async function bestBend(shape: Shape, points: Float64Array, levels: Float64Array, { theta, bend }: Fit, pace: Pace): Promise<Bend> {
  const posterior = new Posterior(shape, kernelOf(shape, theta), levels.length);
  for (let i = 0; i < levels.length; i++) posterior.append(points.subarray(i * shape.size, (i + 1) * shape.size));
  await pace.spend(levels.length ** 3 / 6);
  const only = (globalThis as any).BEND;
  if (only !== undefined) return only;
  let [best, highest] = [bend, -Infinity];
  for (const one of BENDS) {
    const its = plausibility(levels, one, posterior.factor);
    if (its > highest) [best, highest] = [one, its];
  }
  return best;
}
void factorRows;
