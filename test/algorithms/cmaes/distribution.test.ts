import { describe, expect, test } from 'vitest';
import { beginning, type Distribution, lengthOf, stepped, stretched } from '../../../algorithms/cmaes/distribution.ts';
import { strategyOf, usualPopulation } from '../../../algorithms/cmaes/strategy.ts';

const near = (actual: Iterable<number>, expected: readonly number[]): void => {
  [...actual].forEach((value, i) => void expect(value / (expected[i] as number)).toBeCloseTo(1, 10));
  expect([...actual]).toHaveLength(expected.length);
};
const lowerOf = ({ covariance, mean: { length } }: Distribution): readonly number[] =>
  Array.from({ length }, (_, i) => [...covariance.subarray(i * length, i * length + i + 1)]).flat();

describe('the constants of the tutorial, for 4 parameters and 6 points', () => {
  const strategy = strategyOf(4, 6);

  test('weights: the better half adds up to 1, the worse half is negative', () => {
    near(strategy.weights, [0.6370425712412168, 0.28457025743803294, 0.07838717132075033, -0.28638378259655295, -0.7649580940851275, -1.1559817781589212]);
  });

  test('rates', () => {
    const { muEff, c1, cMu, cSigma, dSigma, cc, chi } = strategy;
    near(
      [muEff, c1, cMu, cSigma, dSigma, cc, chi],
      [2.0286114646100617, 0.06640412365457278, 0.02742984622065783, 0.36528727823421436, 1.3652872782342143, 0.5, 1.880952380952381],
    );
  });

  test('4 points for 1 parameter, 6 for 5, 7 for 10, 11 for 200', () => {
    expect([1, 5, 10, 200].map(usualPopulation)).toEqual([4, 6, 7, 11]);
  });
});

describe('five steps are those of the equations 41 to 47, computed with matrices in numpy', () => {
  const strategy = strategyOf(4, 6);
  const loss = (x: Float64Array): number => x.reduce((sum, value, i) => sum + 10 ** i * (value - 0.3) ** 2, 0);

  /** Points in a pattern around the mean, all on one side in the first `far` steps. */
  function after(steps: number, far: number): Distribution {
    let now = beginning(new Float64Array(4).fill(0.5), 0.15);
    for (let g = 1; g <= steps; g++) {
      const { mean, sigma } = now;
      const points = Array.from({ length: 6 }, (_, k) => mean.map((value, i) => value + sigma * (Math.sin(7 * k + 3 * i + g * g) * 1.5 + (g <= far ? 2 : 0))));
      const ways = points.sort((a, b) => loss(a) - loss(b)).map((point) => point.map((value, i) => (value - (mean[i] as number)) / sigma));
      now = stepped(now, strategy, ways);
    }
    return now;
  }

  test.each([
    {
      ...{ steps: 1, far: 0, sigma: 0.16538650291657603 },
      mean: [0.6645361205501756, 0.3262638354772379, 0.6794588779811743, 0.31841027922336707],
      covariance: [
        ...[1.0497821892009216, -0.09856140227468654, 1.0781376799811513, 0.11208048674806145, -0.12205862645207025, 1.0963063404540185],
        ...[-0.12335627951712645, 0.13024914722092865, -0.1345350773575258, 1.1028408655423607],
      ],
    },
    {
      ...{ steps: 5, far: 0, sigma: 0.09512702313583953 },
      mean: [0.6298302483616229, 0.34657337965425244, 0.6739521574804876, 0.30900395899946387],
      covariance: [
        ...[0.7889836702953568, 0.06590767062095719, 0.7700080711751669, -0.0751991961536728, 0.08115096621605114, 0.7588021737701455],
        ...[0.0829856092640851, -0.08640509355869438, 0.08809517931824869, 0.7562586334432266],
      ],
    },
    {
      ...{ steps: 1, far: 2, sigma: 0.2442629855736668 },
      mean: [0.9982871966684537, 0.5952345709851654, 1.0071452799072613, 0.5946208833860592],
      covariance: [
        ...[1.3058356349655365, 0.02546374956970426, 0.9169971539205483, 0.29014503237478906, 0.018177271892138934, 1.3071979299207432],
        ...[0.029936278558195275, -0.08987635765704238, 0.02309423478600207, 0.9357424645681948],
      ],
    },
    {
      ...{ steps: 5, far: 2, sigma: 1.0302536869691779 },
      mean: [1.83227858806791, 0.5550216939556589, 2.19710081551494, 0.22306569129131268],
      covariance: [
        ...[1.4057193397431513, 0.18164983646737243, 0.7169304513904871, 0.39598939790847154, 0.1821111368539603, 1.3644285172507895],
        ...[0.21406430613629365, -0.25619390080301596, 0.19929474750916124, 0.7492977461623217],
      ],
    },
  ])('after $steps, the first $far of them far', ({ steps, far, sigma, mean, covariance }) => {
    const found = after(steps, far);
    near(found.mean, mean);
    near([found.sigma], [sigma]);
    near(lowerOf(found), covariance);
  });

  test('what a standard normal vector stands for has its length, in the measure of the distribution', () => {
    const now = after(5, 2);
    const z = Float64Array.of(1, -2, 0.5, 3);
    expect(lengthOf(now, stretched(now, z))).toBeCloseTo(Math.hypot(...z), 10);
  });
});
