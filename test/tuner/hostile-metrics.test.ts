import { describe, expect, test } from 'vitest';
import type { Config, RunConfig, TrialContext } from '../../src/index.ts';
import { choice, gridSearch, Tuner } from '../../src/index.ts';
import { journalOf, rowsOf, temporaryStorage } from './temporary-storage.ts';

const storagePath = temporaryStorage();
const quiet = { storagePath, verbose: 0 } as const;
const million = 'x'.repeat(1e6);

/** Values of a metric by trial and report; the stop rule cuts the last one short. */
const VALUES = [
  [1, 2],
  [5, 3],
  [4, 9, 100],
] as const;

const NAMES: readonly (readonly [what: string, name: string])[] = [
  ['a slash', 'a/b'],
  ['slashes at both ends', '/a/'],
  ['a backslash', 'a\\b'],
  ['a dot', 'eval.loss'],
  ['a comma', 'a,b'],
  ['double quotes', 'say "hi"'],
  ['a quote and a backtick', "it's `a`"],
  ['a template', '${name}'],
  ['newlines', 'two\r\nlines'],
  ['a tab and a null character', 'a\tb\0'],
  ['a bracket', 'data["x"]'],
  ['nothing but a space', ' '],
  ['half a character', 'half \ud83d'],
  ['an accent on its own', 'e\u0301té'],
  ['a formula of a spreadsheet', '=1+1'],
  ['the name of a tag', '$number'],
  ['a method', 'toString'],
  ['a constructor', 'constructor'],
  ['an integer', '0'],
  ['a million characters', million],
  ['a million slashes', '/'.repeat(1e6)],
];

const reporting = (name: string) => async (config: Config, trial: TrialContext) => {
  const values = VALUES[config['trial'] as number] ?? [];
  for (const value of values.slice(trial.iteration)) await trial.report({ [name]: value, other: -value }, { checkpoint: () => undefined });
};

function tuned(name: string, runConfig: RunConfig = {}): Tuner {
  return new Tuner(reporting(name), {
    paramSpace: { trial: gridSearch([0, 1, 2]) },
    tuneConfig: { metric: name, mode: 'max', seed: 7 },
    runConfig: { ...quiet, stop: { [name]: 9 }, checkpointConfig: { scoreAttribute: name, numToKeep: 1 }, ...runConfig },
  });
}

const own = (row: object | undefined, name: string): unknown => (row && Object.hasOwn(row, name) ? (row as Record<string, unknown>)[name] : undefined);

describe('a metric named with', () => {
  test.each(NAMES)('%s goes the whole way: report, journal, rows, tables, best, stop, checkpoints, restore', async (_, name) => {
    const grid = await tuned(name).fit();
    expect(grid.errors).toEqual([]);
    const reports = journalOf(grid.experimentPath).filter((line) => line.kind === 'reported');
    expect(reports.map(({ metrics }) => own(metrics, name)).sort()).toEqual([1, 2, 3, 4, 5, 9]);
    expect([...grid].map(({ path }) => rowsOf(path).map((row) => own(row, name)))).toEqual([
      [1, 2],
      [5, 3],
      [4, 9],
    ]);
    expect([...grid].map(({ metrics }) => own(metrics, name))).toEqual([2, 3, 9]);

    expect(grid.getDataFrame().columnNames()).toContain(name);
    expect([...grid.getDataFrame().array(name)]).toEqual([2, 3, 9]);
    expect([...grid.getDataFrame({ filterMetric: name, filterMode: 'max' }).array(name)]).toEqual([2, 5, 9]);
    expect([...grid].map((result) => [...result.metricsDataFrame().array(name)])).toEqual([
      [1, 2],
      [5, 3],
      [4, 9],
    ]);

    expect(grid.getBestResult()).toBe(grid.at(2));
    expect(grid.getBestResult({ metric: name, mode: 'min', scope: 'all' })).toBe(grid.at(0));
    expect(grid.observations().map(({ losses }) => losses)).toEqual([[-2], [-3], [-9]]);
    expect([...grid].map(({ reason }) => reason?.by)).toEqual(['completed', 'completed', 'stop']);
    expect(grid.at(2)?.reason?.reason).toBe(`${name} 9 >= 9`);
    expect(grid.at(1)?.getBestCheckpoint().path).toMatch(/checkpoint_000000$/);
    expect(grid.at(1)?.checkpoint?.path).toMatch(/checkpoint_000001$/);

    const again = await Tuner.restore(grid.experimentPath, reporting(name), {
      tuneConfig: { numSamples: 2 },
      runConfig: { ...quiet, stop: { metric: name, mode: 'max', value: 9 } },
    });
    const more = await again.fit();
    expect([...more].map(({ metrics }) => own(metrics, name))).toEqual([2, 3, 9, 2, 3, 9]);
    expect(more.at(5)?.reason?.by).toBe('stop');
  });
});

describe('an empty name', () => {
  test('can be reported, and shows in the tables', async () => {
    const grid = await new Tuner(() => ({ loss: 1, '': 2, nested: { '': 3 } }), { tuneConfig: { metric: 'loss', mode: 'min' }, runConfig: quiet }).fit();
    expect(grid.getDataFrame().object(0)).toMatchObject({ loss: 1, '': 2, 'nested/': 3 });
  });

  test('cannot be tuned', () => {
    expect(() => tuned('')).toThrow(/METRIC_INVALID/);
  });
});

