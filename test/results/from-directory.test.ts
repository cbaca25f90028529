import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ResultGrid, run, spaceFromJson, type TrialContext, uniform } from '../../src/index.ts';
import { temporaryStorage } from '../tuner/temporary-storage.ts';

const storagePath = temporaryStorage();
const train = async ({ x }: { x: number }, trial: TrialContext<{ loss: number }>) => {
  if (x > 0.94) throw new TypeError('x is large');
  for (let step = trial.iteration; step < 3; step++) await trial.report({ loss: x / (step + 1) });
};
let written: ResultGrid<{ x: number }, { loss: number }>;

beforeAll(async () => {
  const common = { config: { x: uniform(0, 1) }, metric: 'loss', mode: 'min', storagePath, verbose: 0 } as const;
  written = await run(train, { ...common, name: 'mnist', numSamples: 4, seed: 3, pointsToEvaluate: [{ x: 0.95 }] });
});

/** A copy of the experiment that may be spoiled. */
function copyOf(name: string): string {
  const dir = join(storagePath, 'copies', name);
  cpSync(written.experimentPath, dir, { recursive: true });
  return dir;
}

describe('ResultGrid.fromDirectory', () => {
  test('gives the grid that fit() gave, without its script', () => {
    const read = ResultGrid.fromDirectory<{ x: number }, { loss: number }>(join(storagePath, 'mnist'));
    expect([...read].map(({ config, metrics, status, reason, path }) => ({ config, metrics, status, reason, path }))).toEqual(
      [...written].map(({ config, metrics, status, reason, path }) => ({ config, metrics, status, reason, path })),
    );
    expect(read.errors).toEqual(written.errors);
    expect(read.errors[0]).toMatchObject({ name: 'TypeError', message: 'x is large' });
    expect(read.getBestResult().config).toEqual(written.getBestResult().config);
    expect(read.getDataFrame().objects()).toEqual(written.getDataFrame().objects());
    expect(read.at(1)?.metricsDataFrame().objects()).toEqual(written.at(1)?.metricsDataFrame().objects());
  });

  test('takes a relative path', () => {
    const read = ResultGrid.fromDirectory(join(process.cwd().replaceAll(/[^/]+/g, '..').slice(1), storagePath, 'mnist'));
    expect(read.experimentPath).toBe(written.experimentPath);
  });

  test('has the set-up of the experiment, live and read back', () => {
    const { experiment } = ResultGrid.fromDirectory(written.experimentPath);
    expect(experiment).toEqual(written.experiment);
    expect(experiment).toMatchObject({
      ...{ name: 'mnist', path: written.experimentPath, seed: 3, objectives: [{ metric: 'loss', mode: 'min' }] },
      ...{ trainable: 'train', searcher: { name: 'basicVariant' }, scheduler: { name: 'fifo' }, versions: { node: process.versions.node } },
    });
    expect(spaceFromJson(experiment.paramSpace).parameters.map(({ name }) => name)).toEqual(['x']);
    const firstLine = JSON.parse(readFileSync(join(written.experimentPath, 'experiment.json'), 'utf8')) as { at: number };
    expect(experiment.createdAt).toBe(firstLine.at);
    expect(Object.isFrozen(experiment.objectives)).toBe(true);
  });
});

test('an experiment that runs is as it is now', async () => {
  const seen: [string[], (string | undefined)[], number][] = [];
  const dir = join(storagePath, 'running');
  const watch = async ({ x }: { x: number }, trial: TrialContext<{ loss: number }>) => {
    await trial.report({ loss: x });
    const grid = ResultGrid.fromDirectory(dir);
    seen.push([[...grid].map(({ status }) => status), grid.timeline().map(({ end }) => end), grid.getDataFrame({ rows: 'all' }).numRows()]);
  };
  await run(watch, { config: { x: uniform(0, 1) }, metric: 'loss', mode: 'min', numSamples: 2, storagePath, name: 'running', verbose: 0 });
  expect(seen).toEqual([
    [['RUNNING'], ['running'], 1],
    [['TERMINATED', 'RUNNING'], ['completed', 'running'], 2],
  ]);
  expect(ResultGrid.fromDirectory(dir).summary().wall_s).toBeGreaterThan(0);
});

