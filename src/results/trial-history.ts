import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AttuneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { rowFromJson } from '../trial/row-json.ts';
import type { TrialRecord } from '../trial/trial-record.ts';

/**
 * Every row of a trial's result.json, in order of writing; `[]` for one that never reported. NaN is null there.
 *
 * @param dir - absolute path of the trial's directory
 * @throws {AttuneError} `RESULT_NOT_FOUND` when the trial has reported and the file is gone
 */
export function readHistory(dir: string, trial: TrialRecord): readonly JsonObject[] {
  const path = join(dir, 'result.json');
  if (existsSync(path)) return parseLines(readFileSync(path, 'utf8'));
  if (trial.last === undefined) return [];
  throw new AttuneError('RESULT_NOT_FOUND', `History of trial ${trial.name}: expected a file ${path}, got none.`, {
    hint: 'Histories come from the result logs: keep them among the `loggers`, and the directory where it is.',
  });
}

/** A last line without its end was cut off by the end of a process; it is dropped. */
function parseLines(text: string): readonly JsonObject[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map(rowFromJson);
}
