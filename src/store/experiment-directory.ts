import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, readdirSync, readSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { AttuneError } from '../base/errors.ts';
import { nameKey, portableName } from '../base/portable-name.ts';
import { LOCK_FILE } from './lock.ts';

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
 * @param onExisting - `'error'` refuses a directory that exists; `'new'` appends -2, -3, … until one is free; `'resume'` takes one in which
 *   an experiment was about to begin, and refuses others
 * @throws {AttuneError} `EXPERIMENT_EXISTS`, `STORAGE_UNWRITABLE`
 */
export function createExperimentDirectory(storagePath: string, name: string, onExisting: 'error' | 'new' | 'resume'): string {
  const storage = resolve(storagePath);
  const standing = namesIn(storage);
  for (let attempt = 1; ; attempt++) {
    const wanted = attempt === 1 ? name : portableName(name, `-${attempt}`);
    const namesake = standing.get(nameKey(wanted));
    const path = join(storage, namesake ?? wanted);
    if (namesake === undefined && makeNew(path)) return path;
    if (onExisting === 'resume' && wasAboutToBegin(path)) return path;
    if (onExisting !== 'new') {
      const holds = isExperiment(path) ? 'an experiment' : 'files of something else';
      throw new AttuneError('EXPERIMENT_EXISTS', `runConfig.name: expected a name that is not taken, got "${path}", which holds ${holds}.`);
    }
  }
}

/** The directory that has this name, case ignored, if there is one in the storage. */
export function standingDirectory(storagePath: string, name: string): string | undefined {
  const storage = resolve(storagePath);
  try {
    const namesake = readdirSync(storage).find((entry) => nameKey(entry) === nameKey(name));
    return namesake === undefined ? undefined : join(storage, namesake);
  } catch {
    return undefined; // there is no storage, or it cannot be read: whoever writes to it is told why
  }
}

/** Whether an experiment has begun in `dir`: its journal has a line. */
export function hasBegun(dir: string): boolean {
  if (!isExperiment(dir)) return false;
  const file = openSync(journalPath(dir), 'r');
  try {
    const chunk = Buffer.alloc(65_536);
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) if (chunk.subarray(0, read).includes('\n')) return true;
    return false;
  } finally {
    closeSync(file);
  }
}

/** A process made it, and was killed before the first line of the journal was whole. */
function wasAboutToBegin(dir: string): boolean {
  const ours = [JOURNAL_FILE, EXPERIMENT_FILE, LOCK_FILE];
  return !hasBegun(dir) && readdirSync(dir).every((name) => ours.includes(name) || name.startsWith(`${EXPERIMENT_FILE}.tmp-`));
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

/** `<path>` written whole or not at all. */
export function writeWhole(path: string, text: string): void {
  const temporary = `${path}.tmp-${process.pid}`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}

/**
 * Removes what no event names from a trial's directory: half-written checkpoints, and checkpoints that were renamed
 * into place but not journaled, or dropped but not yet deleted.
 */
export function removeUnnamed(trialDir: string, named: ReadonlySet<string>): void {
  if (!existsSync(trialDir)) return;
  for (const entry of readdirSync(trialDir)) {
    const unnamed = entry.startsWith('.tmp-') || (entry.startsWith('checkpoint_') && !named.has(entry));
    if (unnamed) rmSync(join(trialDir, entry), { recursive: true, force: true });
  }
}
