import { AttuneError } from '../base/errors.ts';
import { canonicalJson } from '../base/json.ts';
import type { Config } from '../space/config.ts';
import { standingDirectory } from '../store/experiment-directory.ts';
import type { JournalLine } from '../trial/events.ts';
import { hasEnded } from '../trial/lifecycle.ts';
import type { RunConfig } from './options.ts';
import { readExperiment, readLines } from './restore.ts';

/** What `runConfig.onExisting` says and does when the experiment is there already. */

/** Where the options have experiments, by default. */
export const DEFAULT_STORAGE = './attune_results';

/** The directory that stands under the name of these options, if any. */
export const standing = ({ name, storagePath = DEFAULT_STORAGE }: RunConfig): string | undefined =>
  name === undefined ? undefined : standingDirectory(storagePath, name);

/**
 * Whether there is nothing left to do: the latest session came to its end. A run that its time budget ended goes on with what is
 * left of it.
 *
 * @param samples - as many as are wanted now; default: no others
 */
export function isFinished(lines: readonly JournalLine[], samples?: number): boolean {
  if (lines.at(-1)?.kind !== 'closed') return false;
  const at = lines.findLastIndex(({ kind }) => kind === 'opened');
  const opened = lines[at];
  if (opened?.kind !== 'opened') return false;
  if (samples !== undefined && samples !== (opened.samples === 'unlimited' ? Infinity : opened.samples)) return false;
  return !lines.slice(at).some((line) => line.kind === 'halted' && (line.interrupt || line.by === 'timeBudgetS'));
}

/** Those of `configs` that were not enqueued by an earlier run of the same script: each enqueued one counts once. */
export function notYetEnqueued<C extends Config>(configs: readonly C[], lines: readonly JournalLine[]): readonly C[] {
  const before = lines.flatMap((line) => (line.kind === 'enqueued' && !line.preset ? [canonicalJson(line.config)] : []));
  return configs.filter((config) => {
    const index = before.indexOf(canonicalJson(config));
    if (index >= 0) before.splice(index, 1);
    return index < 0;
  });
}

/** The refusal of a directory that holds an experiment already: how far it is, and how to go on with it. */
export function experimentExists(path: string): AttuneError {
  const { state, hint } = stateOf(path) ?? {};
  return new AttuneError('EXPERIMENT_EXISTS', `runConfig.name: expected a name that is not taken, got "${path}", which holds ${state ?? 'an experiment'}.`, {
    ...(hint === undefined ? {} : { hint }),
  });
}

function stateOf(path: string): { readonly state: string; readonly hint?: string } | undefined {
  try {
    if (isFinished(readLines(path).lines)) return undefined;
    const { trials, interrupted } = readExperiment(path);
    const ended = trials.filter(({ status }) => hasEnded(status)).length;
    const why = interrupted === undefined ? '' : `; ${interrupted} interrupted it`;
    return {
      state: `an experiment that has not ended (${ended} of its ${trials.length} trials have${why})`,
      hint: "Use Tuner.restore or runConfig.onExisting: 'resume' to continue it; for a new one another runConfig.name, or onExisting: 'new'.",
    };
  } catch {
    return undefined; // it cannot be read: whoever restores it is told why
  }
}
