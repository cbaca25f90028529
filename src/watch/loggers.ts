import type { Callback } from './callback.ts';
import { isLogFormat, LOG_FORMATS, type LogFormat } from './log-format.ts';
import { resultLogs } from './result-logs.ts';

/** A log of ours by its name, or a callback that keeps one. */
export type Logger = LogFormat | Callback;

/** The callbacks that `loggers` stand for: one writes everything that is named, and error.txt whatever is named. Default: all names. */
export function loggersOf(loggers: readonly Logger[] = LOG_FORMATS): readonly Callback[] {
  const formats = loggers.filter(isLogFormat);
  const own = loggers.filter((logger): logger is Callback => !isLogFormat(logger));
  return [resultLogs({ formats }), ...own];
}
