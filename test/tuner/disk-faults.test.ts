import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AttuneError } from '../../src/base/errors.ts';
import type { Config, Executor, RunConfig, Scheduler, TrialContext } from '../../src/index.ts';
import { inline, Tuner, uniform } from '../../src/index.ts';
import { readJournal } from '../../src/store/journal.ts';
import { type DiskCall, FaultyDisk } from '../store/faulty-disk.ts';
import { checkpointsOf, journalOf, temporaryStorage } from './temporary-storage.ts';

const storagePath = temporaryStorage();
const STEPS = 3;
let experiments = 0;

async function train({ x }: Config, trial: TrialContext): Promise<void> {
  const state = trial.checkpoint ? Number(readFileSync(join(trial.checkpoint.path, 'state'), 'utf8')) : 0;
  expect(trial.iteration).toBe(state);
  while (trial.iteration < STEPS) {
    const step = trial.iteration + 1;
    await trial.report({ loss: (x as number) + step }, { checkpoint: (dir) => writeFileSync(join(dir, 'state'), String(step)) });
  }
}

/** Trial 1 takes the second checkpoint of trial 0 at its own second report. */
const copying: Scheduler<{ done: boolean }> = {
  name: 'copying',
  uses: ['exploit'],
  init: () => ({ done: false }),
  decide(state, event) {
    if (state.done || event.kind !== 'reported' || event.trial !== 1 || event.step !== 2) return { state, decisions: [] };
    const decision = { kind: 'exploit', trial: event.trial, from: 0 as never, checkpoint: 'checkpoint_000001', config: { x: 0.5 }, reason: 'better' } as const;
    return { state: { done: true }, decisions: [decision] };
  },
};

const runConfig = (more: RunConfig): RunConfig => ({
  storagePath,
  verbose: 0,
  loggers: [],
  syncPeriodMs: 0,
  checkpointConfig: { numToKeep: 2 },
  executor: inline(),
  ...more,
});
const tuneConfig = { metric: 'loss', mode: 'min', seed: 7, numSamples: 2, scheduler: copying } as const;
const fit = (name: string, more: RunConfig = {}) =>
  new Tuner(train, { paramSpace: { x: uniform(0, 1) }, tuneConfig, runConfig: runConfig({ name, ...more }) }).fit();
const restore = (path: string) =>
  Tuner.restore(path, train, { tuneConfig: { scheduler: copying } as never, runConfig: { verbose: 0, loggers: [], checkpointConfig: { numToKeep: 2 } } });

/** Runs an experiment on a disk that fails, and then, on one that works, whatever is left of it. */
async function survives(fails: (call: DiskCall, count: number) => string | undefined): Promise<'finished' | 'refused' | 'restored'> {
  const path = join(storagePath, `faulty-${experiments++}`);
  let outcome: unknown;
  {
    using disk = new FaultyDisk(path);
    disk.fails = fails;
    outcome = await fit(path.slice(storagePath.length + 1)).catch((error: unknown) => error);
  }
  if (outcome instanceof Error) expect(outcome).toMatchObject({ name: 'AttuneError', code: 'STORAGE_UNWRITABLE' });
  const journal = join(path, 'journal.jsonl');
  if (!existsSync(journal) || statSync(journal).size === 0) {
    expect(outcome).toBeInstanceOf(AttuneError);
    return 'refused';
  }
  const kinds: string[] = [];
  readJournal(journal, ({ kind }) => kinds.push(kind));
  expect(kinds[0]).toBe('created');
  if (!(outcome instanceof Error)) expect(kinds.at(-1)).toBe('closed');
  const grid = await (await restore(path)).fit();
  expect(grid.errors).toEqual([]);
  expect([...grid].map(({ status, metrics }) => [status, metrics.training_iteration])).toEqual([
    ['TERMINATED', STEPS],
    ['TERMINATED', STEPS],
  ]);
  for (const result of grid) {
    expect(readFileSync(join(result.checkpoint?.path ?? '', 'state'), 'utf8')).toBe(String(STEPS));
    for (const { checkpoint } of result.bestCheckpoints) await checkpoint.verify();
    expect(checkpointsOf(result.path)).toEqual(result.bestCheckpoints.map(({ checkpoint }) => checkpoint.path.slice(-17)).sort());
  }
  const steps = journalOf(path).flatMap((line) => (line.kind === 'reported' ? [`${line.trial}: ${line.step}`] : []));
  expect(new Set(steps).size).toBe(steps.length);
  rmSync(path, { recursive: true, force: true });
  return outcome instanceof Error ? 'restored' : 'finished';
}

