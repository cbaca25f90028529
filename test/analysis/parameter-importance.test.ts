import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decomposeTree, type Extent } from '../../src/analysis/importance/decompose-tree.ts';
import { type Feature, predict, regressionTree } from '../../src/analysis/importance/regression-tree.ts';
import { type ImportanceOptions, parameterImportance } from '../../src/analysis/parameter-importance.ts';
import type { Json } from '../../src/base/json.ts';
import { rng } from '../../src/base/rng.ts';
import { choice, lograndint, loguniform, quniform, randint, uniform } from '../../src/space/domains.ts';
import { compileSpace, spaceToJson } from '../../src/space/space.ts';

/** Evenly spread points that need no generator: the same numbers were given to Optuna. */
const STEPS = [0.6180339887498949, 0.4142135623730951, 0.7320508075688772, 0.23606797749978967, 0.6457513110645906, 0.3166247903553998];
const u = (i: number, k: number): number => ((i + 1) * (STEPS[k] as number)) % 1;

const space = spaceToJson(
  compileSpace({
    x: uniform(-5, 5),
    y: uniform(-5, 5),
    z: uniform(0, 1),
    m: uniform(0, 1),
    lr: loguniform(1e-5, 0.1),
    k: randint(1, 9),
    c: choice(['a', 'b', 'c']),
  }),
);
const table = (n: number): readonly Record<string, Json>[] =>
  Array.from({ length: n }, (_, i) => {
    const [x, y, lr, k, c, m] = [-5 + 10 * u(i, 0), -5 + 10 * u(i, 1), 10 ** (-5 + 4 * u(i, 2)), 1 + Math.floor(8 * u(i, 3)), Math.floor(3 * u(i, 4)), u(i, 5)];
    const loss = x * x + 0.3 * y + (Math.log10(lr) + 3) ** 2 * 2 + ([0, 3, 4][c] as number) + (c === 0 ? 5 * m : 0);
    const always = { 'config/x': x, 'config/y': y, 'config/lr': lr, 'config/k': k, 'config/c': 'abc'[c] as string, loss };
    return c === 0 ? { ...always, 'config/m': m } : always;
  });
const scores = (rows: readonly Record<string, Json>[], options: Partial<ImportanceOptions> = {}): Record<string, number> =>
  Object.fromEntries(
    parameterImportance(rows, { metric: 'loss', mode: 'min', space, ...options }).parameters.map(({ parameter, score }) => [parameter, score]),
  );

const isNear = (found: Record<string, number>, expected: Record<string, number>, digits: number): void => {
  expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected)) expect(found[name]).toBeCloseTo(value, digits);
};

