import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { AttuneError } from '../base/errors.ts';
import { nameKey, portableName } from '../base/portable-name.ts';
import { renamePatientlyNow } from '../checkpoint/rename.ts';
import { syncFileNow } from '../checkpoint/sync.ts';
import { unwritable } from './unwritable.ts';

export const JOURNAL_FILE = 'journal.jsonl';
export const EXPERIMENT_FILE = 'experiment.json';

export const journalPath = (dir: string): string => join(dir, JOURNAL_FILE);

/** True when `dir` holds an experiment. */
export const isExperiment = (dir: string): boolean => existsSync(journalPath(dir));

/**
 * Makes the directory of a new experiment and returns its absolute path. A name that differs from one in the storage by case alone is taken,
 * as it is on Windows and macOS, so that a storage can be copied there.
 *
 * @param name - a portable one
 * @param onExisting - `'error'` refuses a directory that exists; `'new'` appends -2, -3, … until one is free
 * @throws {AttuneError} `EXPERIMENT_EXISTS`, `STORAGE_UNWRITABLE`
 */
export function createExperimentDirectory(storagePath: string, name: string, onExisting: 'error' | 'new'): string {
  const storage = resolve(storagePath);
  const standing = namesIn(storage);
  for (let attempt = 1; ; attempt++) {
    const wanted = attempt === 1 ? name : portableName(name, `-${attempt}`);
    const namesake = standing.get(nameKey(wanted));
    const path = join(storage, namesake ?? wanted);
    if (namesake === undefined && makeNew(path)) return path;
    if (onExisting === 'error') {
      const holds = isExperiment(path) ? 'an experiment' : 'files of something else';
      throw new AttuneError('EXPERIMENT_EXISTS', `runConfig.name: expected a name that is not taken, got "${path}", which holds ${holds}.`);
    }
  }
}

/** What stands in the storage, which is made if need be, by `nameKey`. */
function namesIn(storage: string): ReadonlyMap<string, string> {
  try {
    makeDirectory(storage);
    accessSync(storage, constants.W_OK);
    return new Map(readdirSync(storage).map((entry) => [nameKey(entry), entry]));
  } catch (cause) {
    throw new AttuneError('STORAGE_UNWRITABLE', `runConfig.storagePath: expected a directory that can be written, got "${storage}".`, { cause });
  }
}

/** False when another process was quicker. */
function makeNew(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new AttuneError('STORAGE_UNWRITABLE', `runConfig: expected to make the directory "${path}", got ${(cause as Error).message}.`, { cause });
  }
}

/** With its parents. One by one: on file systems that refuse (such as /proc), Node's own recursive form never returns. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another process was quicker
  }
}

/** `<path>` written whole or not at all, and synced. @throws {AttuneError} `STORAGE_UNWRITABLE` */
export function writeWhole(path: string, text: string): void {
  const temporary = `${path}.tmp-${process.pid}`;
  try {
    writeFileSync(temporary, text);
    syncFileNow(temporary);
    renamePatientlyNow(temporary, path);
  } catch (cause) {
    throw unwritable('experiment', `to write "${path}"`, cause);
  }
}

/**
 * Removes what no event names from a trial's directory: half-written checkpoints, and checkpoints that were renamed
 * into place but not journaled, or dropped but not yet deleted.
 *
 * @throws {AttuneError} `STORAGE_UNWRITABLE`
 */
export function removeUnnamed(trialDir: string, named: ReadonlySet<string>): void {
  if (!existsSync(trialDir)) return;
  try {
    for (const entry of readdirSync(trialDir)) {
      const unnamed = entry.startsWith('.tmp-') || (entry.startsWith('checkpoint_') && !named.has(entry));
      if (unnamed) rmSync(join(trialDir, entry), { recursive: true, force: true });
    }
  } catch (cause) {
    throw unwritable('experiment', `to tidy "${trialDir}"`, cause);
  }
}