/** What a disk says to each kind of call. */
const CODES: Readonly<Record<string, string>> = {
  write: 'ENOSPC',
  writeFile: 'ENOSPC',
  fsync: 'EIO',
  rename: 'EIO',
  mkdir: 'ENOSPC',
  cp: 'ENOSPC',
  access: 'EROFS',
};
/** What the trainable reads itself is its own affair. */
const codeFor = ({ what, path }: DiskCall): string | undefined => (what === 'readFile' && path.endsWith('state') ? undefined : (CODES[what] ?? 'EIO'));

async function callsOfOneRun(): Promise<readonly string[]> {
  using disk = new FaultyDisk(join(storagePath, 'counted'));
  await fit('counted');
  return disk.story;
}
const story = await callsOfOneRun();

describe('an experiment on a disk that fails', () => {
  test('makes the calls that are made to fail here', () => {
    const kinds = new Set(story.map((call) => call.split(' ')[0]));
    expect([...kinds]).toEqual(expect.arrayContaining(['open', 'write', 'fsync', 'rename', 'mkdir', 'rm', 'access', 'link', 'cp', 'read', 'readdir']));
    expect(story.filter((call) => call === 'write journal.jsonl').length).toBeGreaterThan(10);
  });

  test('at any one of its calls goes on rightly, or ends in one error and can be restored', { timeout: 300_000 }, async () => {
    const outcomes = new Set<string>();
    for (let n = 0; n < story.length; n++) outcomes.add(await survives((call, count) => (count === n ? codeFor(call) : undefined)));
    expect([...outcomes].sort()).toEqual(['finished', 'refused', 'restored']);
  });

  test('from any of its calls on ends in one error and can be restored', { timeout: 300_000 }, async () => {
    const outcomes = new Set<string>();
    const changes = story.flatMap((call, n) => (/^(read|access)/.test(call) ? [] : [n]));
    for (const n of changes) outcomes.add(await survives((call, count) => (count >= n ? codeFor(call) : undefined)));
    expect([...outcomes]).toEqual(expect.arrayContaining(['refused', 'restored']));
  });
});

