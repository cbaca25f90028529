import { deepFreeze } from '../base/deep-freeze.ts';
import type { JournalLine } from '../trial/events.ts';
import type { TrialId } from '../trial/ids.ts';
import type { TrialRecord } from '../trial/trial-record.ts';
import type { ExperimentView } from '../watch/callback.ts';

/**
 * Shows an experiment to those who watch, line by line, so that nothing they write to reaches it, or another who watches: lines and
 * lists are frozen, and trials are copies. Cost: half a microsecond for each line; for `trials`, after a line, a walk through the list.
 */
export function exhibit(view: ExperimentView): (line?: JournalLine) => ExperimentView {
  const copies: TrialRecord[] = [];
  let all: readonly TrialRecord[] | undefined;
  // The prototype of each view: an accessor in a literal takes as long as everything else here.
  const shared = Object.freeze({
    path: view.path,
    created: deepFreeze(view.created),
    get trials(): readonly TrialRecord[] {
      for (const { id, where } of copies) if (view.trials[id]?.where !== where) copy(view.trials[id] as TrialRecord); // known before a line says it
      return (all ??= Object.freeze(copies.map((trial) => Object.freeze(trial))));
    },
  });
  const copy = (row: TrialRecord): TrialRecord => {
    const trial = { ...row }; // what is in a row is frozen
    copies[trial.id] = trial;
    all = undefined;
    return trial;
  };
  return (line) => {
    deepFreeze(line);
    for (let id = copies.length; id < view.trials.length; id++) copy(view.trials[id] as TrialRecord);
    const row = line && 'trial' in line ? view.trials[line.trial] : undefined;
    const trial = row && copy(row);
    const shown = Object.create(shared) as { -readonly [K in keyof ExperimentView]: ExperimentView[K] };
    shown.trial = (id: TrialId) => {
      const known = id === trial?.id ? trial : copies[id];
      return known && { ...known }; // to freeze it would take ten times as long
    };
    return Object.freeze(shown);
  };
}
