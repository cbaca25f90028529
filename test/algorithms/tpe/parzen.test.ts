import { describe, expect, test } from 'vitest';
import { type Column, drawPoints, logDensities, type Parzen, parzen, weightsOf } from '../../../algorithms/tpe/parzen.ts';
import { logMass, logPhi, quantile } from '../../../src/base/numeric/truncated-normal.ts';
import { rng } from '../../../src/base/rng.ts';
import { axisOf } from '../../../src/space/axis.ts';
import { choice, lograndint, loguniform, quniform, randint, randn, uniform } from '../../../src/space/domains.ts';
import { compileSpace } from '../../../src/space/space.ts';

const column = (values: readonly number[]): Column => ({
  values: Float64Array.from(values),
  order: Int32Array.from(values.map((_, i) => i).sort((a, b) => (values[a] as number) - (values[b] as number))),
});

/** The estimator of one domain for each list of observations (encoded). */
function estimate(domains: readonly unknown[], observed: readonly (readonly number[])[]): Parzen {
  const axes = compileSpace(Object.fromEntries(domains.map((domain, i) => [`x${i}`, domain]))).parameters.map(axisOf);
  return parzen(axes, observed[0]?.length ?? 0, observed.map(column));
}

const meansOf = ({ kernels: [kernel] }: Parzen) => (kernel && 'means' in kernel ? [...kernel.means] : []);
const widthsOf = ({ kernels: [kernel] }: Parzen) => (kernel && 'widths' in kernel ? [...kernel.widths] : []);

function closeTo(found: Iterable<number>, expected: readonly number[]): void {
  const all = [...found];
  expect(all).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(Math.abs((all[i] as number) - value)).toBeLessThanOrEqual(1e-9 * Math.abs(value));
}

describe('a kernel around each observation, and one for what was known before', () => {
  test('numbers: each is as wide as the farther neighbour is away', () => {
    const found = estimate([uniform(-10, 10)], [[-3, 1, 2.5]]);
    closeTo(meansOf(found), [-3, 1, 2.5, 0]);
    closeTo(widthsOf(found), [4, 4, 4, 20]);
    closeTo(found.weights, [0.25, 0.25, 0.25, 0.25]);
    const at = Float64Array.of(-9, 0, 2, 7.5);
    closeTo(logDensities(found, at), [-3.8289782398578653, -2.546524886783608, -2.5911244963150883, -3.457346371869208]);
  });

  test('logarithmic numbers: the same of the logarithms', () => {
    const found = estimate([loguniform(1e-5, 1e-1)], [[1e-4, 1e-2].map(Math.log)]);
    closeTo(meansOf(found), [-9.210340371976182, -4.605170185988091, -6.907755278982137]);
    closeTo(widthsOf(found), [4.605170185988091, 4.605170185988091, 9.210340371976182]);
    closeTo(logDensities(found, Float64Array.of(1e-5, 1e-3, 1e-1).map(Math.log)), [-2.4182385842560232, -2.126141321393889, -2.4182385842560232]);
  });

  test('whole numbers: the probability of each, ties in the order in which they came', () => {
    const found = estimate([randint(1, 11)], [[2, 7, 7]]);
    closeTo(meansOf(found), [2, 7, 7, 5.5]);
    closeTo(widthsOf(found), [5, 5, 2, 10]);
    const densities = logDensities(
      found,
      Float64Array.from({ length: 10 }, (_, i) => i + 1),
    );
    closeTo(densities, [
      ...[-2.618699106125499, -2.5266283732561323, -2.425573038730458, -2.3018123895334646, -2.1683628863769306],
      ...[-2.0691865085995365, -2.0525635239649898, -2.143708145910151, -2.334063769665054, -2.583747513119068],
    ]);
    closeTo([densities.reduce((sum, density) => sum + Math.exp(density), 0)], [1]);
  });

  test('logarithmic whole numbers: cells end half a step beyond the value', () => {
    const found = estimate([lograndint(1, 1025)], [[4, 64].map(Math.log)]);
    closeTo(meansOf(found), [1.3862943611198906, 4.1588830833596715, 3.1194063935595047]);
    closeTo(widthsOf(found), [2.7725887222397807, 2.7725887222397807, 7.6251071482389]);
    const at = Float64Array.of(1, 4, 100, 1024).map(Math.log);
    closeTo(logDensities(found, at), [-2.0751634814938846, -3.3159097131216866, -6.5977683539522864, -9.394880136403097]);
  });

  test('steps', () => {
    const found = estimate([quniform(0, 1, 0.25)], [[0.25]]);
    closeTo(meansOf(found), [0.25, 0.5]);
    closeTo(widthsOf(found), [0.875, 1.25]);
    const at = Float64Array.of(0, 0.25, 0.5, 0.75, 1);
    closeTo(logDensities(found, at), [-1.5917545877367334, -1.542082116764648, -1.5533450465912182, -1.6236747566495728, -1.7499381256656257]);
  });

  test('options: one that was observed is likelier, the more so the more there are observations', () => {
    const found = estimate([choice(['a', 'b', 'c'])], [[0, 2, 2]]);
    expect(found.kernels[0]).toMatchObject({ hit: expect.closeTo(5 / 7, 12), miss: expect.closeTo(1 / 7, 12) });
    closeTo(logDensities(found, Float64Array.of(0, 1, 2)), [-1.0986122886681098, -1.6582280766035324, -0.7419373447293772]);
  });

  test('several parameters: the density of a mixture of products', () => {
    const found = estimate([choice([0, 1]), uniform(0, 1), loguniform(1e-4, 1)], [[0, 1], [0.2, 0.9], [1e-3, 1e-1].map(Math.log)]);
    const at = Float64Array.of(0, 0.3, Math.log(1e-2), 1, 0.5, Math.log(1e-1));
    closeTo(logDensities(found, at), [-2.7460297663716897, -2.7463044969711334]);
  });

  test('normal numbers: what was known before is the domain itself, and widths are those of a uniform one that varies as much', () => {
    const found = estimate([randn(5, 2)], [[]]);
    expect([meansOf(found), widthsOf(found)]).toEqual([[5], [2]]);
    closeTo(logDensities(found, Float64Array.of(5, 9)), [-Math.log(2 * Math.sqrt(2 * Math.PI)), -Math.log(2 * Math.sqrt(2 * Math.PI)) - 2]);
    closeTo(widthsOf(estimate([randn(0, 1)], [[0]])), [Math.sqrt(3), 1]);
  });

  test.each([
    ['none', [], [2]],
    ['one', [0.4], [1.4, 2]],
    ['two', [-0.3, 0.3], [0.6, 0.6, 2]],
    ['close ones, which are kept from being too narrow', [-0.4, 0.4, 0.41, 0.42], [0.8, 0.8, 1 / 3, 1 / 3, 2]],
  ])('widths on [-1, 1] with observations: %s', (_name, observed, expected) => {
    const found = estimate([uniform(-1, 1)], [observed]);
    closeTo(widthsOf(found), expected);
  });

  test('old observations weigh less, from the 26th on', () => {
    const weights = weightsOf(30);
    closeTo(
      weights.subarray(0, 6).map((weight) => weight / (weights.at(-1) as number)),
      [1 / 30, 0.275, 0.5166666666666667, 0.7583333333333333, 1, 1],
    );
    closeTo(
      weightsOf(26)
        .subarray(0, 2)
        .map((weight) => weight / (weightsOf(26).at(-1) as number)),
      [1 / 26, 1],
    );
    expect(new Set(weightsOf(25)).size).toBe(1);
    expect(new Set(weightsOf(30, false)).size).toBe(1);
    closeTo([weights.reduce((sum, weight) => sum + weight, 0)], [1]);
  });
});

