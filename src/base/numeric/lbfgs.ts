/** A function to make small: its value at `x`; its gradient goes into `gradient`. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number | Promise<number>;

export interface LbfgsOptions {
  /** The lowest and the highest value of each coordinate; may be infinite. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** So often the function is evaluated at most. */
  readonly evaluations: number;
  /** It ends where no coordinate of the projected gradient is larger, */
  readonly tolerance: number;
  /** or where one step gained less than this. Default 0. */
  readonly gain?: number;
}

export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
  readonly evaluations: number;
}

/** So many steps are remembered. */
const MEMORY = 8;
/** Armijo's condition, and the least and the most that a step is cut by. */
const [DECREASE, LEAST_CUT, MOST_CUT] = [1e-4, 0.5, 0.1];

interface Step {
  readonly moved: Float64Array;
  readonly turned: Float64Array;
  readonly curvature: number;
}

/**
 * Goes downhill within bounds, from `start`: limited-memory BFGS on the coordinates that are free, with a projected line search.
 * A coordinate at a bound is free when the gradient points inwards. Where the function is not a number nothing is taken.
 *
 * @param start - is brought within the bounds
 * @remarks O(coordinates) for each evaluation, besides the function itself. Never ends above the start.
 * @see Liu & Nocedal 1989, "On the limited memory BFGS method for large scale optimization", Mathematical Programming 45
 */
export async function lbfgs(objective: Objective, start: Float64Array, { low, high, evaluations, tolerance, gain = 0 }: LbfgsOptions): Promise<Minimum> {
  const n = start.length;
  let x = start.map((value, i) => Math.min(Math.max(value, low[i] as number), high[i] as number));
  let gradient = new Float64Array(n);
  let value = await objective(x, gradient);
  let count = 1;
  const steps: Step[] = [];
  while (count < evaluations && Number.isFinite(value)) {
    const free = freeOf(x, gradient, low, high);
    if (largest(gradient, free) <= tolerance) break;
    let direction = downhill(gradient, free, steps);
    let slope = dot(direction, gradient);
    if (!(slope < 0)) {
      steps.length = 0;
      direction = downhill(gradient, free, steps);
      slope = dot(direction, gradient);
    }
    let length = steps.length === 0 ? Math.min(1, 1 / Math.sqrt(-slope)) : 1;
    let next = x;
    let nextGradient = gradient;
    let found = Number.NaN;
    while (count < evaluations) {
      next = x.map((from, i) => Math.min(Math.max(from + length * (direction[i] as number), low[i] as number), high[i] as number));
      nextGradient = new Float64Array(n);
      found = await objective(next, nextGradient);
      count++;
      if (found <= value + DECREASE * projectedSlope(gradient, x, next)) break;
      const quadratic = Number.isFinite(found) ? (-slope * length) / (2 * (found - value - slope * length)) : 0;
      length *= Math.min(LEAST_CUT, Math.max(MOST_CUT, quadratic));
      if (length < 1e-10) break;
    }
    if (!(found < value)) break;
    const moved = next.map((to, i) => to - (x[i] as number));
    const turned = nextGradient.map((to, i) => to - (gradient[i] as number));
    const curvature = dot(moved, turned);
    if (curvature > 1e-10 * dot(turned, turned)) steps.push({ moved, turned, curvature });
    if (steps.length > MEMORY) steps.shift();
    const gained = value - found;
    [x, gradient, value] = [next, nextGradient, found];
    if (gained < gain) break;
  }
  return { x, value, evaluations: count };
}

function freeOf(x: Float64Array, gradient: Float64Array, low: Float64Array, high: Float64Array): Uint8Array {
  const free = new Uint8Array(x.length);
  for (let i = 0; i < x.length; i++) {
    const slope = gradient[i] as number;
    free[i] = ((x[i] as number) <= (low[i] as number) && slope > 0) || ((x[i] as number) >= (high[i] as number) && slope < 0) ? 0 : 1;
  }
  return free;
}

/** The two loops of L-BFGS, on the free coordinates. */
function downhill(gradient: Float64Array, free: Uint8Array, steps: readonly Step[]): Float64Array {
  const direction = gradient.map((slope, i) => (free[i] === 1 ? -slope : 0));
  const shares = new Float64Array(steps.length);
  for (let k = steps.length - 1; k >= 0; k--) {
    const { moved, turned, curvature } = steps[k] as Step;
    const share = dot(moved, direction) / curvature;
    shares[k] = share;
    for (let i = 0; i < direction.length; i++) direction[i] = (direction[i] as number) - share * (turned[i] as number);
  }
  const last = steps.at(-1);
  const scale = last === undefined ? 1 : last.curvature / dot(last.turned, last.turned);
  for (let i = 0; i < direction.length; i++) direction[i] = (direction[i] as number) * scale;
  for (let k = 0; k < steps.length; k++) {
    const { moved, turned, curvature } = steps[k] as Step;
    const share = (shares[k] as number) - dot(turned, direction) / curvature;
    for (let i = 0; i < direction.length; i++) direction[i] = (direction[i] as number) + share * (moved[i] as number);
  }
  for (let i = 0; i < direction.length; i++) if (free[i] === 0) direction[i] = 0;
  return direction;
}

function largest(gradient: Float64Array, free: Uint8Array): number {
  let most = 0;
  for (let i = 0; i < gradient.length; i++) if (free[i] === 1) most = Math.max(most, Math.abs(gradient[i] as number));
  return most;
}

function projectedSlope(gradient: Float64Array, from: Float64Array, to: Float64Array): number {
  let slope = 0;
  for (let i = 0; i < from.length; i++) slope += (gradient[i] as number) * ((to[i] as number) - (from[i] as number));
  return slope;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
