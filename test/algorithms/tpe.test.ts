import { describe, expect, test } from 'vitest';
import { random, type TpeOptions, tpe } from '../../algorithms/index.ts';
import { History } from '../../src/search/history.ts';
import type { Searcher } from '../../src/search/searcher.ts';
import type { Config } from '../../src/space/config.ts';
import { choice, lograndint, loguniform, quniform, randint, uniform } from '../../src/space/domains.ts';
import { compileSpace } from '../../src/space/space.ts';
import { zdt1, zdt2 } from '../../src/testing/multi-objective-problems.ts';
import { branin, hartmann6, type TestProblem } from '../../src/testing/problems.ts';
import { askFor } from './asking.ts';
import { median, reached, tried } from './trying.ts';

type Objective = (config: Config) => number;

/** Asks and answers, one trial after the other; the lowest loss. */
async function lowest(searcher: Searcher, input: unknown, objective: Objective, trials: number, seed: number): Promise<number> {
  const space = compileSpace(input);
  const history = new History(space, 1);
  let best = Infinity;
  for (let index = 0; index < trials; index++) {
    const suggestion = await searcher.suggest(askFor(space, index, { samples: trials, seed, history }));
    if (suggestion.kind !== 'config') throw new Error(suggestion.kind);
    const row = history.add({ config: suggestion.config, by: 'searcher', asked: history.ended.length });
    const loss = objective(suggestion.config);
    best = Math.min(best, loss);
    history.report(row, 1, [loss]);
    history.end(row, 'completed');
  }
  return best;
}

/** The median of the regret over 11 seeds. */
async function regret(make: () => Searcher, input: unknown, objective: Objective, optimum: number, trials = 80): Promise<number> {
  const all: number[] = [];
  for (let seed = 0; seed < 11; seed++) all.push((await lowest(make(), input, objective, trials, seed)) - optimum);
  return all.sort((a, b) => a - b)[5] as number;
}

const boxOf = ({ bounds }: TestProblem) => Object.fromEntries(bounds.map(([lower, upper], i) => [`x${i}`, uniform(lower, upper)]));
const objectiveOf =
  ({ bounds, evaluate }: TestProblem): Objective =>
  (config) =>
    evaluate(bounds.map((_, i) => config[`x${i}`] as number));

/** The best is 0: adam, lr 1e-3, 64 units, beta 0.9, 8 warm-up steps. */
const mixed = {
  optimizer: choice([
    { kind: 'sgd', momentum: uniform(0, 1) },
    { kind: 'adam', beta: uniform(0.5, 1) },
  ]),
  lr: loguniform(1e-6, 1),
  units: lograndint(4, 1025),
  warmup: randint(0, 20),
  dropout: quniform(0, 0.5, 0.05),
};
function mixedLoss(config: Config): number {
  const { optimizer, lr, units, warmup, dropout } = config as Record<string, number> & { optimizer: { kind: string; beta?: number; momentum?: number } };
  const inner = optimizer.kind === 'adam' ? Math.abs((optimizer.beta as number) - 0.9) : 1 + Math.abs((optimizer.momentum as number) - 0.5);
  return (
    inner + Math.abs(Math.log10(lr as number) + 3) + Math.abs(Math.log2(units as number) - 6) / 2 + Math.abs((warmup as number) - 8) / 10 + (dropout as number)
  );
}

describe('tpe finds more in 80 trials than chance does', () => {
  test.each([
    ['branin', boxOf(branin), objectiveOf(branin), branin.optimum.value],
    ['hartmann6', boxOf(hartmann6), objectiveOf(hartmann6), hartmann6.optimum.value],
    ['a space of options, logarithms, whole numbers and steps', mixed, mixedLoss, 0],
  ])('%s', async (_name, space, objective, optimum) => {
    const [ours, one, chance] = [
      await regret(tpe, space, objective, optimum),
      await regret(() => tpe({ univariate: true }), space, objective, optimum),
      await regret(random, space, objective, optimum),
    ];
    expect(ours).toBeLessThan(chance / 2);
    expect(one).toBeLessThan(chance / 1.2);
  });
});