describe('ped-anova: the numbers of Optuna 5.0.0 on the same trials', () => {
  const of40 = {
    m: 0.018550326697168468,
    x: 0.01163417425707247,
    lr: 0.0034899721589814778,
    y: 0.0003236986482670643,
    k: 0.00031555092562627317,
    c: 0.0002983844830970053,
  };
  const of200 = {
    x: 0.015847694975293238,
    lr: 0.005221095435546406,
    m: 0.0014770193925804063,
    y: 0.0011777990870298516,
    k: 0.0003217101483864902,
    c: 0.000269666919889673,
  };
  const of200Quarter = {
    x: 0.07104994309329599,
    lr: 0.015615812054170002,
    k: 0.0023593964704534745,
    y: 0.0019806066204212706,
    c: 0.0010082161615139601,
    m: 0.0008047152029328786,
  };

  test('numbers, a logarithmic scale, whole numbers, a category, and a parameter that only some have', () => {
    isNear(scores(table(40)), of40, 13);
    isNear(scores(table(200)), of200, 13);
    isNear(scores(table(200), { topShare: 0.25 }), of200Quarter, 13);
  });

  test('mode max is the same of the opposite', () => {
    const negative = table(200).map((row) => ({ ...row, loss: -(row.loss as number) }));
    isNear(scores(negative, { mode: 'max' }), of200, 13);
  });

  test('logarithmic whole numbers, and steps', () => {
    const rows = Array.from({ length: 120 }, (_, i) => {
      const [w, q, r] = [Math.round(2 ** (10 * u(i, 0))), Math.round(20 * u(i, 1)) * 0.5, Math.floor(200 * u(i, 2))];
      return { 'config/w': w, 'config/q': q, 'config/r': r, loss: Math.abs(Math.log2(w) - 4) + 0.1 * q + 0.001 * r };
    });
    const stepped = spaceToJson(compileSpace({ w: lograndint(1, 1025), q: quniform(0, 10, 0.5), r: randint(0, 200) }));
    isNear(scores(rows, { space: stepped }), { w: 0.03721428461789415, q: 0.0026772302678520466, r: 0.0003493876357353104 }, 13);
  });

  test('the importances add up to 1, the greatest first, and say how many trials have the parameter', () => {
    const { parameters, pairs, n, r2 } = parameterImportance(table(200), { metric: 'loss', mode: 'min', space });
    expect(parameters[0]).toMatchObject({ parameter: 'x', importance: expect.closeTo(0.6517665690695528, 12), n: 200, deviation: 0 });
    expect(parameters.find(({ parameter }) => parameter === 'm')?.n).toBe(67);
    expect(parameters.reduce((sum, { importance }) => sum + importance, 0)).toBeCloseTo(1, 12);
    expect({ pairs, n, r2 }).toEqual({ pairs: [], n: 200, r2: Number.NaN });
  });

  test('only the order of the losses counts', () => {
    const warped = table(80).map((row) => ({ ...row, loss: Math.exp((row.loss as number) / 3) - 100 }));
    isNear(scores(warped), scores(table(80)), 15);
  });
});

