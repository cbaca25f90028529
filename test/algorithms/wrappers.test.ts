import { describe, expect, test } from 'vitest';
import { avoidDuplicates, grid, limitConcurrency, random, repeat, tpe, warmStart } from '../../algorithms/index.ts';
import { hyperband } from '../../schedulers/hyperband.ts';
import { pbt } from '../../schedulers/pbt.ts';
import { WORST } from '../../src/base/worst.ts';
import type { History } from '../../src/search/history.ts';
import type { Searcher, Suggestion } from '../../src/search/searcher.ts';
import { choice, gridSearch, randint, uniform } from '../../src/space/domains.ts';
import { sample } from '../../src/space/sample.ts';
import { simulate } from '../../src/testing/simulate.ts';
import { rebuildSearcher } from '../../src/tuner/builtins.ts';

/** What a searcher within was asked, and what it saw then. */
interface Seen {
  readonly index: number;
  readonly samples: number;
  readonly rows: readonly { readonly config: unknown; readonly state: string; readonly losses: readonly number[] | undefined; readonly note?: unknown }[];
}

const rowsOf = (history: History): Seen['rows'] =>
  Array.from({ length: history.length }, (_, i) => {
    const { config, state, losses, note } = history.at(i);
    return { config, state, losses, ...(note === undefined ? {} : { note }) };
  });

/** Draws, with a note, and writes down what it sees. */
function watching(seen: Seen[]): Searcher {
  return {
    name: 'watching',
    suggest({ index, samples, history, space, rng }): Suggestion {
      seen.push({ index, samples, rows: rowsOf(history) });
      return index >= samples ? { kind: 'done' } : { kind: 'config', config: sample(space, rng), note: index };
    },
  };
}

const curve = ({ x }: { readonly x: number }, step: number): number => x + 1 / step;
const space = { x: uniform(0, 1) };

/** How many trials ran at once at most. */
function most(journal: readonly { readonly kind: string }[]): number {
  let [now, top] = [0, 0];
  for (const { kind } of journal) {
    if (kind === 'started') now += 1;
    if (['completed', 'stopped', 'failed', 'retried', 'paused'].includes(kind)) now -= 1;
    top = Math.max(top, now);
  }
  return top;
}

describe('limitConcurrency', () => {
  test.each([1, 3])('has no more than %i trials at once, whatever the workers', async (n) => {
    const { journal, summary } = await simulate({ space, curve, searcher: limitConcurrency(random(), n), trials: 20, workers: 8, maxT: 3 });
    expect([most(journal), summary.completed]).toEqual([n, 20]);
  });

  test('in batches it waits for all of them', async () => {
    const durations = ({ x }: { readonly x: number }): number => 1 + x;
    const searcher = limitConcurrency(random(), 4, { batch: true });
    const { journal } = await simulate({ space, curve, durations, searcher, trials: 12, workers: 8, maxT: 3 });
    let open = 0;
    for (const line of journal) {
      if (line.kind === 'queued' && line.trial % 4 === 0) expect(open).toBe(0);
      if (line.kind === 'queued') open += 1;
      if (line.kind === 'completed') open -= 1;
    }
    expect(most(journal)).toBe(4);
  });

  test.each([
    ['that pauses', hyperband({ maxT: 9 })],
    ['that copies', pbt({ perturbationInterval: 2, hyperparamMutations: { x: uniform(0, 1) } })],
  ])('ends under a scheduler %s', async (_, scheduler) => {
    const { summary } = await simulate({
      space,
      curve,
      scheduler: scheduler as never,
      searcher: limitConcurrency(random(), 3),
      trials: 15,
      workers: 4,
      maxT: 9,
    });
    expect(summary.completed + summary.stopped).toBe(15);
  });

  test('does not count enqueued trials', async () => {
    const points = [{ x: 0.1 }, { x: 0.2 }, { x: 0.3 }];
    const { journal } = await simulate({ space, curve, pointsToEvaluate: points, searcher: limitConcurrency(random(), 1), trials: 5, workers: 8, maxT: 3 });
    expect(most(journal)).toBe(4);
  });
});

