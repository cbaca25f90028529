import { describe, expect, test } from 'vitest';
import { type CmaesOptions, cmaes, random, tpe, warmStart } from '../../algorithms/index.ts';
import { rng } from '../../src/base/rng.ts';
import { WORST } from '../../src/base/worst.ts';
import { History } from '../../src/search/history.ts';
import type { Searcher } from '../../src/search/searcher.ts';
import type { Config } from '../../src/space/config.ts';
import { choice, gridSearch, lograndint, loguniform, qrandn, quniform, randint, randn, uniform, variation } from '../../src/space/domains.ts';
import { compileSpace } from '../../src/space/space.ts';
import { branin, hartmann6, rastrigin, rosenbrock, type TestProblem } from '../../src/testing/problems.ts';
import { rebuildSearcher } from '../../src/tuner/builtins.ts';
import { askFor } from './asking.ts';

type Objective = (config: Config) => number;

/** Asks and answers: with several workers, whoever was asked first answers when all are busy, or another one by chance. */
async function losses(searcher: Searcher, input: unknown, objective: Objective, trials: number, seed: number, workers = 1): Promise<readonly number[]> {
  const space = compileSpace(input);
  const history = new History(space, 1);
  const busy: { readonly row: number; readonly config: Config }[] = [];
  const found: number[] = [];
  for (let index = 0; index < trials; index++) {
    const suggestion = await searcher.suggest(askFor(space, index, { samples: trials, seed, history }));
    if (suggestion.kind !== 'config') throw new Error(suggestion.kind);
    const { config, note } = suggestion;
    busy.push({ row: history.add({ config, by: 'searcher', asked: history.ended.length, ...(note === undefined ? {} : { note }) }), config });
    if (busy.length < workers) continue;
    const [first] = busy.splice(rng(seed).fork('worker', index).int(workers), 1);
    if (first === undefined) continue;
    const loss = objective(first.config);
    found.push(loss);
    history.report(first.row, 1, [loss]);
    history.end(first.row, 'completed');
  }
  return found;
}

/** The median of the lowest loss over so many seeds. */
async function median(make: () => Searcher, input: unknown, objective: Objective, trials: number, workers = 1, seeds = 11): Promise<number> {
  const all: number[] = [];
  for (let seed = 0; seed < seeds; seed++) all.push(Math.min(...(await losses(make(), input, objective, trials, seed, workers))));
  return all.sort((a, b) => a - b)[seeds >> 1] as number;
}

const boxOf = ({ bounds }: TestProblem) => Object.fromEntries(bounds.map(([lower, upper], i) => [`x${i}`, uniform(lower, upper)]));
const regretOf =
  ({ bounds, evaluate, optimum }: TestProblem): Objective =>
  (config) =>
    evaluate(bounds.map((_, i) => config[`x${i}`] as number)) - optimum.value;

describe('cmaes finds more in 100 trials than chance does', () => {
  test.each([1, 8])('with %d workers', async (workers) => {
    for (const problem of [branin, hartmann6, rastrigin(5), rosenbrock(5)]) {
      const [space, objective] = [boxOf(problem), regretOf(problem)];
      expect(await median(cmaes, space, objective, 100, workers)).toBeLessThan(0.8 * (await median(random, space, objective, 100)));
    }
  });

  test('in a space of logarithms, whole numbers and steps', async () => {
    const space = { lr: loguniform(1e-6, 1), units: lograndint(4, 1025), warmup: randint(0, 20), dropout: quniform(0, 0.5, 0.05), bias: randn(0, 1) };
    const objective: Objective = (config) => {
      const { lr, units, warmup, dropout, bias } = config as Record<string, number>;
      const far = [Math.log10(lr as number) + 3, Math.log2(units as number) - 6, ((warmup as number) - 8) / 5, (dropout as number) * 4, (bias as number) - 1];
      return far.reduce((sum, value) => sum + value * value, 0);
    };
    expect(await median(cmaes, space, objective, 100)).toBeLessThan((await median(random, space, objective, 100)) / 3);
  });
});