describe('fanova', () => {
  const fanova = (rows: readonly Record<string, Json>[], parameters: readonly string[], more: Partial<ImportanceOptions> = {}) =>
    parameterImportance(rows, { metric: 'loss', mode: 'min', method: 'fanova', parameters, space, ...more });
  const points = (n: number) =>
    Array.from({ length: n }, (_, i) => ({
      x: -5 + 10 * u(i, 0),
      y: -5 + 10 * u(i, 1),
      z: u(i, 2),
      c: Math.floor(3 * u(i, 4)),
      k: 1 + Math.floor(8 * u(i, 3)),
    }));

  test('the numbers of Optuna 5.0.0 on the same trials, mean of five seeds, as near as forests are to each other', () => {
    const additive = points(200).map((p) => ({ ...p, loss: p.x ** 2 + 2 * p.y }));
    isNear(scores(additive, { method: 'fanova', parameters: ['x', 'y', 'z'] }), { x: 0.577, y: 0.326, z: 0.004 }, 1.8);
    const product = points(200).map((p) => ({ ...p, loss: p.x * p.y + p.z }));
    isNear(scores(product, { method: 'fanova', parameters: ['x', 'y', 'z'] }), { x: 0.096, y: 0.061, z: 0.047 }, 1.8);
  });

  test('an additive function: the shares of the variance are known', () => {
    const random = rng(1);
    const rows = Array.from({ length: 400 }, () => ({ x: 10 * random.next() - 5, y: 10 * random.next() - 5, z: random.next() })).map((p) => ({
      ...p,
      loss: p.x + 2 * p.y,
    }));
    const { parameters, r2 } = fanova(rows, ['x', 'y', 'z']);
    expect(parameters.map(({ parameter }) => parameter)).toEqual(['y', 'x', 'z']);
    expect(parameters[0]?.importance).toBeCloseTo(0.8, 1.3);
    expect(parameters[1]?.importance).toBeCloseTo(0.2, 1.3);
    expect(parameters[2]?.importance).toBeLessThan(0.01);
    expect(r2).toBeGreaterThan(0.95);
  });

  test('a product: the pair has it, and neither alone', () => {
    const { pairs, parameters } = fanova(
      points(300).map((p) => ({ ...p, loss: p.x * p.y })),
      ['x', 'y', 'z'],
    );
    expect(pairs[0]).toMatchObject({ a: 'x', b: 'y' });
    expect(pairs[0]?.score).toBeGreaterThan(0.5);
    for (const { score } of parameters) expect(score).toBeLessThan(0.15);
  });

  test('categories count by their sets', () => {
    const { parameters } = fanova(
      points(200).map((p) => ({ ...p, c: 'abc'[p.c] as string, loss: p.x + 3 * p.c })),
      ['x', 'c', 'k'],
    );
    // var(x) = 100 / 12, var(3 c) = 6: shares 0.58 and 0.42
    expect(parameters.map(({ parameter }) => parameter)).toEqual(['x', 'c', 'k']);
    expect(parameters[1]?.importance).toBeCloseTo(0.42, 1.3);
  });

  test('a parameter that a trial lacks has no effect there', () => {
    const random = rng(2);
    const rows = Array.from({ length: 300 }, () => {
      const [kind, momentum] = [['adam', 'sgd'][random.int(2)] as string, random.next()];
      return kind === 'sgd' ? { kind, momentum, loss: momentum } : { kind, loss: 0.5 };
    });
    const { parameters, pairs } = parameterImportance(rows, { metric: 'loss', mode: 'min', method: 'fanova', parameters: ['kind', 'momentum'] });
    const [momentum, kind] = parameters;
    // of the variance of momentum · [sgd], half is momentum's on the whole, and half depends on the kind
    expect([momentum?.parameter, kind?.parameter]).toEqual(['momentum', 'kind']);
    expect(momentum?.score).toBeCloseTo(0.5, 1);
    expect(kind?.score).toBeLessThan(0.05);
    expect(pairs[0]?.score).toBeCloseTo(0.5, 1);
  });

  test('noise: the forest predicts nothing, and says so', () => {
    expect(
      fanova(
        points(60).map((p) => ({ ...p, loss: Math.sin(1000 * p.x) })),
        ['x', 'y', 'z'],
      ).r2,
    ).toBeLessThan(0.3);
  });

  test('the same seed gives the same numbers', () => {
    const rows = points(40).map((p) => ({ ...p, loss: p.x * p.y }));
    expect(fanova(rows, ['x', 'y'], { seed: 3, trees: 8 })).toEqual(fanova(rows, ['x', 'y'], { seed: 3, trees: 8 }));
    expect(fanova(rows, ['x', 'y'], { seed: 4, trees: 8 })).not.toEqual(fanova(rows, ['x', 'y'], { seed: 3, trees: 8 }));
  });
});