describe('avoidDuplicates', () => {
  test('proposes each of nine once, and says why it ends', async () => {
    const nine = { a: choice(['x', 'y', 'z']), n: randint(0, 3) };
    const { journal, warnings } = await simulate({ space: nine, curve: () => 1, searcher: avoidDuplicates(random()), trials: 20, workers: 4, maxT: 1 });
    const configs = journal.flatMap((line) => (line.kind === 'queued' ? [JSON.stringify(line.config)] : []));
    expect([configs.length, new Set(configs).size]).toEqual([9, 9]);
    expect(warnings).toEqual(['avoidDuplicates: the space has 9 distinct configurations, 20 were asked for.']);
  });

  test('nor what was enqueued', async () => {
    const three = { a: choice(['x', 'y', 'z']) };
    const { grid: results } = await simulate({
      space: three,
      curve: () => 1,
      pointsToEvaluate: [{ a: 'y' }],
      searcher: avoidDuplicates(random()),
      trials: 9,
      maxT: 1,
    });
    expect([...results].map(({ config }) => config.a).sort()).toEqual(['x', 'y', 'z']);
  });

  test('a searcher that always says the same is helped out', async () => {
    const same: Searcher = { name: 'same', suggest: ({ index, samples }) => (index < samples ? { kind: 'config', config: { a: 'x' } } : { kind: 'done' }) };
    const late: Searcher = { name: 'late', suggest: (ask) => Promise.resolve(same.suggest(ask)) };
    for (const searcher of [same, late]) {
      const { grid: results } = await simulate({
        space: { a: choice(['x', 'y', 'z']) },
        curve: () => 1,
        searcher: avoidDuplicates(searcher),
        trials: 3,
        maxT: 1,
      });
      expect([...results].map(({ config }) => config.a).sort()).toEqual(['x', 'y', 'z']);
    }
  });
});

describe('repeat', () => {
  const noisy = ({ x }: { readonly x: number }, _step: number, rng: { next(): number }): number => x + rng.next();

  test('tries each configuration n times, with other randomness, and shows the mean of them as one trial', async () => {
    const seen: Seen[] = [];
    const { grid: results } = await simulate({ space, curve: noisy, searcher: repeat(watching(seen), 3), trials: 12, workers: 2, maxT: 1 });
    const all = [...results].map(({ config, metrics }) => [config.x, Number(metrics?.loss)] as const);
    const groups = [0, 1, 2, 3].map((i) => all.slice(3 * i, 3 * i + 3));
    for (const group of groups) {
      expect(new Set(group.map(([x]) => x)).size).toBe(1);
      expect(new Set(group.map(([, loss]) => loss)).size).toBe(3);
    }
    expect(seen.map(({ index, samples }) => [index, samples])).toEqual([
      [0, 4],
      [1, 4],
      [2, 4],
      [3, 4],
      [4, 4],
    ]);
    const ended = seen.at(-1)?.rows.filter(({ state }) => state === 'completed') ?? [];
    expect(ended.length).toBeGreaterThanOrEqual(3);
    for (const [i, { config, losses, note }] of ended.entries()) {
      const group = groups[i] ?? [];
      expect(config).toEqual({ x: group[0]?.[0] });
      expect(losses?.[0]).toBeCloseTo(
        group.reduce((sum, [, loss]) => sum + loss / 3, 0),
        12,
      );
      expect(note).toBe(i);
    }
  });

  test('failed ones are left out of the mean, diverged ones are not, and all failed is failed', async () => {
    const seen: Seen[] = [];
    const curves = ({ x }: { readonly x: number }, _step: number, rng: { next(): number }): number => (x > 0.5 && rng.next() < 0.5 ? Number.NaN : 1);
    const failures = ({ x }: { readonly x: number }, step: number, rng: { next(): number }): boolean => step === 1 && x < 0.5 && rng.next() < 0.7;
    await simulate({ space, curve: curves, failures, searcher: repeat(watching(seen), 2), trials: 80, maxT: 1, seed: 2 });
    const { rows = [] } = seen.at(-1) ?? {};
    const shown = new Set(rows.map(({ state, losses }) => `${state} ${losses?.[0] === WORST ? 'worst' : losses?.[0]}`));
    expect([...shown].sort()).toEqual(['completed 1', 'completed worst', 'failed undefined']);
  });

  test('a grid is swept, each point n times', async () => {
    const { grid: results } = await simulate({ space: { a: gridSearch([1, 2, 3]) }, curve: () => 1, searcher: repeat(grid(), 2), trials: 2, maxT: 1 });
    expect([...results].map(({ config }) => config.a)).toEqual([1, 1, 2, 2, 3, 3]);
  });

  test('needs a multiple', async () => {
    await expect(simulate({ space, curve: () => 1, searcher: repeat(random(), 3), trials: 10 })).rejects.toThrow(
      'repeat: expected numSamples to be a multiple of 3, got 10.',
    );
  });
});

