import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { JsonObject } from '../base/json.ts';

/** The first, or the last, so many bytes of a file; all of a shorter one. @throws what the file system throws */
export function readEnd(path: string, which: 'first' | 'last', length: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.allocUnsafe(length);
    const from = which === 'first' ? 0 : Math.max(0, fstatSync(file).size - length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, from));
  } finally {
    closeSync(file);
  }
}

/** Whether a file ends with the line of this row, which is the last of a trial: with `done`, or without it when its end was not known yet. */
export function endsWithRow(path: string, row: JsonObject, lineOf: (row: JsonObject) => string): boolean {
  const lines = (row['done'] === true ? [row, { ...row, done: false }] : [row]).map((variant) => Buffer.from(lineOf(variant)));
  const end = readEnd(path, 'last', Math.max(...lines.map(({ length }) => length)));
  return lines.some((line) => end.subarray(-line.length).equals(line));
}
