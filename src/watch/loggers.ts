import { warn as warnUser } from '../base/warn.ts';
import type { Callback } from './callback.ts';
import { isLogFormat, LOG_FORMATS, type LogFormat } from './log-format.ts';
import { ResultLogs } from './result-logs.ts';

/** A log of ours by its name, or a callback that keeps one. */
export type Logger = LogFormat | Callback;

/**
 * The callbacks that `loggers` stand for: one writes everything that is named, and error.txt whatever is named. Default: all names.
 *
 * @param warn - told what ours cannot write
 */
export function loggersOf(loggers: readonly Logger[] = LOG_FORMATS, warn: typeof warnUser = warnUser): readonly Callback[] {
  const formats = loggers.filter(isLogFormat);
  const own = loggers.filter((logger): logger is Callback => !isLogFormat(logger));
  return [new ResultLogs(formats, warn), ...own];
}
