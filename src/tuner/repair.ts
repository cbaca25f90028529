import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { AttuneError } from '../base/errors.ts';
import { EXPERIMENT_FILE, isExperiment, writeWhole } from '../store/experiment-directory.ts';
import { lockExperiment } from '../store/lock.ts';
import { linesOf, readExperiment } from '../store/read-experiment.ts';
import { toErrorData } from '../trial/error-data.ts';
import type { Callback } from '../watch/callback.ts';
import { loggersOf } from '../watch/loggers.ts';
import { retell } from './retell.ts';

/**
 * Writes everything in an experiment directory that follows from its journal anew, byte for byte: experiment.json, and of every trial
 * params.json, result.json, progress.csv, the event file and error.txt. Checkpoints, and what trials wrote themselves, stay as they are.
 *
 * Cost: like a restore, and one more pass in which the files are written.
 *
 * @returns how many trials it has
 * @throws {AttuneError} `EXPERIMENT_NOT_FOUND`, `JOURNAL_VERSION`, `JOURNAL_INVALID`; `EXPERIMENT_LOCKED` while somebody runs it; `STORAGE_UNWRITABLE` for
 * the first file that cannot be written: the others are
 */
export async function repairExperiment(dir: string): Promise<number> {
  const path = resolve(dir);
  using _lock = isExperiment(path) ? lockExperiment(path, { pid: process.pid, host: hostname() }) : undefined;
  const record = readExperiment(path);
  const { trials } = record;
  const faults: string[] = [];
  const warn = (message: string): void => void faults.push(message);
  writeWhole(join(path, EXPERIMENT_FILE), `${JSON.stringify(record.created, null, 2)}\n`);
  const fail = (_: Callback, error: unknown): void => warn(toErrorData(error).message);
  const callbacks = loggersOf(undefined, warn).map((callback) => goingOn(callback, (error) => fail(callback, error)));
  await retell({ wants: () => 'told', lines: (all) => linesOf(path, all) }, record, { callbacks, fail });
  for (const callback of callbacks) await callback[Symbol.asyncDispose]?.();
  if (faults[0] !== undefined) throw new AttuneError('STORAGE_UNWRITABLE', `repair: ${faults[0].replace(/ Hint: .*$/s, '')}`);
  return trials.length;
}

/** The same callback, which goes on after a trial whose files it cannot remove. */
function goingOn(callback: Callback, fail: (error: unknown) => void): Callback {
  const attempt = (call: () => unknown): void => {
    try {
      call();
    } catch (error) {
      fail(error);
    }
  };
  return {
    name: callback.name,
    onEvent: (line, view) => attempt(() => callback.onEvent(line, view)),
    forget: (trial, view) => attempt(() => callback.forget?.(trial, view)),
    [Symbol.asyncDispose]: async () => callback[Symbol.asyncDispose]?.(),
  };
}
