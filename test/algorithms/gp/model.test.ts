import { describe, expect, test } from 'vitest';
import { evidence, kernelOf, LEAST_NOISE, roomFor, type Sample } from '../../../algorithms/gp/evidence.ts';
import { startOf } from '../../../algorithms/gp/fit.ts';
import { excesses, levelled } from '../../../algorithms/gp/ledger.ts';
import { excessSlope, logExcess } from '../../../algorithms/gp/log-improvement.ts';
import { both, feasibility, improvement, type Merit } from '../../../algorithms/gp/merit.ts';
import { Posterior } from '../../../algorithms/gp/posterior.ts';
import { bestBend, warped } from '../../../algorithms/gp/warp.ts';
import { factorRows, rowAt } from '../../../src/base/numeric/cholesky.ts';
import { rng } from '../../../src/base/rng.ts';

/** Two numbers and an option of three. */
const shape = { size: 3, numbers: 2 };
const draws = rng(3);
const pointOf = (): Float64Array => Float64Array.of(draws.next(), draws.next(), draws.int(3));
const height = ([x = 0, y = 0, option = 0]: Float64Array): number => Math.sin(5 * x) + y * y + option / 2;
const points = Array.from({ length: 17 }, pointOf);
const targets = warped(
  Float64Array.from(points, (point) => height(point) + 1),
  Infinity,
);
const kernel = { weights: Float64Array.of(4, 2, 0.7), scale: 1.3, noise: 1e-6 };

function observed(upTo = points.length): Posterior {
  const posterior = new Posterior(shape, kernel);
  for (const point of points.slice(0, upTo)) posterior.append(point);
  return posterior;
}

/** What it becomes with each number, from two values nearby. */
function differences(value: (x: Float64Array) => number, x: Float64Array, count: number): number[] {
  const nearby = (c: number, by: number): number => value(x.map((one, i) => (i === c ? one + by : one)));
  return Array.from({ length: count }, (_, c) => (nearby(c, 1e-5) - nearby(c, -1e-5)) / 2e-5);
}
const closeTo = (values: ArrayLike<number>, expected: readonly number[]): void =>
  expected.forEach((one, i) => void expect(Math.abs((values[i] as number) - one)).toBeLessThan(1e-5 * (1 + Math.abs(one))));

describe('the evidence', () => {
  const sample: Sample = { shape, count: points.length, points: Float64Array.from(points.flatMap((point) => [...point])), targets };

  test.each([1, 2, 3])('its gradient is what it becomes with each parameter (%i)', (seed) => {
    const stream = rng(seed);
    const theta = startOf(shape).map((value) => value + stream.normal());
    const gradient = new Float64Array(theta.length);
    evidence(sample, theta, gradient, roomFor(sample.count));
    const value = (x: Float64Array): number => evidence(sample, x, new Float64Array(x.length), roomFor(sample.count));
    closeTo(gradient, differences(value, theta, theta.length));
  });

  test('there is always some noise', () => {
    expect(kernelOf(shape, Float64Array.of(0, 0, 0, 0, -99)).noise).toBe(LEAST_NOISE);
  });
});

