import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { AttuneError } from '../base/errors.ts';

export const LOCK_FILE = 'lock';

/**
 * One session at a time per experiment directory: a `lock` file with the owner's pid and host. The lock of a process of
 * this host that is gone is taken over; on another host it cannot be told, so it is respected.
 *
 * @throws {AttuneError} `EXPERIMENT_LOCKED`
 */
export function lockExperiment(dir: string, owner: { readonly pid: number; readonly host: string }): Disposable {
  const path = join(dir, LOCK_FILE);
  for (let attempt = 0; ; attempt++) {
    try {
      const file = openSync(path, 'wx');
      writeSync(file, JSON.stringify(owner));
      closeSync(file);
      return { [Symbol.dispose]: () => rmSync(path, { force: true }) };
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
      const holder = readHolder(path);
      if (attempt > 3 || (holder && !isGone(holder, owner))) {
        throw new AttuneError('EXPERIMENT_LOCKED', `${dir}: expected nobody to run this experiment, got process ${holder?.pid} on ${holder?.host}.`);
      }
      rmSync(path, { force: true });
    }
  }
}

function readHolder(path: string): { pid: number; host: string } | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { pid: number; host: string };
  } catch {
    return undefined; // torn, or removed meanwhile: nobody holds it
  }
}

function isGone(holder: { pid: number; host: string }, owner: { readonly pid: number; readonly host: string }): boolean {
  if (holder.host !== owner.host) return false;
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
