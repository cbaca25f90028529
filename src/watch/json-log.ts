import { mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Json, JsonObject } from '../base/json.ts';
import { rowToJson } from '../trial/row-json.ts';
import { endsWithRow } from './file-ends.ts';
import { GrowingFile, replaceFile, unwritable } from './growing-file.ts';
import type { LoggedRow, TrialLog } from './trial-log.ts';

/** result.json, a line per report, and params.json, the configuration of the latest one. */
export class JsonLog implements TrialLog {
  readonly #result: GrowingFile;
  readonly #paramsPath: string;
  #params: Json | undefined;

  constructor(dir: string) {
    this.#result = new GrowingFile(join(dir, 'result.json'));
    this.#paramsPath = join(dir, 'params.json');
  }

  append(rows: readonly LoggedRow[]): void {
    this.#writeParams(rows.at(-1)?.row['config']);
    let lines = '';
    for (const { row } of rows) lines += lineOf(row);
    this.#result.append(lines);
  }

  close(): void {
    this.#result.close();
  }

  #writeParams(config: Json | undefined): void {
    if (this.#params === config) return;
    try {
      mkdirSync(dirname(this.#paramsPath), { recursive: true });
      replaceFile(this.#paramsPath, paramsText(config));
      this.#params = config;
    } catch (cause) {
      throw unwritable(this.#paramsPath, cause);
    }
  }
}

const lineOf = (row: JsonObject): string => `${rowToJson(row)}\n`;

const paramsText = (config: Json | undefined): string => `${JSON.stringify(config, sortedKeys, 2)}\n`;

/** See `haveLogs`. @throws what the file system throws */
export const hasJsonLog = (dir: string, last: JsonObject): boolean =>
  endsWithRow(join(dir, 'result.json'), last, lineOf) && statSync(join(dir, 'params.json')).size === Buffer.byteLength(paramsText(last['config'])); // it is renamed into place

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