describe('the posterior', () => {
  test('goes through what was observed, if there is no noise', () => {
    const posterior = observed();
    const merit = improvement({ posterior, white: posterior.whitened(targets), worlds: new Float64Array(0), lowest: Float64Array.of(0) });
    points.forEach((point, i) => {
      // where nothing is uncertain, the improvement is by how much it is below
      if ((targets[i] as number) < -0.1) expect(merit.at(point)).toBeCloseTo(Math.log(-(targets[i] as number)), 3);
    });
    posterior.smoothed(targets, posterior.whitened(targets)).forEach((mean, i) => void expect(mean).toBeCloseTo(targets[i] as number, 4));
  });

  test('points can be taken away again, and others appended', () => {
    const posterior = observed();
    posterior.cut(9);
    for (const point of points.slice(9)) posterior.append(point);
    expect(posterior.factor.subarray(0, rowAt(17))).toEqual(observed().factor.subarray(0, rowAt(17)));
  });

  test('the same point a hundred times over can be observed', () => {
    const posterior = new Posterior(shape, { ...kernel, noise: 0 });
    for (let i = 0; i < 100; i++) posterior.append(points[i % 2] as Float64Array);
    expect(posterior.whitened(new Float64Array(100).fill(1)).every(Number.isFinite)).toBe(true);
  });

  test('options alone are a covariance', () => {
    const posterior = new Posterior({ size: 2, numbers: 0 }, { weights: Float64Array.of(3, 0.1), scale: 1, noise: 0 });
    for (let i = 0; i < 20; i++) posterior.append(Float64Array.of(i % 5, Math.floor(i / 5)));
    const a = new Float64Array(rowAt(20));
    for (let i = 0; i < 20; i++)
      for (let j = 0; j <= i; j++)
        for (let k = 0; k <= j; k++)
          a[rowAt(i) + j] = (a[rowAt(i) + j] as number) + (posterior.factor[rowAt(i) + k] as number) * (posterior.factor[rowAt(j) + k] as number);
    expect(a[rowAt(19) + 19]).toBeCloseTo(1, 9); // no noise had to be added
    expect(factorRows(a, 0, 20)).toBe(true);
  });
});

describe('the logarithm of the expected improvement', () => {
  /** ∫ max(0, z - t) φ(t) dt */
  function slowly(z: number): number {
    let sum = 0;
    const [from, to, steps] = [-40, z, 400_000];
    const width = (to - from) / steps;
    for (let i = 0; i < steps; i++) {
      const t = from + (i + 0.5) * width;
      sum += ((z - t) * Math.exp((-t * t) / 2) * width) / Math.sqrt(2 * Math.PI);
    }
    return sum;
  }

  test.each([3, 0.5, 0, -0.5, -1, -2, -5, -9])('at %d is that of the integral', (z) => {
    expect(Math.abs(logExcess(z) - Math.log(slowly(z)))).toBeLessThan(1e-6);
  });

  test('is a number however far away, and goes on smoothly', () => {
    expect(logExcess(-30)).toBeCloseTo(-450 - Math.log(Math.sqrt(2 * Math.PI)) + Math.log(1 / 900 - 3 / 810_000 + 15 / 729_000_000), 6);
    for (const z of [-1, -25]) expect(Math.abs(logExcess(z - 1e-9) - logExcess(z + 1e-9))).toBeLessThan(1e-6);
    expect(logExcess(-1e6)).toBeGreaterThan(-Infinity);
  });

  test.each([2, 0, -3, -24, -30, -200])('its slope at %d', (z) => {
    const slope = excessSlope(z, logExcess(z));
    expect(Math.abs(slope - (logExcess(z + 1e-5) - logExcess(z - 1e-5)) / 2e-5)).toBeLessThan(1e-4 * (1 + Math.abs(slope)));
  });
});

/** Three points run, and there are five worlds. */
function withRunning(): Merit {
  const posterior = observed(14);
  const white = posterior.whitened(targets.subarray(0, 14));
  for (const point of points.slice(14)) posterior.append(point);
  const worlds = Float64Array.from({ length: 15 }, () => draws.normal());
  const lowest = Float64Array.from({ length: 5 }, (_, j) => Math.min(-1, ...[14, 15, 16].map((row) => posterior.valueOf(row, white, worlds, 3 * j))));
  return improvement({ posterior, white, worlds, lowest });
}
const alone = (): Merit => {
  const posterior = observed();
  return improvement({ posterior, white: posterior.whitened(targets), worlds: new Float64Array(0), lowest: Float64Array.of(-1.5) });
};
const feasible = (): Merit => {
  const posterior = observed();
  return feasibility({ posterior, white: posterior.whitened(targets) });
};

