import { appendFileSync, mkdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { GroupedFrame } from '../../../src/results/reader/frame.ts';
import { Reader } from '../../../src/results/reader/reader.ts';
import { gridSearch } from '../../../src/space/domains.ts';
import { lockExperiment } from '../../../src/store/lock.ts';
import type { TrialContext } from '../../../src/trainable/trial-context.ts';
import { trialId } from '../../../src/trial/ids.ts';
import { Tuner } from '../../../src/tuner/tuner.ts';
import { reported, Story, temporaryDirectory } from '../../watch/story.ts';
import { EPOCHS, lossOf } from './mlxp-logs.ts';

const directory = () => temporaryDirectory(onTestFinished);
const paramSpace = { model: { num_units: gridSearch([2, 3, 4]) }, optimizer: { lr: gridSearch([10, 1]) }, seed: gridSearch([1, 2, 3]) };

interface Sweep {
  readonly model: { readonly num_units: number };
  readonly optimizer: { readonly lr: number };
  readonly seed: number;
}

async function train({ model: { num_units }, optimizer: { lr }, seed }: Sweep, trial: TrialContext): Promise<void> {
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const loss = lossOf({ num_units, lr, seed }, epoch);
    await trial.report({ train: { loss, epoch }, test: { loss: loss / 10, epoch } });
  }
}

/** The page's sweep as an experiment of ours. */
async function sweep(storagePath: string, name: string): Promise<string> {
  const runConfig = { storagePath, name, verbose: 0 as const, loggers: name === 'unlogged' ? [] : (['json'] as const) };
  return (await new Tuner(train, { paramSpace, tuneConfig: { metric: 'train/loss', mode: 'min' }, runConfig }).fit()).experimentPath;
}

const bestOf = (grouped: GroupedFrame) =>
  grouped.aggregate(['mean', 'train.loss'], ['last', 'train.loss']).filter((row) => row['fmean.train.loss'].length === EPOCHS);

describe('the page, on 18 runs of our own', () => {
  test('from the fields to the best learning rate of each model', async () => {
    const dir = await sweep(directory(), 'mnist');
    const reader = await Reader.open(dir);
    expect(reader.length).toBe(18);
    expect(Object.fromEntries(reader.fields())).toMatchObject({
      'config.model.num_units': 'int',
      'info.status': 'str',
      'train.loss': 'METRIC',
      training_iteration: 'METRIC',
    });
    const results = reader.filter("info.status == 'COMPLETE' & config.model.num_units < 4");
    expect([results.length, results.diff()]).toEqual([12, ['config.model.num_units', 'config.optimizer.lr', 'config.seed']]);
    const grouped = reader.filter().groupBy(['config.model.num_units', 'config.optimizer.lr']);
    expect(bestOf(grouped).size).toBe(6);
    const least = (means: readonly number[][]): boolean[] => means.map((list) => list.at(-1) === Math.min(...means.map((one) => one.at(-1) ?? 0)));
    const best = grouped.aggregate(['mean', 'train.loss']).filter([least, 'fmean.train.loss'], { byGroups: 'config.model.num_units' });
    const tested = grouped.select(best.keys()).aggregate(['mean', 'test.loss']);
    expect(tested.keys()).toEqual([
      [2, 1],
      [3, 10],
      [4, 1],
    ]);
    expect(tested.get([2, 1])?.col('fmean.test.loss')[0].at(-1)).toBeCloseTo((1 / (10 * 2) + 0.002) / 10, 12);
  });

  test('have MLXP’s columns, and no others of info than these', async () => {
    const reader = await Reader.open(await sweep(directory(), 'unlogged'));
    const row = reader.filter('info.log_id == 7').at(0);
    expect(Object.keys(row ?? {}).filter((name) => name.startsWith('info.'))).toEqual(
      [
        ...['cmd', 'current_file_path', 'end_date', 'end_time', 'executable', 'hostname', 'log_dir', 'log_id', 'process_id'],
        ...['start_date', 'start_time', 'status', 'trial_status', 'user'],
        ...(row?.['info.version_manager.commit_hash'] === undefined ? [] : ['version_manager.commit_hash']),
        'work_dir',
      ].map((name) => `info.${name}`),
    );
    expect([row?.['info.status'], row?.['info.trial_status'], row?.['info.process_id'], row?.['info.hostname']]).toEqual([
      'COMPLETE',
      'TERMINATED',
      process.pid,
      hostname(),
    ]);
    expect(row?.['info.start_date']).toMatch(/^\d\d\/\d\d\/\d{4}$/);
    expect(row?.['info.end_time']).toMatch(/^\d\d:\d\d:\d\d$/);
    expect(row?.['train.epoch']).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]); // from the journal: there is no log
    expect(row?.['training_iteration']).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test('many experiments, in folders of any depth, are read as one; only what has changed is read again', async () => {
    const dir = directory();
    await sweep(dir, 'first');
    await sweep(join(dir, 'team/deep'), 'second');
    const reader = await Reader.open(dir);
    expect(reader.length).toBe(36);
    expect(reader.filter().groupBy('info.experiment').aggregate(['count', 'config.seed']).toTable().objects()).toEqual([
      { 'info.experiment': 'first', 'fcount.config.seed': 18 },
      { 'info.experiment': 'team/deep/second', 'fcount.config.seed': 18 },
    ]);
    expect((await Reader.open(dir)).reads).toEqual({ directories: 3, files: 1 });
    appendFileSync(join(dir, 'first/journal.jsonl'), '{"kind":"que'); // a torn line, as of a process that was killed
    expect((await Reader.open(dir)).reads).toEqual({ directories: 3, files: 2 });
    appendFileSync(join(dir, 'first/journal.jsonl'), '\n{}\n'); // and now it is in the middle
    const damaged = await Reader.open(dir);
    expect([damaged.length, damaged.skipped.map(({ path, reason }) => [path, reason.includes('is not JSON')])]).toEqual([18, [[join(dir, 'first'), true]]]);
  });
});

