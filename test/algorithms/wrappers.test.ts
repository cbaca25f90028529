import { describe, expect, test } from 'vitest';
import { avoidDuplicates, basicVariant, fromAskTell, grid, limitConcurrency, list, random, repeat, tpe, warmStart } from '../../algorithms/index.ts';
import { hyperband } from '../../schedulers/hyperband.ts';
import { pbt } from '../../schedulers/pbt.ts';
import { WORST } from '../../src/base/worst.ts';
import { History } from '../../src/search/history.ts';
import type { Searcher, Suggestion } from '../../src/search/searcher.ts';
import { choice, gridSearch, randint, uniform } from '../../src/space/domains.ts';
import { sample } from '../../src/space/sample.ts';
import { compileSpace } from '../../src/space/space.ts';
import { simulate } from '../../src/testing/simulate.ts';
import { rebuildSearcher } from '../../src/tuner/builtins.ts';
import { askFor, configs } from './asking.ts';

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

describe('avoidDuplicates around a sweep leaves out what there has been, and draws nothing', () => {
  const line = { x: uniform(0, 1) };
  const after = async (searcher: Searcher, input: object, before: readonly object[], samples = 1): Promise<unknown> => {
    const history = new History(compileSpace(input), 1);
    for (const config of before) history.add({ config: config as never, by: 'enqueued', asked: 0 });
    return (await configs(avoidDuplicates(searcher), input, { samples, history })).map((config) => Object.values(config).join());
  };

  test.each<readonly [string, Searcher, object, readonly object[], number, readonly string[]]>([
    ['a grid', grid({ bins: 3 }), line, [{ x: 0.5 }], 1, ['0', '1']],
    ['a grid, twice over', grid({ bins: 3 }), line, [{ x: 1 }], 2, ['0', '0.5']],
    ['a grid, for ever', grid({ bins: 3 }), line, [], Infinity, ['0', '0.5', '1']],
    ['a grid of which all has been', grid({ bins: 3 }), line, [{ x: 0 }, { x: 0.5 }, { x: 1 }], 1, []],
    ['a list, twice over', list([{ x: 0.1 }, { x: 0.2 }]), line, [], 2, ['0.1', '0.2']],
    ['a list in which one comes twice', list([{ x: 0.1 }, { x: 0.1 }, { x: 0.2 }]), line, [], 1, ['0.1', '0.2']],
    ['a gridSearch', basicVariant(), { a: gridSearch([1, 2, 3]) }, [{ a: 2 }], 2, ['1', '3']],
    ['a grid, some at a time', limitConcurrency(grid({ bins: 3 }), 9), line, [{ x: 0 }], 1, ['0.5', '1']],
  ])('%s', async (_, searcher, input, before, samples, expected) => {
    expect(await after(searcher, input, before, samples)).toEqual(expected);
  });

  test('what a list leaves out is still drawn', async () => {
    const drawn = (await after(list([{ a: 1 }, { a: 1 }]), { a: choice([1, 2]), x: uniform(0, 1) }, [], 2)) as readonly string[];
    expect(drawn.map((one) => one.slice(0, 2))).toEqual(['1,', '1,', '1,', '1,']);
    expect(new Set(drawn).size).toBe(4);
  });

  test('a restored one goes on with what comes next', async () => {
    const history = new History(compileSpace(line), 1);
    for (const x of [0.5, 0]) history.add({ config: { x }, by: x === 0 ? 'searcher' : 'enqueued', asked: 0 });
    const searcher = avoidDuplicates(grid({ bins: 3 }));
    expect(await searcher.suggest(askFor(history.space, 1, { samples: 1, history }))).toMatchObject({ config: { x: 1 } });
  });

  test('batches within are as large as they are without', async () => {
    const points = [0, 0.25, 0.75].map((x) => ({ x }));
    const searcher = avoidDuplicates(limitConcurrency(grid({ bins: 9 }), 3, { batch: true }));
    const { journal } = await simulate({ space: line, curve: () => 1, pointsToEvaluate: points, searcher, trials: 4, workers: 8, maxT: 1 });
    const kinds = journal.flatMap((entry) => (entry.kind === 'queued' && entry.by.kind === 'searcher' ? ['+'] : entry.kind === 'completed' ? ['-'] : []));
    expect(kinds.join('')).toBe('+++------+++---');
  });

  test('one that has had nothing but its own lets others on', async () => {
    let breaths = 0;
    const history = new History(compileSpace({ n: randint(0, 500) }), 1);
    for (let n = 0; n < 500; n++) history.add({ config: { n }, by: 'enqueued', asked: 0 });
    const ask = { ...askFor(history.space, 0, { samples: 100, history }), breathe: async () => void (breaths += 1) };
    expect([await avoidDuplicates(grid()).suggest(ask), breaths > 4]).toEqual([{ kind: 'done' }, true]);
  });
});

test('avoidDuplicates: values of the user’s own that lie outside of the space take nothing from it', async () => {
  const history = new History(compileSpace({ n: randint(0, 3) }), 1);
  for (const n of [7, 8]) history.add({ config: { n }, by: 'enqueued', asked: 0 });
  const all = await configs(avoidDuplicates(random()), { n: randint(0, 3) }, { samples: 9, history });
  expect(all.map(({ n }) => n).sort()).toEqual([0, 1, 2]);
});

