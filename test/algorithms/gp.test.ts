import { describe, expect, test } from 'vitest';
import { gp, random } from '../../algorithms/index.ts';
import { canonicalJson } from '../../src/base/json.ts';
import { factorRows, rowAt } from '../../src/base/numeric/cholesky.ts';
import { History } from '../../src/search/history.ts';
import type { Searcher } from '../../src/search/searcher.ts';
import type { Config } from '../../src/space/config.ts';
import { choice, lograndint, loguniform, quniform, randint, randn, uniform } from '../../src/space/domains.ts';
import { compileSpace } from '../../src/space/space.ts';
import { branin, hartmann6, type TestProblem } from '../../src/testing/problems.ts';
import { askFor } from './asking.ts';

interface Outcome {
  readonly loss: number;
  readonly violation?: number;
  readonly end?: 'completed' | 'stopped' | 'failed';
}
type Objective = (config: Config) => number | Outcome;

/** Asks and answers; each trial ends when `slots` - 1 others have been proposed after it. */
async function played(searcher: Searcher, input: unknown, objective: Objective, trials: number, seed = 1, slots = 1): Promise<readonly Config[]> {
  const space = compileSpace(input);
  const history = new History(space, 1);
  const configs: Config[] = [];
  for (let index = 0; index < trials; index++) {
    const suggestion = await searcher.suggest(askFor(space, index, { samples: trials, seed, history }));
    if (suggestion.kind !== 'config') throw new Error(suggestion.kind);
    configs.push(suggestion.config);
    history.add({ config: suggestion.config, by: 'searcher', asked: history.ended.length });
    if (index < slots - 1) continue;
    const row = index - slots + 1;
    const outcome = objective(configs[row] as Config);
    const { loss, violation = 0, end = 'completed' } = typeof outcome === 'number' ? { loss: outcome } : outcome;
    history.report(row, 1, [loss], violation);
    history.end(row, end);
  }
  return configs;
}

const boxOf = ({ bounds }: TestProblem) => Object.fromEntries(bounds.map(([lower, upper], i) => [`x${i}`, uniform(lower, upper)]));
const objectiveOf =
  ({ bounds, evaluate }: TestProblem) =>
  (config: Config): number =>
    evaluate(bounds.map((_, i) => config[`x${i}`] as number));

/** The median of the regret over 5 seeds. */
async function regret(
  make: () => Searcher,
  input: unknown,
  objective: (config: Config) => number,
  optimum: number,
  trials: number,
  slots = 1,
): Promise<number> {
  const all: number[] = [];
  for (let seed = 0; seed < 5; seed++) all.push(Math.min(...(await played(make(), input, objective, trials, seed, slots)).map(objective)) - optimum);
  return all.sort((a, b) => a - b)[2] as number;
}

/** The best is 0.1, in the first option of the first option. */
const tree = {
  top: choice([
    { deep: choice([{ a: uniform(0, 1) }, { b: uniform(0, 1) }]), r: uniform(0, 1) },
    { deep: choice([{ c: uniform(0, 1) }, { d: uniform(0, 1) }]), s: uniform(0, 1) },
  ]),
};
function treeLoss(config: Config): number {
  const { deep, r, s } = config.top as { deep: Record<string, number>; r?: number; s?: number };
  const height = { a: 0.1, b: 0.2, c: 0.3, d: 0.4 };
  const [[key, x]] = Object.entries(deep) as [[keyof typeof height, number]];
  return x ** 2 + height[key] + (r ?? s ?? 0);
}

/** The best is 0. */
const mixed = {
  optimizer: choice(['sgd', 'adam', 'rmsprop']),
  lr: loguniform(1e-6, 1),
  units: lograndint(4, 1025),
  dropout: quniform(0, 0.5, 0.05),
  noise: randn(0, 1),
};
const mixedLoss = ({ optimizer, lr, units, dropout, noise }: Config): number =>
  (optimizer === 'adam' ? 0 : 1) +
  Math.abs(Math.log10(lr as number) + 3) +
  Math.abs(Math.log2(units as number) - 6) / 2 +
  (dropout as number) +
  Math.abs((noise as number) - 1) / 2;

describe('gp finds in few trials what chance does not', () => {
  test.each<readonly [string, unknown, (config: Config) => number, number, number]>([
    ['branin', boxOf(branin), objectiveOf(branin), branin.optimum.value, 40],
    ['hartmann6', boxOf(hartmann6), objectiveOf(hartmann6), hartmann6.optimum.value, 60],
    ['a tree of options', tree, treeLoss, 0.1, 40],
    ['a space of options, logarithms, whole numbers and steps', mixed, mixedLoss, 0, 50],
  ])('%s', async (_name, space, objective, optimum, trials) => {
    const [ours, chance] = [await regret(gp, space, objective, optimum, trials), await regret(random, space, objective, optimum, trials)];
    expect(ours).toBeLessThan(chance / 3);
  });

  test('with four workers too', async () => {
    const [space, objective] = [boxOf(branin), objectiveOf(branin)];
    expect(await regret(gp, space, objective, branin.optimum.value, 40, 4)).toBeLessThan(0.1);
  });
});

