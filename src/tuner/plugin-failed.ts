import { AttuneError } from '../base/errors.ts';
import { toErrorData } from '../trial/error-data.ts';

/**
 * The error of a plug-in that threw; one that is already such an error is left as it is.
 *
 * @param where - plug-in, hook and event: `asha.decide on "reported" of trial 3af6c_00002`
 */
export function pluginFailed(where: string, cause: unknown): AttuneError {
  if (cause instanceof AttuneError && cause.code === 'PLUGIN_FAILED') return cause;
  const hint = cause instanceof AttuneError && cause.hint ? { hint: `${cause.hint} Then continue with Tuner.restore.` } : {};
  const problem = problemOf(cause).replace(/\.$/, '');
  return new AttuneError('PLUGIN_FAILED', problem.startsWith(where) ? `${problem}.` : `${where} threw: ${problem}.`, { ...hint, cause });
}

/** What an error says, without the advice and the code that one of ours ends with. */
export function problemOf(error: unknown): string {
  const { name, message } = toErrorData(error);
  if (!(error instanceof AttuneError)) return message || name;
  return message.replace(` Hint: ${error.hint} [${error.code}]`, '');
}

/** `on "reported" of trial 3af6c_00002`: the event at which a hook was called. */
export const eventInWords = (kind: string, trial: string | undefined): string => `on "${kind}"${trial === undefined ? '' : ` of trial ${trial}`}`;