test('avoidDuplicates around what says the same at each ask draws something else, and an optimiser is made once', async () => {
  let made = 0;
  const optimiser = fromAskTell(() => {
    made += 1;
    return { ask: () => ({ x: 0.5 }), tell: () => {} };
  });
  const all = await configs(avoidDuplicates(optimiser), { x: uniform(0, 1) }, { samples: 5 });
  expect([new Set(all.map(({ x }) => x)).size, made]).toEqual([5, 1]);
});

test.each([
  ['at once', () => repeat(tpe(), 3), 'repeat around tpe'],
  [
    'farther within',
    () => limitConcurrency(warmStart(repeat(basicVariant(), 3), []), 2),
    'limitConcurrency around warmStart around repeat around basicVariant',
  ],
])('avoidDuplicates refuses a repeat, %s', (_, make, names) => {
  expect(() => avoidDuplicates(make())).toThrow(
    `avoidDuplicates: expected no repeat within, got ${names}. Hint: Write it the other way round: repeat(avoidDuplicates(…), n).`,
  );
});

describe('a trial that failed, and is run again', () => {
  const line = compileSpace(space);
  /** Four trials of which the second fails; later it is run again. */
  async function searched(searcher: Searcher, again: 'completed' | 'failed') {
    const history = new History(line, 1);
    const ask = (one: Searcher) => one.suggest(askFor(line, history.length, { samples: 6, history }));
    for (let row = 0; row < 4; row++) {
      const suggestion = await ask(searcher);
      if (suggestion.kind !== 'config') throw new Error('expected a configuration');
      history.add({ config: suggestion.config, by: 'searcher', asked: row, ...(suggestion.note === undefined ? {} : { note: suggestion.note }) });
      history.report(row, 1, [row]);
      history.end(row, row === 1 ? 'failed' : 'completed');
    }
    await ask(searcher);
    history.report(1, 2, [-3]);
    await ask(searcher);
    history.end(1, again);
    return { now: () => ask(searcher), restored: (fresh: Searcher) => ask(fresh) };
  }
  const losses = (seen: readonly Seen[]): unknown => seen.at(-1)?.rows.map(({ state, losses: [loss] = [] }) => [state, loss]);

  test.each([
    [
      'completed',
      [
        ['completed', -1.5],
        ['completed', 2.5],
      ],
    ],
    [
      'failed',
      [
        ['completed', 0],
        ['completed', 2.5],
      ],
    ],
  ] as const)('is in the mean of its repeats if it has %s', async (again, expected) => {
    const [live, fresh]: [Seen[], Seen[]] = [[], []];
    const { now, restored } = await searched(repeat(watching(live), 2), again);
    expect(await now()).toEqual(await restored(repeat(watching(fresh), 2)));
    expect([losses(live), losses(fresh)]).toEqual([expected, expected]);
  });

  test.each([
    [
      'completed',
      [
        ['completed', 5],
        ['completed', 0],
        ['completed', -3],
        ['completed', 2],
        ['completed', 3],
      ],
    ],
    [
      'failed',
      [
        ['completed', 5],
        ['completed', 0],
        ['failed', 1],
        ['completed', 2],
        ['completed', 3],
      ],
    ],
  ] as const)('is known with all that it has reported if it has %s', async (again, expected) => {
    const rows = [{ config: { x: 0.5 }, losses: [5] }];
    const [live, fresh]: [Seen[], Seen[]] = [[], []];
    const { now, restored } = await searched(warmStart(watching(live), rows), again);
    expect(await now()).toEqual(await restored(warmStart(watching(fresh), rows)));
    expect([losses(live), losses(fresh)]).toEqual([expected, expected]);
  });

  test.each(['completed', 'failed'] as const)('is told to an optimiser as it has ended, to a new one if need be: %s', async (again) => {
    const told: number[][] = [];
    const make = () =>
      fromAskTell(({ rng }) => {
        const own: number[] = [];
        told.push(own);
        return { ask: () => ({ x: rng.next() }), tell: (_, loss) => void own.push(loss) };
      });
    const { now, restored } = await searched(make(), again);
    expect(await now()).toEqual(await restored(make()));
    const expected = [0, again === 'completed' ? -3 : Infinity, 2, 3];
    expect(told).toEqual(again === 'completed' ? [[0, Infinity, 2, 3], expected, expected] : [expected, expected]);
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
  test('a row that breaks a constraint says by how much', async () => {
    const seen: number[] = [];
    const searcher: Searcher = {
      name: 'watching',
      suggest({ history }) {
        for (let row = 0; row < history.length; row++) seen.push(history.at(row).violation);
        return { kind: 'done' };
      },
    };
    const given = [2, 0, undefined, Infinity].map((violation) => ({ config: { x: 0.5 }, losses: [1], ...(violation === undefined ? {} : { violation }) }));
    const warm = warmStart(searcher, given);
    await simulate({ space, curve, searcher: warm, trials: 3 });
    expect(seen).toEqual([2, 0, 0, Infinity]);
    expect(warm.options).toMatchObject({ rows: [{ violation: 2 }, {}, {}, { violation: Infinity }] });
  });

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
    ['a violation below 0', [{ config: { x: 0.5 }, losses: [1], violation: -1 }], 'warmStart: expected rows'],
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