describe('several metrics', () => {
  test.each([zdt1(5), zdt2(5)])('$name: it finds more of the front in 400 trials than chance does, with several workers too', async (problem) => {
    const [ours = 0] = await reached(tpe, problem, { trials: 400, seeds: 5 });
    const [together = 0] = await reached(tpe, problem, { trials: 400, seeds: 5, workers: 8 });
    const [chance = 0] = await reached(random, problem, { trials: 400, seeds: 5 });
    expect(Math.min(ours, together)).toBeGreaterThan(chance + 0.3 * (1 - chance));
  });

  test('three of them, one the same everywhere and one NaN now and then', async () => {
    const find = ({ x, y }: Config) => ({ losses: [Number(x) ** 2 + Number(y), Number(x) > 0.7 ? Number.MAX_VALUE : (Number(x) - 1) ** 2, 3] });
    const all = await tried(tpe(), { x: uniform(0, 1), y: uniform(0, 1) }, find, { trials: 60, objectives: 3 });
    expect(median(all.slice(30).map(({ config }) => config.y as number))).toBeLessThan(0.2);
    expect(all.slice(30).filter(({ config }) => (config.x as number) > 0.7).length).toBeLessThan(9);
  });
});

test('a constraint is kept to more and more, and the best of what it allows is found', async () => {
  const space = { x: uniform(0, 1), y: uniform(0, 1), n: randint(0, 10) };
  const find = ({ x, y, n }: Record<string, unknown>) => ({
    losses: [Number(x) + Number(y) + Number(n) / 10],
    violation: Math.max(0, 0.8 - Number(x) - Number(y)), // the best, 0.8, lies on the edge of what is allowed
  });
  const best = async (make: () => Searcher, seed: number): Promise<{ readonly feasible: number; readonly loss: number }> => {
    const all = await tried(make(), space, find, { trials: 80, seed });
    const feasible = all.filter(({ violation }) => violation === 0);
    return { feasible: all.slice(40).filter(({ violation }) => violation === 0).length, loss: Math.min(...feasible.map(({ losses }) => losses[0] as number)) };
  };
  const runs = await Promise.all(Array.from({ length: 9 }, async (_, seed) => [await best(tpe, seed), await best(random, seed)] as const));
  expect(median(runs.map(([{ loss }]) => loss))).toBeLessThan(0.9);
  expect(median(runs.map(([{ loss }]) => loss - 0.8))).toBeLessThan(median(runs.map(([, { loss }]) => loss - 0.8)) / 2);
  expect(median(runs.map(([{ feasible }]) => feasible))).toBeGreaterThan(15);
});

/** What is proposed after trials that were given, and reported so much at these steps. */
interface Given {
  readonly config: Config;
  readonly losses?: readonly number[];
  readonly violation?: number;
  readonly end?: 'completed' | 'stopped' | 'failed';
}

/** 40 proposals after the same trials. */
async function proposals(input: unknown, trials: readonly Given[], options: TpeOptions = {}): Promise<readonly Config[]> {
  const space = compileSpace(input);
  const history = new History(space, 1);
  for (const { config, losses = [], violation = 0, end } of trials) {
    const row = history.add({ config, by: 'searcher', asked: 0 });
    losses.forEach((loss, step) => void history.report(row, step + 1, [loss], violation));
    if (end) history.end(row, end);
  }
  const searcher = tpe(options);
  return Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      const suggestion = await searcher.suggest(askFor(space, index, { samples: Infinity, history }));
      return suggestion.kind === 'config' ? suggestion.config : {};
    }),
  );
}

const line = { x: uniform(0, 1) };
/** Of the proposals, how many lie within 0.15 of here. */
const near = (all: readonly Config[], x: number): number => all.filter((config) => Math.abs((config.x as number) - x) < 0.15).length;
const evenly = Array.from({ length: 20 }, (_, i) => (i + 0.5) / 20);