test('in 10 curved dimensions it finds more in 300 trials than tpe does', async () => {
  const [space, objective] = [boxOf(rosenbrock(10)), regretOf(rosenbrock(10))];
  expect(await median(cmaes, space, objective, 300, 1, 3)).toBeLessThan((await median(tpe, space, objective, 300, 1, 3)) / 1.5);
});

test('with 8 workers it needs not many more trials than with one: each result counts, whenever it comes', async () => {
  const bowl: Objective = (config) => [0, 1, 2, 3, 4].reduce((sum, i) => sum + ((config[`x${i}`] as number) - 0.3) ** 2, 0);
  const space = Object.fromEntries([0, 1, 2, 3, 4].map((i) => [`x${i}`, uniform(0, 1)]));
  expect(await median(cmaes, space, bowl, 300, 8)).toBeLessThan(await median(cmaes, space, bowl, 200));
});

/** What is known before it is asked. */
interface Given {
  readonly config: Config;
  readonly losses?: readonly number[];
  readonly violation?: number;
  readonly end?: 'completed' | 'stopped' | 'failed';
  readonly by?: 'enqueued';
}

function historyOf(input: unknown, trials: readonly Given[]): History {
  const history = new History(compileSpace(input), 1);
  for (const { config, losses: reported = [], violation = 0, end, by = 'searcher' } of trials) {
    const row = history.add({ config, by, asked: history.ended.length });
    reported.forEach((loss, step) => void history.report(row, step + 1, [loss], violation));
    if (end) history.end(row, end);
  }
  return history;
}

/** The mean of 200 proposals for x. */
async function centre(history: History, options: CmaesOptions = {}): Promise<number> {
  const searcher = cmaes(options);
  let sum = 0;
  for (let index = 0; index < 200; index++) {
    const suggestion = await searcher.suggest(askFor(history.space, index, { samples: Infinity, history }));
    sum += suggestion.kind === 'config' ? (suggestion.config.x as number) / 200 : Number.NaN;
  }
  return sum;
}

const line = { x: uniform(0, 1) };
const places = [0.3, 0.4, 0.6, 0.7];

