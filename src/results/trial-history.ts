import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AttuneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { rowFromJson } from '../trial/row-json.ts';
import type { TrialRecord } from '../trial/trial-record.ts';
import type { JournalRows } from './journal-rows.ts';

/** A trial with all its rows, which are read when they are first wanted, and kept: from result.json, or, if that lacks some, from the journal. */
export class TrialHistory {
  readonly trial: TrialRecord;
  /** Absolute path of the trial's directory. */
  readonly dir: string;
  readonly #journal: JournalRows;
  #rows: readonly JsonObject[] | undefined;

  constructor(trial: TrialRecord, dir: string, journal: JournalRows) {
    this.trial = trial;
    this.dir = dir;
    this.#journal = journal;
  }

  /**
   * In order of writing; `[]` for a trial that never reported. NaN is null here.
   * @throws {AttuneError} `RESULT_NOT_FOUND` when the trial has reported and both files are gone
   */
  get rows(): readonly JsonObject[] {
    this.#rows ??= this.#read();
    return this.#rows;
  }

  get isThere(): boolean {
    return this.#journal.isThere || existsSync(this.#path);
  }

  get #path(): string {
    return join(this.dir, 'result.json');
  }

  #read(): readonly JsonObject[] {
    const { last, name } = this.trial;
    if (last === undefined) return [];
    if (this.#journal.isInMemory) return this.#journal.of(this.trial);
    const logged = existsSync(this.#path) ? parseLines(readFileSync(this.#path, 'utf8')) : undefined;
    if (logged && isSameReport(logged.at(-1), last)) return logged;
    if (this.#journal.isThere) return this.#journal.of(this.trial);
    if (logged) return logged;
    throw new AttuneError('RESULT_NOT_FOUND', `History of trial ${name}: expected a file ${this.#path}, got none.`, {
      hint: 'Histories come from result.json and from the journal: leave the files in place.',
    });
  }
}

/** Otherwise the log is behind: it was not wanted, could not be written, or the last report is still saving its checkpoint. */
const isSameReport = (logged: JsonObject | undefined, last: JsonObject): boolean =>
  ['training_iteration', 'time_total_s', 'date'].every((key) => logged?.[key] === last[key]);

/** A last line without its end was cut off by the end of a process; it is dropped. */
function parseLines(text: string): readonly JsonObject[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map(rowFromJson);
}