describe('what it learns from', () => {
  const line = { x: uniform(0, 1) };
  const spread = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);

  test('the first trials are spread over the space: of five parts of it each has one', async () => {
    const configs = await played(gp(), line, () => 0, 5);
    expect(configs.map(({ x }) => Math.floor(5 * (x as number))).sort()).toEqual([0, 1, 2, 3, 4]);
  });

  test('trials that run: nobody looks where somebody is looking', async () => {
    const space = compileSpace(line);
    const history = new History(space, 1);
    for (const x of [0, 0.2, 0.5, 0.8, 1]) {
      const row = history.add({ config: { x }, by: 'enqueued', asked: history.ended.length });
      history.report(row, 1, [(x - 0.35) ** 2]);
      history.end(row, 'completed');
    }
    const searcher = gp();
    const found: number[] = [];
    for (let index = 0; index < 5; index++) {
      const suggestion = await searcher.suggest(askFor(space, index, { samples: 9, history }));
      if (suggestion.kind !== 'config') throw new Error(suggestion.kind);
      found.push(suggestion.config.x as number);
      history.add({ config: suggestion.config, by: index % 2 === 0 ? 'searcher' : 'enqueued', asked: history.ended.length });
    }
    expect(Math.abs((found[0] as number) - 0.35)).toBeLessThan(0.15);
    expect(new Set(found).size).toBe(5);
    expect(spread(found)).toBeGreaterThan(0.01);
  });

  test('infeasible trials: it goes to the best of what is feasible', async () => {
    const configs = await played(gp(), line, ({ x }) => ({ loss: x as number, violation: Math.max(0, 0.6 - (x as number)) }), 25);
    const best = Math.min(...configs.map(({ x }) => x as number).filter((x) => x >= 0.6));
    expect(best).toBeLessThan(0.62);
    expect(configs.slice(-10).filter(({ x }) => (x as number) < 0.4)).toHaveLength(0);
  });

  test('when none is feasible it looks for one that is', async () => {
    const square = { x: uniform(0, 1), y: uniform(0, 1) };
    const far = ({ x, y }: Config): number => Math.max(0, Math.hypot((x as number) - 0.9, (y as number) - 0.1) - 0.05);
    const configs = await played(gp(), square, (config) => ({ loss: 1, violation: far(config) }), 25);
    expect(configs.some((config) => far(config) === 0)).toBe(true);
  });

  test('trials that fail or diverge: their place is left', async () => {
    const bad = ({ x }: Config): boolean => (x as number) < 0.5;
    const end =
      (how: Outcome): Objective =>
      (config) =>
        bad(config) ? how : -(x01(config) - 0.8);
    const x01 = ({ x }: Config): number => Math.abs((x as number) - 0.8);
    for (const how of [{ loss: 0, end: 'failed' as const }, { loss: Number.MAX_VALUE }]) {
      const configs = await played(gp(), line, end(how), 20);
      expect(configs.slice(-8).filter((config) => (config.x as number) < 0.4).length).toBeLessThan(4);
    }
  });

  test('trials that fail are neither feasible nor the best of none: it looks for a feasible one elsewhere', async () => {
    const square = { x: uniform(0, 1), y: uniform(0, 1) };
    const far = ({ x, y }: Config): number => Math.max(0, Math.hypot((x as number) - 0.95, (y as number) - 0.05) - 0.05);
    const fails: Objective = (config) => ((config.x as number) < 0.5 ? { loss: 1, end: 'failed' } : { loss: 1, violation: far(config) });
    for (const seed of [0, 1]) {
      const late = (await played(gp(), square, fails, 30, seed)).slice(10);
      expect(late.filter(({ x }) => (x as number) < 0.5).length).toBeLessThan(10);
      expect(Math.min(...late.map(far))).toBeLessThan(0.05);
    }
  });

  test.each([Infinity, 1e300])('a constraint that is violated by %d does not hide another', async (huge) => {
    const square = { x: uniform(0, 1), y: uniform(0, 1) };
    const far = ({ x, y }: Config): number => ((x as number) < 0.3 ? huge : Math.max(0, 0.5 - (y as number)));
    const objective = (config: Config): Outcome => ({ loss: (config.x as number) + (config.y as number), violation: far(config) });
    const bestOf = (all: readonly Outcome[]): number => Math.min(...all.map(({ loss, violation }) => (violation === 0 ? loss : 9)));
    const bests: number[] = [];
    for (let seed = 0; seed < 5; seed++) bests.push(bestOf((await played(gp(), square, objective, 40, seed)).map(objective)));
    expect(bests.sort((a, b) => a - b)[2]).toBeLessThan(0.88); // the best is 0.8
  });

  test('a trial that was stopped counts with what it reported last', async () => {
    const loss = ({ x }: Config): number => Math.abs((x as number) - 0.8);
    const stopping = await played(gp(), line, (config) => ({ loss: loss(config), end: loss(config) < 0.3 ? 'stopped' : 'completed' }), 20);
    expect(stopping).toEqual(await played(gp(), line, loss, 20));
  });

  test('one that failed and is run again counts with what it says then', async () => {
    const space = compileSpace(line);
    const fill = (history: History): void => {
      [0.1, 0.3, 0.4, 0.7, 0.9].forEach((x, row) => {
        history.add({ config: { x }, by: 'searcher', asked: row });
        history.report(row, 1, [(x - 0.3) ** 2]);
        history.end(row, row === 1 ? 'failed' : 'completed');
      });
    };
    const [one, other] = [new History(space, 1), new History(space, 1)];
    fill(one);
    fill(other);
    const searcher = gp();
    const ask = (history: History) => searcher.suggest(askFor(space, 5, { samples: 9, history }));
    const before = await ask(one);
    for (const history of [one, other]) {
      history.report(1, 2, [-4]);
      history.end(1, 'completed');
    }
    const after = await ask(one);
    expect(after).not.toEqual(before);
    expect(after).toEqual(await ask(other)); // as if it had never been otherwise
  });
});

