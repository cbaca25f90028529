import { appendFileSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Artifact } from '../../../src/results/reader/artifact.ts';
import { Reader } from '../../../src/results/reader/reader.ts';
import { temporaryDirectory } from '../../watch/story.ts';
import { writeLogs, writeRun } from './mlxp-logs.ts';

const directory = () => temporaryDirectory(onTestFinished);
const logs = () => writeLogs(directory());
const RUN = { num_units: 2, lr: 10, seed: 1 };

/** What users are told while something runs. */
async function toldBy(act: () => unknown): Promise<readonly string[]> {
  const told: string[] = [];
  const hear = (warning: Error): void => void (warning.name === 'AttuneWarning' && told.push(warning.message));
  const turn = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve)); // warnings come with the next one
  await turn();
  process.on('warning', hear);
  try {
    await act();
    await turn();
  } finally {
    process.off('warning', hear);
  }
  return told;
}

/** Changes in turn, so that a second look sees them whatever the clock says. */
const rewritten = (path: string, change: (text: string) => string): void => writeFileSync(path, change(readFileSync(path, 'utf8')));

describe('the page, on 18 runs in its own layout', () => {
  test('creating a database: number of runs, fields, searchable fields', async () => {
    const dir = logs();
    const reader = await Reader.open(dir);
    expect(reader.length).toBe(18);
    expect(readdirSync(dir)).toContain('database.json');
    const fields = reader.fields();
    expect([...fields.keys()]).toEqual([...fields.keys()].sort());
    expect(Object.fromEntries(fields)).toMatchObject({
      'artifact.pickle.': 'ARTIFACT',
      'config.data.d_int': 'int',
      'config.data.device': 'str',
      'config.optimizer.lr': 'int',
      'info.logger.log_id': 'int',
      'info.scheduler.scheduler_job_id': 'null',
      'info.version_manager.commit_hash': 'str',
      'test.epoch': 'METRIC',
      'train.loss': 'METRIC',
    });
    expect([...reader.searchable().keys()]).toEqual([...fields.keys()].filter((name) => /^(config|info)\./.test(name)));
    expect(
      inspect(fields)
        .split('\n')
        .slice(0, 4)
        .map((line) => line.trim().replace(/ +/g, ' ')),
    ).toEqual(['Type', 'Fields', 'artifact.pickle. ARTIFACT', 'config.data.d_int int']);
    expect(inspect(reader)).toBe(`Reader(18 runs; dir=${dir})`);
  });

  test('querying it, and what varies', async () => {
    const reader = await Reader.open(logs());
    const results = reader.filter("info.status == 'COMPLETE' & config.model.num_units <4 ");
    expect(results.length).toBe(12);
    expect(results.diff()).toEqual(['config.model.num_units', 'config.optimizer.lr', 'config.seed']);
    expect(new Set(reader.filter().columns())).toEqual(new Set(reader.fields().keys()));
    const table = results.toTable();
    expect(table.numRows()).toBe(12);
    expect(table.get('train.epoch', 3)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(results.toTable({ lazy: true }).get('train.epoch', 3)).toBe('METRIC');
    expect(inspect(results)).toMatch(/^ +artifact\.pickle\. .* \.\.\. .* train\.loss\n0 +ARTIFACT .*METRIC\n[\s\S]*\n\n\[12 rows x 28 columns\]$/);
  });

  test('metrics and artifacts are read when they are asked for; a pickle is listed, and never loaded', async () => {
    const dir = logs();
    const results = (await Reader.open(dir)).filter();
    rewritten(join(dir, '1/metrics/train.json'), (text) => `${text}{"loss": 7, "extra": NaN}\n{"loss": -Infinity, "note": "NaN"}\n`);
    expect(results.at(0)?.['train.loss'].slice(-2)).toEqual([7, -Infinity]);
    expect(results.col('train.loss')[17]).toHaveLength(10);
    expect(results.slice(2, 4).col('config.seed')).toEqual([3, 1]);
    const artifacts = results.at(0)?.['artifact.pickle.'] as Record<string, Artifact>;
    const { name, path, type } = artifacts['last_ckpt.pkl'] as Artifact;
    expect({ name, path, type }).toEqual({ name: 'last_ckpt.pkl', path: join(dir, '1/artifacts/pickle/last_ckpt.pkl'), type: 'pickle' });
    await expect(artifacts['last_ckpt.pkl']?.load()).rejects.toThrow(
      expect.objectContaining({ code: 'ARTIFACT_INVALID', message: expect.stringContaining(path) as string }),
    );
  });

  test('grouping and aggregating', async () => {
    const grouped = (await Reader.open(logs())).filter().groupBy(['config.optimizer.lr']);
    expect(grouped.keys()).toEqual([[1], [10]]);
    expect([...grouped].map(([, frame]) => frame.length)).toEqual([9, 9]);
    expect(inspect(grouped)).toMatch(/^ +artifact\.pickle\. .*train\.loss\nconfig\.optimizer\.lr +\.\.\.\n1 +0 +ARTIFACT .*\n +1 +ARTIFACT/);
    const means = grouped.aggregate([mean, ['train.loss', 'train.epoch']]);
    expect(means.get(1)?.columns()).toEqual(['fmean.train.loss', 'fmean.train.epoch']);
    expect(means.get([10])?.col('fmean.train.epoch')).toEqual([[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]);
    expect(inspect(means).split('\n')[0]).toMatch(/^ +fmean\.train\.loss +fmean\.train\.epoch$/);
    expect(means.toTable().columnNames()).toEqual(['config.optimizer.lr', 'fmean.train.loss', 'fmean.train.epoch']);
  });

  test('the best learning rate of each model, and its mean test loss', async () => {
    const grouped = (await Reader.open(logs())).filter().groupBy(['config.model.num_units', 'config.optimizer.lr']);
    const best = grouped.aggregate([mean, 'train.loss']).filter([argmin, 'fmean.train.loss'], { byGroups: ['config.model.num_units'] });
    const filtered = grouped.select(best.keys()).aggregate([mean, 'test.loss']);
    expect(filtered.keys()).toEqual([
      [2, 1],
      [3, 10],
      [4, 1],
    ]);
    expect(filtered.get([3, 10])?.at(0)?.['fmean.test.loss']).toHaveLength(10);
    expect(
      inspect(filtered)
        .split('\n')
        .slice(1)
        .map((line) => line.trim().split(/ +/).slice(0, 3)),
    ).toEqual([
      ['config.model.num_units', 'config.optimizer.lr'],
      ['2', '1', '0'],
      ['3', '10', '0'],
      ['4', '1', '0'],
    ]);
  });
});

/** The page's, without numpy. */
function mean(lists: readonly number[][]): number[] {
  return (lists[0] ?? []).map((_, k) => lists.reduce((sum, list) => sum + (list[k] ?? 0), 0) / lists.length);
}

function argmin(lists: readonly number[][]): boolean[] {
  const last = lists.map((list) => list.at(-1) ?? Number.NaN);
  return last.map((value) => value === Math.min(...last));
}

describe('the index', () => {
  test('a second reader reads it, and the runs that have changed', async () => {
    const dir = logs();
    expect((await Reader.open(dir)).reads).toEqual({ directories: 1 + 18 * 3, files: 18 * 4 });
    expect((await Reader.open(dir)).reads).toEqual({ directories: 1, files: 1 });
    appendFileSync(join(dir, '7/metrics/test.json'), '{"accuracy": 1}\n');
    writeRun(dir, 19, RUN);
    const third = await Reader.open(dir);
    expect(third.reads).toEqual({ directories: 1 + 2 * 3, files: 1 + 2 * 4 });
    expect([third.length, third.fields().get('test.accuracy')]).toEqual([19, 'METRIC']);
    rmSync(join(dir, '19'), { recursive: true });
    expect((await Reader.open(dir, { refresh: false })).length).toBe(19);
    expect((await Reader.open(dir)).length).toBe(18);
    expect((await Reader.open(dir, { refresh: true })).reads).toEqual({ directories: 1 + 18 * 3, files: 1 + 18 * 4 });
  });

  test('moves with its directory', async () => {
    const parent = directory();
    writeRun(join(parent, 'logs'), 1, RUN);
    await Reader.open(join(parent, 'logs'));
    renameSync(join(parent, 'logs'), join(parent, 'elsewhere'));
    const reader = await Reader.open(join(parent, 'elsewhere'));
    expect(reader.reads.files).toBe(1);
    expect(reader.filter().at(0)?.['train.loss']).toHaveLength(10);
  });

  test('lies in dstDir if told so, and is about one directory', async () => {
    const [dir, other, place] = [logs(), writeLogs(directory()), join(directory(), 'a/b')];
    const reader = await Reader.open(dir, { dstDir: place });
    expect([readdirSync(dir).includes('database.json'), reader.indexPath]).toEqual([false, join(place, 'database.json')]);
    expect((await Reader.open(dir, { dstDir: place })).reads.files).toBe(1);
    expect((await Reader.open(other, { dstDir: place })).reads.files).toBe(1 + 18 * 4);
    await expect(Reader.open(dir, { dstDir: join(dir, '1/metadata/info.yaml/x') })).rejects.toThrow(expect.objectContaining({ code: 'STORAGE_UNWRITABLE' }));
  });

  test('of two readers at once each sees all, and the file is whole', async () => {
    const dir = logs();
    const readers = await Promise.all(Array.from({ length: 8 }, () => Reader.open(dir)));
    expect(readers.map(({ length }) => length)).toEqual(Array(8).fill(18));
    expect(readdirSync(dir).filter((name) => name.startsWith('database'))).toEqual(['database.json']);
    expect((await Reader.open(dir)).reads).toEqual({ directories: 1, files: 1 });
  });

  test('that was torn is made anew; of another program it stays as it is', async () => {
    const dir = logs();
    await Reader.open(dir);
    const path = join(dir, 'database.json');
    rewritten(path, (text) => text.slice(0, -100));
    expect((await Reader.open(dir)).reads.files).toBe(1 + 18 * 4);
    expect((await Reader.open(dir)).reads.files).toBe(1);
    writeFileSync(path, '{"runs": {"1": {}}, "fields": {}}');
    let reader: Reader | undefined;
    const told = await toldBy(async () => (reader = await Reader.open(dir)));
    expect([reader?.length, reader?.indexPath, readFileSync(path, 'utf8')]).toEqual([18, undefined, '{"runs": {"1": {}}, "fields": {}}']);
    expect(told).toEqual([expect.stringContaining('kept in memory')]);
  });

  test('that cannot be written is kept in memory, and says so', async () => {
    const dir = logs();
    mkdirSync(join(dir, 'database.json')); // a directory is in the way
    let reader: Reader | undefined;
    const told = await toldBy(async () => (reader = await Reader.open(dir)));
    expect([reader?.length, reader?.indexPath]).toEqual([18, undefined]);
    expect(told).toEqual([expect.stringMatching(/kept in memory.*dstDir/)]);
    expect(readdirSync(dir).filter((name) => name.startsWith('database'))).toEqual(['database.json']);
  });
});

describe('runs that are not as they should be', () => {
  test('are skipped with the reason, and never thrown', async () => {
    const dir = logs();
    rmSync(join(dir, '2/metadata/config.yaml'));
    writeFileSync(join(dir, '3/metadata/info.yaml'), 'status: [RUNNING\nhost: ');
    writeFileSync(join(dir, '4/metadata/info.yaml'), '');
    rmSync(join(dir, '5/metadata/config.yaml'));
    writeFileSync(join(dir, '5/metadata/config_unresolved.yaml'), 'seed: 1');
    rmSync(join(dir, '6/metadata/config.yaml'));
    mkdirSync(join(dir, '6/metadata/config.yaml'));
    mkdirSync(join(dir, '100'));
    let reader: Reader | undefined;
    const told = await toldBy(async () => (reader = await Reader.open(dir)));
    expect(reader?.length).toBe(13);
    expect(reader?.skipped.map(({ path, reason }) => [path.slice(dir.length + 1), reason])).toEqual([
      ['2', 'it has no metadata/config.yaml'],
      ['3', expect.stringContaining('metadata/info.yaml is no YAML: ')],
      ['4', 'metadata/info.yaml holds nothing'],
      ['5', expect.stringContaining('it has not begun')],
      ['6', expect.stringContaining('EISDIR')],
      ['100', 'it has no metadata/config.yaml'],
    ]);
    expect(told).toEqual([expect.stringContaining('6 directories are skipped beside 13 runs')]);
    expect((await Reader.open(dir)).skipped).toHaveLength(6);
  });

  test('a log whose last line was cut off keeps the others; a bad one between them is told', async () => {
    const dir = directory();
    writeRun(dir, 1, RUN);
    writeFileSync(join(dir, '1/metrics/train.json'), '{"loss": 3}\n{"loss": \n{"loss": 2, "late": 1}\n{"loss": 1, "epo');
    const row = (await Reader.open(dir)).filter().at(0);
    expect(await toldBy(() => expect(row?.['train.loss']).toEqual([3, 2]))).toEqual([expect.stringContaining('line 2 of')]);
    expect(row?.['train.late']).toEqual([1]);
  });

  test('come in order of their numbers; what is written is read as Python reads it', async () => {
    const dir = directory();
    for (const id of [11, 2, 1, 10]) writeRun(dir, id, RUN);
    writeFileSync(
      join(dir, '2/metadata/config.yaml'),
      'y: y\nlr: 1e-3\nsmall: 1.0e-05\nday: 2023-01-01\ntuple: !!python/tuple\n- 1\n- 2\nnone: ~\nyes: yes\nnan: .nan\n',
    );
    const frame = (await Reader.open(dir)).filter();
    expect(frame.col('info.logger.log_id')).toEqual([1, 2, 10, 11]);
    const { 'config.y': y, 'config.lr': lr, 'config.small': small, 'config.day': day, 'config.tuple': tuple, 'config.nan': nan } = frame.at(1) ?? {};
    expect([y, lr, small, day, tuple, nan]).toEqual(['y', '1e-3', 1e-5, '2023-01-01', [1, 2], Number.NaN]);
    expect((await Reader.open(dir)).filter('config.true == true').length).toBe(1); // `yes` is a key of Python's True
  });

  test('one whose process is gone is INTERRUPTED; of another host nobody knows', async () => {
    const dir = directory();
    writeRun(dir, 1, RUN, { status: 'RUNNING', pid: 2 ** 22 + 1, host: hostname() });
    writeRun(dir, 2, RUN, { status: 'RUNNING', pid: process.pid, host: hostname() });
    writeRun(dir, 3, RUN, { status: 'RUNNING', pid: 2 ** 22 + 1 });
    expect((await Reader.open(dir)).filter().col('info.status')).toEqual(['INTERRUPTED', 'RUNNING', 'RUNNING']);
  });

  test('artifacts in folders have both spellings; what is half saved is none', async () => {
    const dir = directory();
    writeRun(dir, 1, RUN);
    mkdirSync(join(dir, '1/artifacts/text/a/b'), { recursive: true });
    writeFileSync(join(dir, '1/artifacts/text/a/b/note'), 'hello');
    writeFileSync(join(dir, '1/artifacts/text/other_tmp'), '');
    const frame = (await Reader.open(dir)).filter();
    expect(frame.columns().filter((name) => name.startsWith('artifact.'))).toEqual(['artifact.pickle.', 'artifact.text.a.b']);
    expect(await frame.at(0)?.['artifact.text.a.b'].note.load()).toBe('hello');
    expect(frame.at(0)?.['artifact.text..a.b']).toEqual(frame.col('artifact.text..a.b')[0]);
  });

  test('metrics that are gone since are an error that says where', async () => {
    const dir = directory();
    writeRun(dir, 1, RUN);
    const frame = (await Reader.open(dir)).filter();
    rmSync(join(dir, '1/metrics/train.json'));
    expect(() => frame.col('train.loss')).toThrow(
      expect.objectContaining({ code: 'RESULT_NOT_FOUND', message: expect.stringContaining('train.json') as string }),
    );
    expect(frame.at(0)?.['test.loss']).toHaveLength(10);
  });

  test('a type of artifacts may have a dot in its name', async () => {
    const dir = directory();
    writeRun(dir, 1, RUN);
    mkdirSync(join(dir, '1/artifacts/my.type'), { recursive: true });
    writeFileSync(join(dir, '1/artifacts/my.type/note'), 'hello');
    const { type, path } = (await Reader.open(dir)).filter().at(0)?.['artifact.my.type.'].note as Artifact;
    expect([type, path]).toEqual(['my.type', join(dir, '1/artifacts/my.type/note')]);
  });
});

describe('bad calls', () => {
  test.each<readonly [string, () => unknown, string]>([
    ['a directory that is not there', () => Reader.open('/nowhere/at/all'), 'EXPERIMENT_NOT_FOUND'],
    ['an empty directory', () => Reader.open(directory()), 'EXPERIMENT_NOT_FOUND'],
    ['one run of many', () => Reader.open(join(logs(), '1')), 'EXPERIMENT_NOT_FOUND'],
    ['an empty name', () => Reader.open(''), 'EXPERIMENT_NOT_FOUND'],
    ['no directory', () => Reader.open(undefined as never), 'OPTION_RANGE'],
    ['an option that nobody reads', () => Reader.open(logs(), { refesh: true } as never), 'OPTION_UNKNOWN'],
    ['refresh: 1', () => Reader.open(logs(), { refresh: 1 } as never), 'OPTION_RANGE'],
    ['a parser that does not parse', () => Reader.open(logs(), { parser: {} as never }), 'OPTION_RANGE'],
    ['a query that is none', async () => (await Reader.open(logs())).filter(5 as never), 'OPTION_RANGE'],
    ['unbalanced parentheses', async () => (await Reader.open(logs())).filter('(config.seed == 1'), 'QUERY_INVALID'],
    ['a metric in a query', async () => (await Reader.open(logs())).filter('train.loss < 1'), 'QUERY_INVALID'],
  ])('%s', async (_, call, code) => {
    await expect((async () => call())()).rejects.toThrow(expect.objectContaining({ code }));
  });

  test('an unknown field and a wrong type are told, with the column', async () => {
    const reader = await Reader.open(logs());
    const told = await toldBy(() => {
      expect(reader.filter('config.seed == 1 & config.model.num_unit < 4').length).toBe(0);
      expect(reader.filter('config.data.device < 4').length).toBe(0);
    });
    expect(told).toEqual([
      expect.stringMatching(/column 20 of the query: no run has "config\.model\.num_unit".*Did you mean "config\.model\.num_units"\?/),
      expect.stringMatching(/no run has a value of "config\.data\.device" that can be compared with 4/),
    ]);
  });
});

test('a language of one’s own', async () => {
  const parser = { parse: (query: string) => (values: Readonly<Record<string, unknown>>) => values['config.seed'] === Number(query) };
  expect((await Reader.open(logs(), { parser })).filter('3').length).toBe(6);
});