describe('what it learns from', () => {
  test('the first ten are drawn at random, whatever nine trials said; then it looks where the best were', async () => {
    const said = (count: number): readonly Given[] => evenly.slice(0, count).map((x) => ({ config: { x }, losses: [Math.abs(x - 0.2)], end: 'completed' }));
    expect(near(await proposals(line, said(9)), 0.2)).toBeLessThan(22);
    expect(near(await proposals(line, said(20)), 0.2)).toBeGreaterThan(35);
  });

  test('trials that were stopped count by what they reported last, however far they came', async () => {
    const good = evenly.map(
      (x): Given => ({ config: { x }, ...(Math.abs(x - 0.8) < 0.1 ? { losses: [1], end: 'stopped' } : { losses: [9, 2], end: 'completed' }) }),
    );
    expect(near(await proposals(line, good), 0.8)).toBeGreaterThan(30);
    const bad = evenly.map(
      (x): Given => ({ config: { x }, ...(Math.abs(x - 0.8) < 0.1 ? { losses: [9, 1], end: 'completed' } : { losses: [5], end: 'stopped' }) }),
    );
    expect(near(await proposals(line, bad), 0.8)).toBeGreaterThan(30);
  });

  test('trials that still run are judged by what they have reported', async () => {
    const running = evenly.map((x): Given => ({ config: { x }, losses: [Math.abs(x - 0.2)] }));
    expect(near(await proposals(line, running), 0.2)).toBeGreaterThan(30);
  });

  test('where trials run that have not reported, it does not look: several workers look in several places', async () => {
    const done = evenly.map((x): Given => ({ config: { x }, losses: [Math.min(Math.abs(x - 0.225), Math.abs(x - 0.725))], end: 'completed' }));
    const busy = Array.from({ length: 8 }, (): Given => ({ config: { x: 0.225 } }));
    const [alone, together] = [await proposals(line, done), await proposals(line, [...done, ...busy])];
    expect(near(together, 0.225)).toBeLessThan(near(alone, 0.225) / 2);
  });

  test('trials that failed are avoided', async () => {
    const done = evenly.map((x): Given => ({ config: { x }, losses: [Math.min(Math.abs(x - 0.225), Math.abs(x - 0.725))], end: 'completed' }));
    const failed = Array.from({ length: 8 }, (): Given => ({ config: { x: 0.225 }, losses: [-9], end: 'failed' }));
    expect(near(await proposals(line, [...done, ...failed]), 0.225)).toBeLessThan(near(await proposals(line, done), 0.225) / 2);
  });

  test('infeasible trials come last, by how much they violate', async () => {
    const halves = evenly.map((x): Given => ({ config: { x }, losses: [Math.abs(x - 0.2)], violation: x < 0.5 ? 1 : 0, end: 'completed' }));
    expect(near(await proposals(line, halves), 0.6)).toBeGreaterThan(30);
    const nowhere = evenly.map((x): Given => ({ config: { x }, losses: [0], violation: Math.abs(x - 0.8), end: 'completed' }));
    expect(near(await proposals(line, nowhere), 0.8)).toBeGreaterThan(30);
  });

  test('at milestones: what was reported at the greatest that enough trials have reached, and nothing else', async () => {
    const milestones = [1, 3, 9];
    const curve = (x: number): readonly number[] => [Math.abs(x - 0.2), 5, Math.abs(x - 0.8)];
    const many = Array.from({ length: 100 }, (_, i) => (i + 0.5) / 100);
    const trials = many.map((x, i): Given => ({ config: { x }, losses: i % 2 === 0 ? curve(x) : curve(x).slice(0, 1) }));
    expect(near(await proposals(line, trials, { milestones }), 0.8)).toBeGreaterThan(30);
    expect(near(await proposals(line, trials, { milestones, startupTrials: 51 }), 0.2)).toBeGreaterThan(30);
    expect(near(await proposals(line, trials, { milestones, startupTrials: 101 }), 0.2)).toBeLessThan(22);
  });

  test('at milestones: of those that were stopped below it, the worse half is avoided, and the better half says nothing', async () => {
    const milestones = [1, 3];
    const done = evenly.map((x): Given => ({ config: { x }, losses: [1, 1, Math.min(Math.abs(x - 0.225), Math.abs(x - 0.725))], end: 'completed' }));
    const elsewhere = (loss: number): readonly Given[] => Array.from({ length: 30 }, () => ({ config: { x: 0.475 }, losses: [loss], end: 'stopped' }));
    const here = (loss: number): readonly Given[] => Array.from({ length: 8 }, () => ({ config: { x: 0.225 }, losses: [loss], end: 'stopped' }));
    const [worse, better] = [
      [...done, ...elsewhere(0.5), ...here(2)],
      [...done, ...elsewhere(2), ...here(0.5)],
    ];
    expect(near(await proposals(line, worse, { milestones }), 0.225)).toBeLessThan(near(await proposals(line, better, { milestones }), 0.225) / 2);
    expect(await proposals(line, better, { milestones })).toEqual(await proposals(line, [...done, ...elsewhere(2)], { milestones }));
  });

  test('at milestones: infeasible trials are in the worse half, whatever their losses', async () => {
    const done = evenly.map((x): Given => ({ config: { x }, losses: [Math.min(Math.abs(x - 0.225), Math.abs(x - 0.725)), 0], end: 'completed' }));
    const crowd = (violation: number): readonly Given[] => Array.from({ length: 8 }, () => ({ config: { x: 0.225 }, losses: [-9], violation, end: 'stopped' }));
    const [not, feasible] = [
      await proposals(line, [...done, ...crowd(1)], { milestones: [1] }),
      await proposals(line, [...done, ...crowd(0)], { milestones: [1] }),
    ];
    expect(near(not, 0.225)).toBeLessThan(near(feasible, 0.225) / 2);
  });

  test('at milestones: two are good at least, so that it looks beside the second best too', async () => {
    const few = [0.2, 0.8, 0.42, 0.46, 0.5, 0.54, 0.58].map((x, i): Given => ({ config: { x }, losses: [i] }));
    const sides = (await proposals(line, few, { milestones: [1] })).map(({ x }) => Math.sign((x as number) - 0.5));
    expect(new Set(sides)).toEqual(new Set([-1, 1]));
  });

  test('a fraction is drawn at random all the same', async () => {
    const done = evenly.map((x): Given => ({ config: { x }, losses: [Math.abs(x - 0.2)], end: 'completed' }));
    expect(near(await proposals(line, done, { randomFraction: 1 }), 0.2)).toBeLessThan(22);
  });
});