describe('what is no experiment is named', () => {
  const refusal = (dir: string) => {
    try {
      ResultGrid.fromDirectory(dir);
    } catch (error) {
      return (error as Error).message.replaceAll(storagePath, '<storage>');
    }
    return expect.unreachable();
  };
  const said = (got: string, hint = 'Give the experiment directory: the one that holds journal.jsonl.') =>
    `ResultGrid.fromDirectory: expected an experiment directory, got ${got}. Hint: ${hint} [EXPERIMENT_NOT_FOUND]`;

  test('a path where nothing is', () => {
    expect(refusal(join(storagePath, 'mnits'))).toBe(said('"<storage>/mnits", which does not exist'));
  });

  test('an empty directory', () => {
    mkdirSync(join(storagePath, 'empty'));
    expect(refusal(join(storagePath, 'empty'))).toBe(said('"<storage>/empty", which is empty'));
  });

  test('a directory of something else', () => {
    mkdirSync(join(storagePath, 'other'));
    writeFileSync(join(storagePath, 'other', 'results.csv'), 'a,b\n');
    expect(refusal(join(storagePath, 'other'))).toBe(said('"<storage>/other", which holds no journal.jsonl'));
  });

  test('the storage: which experiments it holds', () => {
    expect(refusal(storagePath)).toBe(said('"<storage>", which holds 2 of them', 'Give one of "<storage>/mnist", "<storage>/running".'));
  });

  test('a trial, and a file: which experiment they are in', () => {
    const hint = 'Give the experiment that it is in: "<storage>/mnist".';
    expect(refusal(written.get(1).path)).toContain(hint);
    expect(refusal(join(written.get(1).path, 'result.json'))).toContain(`which is a file. Hint: ${hint}`);
    expect(refusal(join(written.experimentPath, 'journal.jsonl'))).toContain(`which is a file. Hint: ${hint}`);
  });

  test('no path at all', () => {
    expect(() => ResultGrid.fromDirectory(undefined as never)).toThrow('ResultGrid.fromDirectory: expected dir to be a string, got undefined.');
  });
});

describe('damaged files', () => {
  test('a journal cut within a line is read up to that line', () => {
    const dir = copyOf('cut');
    const journal = join(dir, 'journal.jsonl');
    const lines = readFileSync(journal, 'utf8').split('\n');
    const last = lines.findLastIndex((line) => line.includes('"kind":"reported","trial":3'));
    truncateSync(journal, Buffer.byteLength(lines.slice(0, last).join('\n')) + 30);
    const grid = ResultGrid.fromDirectory(dir);
    expect([...grid].map(({ status }) => status)).toEqual(['ERROR', 'TERMINATED', 'TERMINATED', 'RUNNING']);
    expect(grid.at(3)?.metricsDataFrame().numRows()).toBe(2);
    expect(grid.timeline().at(-1)).toMatchObject({ trial: 3, end: 'interrupted', to_step: 2 });
  });

  test('a journal that lacks lines in its middle: which line cannot follow', () => {
    const dir = copyOf('holed');
    const lines = readFileSync(join(dir, 'journal.jsonl'), 'utf8').split('\n');
    writeFileSync(join(dir, 'journal.jsonl'), lines.toSpliced(4, 5).join('\n'));
    expect(() => ResultGrid.fromDirectory(dir)).toThrow(
      expect.objectContaining({ code: 'JOURNAL_INVALID', message: expect.stringMatching(/journal\.jsonl: line 5 cannot follow on those before it/) }),
    );
  });

  test('a journal without a whole line', () => {
    const dir = copyOf('torn');
    truncateSync(join(dir, 'journal.jsonl'), 40);
    expect(() => ResultGrid.fromDirectory(dir)).toThrow(/expected an experiment that has begun, got ".*torn", whose journal has no whole line/);
  });

  test.each([
    ['torn at its end', (file: string) => truncateSync(file, readFileSync(file).length - 20)],
    ['with garbage in the middle', (file: string) => writeFileSync(file, readFileSync(file, 'utf8').replace('}\n{', '}\n\0\0{'))],
    ['with a line that is no object', (file: string) => writeFileSync(file, readFileSync(file, 'utf8').replace('}\n{', '}\n7\n{'))],
    ['gone', (file: string) => rmSync(file)],
  ])('a result.json %s: the journal has the rows', (_, spoil) => {
    const dir = copyOf('rows');
    const grid = ResultGrid.fromDirectory(dir);
    spoil(join(grid.get(1).path, 'result.json'));
    expect(grid.get(1).metricsDataFrame().objects()).toEqual(written.get(1).metricsDataFrame().objects());
  });

  test('a damaged result.json, and the journal gone: which line of which file', () => {
    const dir = copyOf('alone');
    const grid = ResultGrid.fromDirectory(dir);
    const file = join(grid.get(1).path, 'result.json');
    copyFileSync(file, `${file}.whole`);
    rmSync(join(dir, 'journal.jsonl'));
    writeFileSync(file, readFileSync(file, 'utf8').replace('}\n{', '}\n\0\0{'));
    expect(() => grid.get(1).metricsDataFrame()).toThrow(/History of trial \w+: expected line 2 of ".*result\.json" to be a JSON object, got "\\u0000/);
    expect(() => grid.timeline()).toThrow(expect.objectContaining({ code: 'RESULT_NOT_FOUND' }));
    copyFileSync(`${file}.whole`, file);
    expect(grid.get(1).metricsDataFrame().numRows()).toBe(3);
  });

  test('progress.csv is never read', () => {
    const dir = copyOf('csv');
    const grid = ResultGrid.fromDirectory(dir);
    for (const { path, metrics } of grid) if (metrics.training_iteration > 0) writeFileSync(join(path, 'progress.csv'), '"');
    expect(grid.getDataFrame().numRows()).toBe(4);
  });
});
