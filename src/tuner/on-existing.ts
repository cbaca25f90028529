import { canonicalJson } from '../base/json.ts';
import type { Config } from '../space/config.ts';
import { readStanding, standingDirectory } from '../store/experiment-directory.ts';
import { foldExperiment } from '../store/read-experiment.ts';
import type { RunConfig } from './options.ts';

/** What `runConfig.onExisting` says and does when the experiment is there already. */

/** Where the options have experiments, by default. */
export const DEFAULT_STORAGE = './attune_results';

/** The directory that stands under the name of these options, if any. */
export const standing = ({ name, storagePath = DEFAULT_STORAGE }: RunConfig): string | undefined =>
  name === undefined ? undefined : standingDirectory(storagePath, name);

/**
 * Whether there is nothing left to do: the latest session came to its end. A run that was ended early, as by its time budget or by hand,
 * goes on with what is left of it.
 *
 * @param wanted - as many samples as are wanted now
 */
export function isFinished(dir: string, wanted: number): boolean {
  const { isOver, samples } = readStanding(dir);
  return isOver && wanted === (samples === 'unlimited' ? Number.POSITIVE_INFINITY : samples);
}

/**
 * What earlier runs of the same script have enqueued: gives the name of the trial of such a configuration (the first of a sweep), each once.
 * Cost: one pass over the journal, when it is made.
 */
export function enqueuedEarlier(dir: string): (config: Config) => string | undefined {
  const texts: (string | undefined)[] = [];
  const { trials } = foldExperiment(dir, (line) => {
    if (line.kind === 'enqueued') texts.push(line.preset || line.restarts !== undefined ? undefined : canonicalJson(line.config));
  });
  const names = new Map<string, string[]>();
  for (const { by, name } of trials) {
    const text = by.kind === 'enqueued' && by.part === 0 ? texts[by.entry] : undefined;
    if (text !== undefined) names.set(text, [...(names.get(text) ?? []), name]);
  }
  return (config) => names.get(canonicalJson(config))?.shift();
}
