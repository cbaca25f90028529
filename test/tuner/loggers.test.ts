import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Callback, JournalLine, Logger, RunConfig, TrialContext } from '../../src/index.ts';
import { inline, resultLogs, Tuner, uniform } from '../../src/index.ts';
import { readEvents } from '../watch/tensorboard/read-events.ts';
import { journalOf, rowsOf, temporaryStorage } from './temporary-storage.ts';

const storagePath = temporaryStorage();

/** Reports so many times; `at` is called before each report. */
const counting = (steps: number, at: (trial: TrialContext) => void = () => {}) =>
  async function count(_: object, trial: TrialContext): Promise<void> {
    while (trial.iteration < steps) {
      at(trial);
      const step = trial.iteration + 1;
      const save = (dir: string): void => writeFileSync(join(dir, 'state'), String(step));
      await trial.report({ loss: (step * 7) % 5 }, step % 2 === 0 ? { checkpoint: save } : {});
    }
  };

const runConfig = (more: Partial<RunConfig> = {}): RunConfig => ({ storagePath, verbose: 0, executor: inline({ workers: 2 }), ...more });
const tune = (train: ReturnType<typeof counting>, more: Partial<RunConfig> = {}, numSamples = 1) =>
  new Tuner(train as never, {
    paramSpace: { x: uniform(0, 1) },
    tuneConfig: { metric: 'loss', mode: 'min', seed: 7, numSamples },
    runConfig: runConfig(more),
  });
const restore = async (path: string, train: ReturnType<typeof counting>, more: Partial<RunConfig> = {}) =>
  (await Tuner.restore(path, train as never, { runConfig: runConfig(more) } as never)).fit();

const filesOf = (trial: string): readonly string[] =>
  readdirSync(trial)
    .filter((name) => !name.startsWith('checkpoint_'))
    .sort();
const EVENTS = expect.stringMatching(/^events\.out\.tfevents\.\d+\.attune$/);

/** What Node warns of until the test has ended. */
function warnings(): readonly string[] {
  const seen: string[] = [];
  const spy = vi.spyOn(process, 'emitWarning').mockImplementation((warning) => void seen.push(String(warning)));
  onTestFinished(() => spy.mockRestore());
  return seen;
}

describe('runConfig.loggers', () => {
  test.each<[readonly Logger[] | undefined, readonly unknown[]]>([
    [undefined, [EVENTS, 'params.json', 'progress.csv', 'result.json']],
    [['json'], ['params.json', 'result.json']],
    [['csv', 'csv'], ['progress.csv']],
    [['tensorboard'], [EVENTS]],
    [
      ['tensorboard', resultLogs({ formats: ['csv'] })],
      [EVENTS, 'progress.csv'],
    ],
  ])('%s', async (loggers, files) => {
    const grid = await tune(counting(3), loggers ? { loggers } : {}).fit();
    expect(filesOf(grid.get(0).path)).toEqual(files);
    expect(grid.getBestResult({ scope: 'all' } as never).metrics.training_iteration).toBe(3);
    expect(grid.get(0).metricsDataFrame().array('loss')).toEqual([2, 4, 1]);
  });

  test('none of them: results come from the journal', async () => {
    const grid = await tune(counting(3), { loggers: [] }, 3).fit();
    expect(filesOf(grid.get(0).path)).toEqual([]);
    for (const { metrics, metricsDataFrame } of [...grid].map((result) => ({ metrics: result.metrics, metricsDataFrame: result.metricsDataFrame() }))) {
      expect(metricsDataFrame.array('checkpoint_dir_name')).toEqual([null, 'checkpoint_000000', null]);
      expect(metrics.training_iteration).toBe(3);
    }
  });

  test.each([
    ['tensorbord', 'Did you mean "tensorboard"?'],
    ['JSON', 'Did you mean "json"?'],
  ])('refuses "%s", and says which there are', (name, hint) => {
    expect(() => tune(counting(1), { loggers: [name as never] })).toThrow(
      expect.objectContaining({
        code: 'OPTION_RANGE',
        message: `runConfig: expected a logger among "json", "csv", "tensorboard", got "${name}". Hint: ${hint} [OPTION_RANGE]`,
      }),
    );
  });
});