describe('while a trial runs that would never end', () => {
  /** Reports twice, and waits until it is told to end, which `told` is then called for. */
  const waiting = (reported: () => void, told: () => void) =>
    async function patient(_: Config, trial: TrialContext): Promise<void> {
      await trial.report({ loss: 1 });
      await trial.report({ loss: 2 });
      reported();
      await new Promise((_resolve, reject) => {
        trial.signal.addEventListener('abort', () => {
          told();
          reject(trial.signal.reason as Error);
        });
      });
    };

  const endOf = async (name: string, reported: () => void): Promise<{ readonly error: unknown; readonly ended: boolean }> => {
    let ended = false;
    const trainable = waiting(reported, () => void (ended = true));
    const options = { paramSpace: { x: 1 }, tuneConfig: { metric: 'loss', mode: 'min' }, runConfig: { ...runConfig({ name }), syncPeriodMs: 1 } } as const;
    const error = await new Tuner(trainable, options).fit().catch((caught: unknown) => caught);
    return { error, ended };
  };
  const throwing = (code: string): never => {
    throw Object.assign(new Error(`${code}: the disk says so`), { code });
  };
  const reportsIn = (path: string): number => journalOf(path).filter(({ kind }) => kind === 'reported').length;

  test('a sync that fails in the background ends it, in one error', async () => {
    const path = join(storagePath, 'background');
    using disk = new FaultyDisk(path);
    const { error, ended } = await endOf('background', () => {
      disk.fails = ({ what }) => (what === 'fsync' ? 'EIO' : undefined);
    });
    expect(error).toMatchObject({ code: 'STORAGE_UNWRITABLE', message: expect.stringMatching(/^journal: expected to sync .*journal\.jsonl", got EIO/) });
    expect(ended).toBe(true);
    expect(reportsIn(path)).toBe(2);
  });

  test('nobody else may go on with it before its workers have ended', async () => {
    const path = join(storagePath, 'workers');
    let isLocked: boolean | undefined;
    const executor: Executor = inline();
    const looking: Executor = {
      ...executor,
      async [Symbol.asyncDispose]() {
        await executor[Symbol.asyncDispose]();
        isLocked = existsSync(join(path, 'lock'));
      },
    };
    using disk = new FaultyDisk(path);
    disk.fails = ({ what }, count) => (what === 'fsync' && count > 20 ? 'EIO' : undefined);
    await expect(fit('workers', { executor: looking })).rejects.toMatchObject({ code: 'STORAGE_UNWRITABLE' });
    expect(isLocked).toBe(true);
    expect(existsSync(join(path, 'lock'))).toBe(false);
  });

  test('a platform that cannot sync ends nothing', async () => {
    using disk = new FaultyDisk(storagePath);
    disk.fails = ({ what, path }) => (what === 'fsync' || (what === 'open' && path === join(storagePath, 'unsyncable')) ? 'ENOTSUP' : undefined);
    expect((await fit('unsyncable')).numTerminated).toBe(2);
    expect(disk.story.filter((call) => call.startsWith('fsync')).length).toBeGreaterThan(10);
  });

  test('a directory that is deleted ends it, and says so', async () => {
    const path = join(storagePath, 'deleted');
    const { error, ended } = await endOf('deleted', () => rmSync(path, { recursive: true }));
    expect(error).toMatchObject({ code: 'STORAGE_UNWRITABLE', message: expect.stringMatching(/got ENOENT.*was deleted or moved/) });
    expect(ended).toBe(true);
    expect(existsSync(join(path, 'journal.jsonl'))).toBe(false);
  });

  test.each<readonly [string, (path: string) => unknown, RegExp]>([
    [
      'a directory that is deleted while a checkpoint is saved',
      (path) => rmSync(path, { recursive: true }),
      /got ENOENT.* Hint: The directory was deleted or moved/,
    ],
    ['a disk that is full', () => throwing('ENOSPC'), /got ENOSPC.* Hint: Make room there/],
    ['a disk that has become read-only', () => throwing('EROFS'), /got EROFS.* Hint: Mend that/],
  ])('%s ends it, with the advice that fits', async (what, happens, text) => {
    const path = join(storagePath, what);
    const saving = async (_: Config, trial: TrialContext): Promise<void> => trial.report({ loss: 1 }, { checkpoint: () => void happens(path) });
    const options = { paramSpace: { x: 1 }, tuneConfig: { metric: 'loss', mode: 'min' }, runConfig: runConfig({ name: what, syncPeriodMs: 60_000 }) } as const;
    await expect(new Tuner(saving, options).fit()).rejects.toMatchObject({ code: 'STORAGE_UNWRITABLE', message: expect.stringMatching(text) });
  });

  test('a directory that is moved ends it, and can be restored where it is now', async () => {
    const [path, moved] = [join(storagePath, 'before'), join(storagePath, 'after')];
    const { error, ended } = await endOf('before', () => renameSync(path, moved));
    expect(error).toMatchObject({ code: 'STORAGE_UNWRITABLE', message: expect.stringMatching(/got ENOENT.*was deleted or moved/) });
    expect(ended).toBe(true);
    const patient = async (_: Config, trial: TrialContext): Promise<void> => trial.report({ loss: 3 });
    const again = await Tuner.restore(moved, patient, { runConfig: { verbose: 0 } });
    expect((await again.fit()).numTerminated).toBe(1);
    expect(existsSync(join(moved, 'lock'))).toBe(false);
  });

  test('a directory that can no longer be written to ends it, though the journal is open', async () => {
    const path = join(storagePath, 'read-only');
    using disk = new FaultyDisk(path);
    const { error, ended } = await endOf('read-only', () => {
      disk.fails = ({ what }) => (what === 'access' ? 'EROFS' : undefined);
    });
    expect(error).toMatchObject({ code: 'STORAGE_UNWRITABLE', message: expect.stringContaining('EROFS') });
    expect(ended).toBe(true);
    disk.fails = () => undefined;
    expect(
      (
        await Tuner.restore(
          path,
          waiting(
            () => {},
            () => {},
          ),
        ).then((tuner) => tuner.getResults())
      ).get(0).status,
    ).toBe('RUNNING');
  });
});

test('a checkpoint is deleted when the journal that names its successor is on the disk, and not before', async () => {
  const path = join(storagePath, 'order');
  using disk = new FaultyDisk(path);
  await fit('order', { syncPeriodMs: 60_000, checkpointConfig: { numToKeep: 1 } });
  const indexOf = (what: string, name: string, from = 0): number =>
    disk.calls.findIndex((call, at) => at >= from && call.what === what && call.path.endsWith(name));
  const saved = indexOf('rename', 'checkpoint_000001');
  const first = (disk.calls[saved]?.path ?? '').replace('checkpoint_000001', 'checkpoint_000000');
  const removed = indexOf('rm', first, saved);
  expect(saved).toBeGreaterThan(0);
  expect(indexOf('fsync', 'journal.jsonl', saved)).toBeGreaterThan(saved);
  expect(removed).toBeGreaterThan(indexOf('fsync', 'journal.jsonl', saved));
});
