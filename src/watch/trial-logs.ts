import { existsSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../base/json.ts';
import { CsvLog, hasCsvLog } from './csv-log.ts';
import { GrowingFile } from './growing-file.ts';
import { hasJsonLog, JsonLog } from './json-log.ts';
import type { LogFormat } from './log-format.ts';
import { hasTensorBoardLog, isTensorBoardLog, TensorBoardLog } from './tensorboard/tensorboard-log.ts';
import type { LoggedRow, TrialLog } from './trial-log.ts';

const openLog: Readonly<Record<LogFormat, (dir: string) => TrialLog>> = {
  json: (dir) => new JsonLog(dir),
  csv: (dir) => new CsvLog(dir),
  tensorboard: (dir) => new TensorBoardLog(dir),
};

/** Whether the log in `dir` has the `last` row of a trial that has ended, and its end: then it has all, since it grew in order. */
const hasLog: Readonly<Record<LogFormat, (dir: string, last: JsonObject) => boolean>> = {
  json: hasJsonLog,
  csv: hasCsvLog,
  tensorboard: hasTensorBoardLog,
};

/** Rows that a log may be behind, because its file cannot be written. Past it the log stays the beginning that it is. */
const MAX_OWED = 100;

/** A log, and the rows that could not be written yet; without `owed` it was given up. */
interface Shelf {
  readonly log: TrialLog;
  owed: readonly LoggedRow[] | undefined;
}

/**
 * The logs of one trial in every format that is wanted, and error.txt. Each file is made with the first row, error.txt with
 * the first failure. A write that fails is tried again with the next one; logs do not wait for each other.
 */
export class TrialLogs {
  readonly #shelves: readonly Shelf[];
  readonly #errors: GrowingFile;
  #hasRows = false;

  /** @param dir - absolute path of the trial's directory, made on demand */
  constructor(dir: string, formats: readonly LogFormat[]) {
    this.#shelves = formats.map((format) => ({ log: openLog[format](dir), owed: [] }));
    this.#errors = new GrowingFile(join(dir, 'error.txt'));
  }

  /** One write for each format, whatever the number of rows. @throws {AttuneError} `STORAGE_UNWRITABLE` for the first that failed, when all were tried */
  append(rows: readonly LoggedRow[]): void {
    this.#hasRows ||= rows.length > 0;
    this.#each((shelf) => {
      const { log, owed } = shelf;
      if (owed === undefined) return;
      const due = owed.length === 0 ? rows : [...owed, ...rows];
      if (due.length === 0) return;
      shelf.owed = due.length > MAX_OWED ? undefined : due;
      log.append(due);
      shelf.owed = [];
    });
  }

  appendError(text: string): void {
    try {
      this.#errors.append(text);
    } finally {
      this.#errors.close();
    }
  }

  end(status: 'success' | 'failure', at: number): void {
    if (this.#hasRows) this.#each(({ log, owed }) => owed?.length === 0 && log.end?.(status, at));
  }

  /** Gives the file descriptors back; a later `append` opens the files again. */
  close(): void {
    for (const { log } of this.#shelves) log.close();
  }

  #each(act: (shelf: Shelf) => void): void {
    const faults: unknown[] = [];
    for (const shelf of this.#shelves) {
      try {
        act(shelf);
      } catch (error) {
        faults.push(error);
      }
    }
    if (faults.length > 0) throw faults[0];
  }
}

/**
 * Whether the logs in `dir` have all of a trial that has ended, as far as a look at their ends shows. Cost: a tenth of a millisecond.
 * @param last - its last row
 */
export function haveLogs(dir: string, formats: readonly LogFormat[], last: JsonObject): boolean {
  try {
    return formats.every((format) => hasLog[format](dir, last));
  } catch {
    return false; // a file is missing
  }
}

/** What a trial has a log of: its reports, in a format, or its failures, in error.txt. */
export type Logged = LogFormat | 'errors';

/**
 * Removes logs of a trial.
 * @param rewritten - new ones follow at once: the file that somebody may be reading on is emptied instead
 */
export function removeLogs(dir: string, logged: readonly Logged[], rewritten = false): void {
  if (!existsSync(dir)) return;
  for (const name of readdirSync(dir)) {
    const what = isTensorBoardLog(name) ? 'tensorboard' : FILES.get(name);
    if (what === undefined || !logged.includes(what)) continue;
    if (what === 'tensorboard' && rewritten) truncateSync(join(dir, name));
    else rmSync(join(dir, name), { force: true });
  }
}

const FILES: ReadonlyMap<string, Logged> = new Map([
  ['result.json', 'json'],
  ['params.json', 'json'],
  ['progress.csv', 'csv'],
  ['error.txt', 'errors'],
]);