describe('decomposeTree', () => {
  const extents: readonly Extent[] = [
    { low: 0, high: 8, categories: 0 },
    { low: 0, high: 8, categories: 0 },
    { low: 0, high: 0, categories: 3 },
  ];
  const point = fc.tuple(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 2 }), fc.integer({ min: -3, max: 3 }));

  test('agrees with adding up over a fine grid', () => {
    fc.assert(
      fc.property(fc.array(point, { minLength: 2, maxLength: 12 }), (points) => {
        const features = [0, 1, 2].map((i): Feature => ({ values: Float64Array.from(points, (p) => p[i] as number), categories: i === 2 ? 3 : 0 }));
        const rows = Int32Array.from(points.keys());
        const tree = regressionTree(rows, {
          features,
          order: [0, 1, 2],
          y: Float64Array.from(points, (p) => p[3]),
          weights: new Float64Array(points.length).fill(1),
        });
        const found = decomposeTree(tree, extents);

        // Thresholds are multiples of a half: the middles of cells that wide are all there is to see.
        const middles = Array.from({ length: 16 }, (_, i) => i / 2 + 0.25);
        const cells = middles.flatMap((a) => middles.flatMap((b) => [0, 1, 2].map((c) => [a, b, c] as const)));
        const grid = [0, 1, 2].map((i): Feature => ({ values: Float64Array.from(cells, (cell) => cell[i] as number), categories: i === 2 ? 3 : 0 }));
        const values = cells.map((_, row) => predict(tree, grid, row));
        const variance = (key: (cell: readonly number[]) => string): number => {
          const groups = new Map<string, number[]>();
          for (const [i, cell] of cells.entries()) groups.set(key(cell), [...(groups.get(key(cell)) ?? []), values[i] as number]);
          const means = [...groups.values()].map((group) => group.reduce((a, b) => a + b, 0) / group.length);
          const all = means.reduce((a, b) => a + b, 0) / means.length;
          return means.reduce((total, value) => total + (value - all) ** 2, 0) / means.length;
        };
        const single = [0, 1, 2].map((i) => variance((cell) => String(cell[i])));
        expect(found.total).toBeCloseTo(
          variance((cell) => cell.join()),
          9,
        );
        for (const i of [0, 1, 2]) expect(found.single[i]).toBeCloseTo(single[i] as number, 9);
        for (const [at, [i, j]] of [
          [0, 1],
          [0, 2],
          [1, 2],
        ].entries() as Iterable<[number, [number, number]]>) {
          expect(found.pairs[at]).toBeCloseTo(variance((cell) => `${cell[i]},${cell[j]}`) - (single[i] as number) - (single[j] as number), 9);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('parameterImportance, of little', () => {
  const rows = [
    { x: 1, loss: 1 },
    { x: 2, loss: 2 },
  ];
  test('two rows are answered', () => {
    expect(parameterImportance(rows, { metric: 'loss', mode: 'min', parameters: ['x'] }).parameters[0]?.importance).toBe(1);
  });

  test('a parameter with one value has none', () => {
    expect(
      parameterImportance(
        rows.map((row) => ({ ...row, y: 3 })),
        { metric: 'loss', mode: 'min', parameters: ['x', 'y'] },
      ).parameters[1],
    ).toMatchObject({ parameter: 'y', importance: 0 });
  });

  test.each<[string, readonly Record<string, Json>[], object, string, string]>([
    ['a metric nobody reported', rows, { metric: 'accuracy' }, 'COLUMN_UNKNOWN', 'expected a column "accuracy"'],
    ['a parameter nobody has', rows, { parameters: ['y'] }, 'COLUMN_UNKNOWN', 'expected a column "y"'],
    ['only NaN', rows.map(({ x }) => ({ x, loss: Number.NaN })), {}, 'DATA_INSUFFICIENT', 'expected at least 1 finite values of "loss", got 0 in 2 rows'],
    ['one trial', rows.slice(1), {}, 'DATA_INSUFFICIENT', 'expected at least 2 trials with a finite "loss", got 1 in 1 rows'],
    [
      'a metric that never changes',
      rows.map(({ x }) => ({ x, loss: 3 })),
      {},
      'DATA_INSUFFICIENT',
      'expected at least 2 distinct values of "loss", got 3 in all 2 trials',
    ],
    [
      'no parameter that varies',
      rows.map(({ loss }) => ({ x: 1, loss })),
      {},
      'DATA_INSUFFICIENT',
      'expected at least 1 parameters with more than one value, got 0',
    ],
    [
      'a text as a metric',
      [
        { x: 1, loss: 'low' },
        { x: 2, loss: 1 },
      ],
      {},
      'DATA_INSUFFICIENT',
      'expected numbers in the column "loss", got "low" in row 0',
    ],
    ['another method', rows, { method: 'shap' }, 'OPTION_RANGE', `expected method 'ped-anova' or 'fanova', got "shap"`],
    ['another mode', rows, { mode: 'up' }, 'METRIC_INVALID', `expected mode 'min' or 'max', got "up"`],
    ['percent', rows, { topShare: 10 }, 'OPTION_RANGE', 'expected topShare to be above 0 and below 1, got 10'],
    ['no trees', rows, { trees: 0 }, 'OPTION_RANGE', 'expected trees to be a whole number >= 1, got 0'],
  ])('%s: says what and where', (_case, given, options, code, message) => {
    const call = () => parameterImportance(given, { metric: 'loss', mode: 'min', parameters: ['x'], ...options } as never);
    expect(call).toThrow(expect.objectContaining({ code, message: expect.stringContaining(`parameterImportance: ${message}`) }));
  });
});
