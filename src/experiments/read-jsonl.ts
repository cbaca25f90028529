import { readFileSync } from 'node:fs';
import { AttuneError } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { describe } from '../base/options.ts';
import { type Table, tableOf } from '../results/table.ts';
import { rowFromJson } from '../trial/row-json.ts';

/**
 * The lines of a file of JSON objects as an arquero table: one row each, what is nested under names with dots (`scores.fit_time`), lists as they
 * are, and null where a row lacks a column. A last line that is torn, as by the end of the process that wrote it, is left out.
 *
 * @returns a table of no rows and no columns for an empty file
 * @throws {AttuneError} `RESULT_NOT_FOUND` when there is no such file, for another line that is no JSON object, naming it, and for two columns of one name
 *
 * @example
 * import { readJsonl, runExperiments } from 'attune';
 *
 * const base = { outPath: 'scored', fit: (cfg: { lr: number }) => cfg.lr * 10, post: (_: object, score: number) => ({ score }), verbose: false };
 * await runExperiments(base, [{ lr: 0.5 }, { lr: 0.1 }]);
 * readJsonl('scored/results.jsonl').array('scores.score'); // => [5, 1]
 */
export function readJsonl(path: string): Table {
  const lines = textOf(path).split('\n');
  const isTorn = lines.at(-1) !== '';
  const rows = lines.flatMap((line, i) => {
    if (line.trim() === '') return [];
    const row = parse(line);
    if (row !== undefined) return [flat(row, `${path}:${i + 1}`)];
    if (isTorn && i === lines.length - 1) return [];
    throw unreadable(
      `${path}:${i + 1}: expected a JSON object`,
      describe(line),
      'The lines before it can be read: cut the file there, or write the line anew.',
    );
  });
  return tableOf(rows);
}

const unreadable = (expected: string, got: string, hint: string, cause?: unknown): AttuneError =>
  new AttuneError('RESULT_NOT_FOUND', `readJsonl: ${expected}, got ${got}.`, { hint, ...(cause === undefined ? {} : { cause }) });

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    throw unreadable(`expected a file at ${describe(path)}`, got, 'runExperiments writes results.jsonl and failures.jsonl into its outPath.', cause);
  }
}

function parse(line: string): JsonObject | undefined {
  try {
    const value: Json = rowFromJson(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: Json): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

function flat(row: JsonObject, where: string): JsonObject {
  const columns = new Map<string, Json>();
  const add = (object: JsonObject, prefix: string): void => {
    for (const [key, value] of Object.entries(object)) {
      const name = `${prefix}${key}`;
      if (isObject(value) && Object.keys(value).length > 0) add(value, `${name}.`);
      else if (!columns.has(name)) columns.set(name, value);
      else throw unreadable(`${where}: expected columns of different names`, `${describe(name)} twice`, 'Use nesting in place of keys with a dot.');
    }
  };
  add(row, '');
  return Object.fromEntries(columns);
}