describe('warmStart', () => {
  const rows = [
    { config: { x: 0.2 }, losses: [3] },
    { config: { x: 0.7 }, losses: [Number.NaN] },
  ];

  test('shows the rows as trials that completed before the first', async () => {
    const seen: Seen[] = [];
    await simulate({ space, curve, searcher: warmStart(watching(seen), rows), trials: 3, maxT: 2 });
    const [first, , last] = seen;
    expect(first?.rows).toEqual([
      { config: { x: 0.2 }, state: 'completed', losses: [3] },
      { config: { x: 0.7 }, state: 'completed', losses: [WORST] },
    ]);
    expect(last?.rows.slice(0, 2)).toEqual(first?.rows);
    expect(last?.rows.slice(2)).toMatchObject([
      { state: 'completed', note: 0 },
      { state: 'completed', note: 1 },
    ]);
    expect(last?.index).toBe(2);
  });

  test('a tpe goes on where another experiment was', async () => {
    const parabola = ({ x }: { readonly x: number }): number => (x - 0.3) ** 2;
    const { grid: before } = await simulate({ space, curve: parabola, searcher: tpe(), trials: 60, maxT: 1, seed: 1 });
    const cold = await simulate({ space, curve: parabola, searcher: tpe(), trials: 5, maxT: 1, seed: 2 });
    const warm = await simulate({ space, curve: parabola, searcher: warmStart(tpe(), before.observations()), trials: 5, maxT: 1, seed: 2 });
    const best = ({ grid: results }: typeof warm): number => Number(results.getBestResult().metrics['loss']);
    expect(best(warm)).toBeLessThan(best(cold) / 100);
  });

  test.each<readonly [string, unknown, string]>([
    ['no array', 3, 'warmStart: expected rows { config, losses }, got 3.'],
    ['no losses', [{ config: {} }], 'warmStart: expected rows'],
    ['another number of losses', [{ config: { x: 0.5 }, losses: [1, 2] }], 'warmStart: expected 1 losses in row 0, one for each metric, got 2.'],
    ['a configuration outside of the space', [rows[0], { config: { x: 3 }, losses: [1] }], 'warmStart: expected row 1 to lie in the space, got {"x":3}.'],
  ])('refuses %s', async (_, given, message) => {
    const run = async (): Promise<unknown> => simulate({ space, curve, searcher: warmStart(random(), given as never) });
    await expect(run()).rejects.toThrow(message);
  });
});

test('they are rebuilt from what is recorded, around each other, unless the one within is not', () => {
  const searcher = limitConcurrency(repeat(avoidDuplicates(warmStart(tpe({ startupTrials: 3 }), [{ config: { x: 1 }, losses: [2] }])), 2), 4, { batch: true });
  const record = (one: Searcher | undefined) => ({ name: one?.name ?? '', options: JSON.parse(JSON.stringify(one?.options ?? null)) });
  expect(record(rebuildSearcher(record(searcher)))).toEqual(record(searcher));
  expect(rebuildSearcher(record(repeat(watching([]), 2)))).toBeUndefined();
});

test.each([
  ['no searcher', () => repeat({} as never, 2), 'repeat: expected a searcher, got'],
  ['one that was not called', () => warmStart(random as never, []), 'Call it: random(…).'],
  ['n of 0', () => limitConcurrency(random(), 0), 'limitConcurrency: expected n to be an integer >= 1, got 0.'],
  ['half a repeat', () => repeat(random(), 1.5), 'repeat: expected n to be an integer >= 1, got 1.5.'],
  ['a word for batch', () => limitConcurrency(random(), 2, { batch: 'yes' as never }), 'expected batch to be true or false, got "yes".'],
  ['an unknown option', () => limitConcurrency(random(), 2, { max: 2 } as never), 'limitConcurrency: expected options among batch'],
])('%s is refused', (_, make, message) => {
  expect(make).toThrow(message);
});
