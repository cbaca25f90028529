import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../base/json.ts';
import type { Config } from '../space/config.ts';
import { rowFromJson, rowToJson } from '../trial/row-json.ts';
import { csvHeader, csvLine, csvRow } from './csv.ts';

/** The open files of a trial that runs. */
interface OpenFiles {
  readonly result: number;
  readonly progress: number;
}

/**
 * params.json, result.json, progress.csv and error.txt of one trial. Everything is made with the first row, except that an error
 * may come before it. Files that are there already are continued: a torn last line is dropped, and progress.csv is made anew.
 */
export class TrialLogs {
  readonly #dir: string;
  #files: OpenFiles | undefined;
  /** The columns of progress.csv in order; empty before the first row. */
  #columns: readonly string[] = [];
  #known: ReadonlySet<string> = new Set();
  #params: Config | undefined;

  /** @param dir - absolute path of the trial's directory, made on demand */
  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Two writes, whatever the number of rows; params.json too when the configuration is another than at the last call. */
  append(rows: readonly JsonObject[]): void {
    const files = this.#files ?? this.#open();
    this.#files = files;
    this.#writeParams(rows.at(-1)?.['config'] as Config);
    writeSync(files.result, rows.map((row) => `${rowToJson(row)}\n`).join(''));
    const cells = rows.map(csvRow);
    if (cells.some((row) => Object.keys(row).some((key) => !this.#known.has(key)))) this.#addColumns(cells);
    else writeSync(files.progress, cells.map((row) => csvLine(this.#columns, row)).join(''));
  }

  appendError(text: string): void {
    mkdirSync(this.#dir, { recursive: true });
    writeFileSync(this.#path('error.txt'), text, { flag: 'a' });
  }

  /** Gives the file descriptors back; a later `append` opens them again. */
  close(): void {
    if (this.#files === undefined) return;
    closeSync(this.#files.result);
    closeSync(this.#files.progress);
    this.#files = undefined;
  }

  #path(name: string): string {
    return join(this.#dir, name);
  }

  #open(): OpenFiles {
    if (this.#columns.length > 0) return { result: openSync(this.#path('result.json'), 'a'), progress: openSync(this.#path('progress.csv'), 'a') };
    mkdirSync(this.#dir, { recursive: true });
    try {
      return { result: openSync(this.#path('result.json'), 'ax'), progress: openSync(this.#path('progress.csv'), 'w') };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      return this.#continue();
    }
  }

  /** The files are of an earlier session. */
  #continue(): OpenFiles {
    dropTornLine(this.#path('result.json'));
    this.#writeProgress();
    return { result: openSync(this.#path('result.json'), 'a'), progress: openSync(this.#path('progress.csv'), 'a') };
  }

  #writeParams(config: Config): void {
    if (this.#params === config) return;
    writeFileSync(this.#path('params.json'), `${JSON.stringify(config, sortedKeys, 2)}\n`);
    this.#params = config;
  }

  #addColumns(rows: readonly JsonObject[]): void {
    const files = this.#files as OpenFiles;
    if (this.#columns.length === 0) {
      this.#setColumns(rows);
      writeSync(files.progress, csvHeader(this.#columns) + rows.map((row) => csvLine(this.#columns, row)).join(''));
      return;
    }
    closeSync(files.progress);
    this.#writeProgress();
    this.#files = { ...files, progress: openSync(this.#path('progress.csv'), 'a') };
  }

  /** progress.csv from result.json, whole: the only way to add a column. */
  #writeProgress(): void {
    const lines = readFileSync(this.#path('result.json'), 'utf8').split('\n');
    const rows = lines.filter((line) => line !== '').map((line) => csvRow(rowFromJson(line)));
    this.#setColumns(rows);
    const text = rows.length === 0 ? '' : csvHeader(this.#columns) + rows.map((row) => csvLine(this.#columns, row)).join('');
    writeFileSync(this.#path('.tmp-progress.csv'), text);
    renameSync(this.#path('.tmp-progress.csv'), this.#path('progress.csv'));
  }

  #setColumns(rows: readonly JsonObject[]): void {
    this.#known = new Set(rows.flatMap((row) => Object.keys(row)));
    this.#columns = [...this.#known];
  }
}

/** Writes the files of one trial anew, from rows that stand elsewhere (the journal). */
export function rebuildTrialLogs(dir: string, { rows, errors = '' }: { readonly rows: readonly JsonObject[]; readonly errors?: string }): void {
  if (rows.length > 0) {
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'result.json'), '');
    const logs = new TrialLogs(dir);
    logs.append(rows);
    logs.close();
  }
  if (errors !== '') {
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'error.txt'), errors);
  }
}

/** A process that was killed in the middle of a write leaves a line without its end. */
function dropTornLine(path: string): void {
  const text = readFileSync(path);
  if (text.length === 0 || text.at(-1) === 0x0a) return;
  const fd = openSync(path, 'r+');
  ftruncateSync(fd, text.lastIndexOf(0x0a) + 1);
  closeSync(fd);
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
