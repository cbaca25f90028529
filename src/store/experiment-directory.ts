import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { AttuneError } from '../base/errors.ts';
import { makeDirectory } from '../base/make-directory.ts';
import { nameKey, portableName } from '../base/portable-name.ts';
import { renamePatientlyNow } from '../checkpoint/rename.ts';
import { syncFileNow } from '../checkpoint/sync.ts';
import { unwritable } from '../checkpoint/unwritable.ts';
import type { JournalLine } from '../trial/events.ts';
import { interruptedBy } from '../trial/interruption.ts';
import { hasEnded } from '../trial/lifecycle.ts';
import type { TrialRow } from '../trial/rows.ts';
import { advanceTrials, checkNext } from '../trial/rows.ts';
import { journalLines, readJournal } from './journal.ts';
import { holderOf, LOCK_FILE } from './lock.ts';

export const JOURNAL_FILE = 'journal.jsonl';
export const EXPERIMENT_FILE = 'experiment.json';

export const journalPath = (dir: string): string => join(dir, JOURNAL_FILE);

/** True when `dir` holds a journal, be it one that has not begun. */
export const isExperiment = (dir: string): boolean => existsSync(journalPath(dir));

/**
 * Makes the directory of a new experiment and returns its absolute path. A name that differs from one in the storage by case alone is taken,
 * as it is on Windows and macOS, so that a storage can be copied there.
 *
 * @param name - a portable one
 * @param onExisting - `'error'` refuses a directory that exists, unless what it was for never began; `'new'` appends -2, -3, … until one is free;
 *   `'resume'` takes one in which nothing has begun, an empty one too, and refuses others
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
    if (onExisting === 'new') continue;
    const isFree = onExisting === 'resume' ? neverBegan(path) : isLeftOver(path);
    return isFree ? path : refuseExisting(path);
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

/** True when `dir` holds an experiment that has begun, in a journal that this version reads. Reads its first line; never throws. */
export function hasBegun(dir: string): boolean {
  try {
    return isBegun(dir);
  } catch {
    return false; // no journal of ours
  }
}

/** `hasBegun` of a directory that is to be restored if it has. @throws {AttuneError} `JOURNAL_VERSION`, `JOURNAL_INVALID` when there is a journal that cannot be */
export function isBegun(dir: string): boolean {
  try {
    return firstLine(dir) !== undefined;
  } catch (error) {
    if (error instanceof AttuneError) throw error;
    return false; // no such file, a folder
  }
}

/** True when `dir` holds nothing, or what an experiment leaves that was killed before its first line was whole. Never throws. */
function neverBegan(dir: string): boolean {
  try {
    return hasOnlyTraces(dir);
  } catch {
    return false; // no directory, no journal of ours
  }
}

/** `neverBegan` of a directory that is locked: what cannot be read there is a fault of the disk. @throws {AttuneError} `STORAGE_UNWRITABLE` */
export function isUnbegun(dir: string): boolean {
  try {
    return hasOnlyTraces(dir);
  } catch (cause) {
    if (cause instanceof AttuneError) return false; // no journal of ours
    throw unwritable('experiment', `to read "${dir}"`, cause);
  }
}

function hasOnlyTraces(dir: string): boolean {
  const isTrace = (name: string): boolean =>
    name.startsWith(LOCK_FILE) || name.startsWith(EXPERIMENT_FILE) || (name === JOURNAL_FILE && firstLine(dir) === undefined);
  return readdirSync(dir).every(isTrace);
}

/** An empty directory may be somebody's. */
const isLeftOver = (dir: string): boolean => neverBegan(dir) && readdirSync(dir).length > 0;

/** @throws {AttuneError} `EXPERIMENT_EXISTS`, always: it says what `path` holds, how far that has come, whether it runs, and how it is continued. Cost: one pass over the journal */
export function refuseExisting(path: string): never {
  const { holds, hint } = standingOf(path);
  throw new AttuneError(
    'EXPERIMENT_EXISTS',
    `runConfig.name: expected a name that is not taken, got "${path}", which holds ${holds}.`,
    hint === undefined ? {} : { hint: `${hint}; or use another runConfig.name, or runConfig.onExisting: 'new'.` },
  );
}

function standingOf(path: string): { readonly holds: string; readonly hint?: string } {
  const restore = `Tuner.restore(${JSON.stringify(path)}, trainable, options)`;
  const holder = holderOf(path, hostname());
  if (!isExperiment(path)) return { holds: neverBegan(path) ? 'nothing' : 'files of something else' };
  try {
    const { trials, isOver, interrupted } = readStanding(path);
    const ended = trials.filter(({ status }) => hasEnded(status)).length;
    if (holder) {
      const holds = `an experiment that runs right now, in process ${holder.pid} on ${holder.host} (${count(trials.length)} so far, ${ended} of them ended)`;
      return { holds, hint: `Wait until it has ended; then ${restore} reads it, or goes on with it` };
    }
    if (isOver && ended === trials.length) return { holds: `an experiment that has ended (${count(ended)})`, hint: `${restore} reads it, or adds samples` };
    const why = interrupted === undefined ? '' : `; ${interrupted} interrupted it`;
    const hint = `${restore} continues it, and so does runConfig.onExisting: 'resume'`;
    return { holds: `an unfinished experiment (${count(trials.length)} so far, ${ended} of them ended${why})`, hint };
  } catch (error) {
    const { message, hint } = unwritable('experiment', `to read "${path}"`, error);
    return { holds: `an experiment that cannot be read: ${message.slice(0, message.indexOf('. Hint: '))}`, hint: hint.replace(/\.$/, '') };
  }
}

const count = (trials: number): string => `${trials} trial${trials === 1 ? '' : 's'}`;

/** How far an experiment has come. */
export interface Standing {
  readonly trials: readonly TrialRow[];
  /** As many as its latest session was to run. */
  readonly samples: number | 'unlimited' | undefined;
  /** That session was closed, and nothing had ended it early. */
  readonly isOver: boolean;
  readonly interrupted: string | undefined;
}

/** Cost: one pass over the journal. @throws {AttuneError} what `readJournal` throws */
export function readStanding(path: string): Standing {
  const trials: TrialRow[] = [];
  let [seed, isHalted, isClosed] = [0, false, false];
  let samples: Standing['samples'];
  let interrupted: string | undefined;
  readJournal(journalPath(path), (line) => {
    if (line.kind === 'created') seed = line.seed;
    if (line.kind === 'opened') [samples, isHalted, isClosed] = [line.samples, false, false];
    if (line.kind === 'halted') isHalted = true;
    if (line.kind === 'closed') isClosed = true;
    interrupted = interruptedBy(interrupted, line);
    checkNext(trials, line);
    advanceTrials(trials, seed, line, line.at);
  });
  return { trials, samples, isOver: isClosed && !isHalted, interrupted };
}

/** `undefined` when there is no whole one. @throws {AttuneError} what `readJournal` throws */
function firstLine(dir: string): JournalLine | undefined {
  for (const line of journalLines(journalPath(dir))) return line;
  return undefined;
}