/** An experiment on the disk, told event by event. */
async function written(tell: (story: Story) => Promise<void>): Promise<{ readonly dir: string; readonly story: Story }> {
  const story = new Story(join(directory(), 'told'));
  await tell(story);
  mkdirSync(story.path, { recursive: true });
  const lines = [
    { ...story.created, at: 1 },
    {
      kind: 'opened',
      pid: 7,
      host: 'far',
      samples: 9,
      slots: 1,
      at: 2,
      executable: '/bin/node',
      cmd: 'train.js a=1',
      user: 'me',
      workDir: '/home/me',
      file: '/home/me/train.js',
    },
    ...story.lines,
  ];
  writeFileSync(join(story.path, 'journal.jsonl'), `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
  return { dir: story.path, story };
}

describe('what a journal says', () => {
  test('who ran what, where, and from when to when', async () => {
    const { dir, story } = await written(async (told) => void (await told.runs({ lr: 0.1, net: { layers: [8, 4] } }, [{ score: 1 }, { score: 2 }])));
    expect((await Reader.open(dir)).filter().at(0)).toMatchObject({
      'config.lr': 0.1,
      'config.net.layers': [8, 4],
      'info.executable': '/bin/node',
      'info.cmd': 'train.js a=1',
      'info.user': 'me',
      'info.work_dir': '/home/me',
      'info.current_file_path': '/home/me/train.js',
      'info.hostname': 'here',
      'info.process_id': 42,
      'info.start_date': '25/08/2023',
      'info.start_time': '17:42:27',
      'info.end_time': '17:42:27',
      'info.log_dir': join(dir, story.trials[0]?.dir ?? ''),
      'info.log_id': 0,
    });
  });

  test('a trial that runs is RUNNING while somebody holds the lock, else INTERRUPTED; one that failed is FAILED', async () => {
    const { dir } = await written(async (told) => {
      await told.runs({}, [{ score: 1 }]);
      await told.starts({});
      await told.starts({});
      await told.happens({ kind: 'failed', trial: trialId(2), error: { name: 'Error', message: 'no' } });
      await told.starts({});
      await told.happens(reported(3, 1, { score: 1 }), { kind: 'paused', trial: trialId(3), by: 'asha', reason: 'rung' });
    });
    const statuses = async () => {
      const frame = (await Reader.open(dir)).filter();
      return [frame.col('info.status'), frame.col('info.trial_status')];
    };
    const own = ['TERMINATED', 'RUNNING', 'ERROR', 'PAUSED'];
    expect(await statuses()).toEqual([['COMPLETE', 'INTERRUPTED', 'FAILED', 'INTERRUPTED'], own]);
    const lock = lockExperiment(dir, { pid: process.pid, host: hostname() });
    expect(await statuses()).toEqual([['COMPLETE', 'RUNNING', 'FAILED', 'RUNNING'], own]);
    lock[Symbol.dispose]();
    expect(await statuses()).toEqual([['COMPLETE', 'INTERRUPTED', 'FAILED', 'INTERRUPTED'], own]);
  });

  test('metrics that come late, are NaN, or have the name of another column', async () => {
    const { dir } = await written(async (told) => {
      await told.runs({}, [{ score: 1 }, { score: null, late: { x: 1 } }, { score: 3, info: { status: 'mine' }, 'late.x': 2, late: { x: 9, y: [1, 2] } }]);
      await told.starts({});
    });
    const frame = (await Reader.open(dir)).filter();
    expect(frame.at(0)).toMatchObject({
      score: [1, Number.NaN, 3],
      'late.x': [1, 2],
      'late.y': [[1, 2]],
      'metrics.info.status': ['mine'],
      'info.status': 'COMPLETE',
    });
    expect(frame.col('score')[1]).toBeNull(); // it has not reported
  });

  test('an artifact is a file or a directory in artifacts/<type>/, loaded by its type', async () => {
    const { dir, story } = await written(async (told) => void (await told.runs({}, [{ score: 1 }])));
    const place = join(dir, story.trials[0]?.dir ?? '', 'artifacts');
    mkdirSync(join(place, 'tfjs/model'), { recursive: true });
    mkdirSync(join(place, 'json'));
    writeFileSync(join(place, 'json/confusion_tmp'), '{"$number":"NaN"}');
    mkdirSync(join(place, 'json/broken'));
    const row = (await Reader.open(dir)).filter().at(0);
    expect(Object.keys(row?.['artifact.tfjs.'])).toEqual(['model']);
    expect(await row?.['artifact.json.'].confusion_tmp.load()).toBeNaN();
    await expect(row?.['artifact.json.'].broken.load()).rejects.toThrow(
      expect.objectContaining({ code: 'ARTIFACT_INVALID', hint: expect.stringContaining('Look at the file') as string }),
    );
    await expect(row?.['artifact.tfjs.'].model.load()).rejects.toThrow(/import 'attune\/tfjs'/);
  });

  test('of many trials those are looked at again whose artifacts, or whose journal, have changed', async () => {
    const { dir, story } = await written(async (told) => {
      for (let lr = 0; lr < 5; lr++) await told.runs({ lr }, [{ score: lr }]);
    });
    const place = (trial: number): string => join(dir, story.trials[trial]?.dir ?? '', 'artifacts/json');
    for (let trial = 0; trial < 5; trial++) mkdirSync(place(trial), { recursive: true });
    writeFileSync(join(place(0), 'first'), '1');
    const read = async () => (await Reader.open(dir)).reads;
    expect(await read()).toEqual({ directories: 5 * 2, files: 1 });
    expect(await read()).toEqual({ directories: 0, files: 1 });
    writeFileSync(join(place(3), 'late'), '2');
    const reader = await Reader.open(dir);
    expect([
      reader.reads,
      reader
        .filter()
        .col('artifact.json.')
        .map((cell) => Object.keys(cell ?? {})),
    ]).toEqual([{ directories: 2, files: 1 }, [['first'], [], [], ['late'], []]]);
    appendFileSync(join(dir, 'journal.jsonl'), '{"kind":"que'); // torn
    expect(await read()).toEqual({ directories: 0, files: 2 });
    expect(await read()).toEqual({ directories: 0, files: 1 });
  });

  test('one that is none is skipped, and who reads is said', async () => {
    const { dir } = await written(async (told) => void (await told.runs({}, [{ score: 1 }])));
    writeFileSync(join(dir, 'journal.jsonl'), '');
    expect((await Reader.open(dir)).skipped).toEqual([
      { path: dir, reason: expect.stringMatching(/^Reader\.open: expected an experiment that has begun.*line$/) as string },
    ]);
  });

  test('a trial whose artifacts cannot be listed is there without them, and says so', async () => {
    const { dir, story } = await written(async (told) => {
      for (let lr = 0; lr < 2; lr++) await told.runs({ lr }, [{ score: lr }]);
    });
    const place = join(dir, story.trials[1]?.dir ?? '');
    symlinkSync('artifacts', join(place, 'artifacts')); // a link to itself
    for (let look = 0; look < 2; look++) {
      const reader = await Reader.open(dir);
      expect([reader.filter().col('score'), reader.skipped]).toEqual([
        [[0], [1]],
        [{ path: place, reason: expect.stringMatching(/^its artifacts cannot be listed: ELOOP/) }],
      ]);
    }
    unlinkSync(join(place, 'artifacts'));
    expect((await Reader.open(dir)).skipped).toEqual([]);
  });
});
