import { AttuneError } from '../base/errors.ts';
import { canonicalJson } from '../base/json.ts';
import { readLines } from '../store/read-experiment.ts';
import type { Created, JournalLine } from '../trial/events.ts';
import { checkNext } from '../trial/rows.ts';
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
  const { at, decisions: recorded = [], fault } = line;
  checkNext(experiment.rows, line);
  const { decisions, fault: again } = advance(experiment, line, at, fault ? undefined : recorded);
  if (again) throw again;
  if (fault || sameDecisions(decisions, recorded)) return;
  const scheduler = experiment.seats[0]?.scheduler.name;
  const { at: _at, decisions: _decisions, ...event } = line;
  throw new AttuneError(
    'RESTORE_MISMATCH',
    `restore: expected ${scheduler} to decide ${canonicalJson(recorded)} on ${canonicalJson(event)} as before, got ${canonicalJson(decisions)}.`,
    { hint: 'A scheduler is a function of its state and its events: no clock, no randomness of its own. Use the code that wrote the journal.' },
  );
}

/**
 * Folds the journal in `dir`. Cost: one pass, of which no line is kept.
 *
 * @param check - called with the first line, before anything is folded
 * @param onLine - called with each line, after it was folded
 * @throws {AttuneError} as `replay`, and `EXPERIMENT_NOT_FOUND`, `JOURNAL_VERSION`, `JOURNAL_INVALID`
 */
export function replayJournal(
  dir: string,
  parts: Parts,
  check: (created: Created) => void,
  onLine: (line: JournalLine) => void,
): { readonly experiment: Experiment; readonly bytes: number } {
  let experiment: Experiment | undefined;
  const bytes = readLines(dir, (line) => {
    if (experiment === undefined) {
      check(line as Created);
      experiment = emptyExperiment(line as Created, parts);
    } else {
      replayLine(experiment, line);
    }
    onLine(line);
  });
  return { experiment: experiment as unknown as Experiment, bytes };
}