test('the units of the loss do not matter', async () => {
  const objective = objectiveOf(branin);
  const plain = await played(gp(), boxOf(branin), objective, 30);
  for (const [a, b] of [
    [8, -3],
    [1e-3, 700],
  ] as const) {
    const scaled = await played(gp(), boxOf(branin), (config) => a * objective(config) + b, 30);
    scaled.forEach(({ x0, x1 }, i) => {
      expect(x0).toBeCloseTo(plain[i]?.x0 as number, 9);
      expect(x1).toBeCloseTo(plain[i]?.x1 as number, 9);
    });
  }
});

describe('what might be in the way', () => {
  const long = { ...Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`x${i}`, uniform(0, 1)])), one: choice(['only']), only: randint(3, 4) };
  test.each<readonly [string, unknown, Objective, number]>([
    ['every loss the same', { x: uniform(0, 1), c: choice([1, 2]) }, () => 1, 15],
    ['200 parameters, and some with one value', long, ({ x0 }) => x0 as number, 15],
    ['no parameter', {}, () => 1, 8],
    ['one value', { x: randint(3, 4), c: choice(['a']) }, () => 1, 8],
    ['every trial fails', { x: uniform(0, 1) }, () => ({ loss: 1, end: 'failed' }), 12],
    ['enormous losses', { x: uniform(0, 1) }, ({ x }) => (x as number) * 1e300 - 1e299, 15],
    ['losses next to each other', { x: uniform(0, 1) }, ({ x }) => 1e9 + 1e-7 * (x as number), 15],
  ])('%s', async (_name, space, objective, trials) => {
    expect(await played(gp(), space, objective, trials)).toHaveLength(trials);
  });

  test('in a continuous space nothing comes twice, even if the best is in a corner', async () => {
    const configs = await played(gp(), { x: uniform(0, 1), y: uniform(0, 1) }, ({ x, y }) => (x as number) + (y as number), 40);
    expect(new Set(configs.map((config) => canonicalJson(config))).size).toBe(40);
  });

  test('in a finite space all come before one comes twice', async () => {
    const space = { n: randint(0, 5), c: choice(['a', 'b', 'c']), q: quniform(0, 1, 0.5) };
    const configs = await played(gp(), space, ({ n }) => n as number, 50);
    expect(new Set(configs.slice(10, 45).map((config) => canonicalJson(config))).size).toBe(35);
    expect(new Set(configs.map((config) => canonicalJson(config))).size).toBe(45);
  });

  test('a parameter of another option is no part of a configuration, and enqueued values beyond the bounds count as the bound', async () => {
    for (const config of await played(gp(), tree, treeLoss, 20)) {
      const { deep, ...rest } = config.top as { deep: object };
      expect([Object.keys(deep).length, Object.keys(rest).length]).toEqual([1, 1]);
    }
    const space = compileSpace({ x: uniform(0, 1) });
    const history = new History(space, 1);
    for (let row = 0; row < 8; row++) {
      history.add({ config: { x: row - 3 }, by: 'enqueued', asked: row });
      history.report(row, 1, [row]);
      history.end(row, 'completed');
    }
    const suggestion = await gp().suggest(askFor(space, 0, { samples: 1, history }));
    if (suggestion.kind !== 'config') throw new Error(suggestion.kind);
    expect(suggestion.config.x).toBeLessThanOrEqual(1);
    expect(suggestion.config.x).toBeGreaterThanOrEqual(0);
  });
});

