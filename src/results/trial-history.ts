import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AttuneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { describe } from '../base/options.ts';
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

  /** `rows`, without waiting for the disk. @throws {AttuneError} `RESULT_NOT_FOUND` */
  async read(): Promise<readonly JsonObject[]> {
    if (this.#rows !== undefined || this.trial.last === undefined || this.#journal.isInMemory) return this.rows;
    const text = await readFile(this.#path, 'utf8').catch(() => undefined); // what is wrong with it, `rows` says
    this.#rows ??= this.#read(text);
    return this.#rows;
  }

  get isThere(): boolean {
    return this.#journal.isThere || existsSync(this.#path);
  }

  get #path(): string {
    return join(this.dir, 'result.json');
  }

  #read(text?: string): readonly JsonObject[] {
    const { last } = this.trial;
    if (last === undefined) return [];
    if (this.#journal.isInMemory) return this.#journal.of(this.trial);
    const { rows, problem } = this.#logged(text);
    if (problem === undefined && isSameReport(rows.at(-1), last)) return rows;
    if (this.#journal.isThere) return this.#journal.of(this.trial);
    if (problem === undefined) return rows;
    throw new AttuneError('RESULT_NOT_FOUND', `History of trial ${this.trial.name}: expected ${problem}.`, {
      hint: 'Histories come from result.json and from the journal: leave the files in place.',
    });
  }

  /** What result.json has, or what is wrong with it: expected X, got Y. */
  #logged(text?: string): Logged {
    const path = this.#path;
    const found = text ?? (existsSync(path) ? readFileSync(path, 'utf8') : undefined);
    return found === undefined ? { rows: [], problem: `a file ${path}, got none` } : parseLines(path, found);
  }
}

interface Logged {
  readonly rows: readonly JsonObject[];
  readonly problem?: string;
}

/** Otherwise the log is behind: it was not wanted, could not be written, or the last report is still saving its checkpoint. */
const isSameReport = (logged: JsonObject | undefined, last: JsonObject): boolean =>
  ['training_iteration', 'time_total_s', 'date'].every((key) => logged?.[key] === last[key]);

/** A last line without its end was cut off by the end of a process; it is dropped. */
function parseLines(path: string, text: string): Logged {
  const rows: JsonObject[] = [];
  for (const [i, line] of text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .entries()) {
    if (line === '') continue;
    const row = parseRow(line);
    if (row === undefined) return { rows, problem: `line ${i + 1} of "${path}" to be a JSON object, got ${describe(line)}` };
    rows.push(row);
  }
  return { rows };
}

function parseRow(line: string): JsonObject | undefined {
  try {
    const row: unknown = rowFromJson(line);
    return typeof row === 'object' && row !== null && !Array.isArray(row) ? (row as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}
