import { AttuneError } from '../base/errors.ts';
import { canonicalJson } from '../base/json.ts';
import { isExperiment, journalPath } from '../store/experiment-directory.ts';
import { readJournal } from '../store/journal.ts';
import type { Created, JournalLine } from '../trial/events.ts';
import { interruptedBy } from '../trial/interruption.ts';
import type { TrialRow } from '../trial/rows.ts';
import { advanceTrials } from '../trial/rows.ts';
import type { ExperimentRecord } from '../trial/trial-record.ts';
import { advance, sameDecisions } from './advance.ts';
import type { Experiment, Parts } from './experiment.ts';
import { emptyExperiment } from './experiment.ts';

/**
 * Restore is replay: folds the journal again, with the schedulers deciding again on the same events.
 *
 * @param lines - from `created` on
 * @throws {AttuneError} `RESTORE_MISMATCH` when a scheduler decides otherwise than the journal says; `PLUGIN_FAILED` when one throws
 */
export function replay(lines: Iterable<JournalLine>, parts: Parts): Experiment {
  let experiment: Experiment | undefined;
  for (const line of lines) {
    if (experiment === undefined) {
      experiment = emptyExperiment(line as Created, parts);
    } else {
      replayLine(experiment, line);
    }
  }
  if (experiment === undefined) throw new AttuneError('JOURNAL_INVALID', 'restore: expected a journal with its first line, got an empty one.');
  return experiment;
}

function replayLine(experiment: Experiment, line: JournalLine): void {
  const { at, decisions: recorded = [], fault, ...event } = line;
  const { decisions, fault: again } = advance(experiment, event, at, fault ? undefined : recorded);
  if (again) throw again;
  if (fault || sameDecisions(decisions, recorded)) return;
  const scheduler = experiment.seats[0]?.scheduler.name;
  throw new AttuneError(
    'RESTORE_MISMATCH',
    `restore: expected ${scheduler} to decide ${canonicalJson(recorded)} on ${canonicalJson(event)} as before, got ${canonicalJson(decisions)}.`,
    { hint: 'A scheduler is a function of its state and its events: no clock, no randomness of its own. Use the code that wrote the journal.' },
  );
}

/** The experiment in `dir` as data; needs none of its code. Cost: one pass over the journal. */
export function readExperiment(dir: string): ExperimentRecord {
  const { created, lines } = readLines(dir);
  const trials: TrialRow[] = [];
  let interrupted: string | undefined;
  for (const line of lines) {
    advanceTrials(trials, created.seed, line, line.at);
    interrupted = interruptedBy(interrupted, line);
  }
  return { path: dir, created, trials, interrupted };
}

/** Every line of the journal in `dir`, and the bytes they take. @throws {AttuneError} `EXPERIMENT_NOT_FOUND`, `JOURNAL_VERSION`, `JOURNAL_INVALID` */
export function readLines(dir: string): { readonly created: Created; readonly lines: readonly JournalLine[]; readonly bytes: number } {
  if (!isExperiment(dir)) throw new AttuneError('EXPERIMENT_NOT_FOUND', `restore: expected an experiment directory, got "${dir}".`);
  const lines: JournalLine[] = [];
  const bytes = readJournal(journalPath(dir), (line) => lines.push(line));
  const [created] = lines;
  if (created?.kind !== 'created') throw new AttuneError('JOURNAL_INVALID', `restore: expected a journal with its first line, got an empty one in "${dir}".`);
  return { created, lines, bytes };
}