describe('what it learns from', () => {
  test('it begins in the middle, and takes a step after every four results of one parameter', async () => {
    const said = (count: number): readonly Given[] => places.slice(0, count).map((x) => ({ config: { x }, losses: [x], end: 'completed' }));
    expect(await centre(historyOf(line, said(3)))).toBeCloseTo(0.5, 1);
    expect(await centre(historyOf(line, said(4)))).toBeLessThan(0.4);
    expect(await centre(historyOf(line, said(4)), { populationSize: 5 })).toBeCloseTo(0.5, 1);
  });

  test('trials that still run say nothing yet', async () => {
    expect(
      await centre(
        historyOf(
          line,
          [...places, ...places].map((x) => ({ config: { x }, losses: [x] })),
        ),
      ),
    ).toBeCloseTo(0.5, 1);
  });

  test.each<readonly [string, (x: number) => Omit<Given, 'config'>]>([
    ['stopped trials count by what they reported last', (x) => ({ losses: x < 0.5 ? [9, 1] : [5], end: x < 0.5 ? 'completed' : 'stopped' })],
    ['also when they are better than those that came farther', (x) => ({ losses: x < 0.5 ? [1] : [9, 5], end: x < 0.5 ? 'stopped' : 'completed' })],
    ['infeasible ones come after feasible ones', (x) => ({ losses: [x < 0.5 ? 9 : 1], violation: x < 0.5 ? 0 : 1, end: 'completed' })],
    ['infeasible ones are compared by how much they violate', (x) => ({ losses: [-x], violation: x, end: 'completed' })],
    ['failed ones are last, whatever they had reported', (x) => ({ losses: [x < 0.5 ? 9 : 1], end: x < 0.5 ? 'completed' : 'failed' })],
    ['diverged ones are last, even after those that were stopped', (x) => ({ losses: x < 0.5 ? [9] : [1, WORST], end: x < 0.5 ? 'stopped' : 'completed' })],
    ['and after infeasible ones', (x) => ({ losses: x < 0.5 ? [9] : [WORST], violation: x < 0.5 ? 1 : 0, end: 'completed' })],
    ['those that never reported are last', (x) => ({ losses: x < 0.5 ? [9] : [], end: 'completed' })],
  ])('%s', async (_name, becomes) => {
    expect(
      await centre(
        historyOf(
          line,
          places.map((x) => ({ config: { x }, ...becomes(x) })),
        ),
      ),
    ).toBeLessThan(0.42);
  });

  test('a trial that failed and is run again counts as it ended then, as if it had never failed', async () => {
    const failed = places.map((x): Given => ({ config: { x }, losses: [x], end: x < 0.5 ? 'failed' : 'completed' }));
    const history = historyOf(line, failed);
    const searcher = cmaes();
    const next = (of: Searcher) => of.suggest(askFor(history.space, 4, { samples: 9, history }));
    const before = await next(searcher);
    history.end(0, 'completed');
    expect(await next(searcher)).toEqual(await next(cmaes()));
    expect(await next(searcher)).not.toEqual(before);
  });

  test('one that goes on when it is run again, and fails again, does not make the others be stopped early', async () => {
    const ends = ['failed', 'stopped', 'completed', 'completed'] as const;
    const given = ends.map((end, i): Given => ({ config: { x: places[i] as number }, losses: [i], end }));
    const history = historyOf(line, given);
    const searcher = cmaes();
    const next = (of: Searcher) => of.suggest(askFor(history.space, 4, { samples: 9, history }));
    const before = await next(searcher);
    history.report(0, 2, [0]);
    history.end(0, 'failed');
    expect([await next(searcher), await next(cmaes())]).toEqual([before, before]);
  });

  test('it begins at the best of the trials that were enqueued', async () => {
    const enqueued = [0.9, 0.8, 0.2].map((x): Given => ({ config: { x }, losses: [Math.abs(x - 0.78)], end: 'completed', by: 'enqueued' }));
    expect(await centre(historyOf(line, enqueued))).toBeCloseTo(0.8, 1);
    const failed = enqueued.map((trial): Given => ({ ...trial, end: 'failed' }));
    expect(await centre(historyOf(line, failed))).toBeCloseTo(0.5, 1);
  });

  test('so it does at the best of the rows of a warm start', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => ({ config: { x: i / 40 }, losses: [Math.abs(i / 40 - 0.2)] }));
    expect(Math.max(...(await losses(warmStart(cmaes({ sigma: 0.01 }), rows), line, ({ x }) => x as number, 4, 1)))).toBeLessThan(0.25);
  });

  test('those that are enqueued later compete with what it proposed itself', async () => {
    const first = places.map((x): Given => ({ config: { x }, losses: [x], end: 'completed' }));
    const later = (by: object): readonly Given[] => [0.9, 0.91, 0.1, 0.11].map((x) => ({ config: { x }, losses: [-x], end: 'completed', ...by }));
    expect(await centre(historyOf(line, [...first, ...later({ by: 'enqueued' })]))).toBeGreaterThan((await centre(historyOf(line, first))) + 0.1);
  });
});

describe('restarts', () => {
  /** Flat but for one slope: a run ends after some generations of the same loss. */
  const flat: Objective = () => 1;
  const spread = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);
  const proposals = async (options: CmaesOptions): Promise<readonly number[]> => {
    const found: number[] = [];
    const keep: Objective = (config) => {
      found.push(config.x as number);
      return flat(config);
    };
    await losses(cmaes({ sigma: 1e-6, ...options }), line, keep, 300, 3);
    return found;
  };

  test('when a run gains nothing any more it begins again elsewhere', async () => {
    expect(spread(await proposals({}))).toBeGreaterThan(0.1);
  });

  test('0: it stays', async () => {
    expect(spread(await proposals({ restarts: 0 }))).toBeLessThan(0.01);
  });
});