/** A logger of a user's: what it has stands on a disk of its own, by trial. */
function ledger(): Callback & { readonly told: Map<number, JournalLine[]> } {
  const told = new Map<number, JournalLine[]>();
  return {
    name: 'ledger',
    told,
    forget: ({ id }) => void told.delete(id),
    onEvent(line) {
      if (!('trial' in line)) return;
      if (line.kind === 'queued') told.set(line.trial, []);
      told.get(line.trial)?.push(line);
    },
  };
}

const byTrial = (lines: readonly JournalLine[]): Map<number, JournalLine[]> => {
  const trials = new Map<number, JournalLine[]>();
  for (const line of lines) if ('trial' in line) trials.set(line.trial, [...(trials.get(line.trial) ?? []), line]);
  return trials;
};

describe('after a restore', () => {
  test('law: cut at any byte of the journal, every log has every report once, ours and one that forgets', { timeout: 60_000 }, async () => {
    const own = ledger();
    const whole = await tune(counting(5), { name: 'whole', loggers: ['json', 'csv', 'tensorboard', own] }, 4).fit();
    expect(own.told).toEqual(byTrial(journalOf(whole.experimentPath)));
    const text = readFileSync(join(whole.experimentPath, 'journal.jsonl'));
    let copies = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: text.indexOf('"kind":"queued"'), max: text.length }), async (cut) => {
        const path = join(storagePath, `cut-${copies++}`);
        cpSync(whole.experimentPath, path, { recursive: true });
        truncateSync(join(path, 'journal.jsonl'), cut);
        const again = ledger();
        for (const [trial, lines] of own.told) again.told.set(trial, [...lines]);
        const grid = await restore(path, counting(5), { loggers: ['json', 'csv', 'tensorboard', again] });
        expect(again.told).toEqual(byTrial(journalOf(path)));
        for (const { path: trial } of grid) {
          expect(filesOf(trial)).toEqual([EVENTS, 'params.json', 'progress.csv', 'result.json']);
          expect(rowsOf(trial).map((row) => row['training_iteration'])).toEqual([1, 2, 3, 4, 5]);
          expect(readFileSync(join(trial, 'progress.csv'), 'utf8').split('\r\n')).toHaveLength(7);
          const events = readEvents(join(trial, filesOf(trial)[0] ?? ''));
          expect(events.filter(({ scalars }) => scalars.has('loss')).map(({ step }) => step)).toEqual([1n, 2n, 3n, 4n, 5n]);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('another choice of loggers is taken for the trials that go on', async () => {
    const abort = new AbortController();
    const halted = await tune(
      counting(4, ({ iteration }) => void (iteration === 3 && abort.abort())),
      { name: 'other', loggers: ['json'] },
    ).fit({ signal: abort.signal });
    expect(filesOf(halted.get(0).path)).toEqual(['params.json', 'result.json']);
    const grid = await restore(halted.experimentPath, counting(4), { loggers: ['csv', 'tensorboard'] });
    expect(filesOf(grid.get(0).path)).toEqual([EVENTS, 'progress.csv']);
    expect(readFileSync(join(grid.get(0).path, 'progress.csv'), 'utf8').split('\r\n')).toHaveLength(6);
    expect(grid.get(0).metricsDataFrame().array('training_iteration')).toEqual([1, 2, 3, 4]);
  });

  test.each<[readonly Logger[]]>([[[]], [[ledger()]]])('without any of ours nothing stays that looks whole, and error.txt is written: %j', async (loggers) => {
    const abort = new AbortController();
    const name = `bare-${loggers.length}`;
    const halted = await tune(
      counting(4, ({ iteration }) => void (iteration === 3 && abort.abort())),
      { name },
    ).fit({ signal: abort.signal });
    const failing = counting(5, ({ iteration }) => {
      if (iteration >= 3) throw new Error('on purpose');
    });
    const grid = await restore(halted.experimentPath, failing, { loggers });
    expect(filesOf(grid.get(0).path)).toEqual(['error.txt']);
  });

  test('a callback that cannot forget is told what happens from then on; one that throws is switched off', async () => {
    const warned = warnings();
    const path = (await tune(counting(1), { name: 'throwing' }).fit()).experimentPath;
    const lines: string[] = [];
    const plain = { name: 'plain', onEvent: ({ kind }: JournalLine) => void lines.push(kind) };
    const broken: Callback = {
      name: 'broken',
      forget: () => Promise.reject(new Error('cannot')),
      onEvent: () => expect.unreachable('it is switched off'),
    };
    const late: Callback = {
      name: 'late',
      forget: () => {},
      onEvent: ({ kind }) => {
        if (kind === 'reported') throw new Error('will not');
      },
    };
    await restore(path, counting(1), { callbacks: [plain, broken, late] });
    expect(lines.filter((kind) => kind !== 'muted')).toEqual(['opened', 'idle', 'exhausted', 'closed'].filter((kind) => lines.includes(kind)));
    expect(warned).toEqual([
      'callback "broken".forget threw: cannot; it is switched off, and the run goes on.',
      expect.stringMatching(/^callback "late"\.onEvent on "reported" of trial \w+_00000 threw: will not; it is switched off, and the run goes on\.$/),
    ]);
  });

  test('one that has all of a trial that has just ended is not told again, and one whose look fails is switched off', async () => {
    const warned = warnings();
    const path = (await tune(counting(1), { name: 'has' }, 3).fit()).experimentPath;
    const forgotten: number[] = [];
    const half: Callback = { ...ledger(), name: 'half', has: ({ id }) => Promise.resolve(id !== 1), forget: ({ id }) => void forgotten.push(id) };
    const blind: Callback = {
      ...ledger(),
      name: 'blind',
      has() {
        throw new Error('cannot see');
      },
    };
    await restore(path, counting(1), { callbacks: [half, blind] });
    expect(forgotten).toEqual([1]);
    expect(warned).toEqual(['callback "blind".has threw: cannot see; it is switched off, and the run goes on.']);
  });

  test('a logger that was switched off is told what it missed, however long ago', async () => {
    warnings();
    const now = vi.spyOn(Date, 'now');
    onTestFinished(() => now.mockRestore());
    let time = Date.now();
    now.mockImplementation(() => (time += 30_000)); // so that only the last two lines are recent
    const disk = ledger();
    const failing: Callback = {
      ...disk,
      onEvent(line, view) {
        if (line.kind === 'reported' && line.trial === 1 && line.step === 2) throw new Error('the disk is gone');
        return disk.onEvent(line, view);
      },
    };
    const { experimentPath } = await tune(counting(3), { name: 'switched-off', callbacks: [failing], executor: inline() }, 4).fit();
    const lines = journalOf(experimentPath);
    expect(lines.filter(({ kind }) => kind === 'muted')).toMatchObject([{ callback: 'ledger', error: { message: 'the disk is gone' } }]);
    expect(disk.told).not.toEqual(byTrial(lines));
    await restore(experimentPath, counting(3), { callbacks: [disk] });
    expect(disk.told).toEqual(byTrial(lines));
  });
});

/** A disk of 64 kB, as the directory of one trial; undefined with the reason why there is none. */
function smallDisk(): { readonly path: string } | string {
  const path = mkdtempSync(join(tmpdir(), 'attune-full-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', path], { stdio: 'pipe' });
  } catch (error) {
    return `a disk of 64 kB cannot be mounted: ${String((error as { stderr?: Buffer }).stderr ?? error).trim()}`;
  }
  onTestFinished(() => void execFileSync('umount', [path]));
  return { path };
}

/** Puts a link where the directory of the trial `here` will be. */
const linked = (target: string): Callback => ({
  name: 'linked',
  onEvent: ({ kind }, { path }) => (kind === 'created' ? symlinkSync(target, join(path, 'here')) : undefined),
});

describe('a logger whose disk is full', () => {
  const steps = 200;

  test('is one warning that names the file, and the run and its results are right', async (context) => {
    const disk = smallDisk();
    if (typeof disk === 'string') return context.skip(disk);
    const warned = warnings();
    const grid = await tune(counting(steps), { callbacks: [linked(disk.path)], trialDirName: () => 'here', checkpointConfig: { frequency: 0 } }).fit();
    expect(warned).toHaveLength(1);
    expect(warned[0]).toMatch(/^result-logs: expected to write ".*here\/[\w.]+", got ENOSPC: no space left on device/);
    const result = grid.get(0);
    expect([result.status, result.metrics.training_iteration]).toEqual(['TERMINATED', steps]);
    expect(result.metricsDataFrame().array('training_iteration')).toEqual(Array.from({ length: steps }, (_, i) => i + 1));
    const logged = rowsOf(result.path).map((row) => row['training_iteration']);
    expect(logged.length).toBeLessThan(steps);
    expect(logged).toEqual(logged.map((_, i) => i + 1)); // the beginning, in whole lines
  });

  test('has every row once there is room again', async (context) => {
    const disk = smallDisk();
    if (typeof disk === 'string') return context.skip(disk);
    const warned = warnings();
    const filler = join(disk.path, 'filler');
    const freeing = counting(20, ({ iteration }) => {
      if (iteration === 3) fill(filler);
      if (iteration === 15) rmSync(filler);
    });
    const grid = await tune(freeing, { callbacks: [linked(disk.path)], trialDirName: () => 'here', checkpointConfig: { frequency: 0 } }).fit();
    expect(warned).toHaveLength(1);
    const { path } = grid.get(0);
    expect(rowsOf(path).map((row) => row['training_iteration'])).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(readFileSync(join(path, 'progress.csv'), 'utf8').split('\r\n')).toHaveLength(22);
    const events = readEvents(join(path, filesOf(path)[0] ?? ''));
    expect(events.filter(({ scalars }) => scalars.has('loss'))).toHaveLength(20);
  });

  test('stops no other log', async (context) => {
    if (!existsSync('/dev/full')) return context.skip('there is no /dev/full here');
    const warned = warnings();
    const blocking: Callback = {
      name: 'blocking',
      onEvent({ kind }, { path }) {
        if (kind !== 'created') return;
        mkdirSync(join(path, 'here'));
        symlinkSync('/dev/full', join(path, 'here', 'progress.csv'));
      },
    };
    const grid = await tune(counting(5), { callbacks: [blocking], trialDirName: () => 'here' }).fit();
    expect(warned).toEqual([expect.stringMatching(/progress\.csv", got ENOSPC/)]);
    expect(rowsOf(grid.get(0).path)).toHaveLength(5);
  });

  test('that is the disk of the journal too ends the run, and says so', async (context) => {
    const disk = smallDisk();
    if (typeof disk === 'string') return context.skip(disk);
    warnings();
    const fitted = tune(counting(2000), { storagePath: disk.path, name: 'full', checkpointConfig: { frequency: 0 } }).fit();
    await expect(fitted).rejects.toMatchObject({
      code: 'STORAGE_UNWRITABLE',
      message: expect.stringMatching(/journal: expected to write ".*journal\.jsonl", got ENOSPC/),
    });
    expect(await Tuner.canRestore(join(disk.path, 'full'))).toBe(true);
  });
});

/** Writes until there is no room left. */
function fill(path: string): void {
  for (let size = 4096; size >= 1; size /= 2) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size), { flag: 'a' });
    } catch {
      // smaller pieces may still fit
    }
  }
}
