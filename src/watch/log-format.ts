import { nearest } from '../base/edit-distance.ts';
import { AttuneError } from '../base/errors.ts';
import { describe } from '../base/options.ts';

/** The formats that trials can be logged in. */
export const LOG_FORMATS = ['json', 'csv', 'tensorboard'] as const;

/** `json`: result.json and params.json; `csv`: progress.csv; `tensorboard`: an event file. */
export type LogFormat = (typeof LOG_FORMATS)[number];

export const isLogFormat = (value: unknown): value is LogFormat => (LOG_FORMATS as readonly unknown[]).includes(value);

/** @throws {AttuneError} `OPTION_RANGE` for what is no format, with the nearest name */
export function checkLogFormat(where: string, value: unknown): void {
  if (isLogFormat(value)) return;
  const names = LOG_FORMATS.map((format) => `"${format}"`).join(', ');
  const hint = typeof value === 'string' ? { hint: `Did you mean "${nearest(value, LOG_FORMATS)}"?` } : {};
  throw new AttuneError('OPTION_RANGE', `${where}: expected a logger among ${names}, got ${describe(value)}.`, hint);
}