describe.each([
  ['the improvement', alone],
  ['the improvement while others run', withRunning],
  ['the probability of being feasible', feasible],
  ['both', () => both(withRunning(), feasible())],
])('%s', (_name, make) => {
  test('its gradient is what it becomes with each number', () => {
    const merit = make();
    for (let i = 0; i < 10; i++) {
      const point = pointOf();
      const gradient = new Float64Array(3);
      merit.at(point, gradient);
      closeTo(
        gradient,
        differences((x) => merit.at(x), point, 2),
      );
      expect(gradient[2]).toBe(0); // an option has no slope
    }
  });

  test('of four at once it is that of each', () => {
    const merit = make();
    const four = Array.from({ length: 4 }, pointOf);
    const values = new Float64Array(5);
    merit.addFour(Float64Array.from(four.flatMap((point) => [...point])), 0, values, 1);
    closeTo(
      values.subarray(1),
      four.map((point) => merit.at(point)),
    );
  });
});

test('near a point that runs there is less to gain than before', () => {
  const posterior = observed(14);
  const white = posterior.whitened(targets.subarray(0, 14));
  const point = points[15] as Float64Array;
  const before = improvement({ posterior, white, worlds: new Float64Array(0), lowest: Float64Array.of(-1) }).at(point);
  expect(withRunning().at(point)).toBeLessThan(before - 2);
});

describe('losses as the model takes them', () => {
  const of = (losses: readonly number[]) => levelled({ losses: Float64Array.from(losses) }, losses.length);

  test('the lowest is 0 and the median 1, in whatever units they come', () => {
    expect(of([3, 5, 9])).toEqual(Float64Array.of(0, 1, 3));
    expect(of([-1e6, 1e6, 5e6])).toEqual(Float64Array.of(0, 1, 3));
    expect(of([0.1 * 3 - 7, 0.1 * 5 - 7, 0.1 * 9 - 7])).toEqual(Float64Array.of(0, 1, 3));
  });

  test('one that is lost counts as the worst', () => {
    expect(of([3, Number.NaN, 9, 5])).toEqual(Float64Array.of(0, 1.5, 1.5, 0.5));
  });

  test('constant ones are 0, and nothing is nothing', () => {
    expect(of([7, 7])).toEqual(Float64Array.of(0, 0));
    expect([of([]), of([Number.NaN])]).toEqual([undefined, undefined]);
  });

  test('violations lie above 0, and what is feasible below', () => {
    expect(excesses({ violations: Float64Array.of(0, 2, 4) }, 1)).toBeUndefined();
    const found = excesses({ violations: Float64Array.of(0, 2, 4) }, 3) as Float64Array;
    expect(found[0]).toBeLessThan(0);
    expect(found[2]).toBeGreaterThan(found[1] as number);
  });

  test('one that is lost is as infeasible as usual, if there are constraints at all', () => {
    expect(excesses({ violations: Float64Array.of(0, Number.NaN, 0) }, 3)).toBeUndefined();
    const [, lost, less, usual, more] = excesses({ violations: Float64Array.of(0, Number.NaN, 1, 3, 9) }, 5) as Float64Array;
    expect([lost, lost]).toEqual([usual, expect.closeTo(Math.LN2, 12)]);
    expect([less, more].map((excess) => Math.sign((excess as number) - (lost as number)))).toEqual([-1, 1]);
  });

  test.each([Infinity, 1e300])('violations of %d leave something of the others', (huge) => {
    const [feasible, ...found] = excesses({ violations: Float64Array.of(0, 0.1, 0.2, 0.3, huge) }, 5) as Float64Array;
    expect(feasible).toBeLessThan(-0.5);
    expect(found.slice(0, 3).map((excess) => excess > 0.3 && excess < 1)).toEqual([true, true, true]);
    expect(found[3]).toBeLessThan(10);
    expect(excesses({ violations: Float64Array.of(huge, huge) }, 2)?.every((excess) => excess > 0 && excess < 10)).toBe(true);
  });

  test('those of a smooth function stay as they are, those of its exponential are drawn together', () => {
    const smooth = Float64Array.from(points, (point) => height(point));
    expect(bestBend(levelled({ losses: smooth }, 17) as Float64Array, observed())).toBeGreaterThan(2);
    const steep = smooth.map((value) => Math.exp(6 * value));
    expect(bestBend(levelled({ losses: steep }, 17) as Float64Array, observed())).toBeLessThan(0.5);
  });
});
