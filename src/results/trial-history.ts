import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AttuneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { rowFromJson } from '../trial/row-json.ts';
import type { TrialRecord } from '../trial/trial-record.ts';

/** A trial with all its rows, which are read from result.json when they are first wanted, and kept. */
export class TrialHistory {
  readonly trial: TrialRecord;
  /** Absolute path of the trial's directory. */
  readonly dir: string;
  #rows: readonly JsonObject[] | undefined;

  constructor(trial: TrialRecord, dir: string) {
    this.trial = trial;
    this.dir = dir;
  }

  /**
   * In order of writing; `[]` for a trial that never reported. NaN is null here.
   * @throws {AttuneError} `RESULT_NOT_FOUND` when the trial has reported and the file is gone
   */
  get rows(): readonly JsonObject[] {
    this.#rows ??= this.#read();
    return this.#rows;
  }

  get isOnDisk(): boolean {
    return existsSync(this.#path);
  }

  get #path(): string {
    return join(this.dir, 'result.json');
  }

  #read(): readonly JsonObject[] {
    if (this.isOnDisk) return parseLines(readFileSync(this.#path, 'utf8'));
    if (this.trial.last === undefined) return [];
    throw new AttuneError('RESULT_NOT_FOUND', `History of trial ${this.trial.name}: expected a file ${this.#path}, got none.`, {
      hint: 'Histories come from the result logs: keep them among the `loggers`, and leave the files in place.',
    });
  }
}

/** A last line without its end was cut off by the end of a process; it is dropped. */
function parseLines(text: string): readonly JsonObject[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map(rowFromJson);
}
