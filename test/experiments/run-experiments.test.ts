import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, expectTypeOf, test, vi } from 'vitest';
import { inline } from '../../src/execute/inline.ts';
import { threads } from '../../src/execute/threads.ts';
import { experimentConfigs } from '../../src/experiments/experiment-configs.ts';
import { progressBar } from '../../src/experiments/progress-bar.ts';
import { readJsonl } from '../../src/experiments/read-jsonl.ts';
import { runExperiments } from '../../src/experiments/run-experiments.ts';
import { ResultGrid } from '../../src/results/result-grid.ts';
import { definePhases, type RunKeys } from '../../src/trainable/phases.ts';
import { Tuner } from '../../src/tuner/tuner.ts';
import type { Snapshot } from '../../src/watch/snapshot.ts';
import { FaultyDisk } from '../store/faulty-disk.ts';
import { journalOf, temporaryStorage } from '../tuner/temporary-storage.ts';

const storage = temporaryStorage();
let count = 0;
const somewhere = (): string => join(storage, `run-${count++}`);
const linesOf = (path: string): readonly Record<string, unknown>[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const quiet = { verbose: false };

test('the page: pre, fit, post, and a line of results.jsonl for each configuration', async () => {
  const outPath = somewhere();
  const seen: unknown[] = [];
  const summary = await runExperiments(
    {
      outPath,
      pre: (cfg: { param_1: number } & RunKeys) => {
        seen.push(cfg);
        return [cfg.param_1, 10];
      },
      fit: (cfg, data) => data.reduce((sum, x) => sum + x, cfg.experiment_id),
      post: (_cfg, sum) => ({ accuracy: sum }),
      ...quiet,
    },
    [{ param_1: 1 }, { param_1: 2 }],
  );
  const path = (id: number): string => join(outPath, String(id));
  const scores = (accuracy: number): object => ({ accuracy, fit_time: expect.any(Number) });
  const lines = [
    { experiment_id: 0, out_path: path(0), param_1: 1, repetitions: 1, scores: scores(11) },
    { experiment_id: 1, out_path: path(1), param_1: 2, repetitions: 1, scores: scores(13) },
  ];
  expect(linesOf(join(outPath, 'results.jsonl'))).toEqual(lines);
  expect(readFileSync(join(outPath, 'results.jsonl'), 'utf8')).toMatch(
    /^\{"experiment_id":0,"out_path":".*","param_1":1,"repetitions":1,"scores":\{"accuracy":11,"fit_time"/,
  );
  expect(readFileSync(join(outPath, 'failures.jsonl'), 'utf8')).toBe('');
  expect(summary).toMatchObject({ outPath, results: lines, failures: [] });
  expect(seen).toEqual([0, 1].map((i) => ({ param_1: i + 1, experiment_id: i, run_id: 0, out_path: path(i), repetitions: 1 })));
  expect(JSON.parse(readFileSync(join(path(1), 'config.json'), 'utf8'))).toEqual(seen[1]);
  expect(readdirSync(path(1))).toEqual(['config.json']);
  expect([...summary.grid].map(({ config, status, metrics }) => [config, status, (metrics as { accuracy?: number }).accuracy])).toEqual([
    [{ param_1: 1, experiment_id: 0, repetitions: 1 }, 'TERMINATED', 11],
    [{ param_1: 2, experiment_id: 1, repetitions: 1 }, 'TERMINATED', 13],
  ]);
  expect(readJsonl(join(outPath, 'results.jsonl')).array('scores.accuracy')).toEqual([11, 13]);
});

test('several repetitions: raw lists with mean_ and std_, and $id/$rep/config.json; a configuration may say how many', async () => {
  const outPath = somewhere();
  const fit = ({ run_id }: { lr: number } & RunKeys): number => [0.9, 0.8, 0.85][run_id] ?? 0;
  const { results } = await runExperiments({ outPath, fit, post: (_cfg, accuracy) => ({ accuracy }), repetitions: 3, ...quiet }, [
    { lr: 1 },
    { lr: 2, repetitions: 1 },
  ]);
  expect(results[0]?.scores).toMatchObject({
    accuracy: [0.9, 0.8, 0.85],
    mean_accuracy: expect.closeTo(0.85, 12),
    std_accuracy: expect.closeTo(0.040824829, 9),
  });
  expect(results[1]).toMatchObject({ repetitions: 1, scores: { accuracy: 0.9 } });
  expect(readdirSync(join(outPath, '0')).sort()).toEqual(['0', '1', '2']);
  expect(JSON.parse(readFileSync(join(outPath, '0', '2', 'config.json'), 'utf8'))).toMatchObject({ run_id: 2, out_path: join(outPath, '0', '2') });
  expect(readdirSync(join(outPath, '1'))).toEqual(['config.json']);
});

test('one that fails has no line among the results, and one with its error and what was finished; the others go on', async () => {
  const outPath = somewhere();
  const fit = ({ bad, run_id }: { bad: boolean } & RunKeys): number => {
    if (bad && run_id === 2) throw new TypeError('no such layer');
    return run_id;
  };
  const summary = await runExperiments({ outPath, fit, post: (_cfg, x) => ({ x, deep: { y: x } }), repetitions: 3, ...quiet }, [{ bad: true }, { bad: false }]);
  expect(linesOf(join(outPath, 'results.jsonl'))).toMatchObject([{ experiment_id: 1 }]);
  const failure = {
    ...{ bad: true, experiment_id: 0, out_path: join(outPath, '0'), repetitions: 3 },
    error: { name: 'TypeError', message: 'no such layer', stack: expect.stringContaining('run-experiments.test') },
    finished: [
      { x: 0, deep: { y: 0 }, fit_time: expect.any(Number) },
      { x: 1, deep: { y: 1 }, fit_time: expect.any(Number) },
    ],
  };
  expect(linesOf(join(outPath, 'failures.jsonl'))).toEqual([failure]);
  expect(summary.failures).toEqual([failure]);
  expect(summary.grid.errors).toHaveLength(1);
  expect([...summary.grid].map(({ status }) => status)).toEqual(['ERROR', 'TERMINATED']);
  expect(readFileSync(join(outPath, '0', 'error.txt'), 'utf8')).toContain('no such layer');
});

test('NaN is null in the lines, and infinities are what every JSON reader takes for such', async () => {
  const outPath = somewhere();
  const { results } = await runExperiments({ outPath, fit: () => 1, post: () => ({ a: Number.NaN, b: Number.NEGATIVE_INFINITY }), ...quiet }, [{}]);
  expect(results[0]?.scores).toMatchObject({ a: Number.NaN, b: Number.NEGATIVE_INFINITY });
  expect(readFileSync(join(outPath, 'results.jsonl'), 'utf8')).toContain('"a":null,"b":-1e999');
});

test('scores may say that they are done', async () => {
  const outPath = somewhere();
  await runExperiments({ outPath, fit: () => 1, post: () => ({ done: true, accuracy: 1 }), ...quiet }, [{ n: 1 }, { n: 2, repetitions: 2 }]);
  expect(linesOf(join(outPath, 'results.jsonl'))).toMatchObject([
    { n: 1, scores: { done: true, accuracy: 1 } },
    { n: 2, scores: { accuracy: [1, 1] } },
  ]);
});

describe('configurations', () => {
  const run = (cfgs: unknown): Promise<unknown> => runExperiments({ outPath: join(storage, 'never'), fit: () => 1, ...quiet }, cfgs as never);

  test('typed arrays in them become lists', () => {
    expect(experimentConfigs([{ weights: new Float32Array([1, 0.5]), deep: [new Uint8Array([3])], left: undefined }], 2)).toEqual([
      { experiment_id: 0, repetitions: 2, weights: [1, 0.5], deep: [[3]] },
    ]);
  });

  class Tensor {
    readonly dtype = 'float32';
    dataSync(): void {}
  }
  test.each<readonly [unknown, RegExp]>([
    [[{ a: 1 }, { experiment_id: 3 }], /cfgs\[1\]: expected a configuration without the reserved key "experiment_id"/],
    [[{ run_id: 0 }], /reserved key "run_id"/],
    [[{ out_path: 'x' }], /reserved key "out_path"/],
    [[{ scores: 1 }], /reserved key "scores"/],
    [[{ model: { weights: new Tensor() } }], /cfgs\[0\]\.model\.weights: expected JSON, got a tf\.Tensor.*Array\.from/],
    [[{ act: Math.tanh }], /cfgs\[0\]\.act: expected JSON, got the function tanh.*look it up in pre/],
    [[{ day: new Date(0) }], /cfgs\[0\]\.day: expected JSON, got a Date/],
    [[{ lrs: [0.1, Number.NaN] }], /cfgs\[0\]\.lrs\[1\]: expected a finite number, got NaN/],
    [[{ repetitions: 0 }], /cfgs\[0\]: expected repetitions to be an integer >= 1, got 0/],
    [[{ lr: { grid_search: [1, 2] } }], /cfgs\[0\]\.lr\.grid_search: expected another name/],
    [[3], /cfgs\[0\]: expected an object, got 3/],
    // biome-ignore lint/suspicious/noSparseArray: a list with a hole is what is refused
    [[{ a: 1 }, , { a: 2 }], /cfgs\[1\]: expected JSON, got undefined/],
    [[], /expected a list of at least one configuration, got an empty one/],
    [{ a: 1 }, /expected a list of at least one configuration, got an object with the keys a/],
  ])('%# refuses what no JSON file can hold, and names that are taken', async (cfgs, message) => {
    await expect(run(cfgs)).rejects.toThrow(message);
    expect(existsSync(join(storage, 'never'))).toBe(false);
  });

  test('lists of different shape run together, and nothing that is changed later reaches them', async () => {
    const cfgs = [{ a: 1 }, { b: { c: [1, 'x'] } }, { a: 1 }];
    const running = runExperiments(
      { outPath: somewhere(), fit: (cfg: object) => Object.keys(cfg).length, post: (_cfg, n) => ({ n }), ...quiet },
      cfgs as object[],
    );
    (cfgs[0] as { a: number }).a = 9;
    const { results } = await running;
    expect(results.map(({ a, b }) => ({ a, b }))).toEqual([{ a: 1 }, { b: { c: [1, 'x'] } }, { a: 1 }]);
  });
});

describe('the base', () => {
  const run = (base: object): Promise<unknown> => runExperiments({ outPath: join(storage, 'never'), fit: () => 1, ...base } as never, [{}]);

  test.each<readonly [object, RegExp]>([
    [{ backend: 'ray' }, /expected backend to be 'single', 'threads', 'processes' or an executor, got "ray".*OPTION_RANGE/],
    [{ backend: {} }, /expected backend to be/],
    [{ backend: 'threads' }, /expected functions of definePhases for the backend 'threads', got closures.*TRAINABLE_UNREACHABLE/],
    [{ backend: 'processes' }, /TRAINABLE_UNREACHABLE/],
    [{ timeoutS: 1 }, /expected timeoutS to be 0 for what runs on this thread.*OPTION_RANGE/],
    [{ timeoutS: 1, backend: inline() }, /expected timeoutS to be 0/],
    [{ backend: threads() }, /expected functions of definePhases for the backend 'threads', got closures.*TRAINABLE_UNREACHABLE/],
    [{ maxMemoryMb: 100 }, /expected maxMemoryMb to be left out/],
    [{ maxMemoryMb: 100, backend: threads() }, /given to the executor/],
    [{ timeoutS: -1 }, /expected timeoutS to be seconds from 0/],
    [{ numCpus: 0 }, /expected numCpus to be a number of cores/],
    [{ numGpus: Number.NaN }, /expected numGpus/],
    [{ repetitions: 2.5 }, /expected repetitions to be an integer >= 1, got 2.5/],
    [{ shuffle: 'yes' }, /expected shuffle to be true, false or a safe integer/],
    [{ verbose: 1 }, /expected verbose to be true or false, got 1/],
    [{ onExisting: 'force' }, /expected onExisting to be one of 'error', 'resume', 'overwrite', 'new', got "force"/],
    [{ outPath: '' }, /expected outPath to be a path/],
    [{ outPath: join(storage, '01-02-2026-10:30:00') }, /has the character ":".*A date without colons/],
    [{ out_path: 'results' }, /got "out_path".*Did you mean "outPath"/],
    [{ fit: undefined }, /expected a function `fit`, got none.*TRAINABLE_INVALID/],
    [{ post: 3 }, /expected post to be a function, got 3/],
  ])('%# says what is wrong before anything is touched', async (base, message) => {
    await expect(run(base)).rejects.toThrow(message);
    expect(existsSync(join(storage, 'never'))).toBe(false);
  });

  test('closures run inline, several at a time when the executor says so', async () => {
    let [running, most] = [0, 0];
    const fit = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    };
    await runExperiments({ outPath: somewhere(), fit, backend: inline({ workers: 3 }), ...quiet }, [{}, {}, {}]);
    expect(most).toBe(3);
  });

  test('shuffle changes the order in which they run, not their numbers: the same one for the same number', async () => {
    const order = async (shuffle: boolean | number): Promise<readonly unknown[]> => {
      const cfgs = Array.from({ length: 20 }, (_, n) => ({ n }));
      const { results } = await runExperiments({ outPath: somewhere(), fit: () => 1, shuffle, ...quiet }, cfgs);
      for (const { n, experiment_id } of results) expect(experiment_id).toBe(n);
      return results.map(({ n }) => n);
    };
    const numbers = Array.from({ length: 20 }, (_, n) => n);
    expect(await order(false)).toEqual(numbers);
    expect(await order(true)).toEqual(await order(0));
    expect(await order(1)).not.toEqual(await order(2));
    expect([...(await order(3))].sort((a, b) => Number(a) - Number(b))).toEqual(numbers);
  });

  test('the progress is shown, unless verbose is false', async () => {
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      const fit = ({ bad }: { bad?: boolean }): void => {
        if (bad) throw new Error('no');
      };
      await runExperiments({ outPath: somewhere(), fit, ...quiet }, [{}, { bad: true }]);
      expect(written).not.toHaveBeenCalled();
      await runExperiments({ outPath: somewhere(), fit }, [{}, { bad: true }]);
      expect(written.mock.calls.join('')).toMatch(/experiments █{40} 2\/2, 1 failed, 0:00/);
    } finally {
      written.mockRestore();
    }
  });
});

test('what was interrupted says how to go on with it, and goes on', async () => {
  const outPath = somewhere();
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const run = async (interrupts: boolean) => {
    const fit = ({ n }: { n: number }): void => {
      if (interrupts && n === 1) process.emit('SIGINT');
    };
    return runExperiments({ outPath, fit, onExisting: 'resume' }, [{ n: 0 }, { n: 1 }, { n: 2 }]);
  };
  try {
    const summary = await run(true);
    expect(summary.grid.interrupted).toBe('SIGINT');
    expect(summary.results.length).toBeLessThan(3);
    expect(written.mock.calls.join('')).toMatch(/\nTo go on with it, run the script again with onExisting: 'resume'\.\n/);
    expect((await run(false)).results.map(({ n }) => n)).toEqual([0, 1, 2]);
  } finally {
    written.mockRestore();
    process.exitCode = undefined; // that of the tests
  }
});

test('the bar keeps to the room that there is', () => {
  const at = (done: number, columns: number, elapsedS = 75): string => {
    const counts = { PENDING: 0, RUNNING: 2, PAUSED: 0, TERMINATED: done - 1, ERROR: 1 };
    return progressBar({ done, expected: 8, counts, elapsedS } as unknown as Snapshot, { columns, rows: 9, color: false });
  };
  expect(at(4, 200)).toBe('experiments ████████████████████░░░░░░░░░░░░░░░░░░░░ 4/8, 2 running, 1 failed, 1:15');
  expect(at(8, 56, 3700)).toBe('experiments ██████████ 8/8, 2 running, 1 failed, 1:01:40');
  expect(at(4, 20)).toBe('4/8, 2 running, 1 failed, 1:15');
});

test('a disk that takes no line for a while delays it, with one warning', async () => {
  const outPath = somewhere();
  const warned = vi.spyOn(process, 'emitWarning').mockReturnValue();
  using disk = new FaultyDisk(outPath);
  let writes = 0;
  disk.fails = ({ what, path }) => (what === 'write' && path.endsWith('results.jsonl') && ++writes < 3 ? 'ENOSPC' : undefined);
  const { results } = await runExperiments({ outPath, fit: () => 1, ...quiet }, [{ n: 0 }, { n: 1 }]);
  const messages = warned.mock.calls.map(([message]) => message);
  warned.mockRestore();
  expect(messages).toEqual([expect.stringMatching(/^runExperiments: expected to write ".*results\.jsonl", got .*ENOSPC/)]);
  expect(linesOf(join(outPath, 'results.jsonl'))).toEqual(results);
  expect(results.map(({ n }) => n)).toEqual([0, 1]);
});

describe('a folder that holds something', () => {
  const ran: unknown[] = [];
  const base = (outPath: string, onExisting?: 'error' | 'resume' | 'overwrite' | 'new') => ({
    ...{ outPath, ...(onExisting ? { onExisting } : {}), ...quiet },
    fit: ({ n }: { n: number }) => {
      ran.push(n);
      if (n === 2) throw new Error('two');
      return n;
    },
    post: (_cfg: object, n: number) => ({ n }),
  });
  const cfgs = [{ n: 1 }, { n: 2 }, { n: 3 }];

  test('is refused, in words of this function; an empty one is taken', async () => {
    const outPath = somewhere();
    mkdirSync(outPath);
    await runExperiments(base(outPath), cfgs);
    await expect(runExperiments(base(outPath), cfgs)).rejects.toThrow(
      /^runExperiments: expected an outPath that is not taken, got ".*", which holds an experiment that has ended \(3 trials\)\. Hint: Write onExisting: 'new'.*'resume'.*EXPERIMENT_EXISTS/,
    );
  });

  test("'resume' runs what has not ended, writes lost lines anew, and gives all", async () => {
    const outPath = somewhere();
    await runExperiments(base(outPath), cfgs);
    const files = ['results.jsonl', 'failures.jsonl'].map((name) => join(outPath, name));
    const texts = files.map((file) => readFileSync(file, 'utf8'));
    ran.length = 0;
    for (const file of files) writeFileSync(file, texts[0]?.slice(0, 20) ?? ''); // as a process leaves them that was killed
    const summary = await runExperiments(base(outPath, 'resume'), cfgs);
    expect(ran).toEqual([]);
    expect(files.map((file) => readFileSync(file, 'utf8'))).toEqual(texts);
    expect(summary).toMatchObject({ results: [{ n: 1 }, { n: 3 }], failures: [{ n: 2 }] });
    expect(await runExperiments(base(somewhere(), 'resume'), cfgs)).toMatchObject({ failures: [{ n: 2 }] }); // there is nothing yet
  });

  test("'resume' goes on where a journal was cut, with the lines in the order in which experiments ended", async () => {
    const outPath = somewhere();
    await runExperiments(base(outPath), cfgs);
    const journal = join(outPath, 'journal.jsonl');
    const text = readFileSync(journal, 'utf8');
    const second = text.indexOf('{"kind":"failed"');
    writeFileSync(journal, text.slice(0, text.indexOf('\n', second) + 1));
    ran.length = 0;
    await runExperiments(base(outPath, 'resume'), cfgs);
    expect(ran).toEqual([3]);
    expect(linesOf(join(outPath, 'results.jsonl')).map(({ n }) => n)).toEqual([1, 3]);
    expect(linesOf(join(outPath, 'failures.jsonl')).map(({ n }) => n)).toEqual([2]);
  });

  test("'resume' refuses another list, naming what differs", async () => {
    const outPath = somewhere();
    await runExperiments(base(outPath), cfgs);
    const other = [{ n: 1 }, { n: 2 }, { n: 4 }];
    await expect(runExperiments(base(outPath, 'resume'), other)).rejects.toThrow(
      /^runExperiments: expected the options of the experiment, got others: cfgs.*RESTORE_MISMATCH/,
    );
  });

  test("'overwrite' deletes an earlier run, and nothing else", async () => {
    const outPath = somewhere();
    await runExperiments(base(outPath), cfgs);
    await runExperiments(base(outPath, 'overwrite'), [{ n: 7 }]);
    expect(readdirSync(outPath).sort()).toEqual(['0', 'experiment.json', 'failures.jsonl', 'journal.jsonl', 'results.jsonl']);
    expect(linesOf(join(outPath, 'results.jsonl'))).toMatchObject([{ n: 7 }]);
    const own = somewhere();
    mkdirSync(own);
    writeFileSync(join(own, 'thesis.tex'), 'years');
    await expect(runExperiments(base(own, 'overwrite'), cfgs)).rejects.toThrow(/holds files of something else.*Nothing was deleted.*EXPERIMENT_EXISTS/);
    expect(readdirSync(own)).toEqual(['thesis.tex']);
  });

  test("'new' writes beside it", async () => {
    const outPath = somewhere();
    await runExperiments(base(outPath), cfgs);
    expect((await runExperiments(base(outPath, 'new'), cfgs)).outPath).toBe(`${outPath}-2`);
    const empty = somewhere();
    mkdirSync(empty);
    expect((await runExperiments(base(empty, 'new'), cfgs)).outPath).toBe(empty);
  });

  test('a file is none, in words of this function', async () => {
    const file = somewhere();
    writeFileSync(file, 'mine');
    for (const onExisting of ['error', 'resume', 'overwrite'] as const)
      await expect(runExperiments(base(file, onExisting), cfgs)).rejects.toMatchObject({ code: 'EXPERIMENT_EXISTS' });
    expect(readFileSync(file, 'utf8')).toBe('mine');
    await expect(runExperiments(base(join(file, 'below')), cfgs)).rejects.toThrow(
      /^runExperiments: expected a directory that can be written, got ".*"\. Hint: Give an outPath.*STORAGE_UNWRITABLE/,
    );
  });
});

test('it is an experiment like any other: a journal, which results are read from', async () => {
  const outPath = somewhere();
  await runExperiments({ outPath, fit: ({ lr }: { lr: number }) => lr, post: (_cfg, loss) => ({ loss }), ...quiet }, [{ lr: 3 }, { lr: 1 }]);
  expect(journalOf(outPath).filter(({ kind }) => kind === 'completed')).toHaveLength(2);
  const grid = await (await Tuner.restore(outPath, () => {})).getResults();
  expect(grid).toBeInstanceOf(ResultGrid);
  expect(grid.getDataFrame().array('config/lr')).toEqual([3, 1]);
  expect(grid.at(1)?.metricsDataFrame().array('loss')).toEqual([1]);
});

test('the same phases run under a Tuner, where repetitions aggregate too', async () => {
  const phases = definePhases(
    '/lib/under-a-tuner.mjs',
    { fit: ({ lr, run_id }: { lr: number } & RunKeys) => lr * (run_id + 1), post: (_cfg, loss) => ({ loss }) },
    { repetitions: 2 },
  );
  const options = {
    paramSpace: { lr: 3 },
    tuneConfig: { metric: 'mean_loss', mode: 'min' },
    runConfig: { storagePath: storage, executor: inline(), verbose: 0 },
  } as const;
  const grid = await new Tuner(phases, options).fit();
  expect(grid.getBestResult().metrics).toMatchObject({ loss: [3, 6], mean_loss: 4.5, std_loss: 1.5, training_iteration: 2 });
});

test('the repetitions of definePhases hold for a list, unless its base or a configuration says otherwise', async () => {
  const { fit, post } = definePhases(
    '/lib/with-repetitions.mjs',
    { fit: ({ run_id }: { n?: number } & RunKeys) => run_id, post: (_cfg, x) => ({ x }) },
    { repetitions: 3 },
  );
  const run = async (base: object, cfg: object): Promise<unknown> =>
    (await runExperiments({ fit, post, outPath: somewhere(), backend: inline(), ...base, ...quiet }, [cfg])).results[0]?.scores['x'];
  expect(await run({}, {})).toEqual([0, 1, 2]);
  expect(await run({ repetitions: 2 }, {})).toEqual([0, 1]);
  expect(await run({}, { repetitions: 1 })).toBe(0);
});

test('what is written fits its types', () => {
  const phases = definePhases('/lib/typed.mjs', { pre: () => [1], fit: (cfg: { lr: number }, data) => data.length * cfg.lr, post: (_cfg, n) => ({ n }) });
  const typed = () => {
    void runExperiments({ ...phases, outPath: 'x' }, [{ lr: 1, repetitions: 3 }]);
    // @ts-expect-error -- lr is a number
    void runExperiments({ ...phases, outPath: 'x' }, [{ lr: 'a' }]);
    void runExperiments({ outPath: 'x', fit: (cfg) => cfg.lr + cfg.run_id }, [{ lr: 1 }]);
    // @ts-expect-error -- there is no such backend
    void runExperiments({ outPath: 'x', fit: () => 1, backend: 'ray' }, [{}]);
  };
  expectTypeOf(typed).returns.toBeVoid();
});
