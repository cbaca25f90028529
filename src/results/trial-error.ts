import type { ErrorData } from '../trial/events.ts';

/** What ended a trial: an error with the name, message, stack and causes it had where it was thrown. */
export interface TrialError extends Error {
  readonly code?: string;
}

/** The error that `data` describes. It has the stack of the worker; nothing of this process is added. */
export function toTrialError(data: ErrorData): TrialError {
  const error = new Error(data.message, data.cause === undefined ? {} : { cause: toTrialError(data.cause) });
  define(error, 'name', data.name);
  define(error, 'stack', data.stack ?? `${data.name}: ${data.message}`);
  if (data.code !== undefined) define(error, 'code', data.code);
  return error;
}

const define = (error: Error, key: string, value: string): unknown =>
  Object.defineProperty(error, key, { value, enumerable: key === 'code', configurable: true, writable: true });
