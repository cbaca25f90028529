import type { ErrorData } from '../trial/events.ts';
import { utcDate } from '../trial/row.ts';

/** One entry of error.txt: `Failure # 1 (occurred at 2023-08-25_17-42-27)`, the stack, and the stack of every cause. */
export function failureText(failure: number, at: number, error: ErrorData): string {
  return `Failure # ${failure} (occurred at ${utcDate(at)})\n${stackText(error)}\n\n`;
}

function stackText(error: ErrorData): string {
  const headline = `${error.name}: ${error.message}`;
  const stack = error.stack ?? '';
  const text = stack.includes(error.message) && stack !== '' ? stack : `${headline}${stack && `\n${stack}`}`;
  return error.cause === undefined ? text : `${text}\nCaused by: ${stackText(error.cause)}`;
}

/** An error in one line: its name and the first line of its message. */
export const errorHeadline = (error: ErrorData): string => `${error.name}: ${error.message.split('\n', 1)[0] ?? ''}`;