test('draws follow the density', () => {
  const found = estimate(
    [randint(1, 11), choice(['a', 'b', 'c'])],
    [
      [2, 7, 7],
      [0, 2, 2],
    ],
  );
  const count = 40_000;
  const points = drawPoints(found, count, rng(1));
  const seen = new Map<string, number>();
  for (let p = 0; p < count; p++) seen.set(`${points[2 * p]} ${points[2 * p + 1]}`, (seen.get(`${points[2 * p]} ${points[2 * p + 1]}`) ?? 0) + 1);
  const all = Array.from({ length: 30 }, (_, i) => [1 + Math.floor(i / 3), i % 3]);
  const expected = logDensities(found, Float64Array.from(all.flat())).map(Math.exp);
  const chi = all.reduce(
    (sum, [x, y], i) => sum + ((seen.get(`${x} ${y}`) ?? 0) - count * (expected[i] as number)) ** 2 / (count * (expected[i] as number)),
    0,
  );
  expect(chi).toBeLessThan(71); // of 29 degrees of freedom, once in 50,000 seeds
});

describe('the truncated normal distribution', () => {
  test('the logarithm of what lies between two numbers, far out too', () => {
    closeTo([logMass(-1, 1), logMass(-3, -2), logMass(2, 3)], [-0.38171514630212616, -3.8443534263342047, -3.8443534263342047]);
    closeTo([logMass(-25, -22), logMass(7, 8), logMass(0, 1)], [-246.0120365373809, -27.384793700719943, -1.0748623268620714]);
    expect([logMass(-Infinity, Infinity), logMass(1, 1)]).toEqual([-0, -Infinity]);
  });

  test('the logarithm of what lies below', () => {
    closeTo([-40, -20, -5, 1, 10].map(logPhi), [-804.6084420137538, -203.91715537109727, -15.064998393988724, -0.1727537790234499, -7.619853024160593e-24]);
  });

  test('quantiles', () => {
    closeTo([quantile(0.1, -1, 1), quantile(0.9, 2, 3), quantile(0.3, -5, -2)], [-0.7490145989695702, 2.6978044494405453, -2.466331845109987]);
    closeTo([quantile(0.5, 0, 8), quantile(1e-6, -40, 40)], [0.674489750196081, -4.7534243088229]);
    expect([quantile(0, -1, 2), quantile(1, -1, 2)]).toEqual([-1, 2]);
  });
});