test('parameters of an option are learnt from the trials that have them, and stand nowhere else', async () => {
  const space = { kind: choice([{ a: uniform(0, 1) }, { b: uniform(0, 1), c: randint(0, 5) }, 'none']) };
  const trials = evenly.flatMap((x, i): readonly Given[] => [
    { config: { kind: { a: x } }, losses: [1 + Math.abs(x - 0.2)], end: 'completed' },
    { config: { kind: { b: x, c: i % 5 } }, losses: [Math.abs(x - 0.8) / 2], end: 'completed' },
    { config: { kind: 'none' }, losses: [5], end: 'completed' },
  ]);
  const kinds = (await proposals(space, trials)).map(({ kind }) => kind as { a?: number; b?: number; c?: number } | 'none');
  const keys = kinds.map((kind) => (kind === 'none' ? 'none' : Object.keys(kind).join()));
  expect(new Set([...keys, 'a', 'b,c', 'none']).size).toBe(3);
  expect(keys.filter((key) => key === 'b,c').length).toBeGreaterThan(25);
  const bs = kinds.flatMap((kind) => (kind === 'none' || kind.b === undefined ? [] : [{ x: kind.b }]));
  expect(near(bs, 0.8)).toBeGreaterThan(bs.length / 2);
});

describe('what might be in the way', () => {
  const long = { ...Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`x${i}`, uniform(0, 1)])), one: choice(['only']), only: randint(3, 4) };
  test.each<readonly [string, unknown, Objective]>([
    ['every loss the same', { x: uniform(0, 1), c: choice([1, 2]) }, () => 1],
    ['200 parameters, and some with one value', long, (config) => config.x0 as number],
    ['no parameter', {}, () => 1],
  ])('%s', async (_name, space, objective) => {
    expect(await lowest(tpe(), space, objective, 15, 1)).toBeLessThanOrEqual(1);
  });

  test('enqueued values beyond the bounds count as the bound', async () => {
    const trials = evenly.map((x): Given => ({ config: { x: x + 5 }, losses: [0], end: 'completed' }));
    for (const { x } of await proposals(line, trials)) expect(x).toBeLessThanOrEqual(1);
  });
});

describe('options', () => {
  test.each<readonly [object, string]>([
    [{ startupTrials: 0 }, 'tpe: expected startupTrials to be an integer >= 1, got 0.'],
    [{ candidates: 2.5 }, 'tpe: expected candidates to be an integer >= 1, got 2.5.'],
    [{ univariate: 'yes' }, 'tpe: expected univariate to be true or false, got "yes".'],
    [{ randomFraction: 2 }, 'tpe: expected randomFraction to be a probability, got 2.'],
    [{ milestones: [3, 1] }, 'tpe: expected milestones to be an array of ascending numbers > 0, got an array of 2.'],
    [{ milestones: 3 }, 'tpe: expected milestones to be an array of ascending numbers > 0, got 3.'],
  ])('%j is refused', (options, message) => {
    expect(() => tpe(options)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE', message: expect.stringContaining(message) }));
  });

  test('an unknown one is refused with the one that was meant', () => {
    expect(() => tpe({ multivariate: true } as never)).toThrow(expect.objectContaining({ code: 'OPTION_UNKNOWN' }));
    expect(() => tpe({ candidate: 3 } as never)).toThrow('Did you mean "candidates"?');
  });

  test('it needs a metric, and one alone at milestones', () => {
    const setup = askFor(compileSpace(line), 0, { samples: 1 });
    expect(() => tpe().check?.({ ...setup, objectives: 0 })).toThrow('tpe: expected at least one metric, got none.');
    expect(() => tpe({ milestones: [1] }).check?.({ ...setup, objectives: 2 })).toThrow('tpe: expected one metric to compare by at milestones, got 2.');
    expect(() => tpe().check?.({ ...setup, objectives: 2 })).not.toThrow();
  });

  test('they are recorded as they were given', () => {
    expect([tpe().options, tpe({ univariate: true }).options]).toEqual([{}, { univariate: true }]);
  });
});