describe('what might be in the way', () => {
  const long = { ...Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`x${i}`, uniform(0, 1)])), one: choice(['only']), only: randint(3, 4) };
  test.each<readonly [string, unknown, Objective]>([
    ['every loss the same', { x: uniform(0, 1), n: randint(0, 3) }, () => 1],
    ['every loss NaN', { x: uniform(0, 1) }, () => WORST],
    ['200 parameters, and some with one value', long, (config) => config.x0 as number],
    ['no parameter', {}, () => 1],
    ['one configuration', { a: choice([{ b: randint(1, 2) }]), c: 'constant' }, () => 1],
    ['two values', { n: randint(0, 2) }, (config) => config.n as number],
    ['no end of values, and always better', { x: randn(0, 1), n: qrandn(0, 1, 0.5) }, (config) => -(config.x as number)],
  ])('%s', async (_name, space, objective) => {
    expect(await losses(cmaes(), space, objective, 30, 1)).toHaveLength(30);
  });

  test('enqueued values beyond the bounds count as the bound', async () => {
    const trials = places.map((x): Given => ({ config: { x: x + 5 }, losses: [0], end: 'completed', by: 'enqueued' }));
    expect(await centre(historyOf(line, trials))).toBeGreaterThan(0.8);
  });

  test('it reaches an optimum on the bound', async () => {
    const space = { x: uniform(0, 1), y: uniform(0, 1) };
    expect(await median(cmaes, space, ({ x, y }) => (x as number) + (y as number), 100)).toBeLessThan(1e-3);
  });
});

describe('options', () => {
  test.each<readonly [object, string]>([
    [{ sigma: 0 }, 'cmaes: expected sigma to be a number in (0, 1], got 0.'],
    [{ sigma: Number.NaN }, 'cmaes: expected sigma to be a number in (0, 1], got NaN.'],
    [{ populationSize: 3 }, 'cmaes: expected populationSize to be an integer >= 4, got 3.'],
    [{ restarts: -1 }, 'cmaes: expected restarts to be an integer >= 0, got -1.'],
  ])('%o', (options, message) => {
    expect(() => cmaes(options)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE', message: expect.stringContaining(message) }));
  });

  test('an unknown one', () => {
    expect(() => cmaes({ popsize: 9 } as never)).toThrow(expect.objectContaining({ code: 'OPTION_UNKNOWN' }));
  });

  test('they are recorded, and a restore makes it anew from them', () => {
    const options = { sigma: 0.2, restarts: 1 };
    expect(rebuildSearcher({ name: 'cmaes', options: cmaes(options).options ?? null })).toMatchObject({ name: 'cmaes', options });
  });
});

describe('what it refuses', () => {
  const check = (input: unknown, objectives = 1) => cmaes().check?.({ space: compileSpace(input), objectives, samples: 1, slots: 1 });

  test.each([
    ['choice', choice(['sgd', 'adam'])],
    ['gridSearch', gridSearch([1, 2])],
    ['variation', variation([1, 2])],
  ])('a %s, by name, with what to use instead', (kind, domain) => {
    expect(() => check({ lr: uniform(0, 1), model: { part: domain } })).toThrow(
      expect.objectContaining({
        code: 'SPACE_INVALID',
        message: expect.stringContaining(`cmaes: expected numbers only, got ${kind} at "model/part". Hint: Use tpe(), which takes options too.`),
      }),
    );
  });

  test.each([
    [0, 'none'],
    [2, '2'],
  ])('%d metrics', (objectives, got) => {
    expect(() => check(line, objectives)).toThrow(`cmaes: expected one metric, got ${got}.`);
  });

  test('nothing else: a choice of one option is none', () => {
    expect(() => check({ a: choice([{ lr: uniform(0, 1) }]), n: qrandn(0, 1, 0.5) })).not.toThrow();
  });
});
