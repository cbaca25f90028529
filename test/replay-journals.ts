import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect } from 'vitest';
import { spaceFromJson } from '../src/space/space.ts';
import { JOURNAL_FILE } from '../src/store/experiment-directory.ts';
import { readCreated } from '../src/store/read-experiment.ts';
import { rebuildScheduler } from '../src/tuner/builtins.ts';
import { replayJournal } from '../src/tuner/restore.ts';

/**
 * The law of restore for the built package: after each test, every journal that its processes left is replayed, however they ended,
 * and must lead to the decisions that it records. Where the scheduler is the test's own, restoring it is the test's own affair.
 */
const storage = mkdtempSync(join(tmpdir(), 'attune-e2e-'));
for (const name of ['TMPDIR', 'TMP', 'TEMP']) process.env[name] = storage; // for `os.tmpdir()`, here and in processes that are started from here

const replayed = new Set<string>();

afterEach(() => {
  const broken = journalsIn(storage).flatMap((dir) => {
    const { size, mtimeMs } = statSync(join(dir, JOURNAL_FILE));
    const version = `${dir} ${size} ${mtimeMs}`;
    if (replayed.has(version)) return [];
    replayed.add(version);
    return faultsOf(dir);
  });
  expect(broken, 'journals that cannot be replayed').toEqual([]);
});

afterAll(() => rmSync(storage, { recursive: true, force: true }));

function journalsIn(dir: string): readonly string[] {
  if (!existsSync(dir)) return [];
  const entries = readdirSync(dir, { withFileTypes: true });
  if (entries.some(({ name }) => name === JOURNAL_FILE)) return [dir];
  return entries.flatMap((entry) => (entry.isDirectory() && entry.name !== 'node_modules' ? journalsIn(join(dir, entry.name)) : []));
}

function faultsOf(dir: string): readonly string[] {
  try {
    const created = readCreated(dir);
    const scheduler = rebuildScheduler(created.scheduler);
    if (scheduler) replayJournal(dir, { space: spaceFromJson(created.space), scheduler }, nothing, nothing);
    return [];
  } catch (error) {
    return [`${dir}: ${String(error)}`];
  }
}

function nothing(): void {}