test('of more trials than it can know it knows some, and it lets others on while it thinks', async () => {
  const space = compileSpace({ x: uniform(0, 1), y: uniform(0, 1) });
  const history = new History(space, 1);
  const searcher = gp();
  let breaths = 0;
  const breathe = async (): Promise<void> => {
    breaths++;
  };
  const ask = (index: number) => searcher.suggest({ ...askFor(space, index, { samples: 1e4, history }), breathe });
  const stream = askFor(space, 0, { samples: 1 }).rng;
  for (let row = 0; row < 530; row++) {
    const config = { x: stream.next(), y: stream.next() };
    history.add({ config, by: 'searcher', asked: row });
    history.report(row, 1, [(config.x - 0.3) ** 2 + (config.y - 0.6) ** 2]);
    history.end(row, 'completed');
  }
  const suggestion = await ask(530);
  if (suggestion.kind !== 'config') throw new Error(suggestion.kind);
  expect(Math.hypot((suggestion.config.x as number) - 0.3, (suggestion.config.y as number) - 0.6)).toBeLessThan(0.05);
  expect(breaths).toBeGreaterThan(50);
  breaths = 0;
  expect(await ask(530)).toEqual(suggestion);
  expect(breaths).toBeLessThan(50); // what was learnt is kept
});

test('after 400 trials of ten numbers it never works long in one go: no longer than some factorisations of a matrix of that size', async () => {
  const space = compileSpace(Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`x${i}`, uniform(0, 1)])));
  const history = new History(space, 1);
  const tell = (config: Config): void => {
    const row = history.add({ config, by: 'searcher', asked: history.ended.length });
    history.report(row, 1, [Object.values(config).reduce<number>((sum, x, i) => sum + (i + 1) * ((x as number) - 0.4) ** 2, 0)]);
    history.end(row, 'completed');
  };
  const stream = askFor(space, 0, { samples: 1 }).rng;
  for (let row = 0; row < 400; row++) tell(Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`x${i}`, stream.next()])));
  const [searcher, stretches, factorings] = [gp(), [] as number[], [] as number[]];
  for (let index = 400; index < 405; index++) {
    let [longest, began] = [0, performance.now()];
    const pause = (): void => {
      longest = Math.max(longest, performance.now() - began);
    };
    const breathe = async (): Promise<void> => {
      pause();
      await Promise.resolve();
      began = performance.now();
    };
    const suggestion = await searcher.suggest({ ...askFor(space, index, { samples: 1e4, history }), breathe });
    pause();
    stretches.push(longest);
    if (suggestion.kind === 'config') tell(suggestion.config);
    const matrix = Float64Array.from({ length: rowAt(400) }, () => 0.5);
    for (let i = 0; i < 400; i++) matrix[rowAt(i) + i] = 1;
    const start = performance.now();
    factorRows(matrix, 0, 400);
    factorings.push(performance.now() - start);
  }
  const [stall, raw] = [Math.min(...stretches), Math.min(...factorings)]; // the least: others run on this machine too
  expect(stall / raw, `${stall.toFixed(1)} ms, a factorisation ${raw.toFixed(1)} ms`).toBeLessThan(8);
});

describe('options', () => {
  test.each<readonly [object, string]>([
    [{ startupTrials: 1 }, 'gp: expected startupTrials to be an integer >= 2, got 1.'],
    [{ startupTrials: 'ten' }, 'gp: expected startupTrials to be an integer >= 2, got "ten".'],
  ])('%j is refused', (options, message) => {
    expect(() => gp(options)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE', message: expect.stringContaining(message) }));
  });

  test('an unknown one is refused with the one that was meant', () => {
    expect(() => gp({ startupTrial: 3 } as never)).toThrow('Did you mean "startupTrials"?');
  });

  test('it needs one metric', () => {
    const setup = askFor(compileSpace({ x: uniform(0, 1) }), 0, { samples: 1 });
    expect(() => gp().check?.({ ...setup, objectives: 0 })).toThrow('gp: expected one metric, got none.');
    expect(() => gp().check?.({ ...setup, objectives: 2 })).toThrow('gp: expected one metric, got 2.');
  });

  test('it ends when it has proposed as many as are wanted', async () => {
    const space = compileSpace({ x: uniform(0, 1) });
    expect(await gp().suggest(askFor(space, 2, { samples: 3 }))).toMatchObject({ kind: 'config', last: true });
    expect(await gp().suggest(askFor(space, 3, { samples: 3 }))).toEqual({ kind: 'done' });
  });

  test('they are recorded as they were given', () => {
    expect([gp().options, gp({ startupTrials: 4 }).options]).toEqual([{}, { startupTrials: 4 }]);
  });
});