describe('__proto__', () => {
  test.each([{ ['__proto__']: 1 }, { loss: 1, ['__proto__']: { loss: 2 } }, { loss: 1, nested: JSON.parse('{"__proto__":1}') as object }])(
    'is no name of a metric: the trial that reports it fails, and no other (%j)',
    async (metrics) => {
      const train = async ({ bad }: { bad: boolean }, trial: TrialContext) => trial.report(bad ? (metrics as { loss: number }) : { loss: 1 });
      const grid = await new Tuner(train, {
        paramSpace: { bad: gridSearch([true, false]) },
        tuneConfig: { metric: 'loss', mode: 'min' },
        runConfig: quiet,
      }).fit();
      expect([...grid].map(({ status }) => status)).toEqual(['ERROR', 'TERMINATED']);
      expect(grid.errors[0]?.message).toMatch(
        /^report: expected names of metrics, got "(nested\/)?__proto__", .* Hint: Give it another name. \[METRIC_NOT_JSON\]/,
      );
    },
  );
});

describe('a nested metric and a flat one of the same name', () => {
  const both = (order: 'flat first' | 'nested first') => () =>
    order === 'flat first' ? { 'eval/loss': 1, eval: { loss: 2, acc: 3 } } : { eval: { loss: 2, acc: 3 }, 'eval/loss': 1 };

  test.each(['flat first', 'nested first'] as const)('(%s): the flat one counts, everywhere', async (order) => {
    const seen: unknown[] = [];
    const stop = (_: string, metrics: Readonly<Record<string, number>>) => seen.push([metrics['eval/loss'], metrics['eval/acc']]) < 0;
    const tuner = new Tuner(both(order), { tuneConfig: { metric: 'eval/loss', mode: 'min' }, runConfig: { ...quiet, stop } });
    const grid = await tuner.fit();
    expect(seen).toEqual([[1, 3]]);
    expect(grid.observations()).toEqual([{ config: {}, losses: [1] }]);
    expect(grid.getDataFrame().object(0)).toMatchObject({ 'eval/loss': 1, 'eval/acc': 3 });
    expect(grid.at(0)?.metricsDataFrame().object(0)).toMatchObject({ 'eval/loss': 1, 'eval/acc': 3 });
    expect(rowsOf(grid.at(0)?.path as string)[0]).toMatchObject({ 'eval/loss': 1, eval: { loss: 2, acc: 3 } });
  });
});

describe('a million characters', () => {
  test('as a metric are kept whole, in every table', async () => {
    const tuner = new Tuner(() => ({ loss: 1, text: million, nested: { text: million } }), {
      tuneConfig: { metric: 'loss', mode: 'min' },
      runConfig: quiet,
    });
    const grid = await tuner.fit();
    expect(grid.getDataFrame().get('text', 0)).toBe(million);
    expect(rowsOf(grid.at(0)?.path as string)[0]?.['nested']).toEqual({ text: million });
    const restored = await (await Tuner.restore(grid.experimentPath, () => 1)).getResults();
    expect(restored.at(0)?.metrics['text']).toBe(million);
  });

  test('as the metric that is tuned, or as a name that nobody reported, give an error that can be read', async () => {
    const tuner = new Tuner((() => ({ loss: million, [million]: 1 })) as never, { tuneConfig: { metric: 'loss', mode: 'min' }, runConfig: quiet });
    const [error] = (await tuner.fit()).errors;
    expect(error?.message).toMatch(/^report: expected the metric "loss" to be a number, got "x{200}…" \(1000000 characters\)/);
    expect(error?.message.length).toBeLessThan(500);
    const other = new Tuner((() => ({ [million]: 1, [`${million}y`]: 2 })) as never, { tuneConfig: { metric: `z${million}`, mode: 'min' }, runConfig: quiet });
    const grid = await other.fit();
    expect(grid.errors[0]?.message).toMatch(/METRIC_MISSING/);
    expect(grid.errors[0]?.message.length).toBeLessThan(1500);
    expect(() => grid.getBestResult({ metric: `y${million}`, mode: 'min' })).toThrow(expect.objectContaining({ code: 'RESULT_NOT_FOUND' }));
  });

  test('as a value of the configuration reach the trial, and leave tag and folder short', async () => {
    const seen: number[] = [];
    const train = ({ prompt, list }: { prompt: string; list: string[] }) => {
      seen.push(prompt.length, list[0]?.length ?? 0);
      return 1;
    };
    const paramSpace = { prompt: choice([million]), list: choice([[million]]) };
    const grid = await new Tuner(train, { paramSpace, tuneConfig: { metric: 'loss', mode: 'min' }, runConfig: quiet }).fit();
    const [result] = grid;
    expect(seen).toEqual([1e6, 1e6]);
    expect(result?.config.prompt).toBe(million);
    expect(result?.metrics.experiment_tag).toHaveLength('0_list='.length + 130 + ',prompt='.length + 130);
    expect(grid.getDataFrame().get('logdir', 0)).toBe(result?.path);
    expect(grid.getDataFrame().get('config/prompt', 0)).toBe(million);
  });
});
