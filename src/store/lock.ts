import { randomUUID } from 'node:crypto';
import { closeSync, linkSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { AttuneError } from '../base/errors.ts';
import { renamePatientlyNow } from '../checkpoint/rename.ts';
import { unwritable } from '../checkpoint/unwritable.ts';

export const LOCK_FILE = 'lock';

/** A process. */
export interface Owner {
  readonly pid: number;
  readonly host: string;
}

/** As the file has it. */
interface Holder extends Owner {
  /** When the process started, where the system says so: another process may get its pid. */
  readonly started?: string;
  /** Of this lock alone. */
  readonly id?: string;
}

/** A lock without a readable owner is one that is being written, or was torn when its system went down. */
const TORN_AFTER_MS = 2000;
/** Makes the names of temporary files differ within this process. */
let count = 0;
/** What stood in locks that were given back: nobody holds them, although a file may be left, in a directory that was moved, or that cannot be written. */
const released = new Set<string>();

/**
 * One session at a time per experiment directory: a `lock` file with the pid and host of its owner. The lock of a process of this
 * host that is gone is taken over, by one process only however many try; on another host it cannot be told, so it is respected.
 *
 * @throws {AttuneError} `EXPERIMENT_LOCKED`, `STORAGE_UNWRITABLE`
 */
export function lockExperiment(dir: string, owner: Owner): Disposable {
  try {
    return acquire(join(dir, LOCK_FILE), owner, dir);
  } catch (cause) {
    throw unwritable('lock', `to write "${join(dir, LOCK_FILE)}"`, cause);
  }
}

/** The process that has the experiment in `dir` open, as far as this host can tell. Never throws. */
export function holderOf(dir: string, host: string): Owner | undefined {
  const path = join(dir, LOCK_FILE);
  try {
    const text = read(path);
    const holder = text === undefined || released.has(text) ? undefined : parse(text);
    return isGone(holder, { pid: process.pid, host }, path) ? undefined : holder;
  } catch {
    return undefined; // it cannot be read: whoever wants it is told
  }
}

/**
 * A dead lock is replaced under a lock of its own, its succession, which is taken in the same way: whoever holds that is the only
 * one who may replace it, and looks once more whether it is still the dead one.
 */
function acquire(path: string, owner: Owner, dir: string): Disposable {
  const started = startOf(owner.pid);
  const text = JSON.stringify({ ...owner, ...(started === undefined ? {} : { started }), id: randomUUID() } satisfies Holder);
  const taken: Disposable = { [Symbol.dispose]: () => release(path, text) };
  for (;;) {
    if (create(path, text)) return taken;
    const found = read(path);
    if (found === undefined) continue; // given back meanwhile
    const holder = parse(found);
    if (!released.has(found) && !isGone(holder, owner, path)) throw locked(dir, path, holder);
    using _succession = acquire(`${path}.next`, owner, dir);
    if (read(path) !== found) continue;
    const temporary = temporaryOf(path);
    writeFileSync(temporary, text);
    renamePatientlyNow(temporary, path);
    return taken;
  }
}

const temporaryOf = (path: string): string => `${path}.tmp-${process.pid}-${count++}`;

/** False when there is a lock. It appears with its text in it, where the file system has hard links. */
function create(path: string, text: string): boolean {
  const temporary = temporaryOf(path);
  try {
    writeFileSync(temporary, text);
    linkSync(temporary, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (!['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EPERM', 'EACCES', 'EMLINK'].includes(code ?? '')) throw error;
    return createInPlace(path, text);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function createInPlace(path: string, text: string): boolean {
  try {
    const file = openSync(path, 'wx');
    writeSync(file, text);
    closeSync(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Only what is still ours: somebody may have removed it by hand. A directory that cannot be written to any more has had its error. */
function release(path: string, text: string): void {
  released.add(text);
  try {
    if (read(path) === text) rmSync(path, { force: true });
  } catch {
    // it stays, and is known to be nobody's
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** `undefined` for a text that names no process. */
function parse(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Partial<Holder> | null;
    return typeof holder?.pid === 'number' && typeof holder.host === 'string' ? (holder as Holder) : undefined;
  } catch {
    return undefined;
  }
}

function isGone(holder: Holder | undefined, owner: Owner, path: string): boolean {
  if (holder === undefined) return systemClock.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > TORN_AFTER_MS;
  if (holder.host !== owner.host) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
  const started = startOf(holder.pid);
  return holder.started !== undefined && started !== undefined && holder.started !== started;
}

/** When a process of this host started: the boot, and clock ticks since then. `undefined` where the system does not tell. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]; // the name, in parentheses, may have spaces
    return ticks && `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${ticks}`;
  } catch {
    return undefined;
  }
}

function locked(dir: string, path: string, holder: Holder | undefined): AttuneError {
  const got = holder === undefined ? 'a lock that is being taken' : `process ${holder.pid} on ${holder.host}`;
  return new AttuneError('EXPERIMENT_LOCKED', `${dir}: expected nobody to run this experiment, got ${got}.`, {
    hint: `Wait for it, or end it. If it is gone, and on a host that this one cannot see, delete ${path}.`,
  });
}
