/** So many numbers, then so many options, make a point. */
export interface Shape {
  readonly size: number;
  readonly numbers: number;
}

/** How alike two points are: scale · M(Σ weight · distance²), M being Matérn's of smoothness 5/2; options are 0 or 1 apart. */
export interface Kernel {
  /** One per coordinate: the inverse of the squared length scale. */
  readonly weights: Float64Array;
  /** The variance of the function. */
  readonly scale: number;
  /** The variance of the noise on what is observed. */
  readonly noise: number;
}

const ROOT_5 = Math.sqrt(5);

/** What M(d²) and its slope share. */
export const decayOf = (squared: number): number => Math.exp(-ROOT_5 * Math.sqrt(squared));

/** M(d²) */
export function matern(squared: number, decay: number): number {
  return (1 + ROOT_5 * Math.sqrt(squared) + (5 / 3) * squared) * decay;
}

/** dM / d(d²) */
export function maternSlope(squared: number, decay: number): number {
  return (-5 / 6) * (1 + ROOT_5 * Math.sqrt(squared)) * decay;
}

/** The weighted squared distance of two points, which begin at `a` and at `b`. */
export function squaredDistance(shape: Shape, weights: Float64Array, x: Float64Array, a: number, y: Float64Array, b: number): number {
  let sum = 0;
  for (let c = 0; c < shape.numbers; c++) {
    const apart = (x[a + c] as number) - (y[b + c] as number);
    sum += (weights[c] as number) * apart * apart;
  }
  for (let c = shape.numbers; c < shape.size; c++) if (x[a + c] !== y[b + c]) sum += weights[c] as number;
  return sum;
}
