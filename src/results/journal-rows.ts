import { AttuneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { isExperiment, journalPath } from '../store/experiment-directory.ts';
import { readJournal } from '../store/journal.ts';
import type { JournalLine } from '../trial/events.ts';
import { rowFromJson, rowToJson } from '../trial/row-json.ts';
import type { TrialRow } from '../trial/rows.ts';
import { advanceTrials, checkNext } from '../trial/rows.ts';
import type { ExperimentRecord, TrialRecord } from '../trial/trial-record.ts';

/** The rows of every trial from the journal: read when they are first wanted, in one pass, and kept. For trials whose result.json lacks some. */
export class JournalRows {
  readonly #experiment: ExperimentRecord;
  #rows: readonly (readonly JsonObject[])[] | undefined;

  constructor(experiment: ExperimentRecord) {
    this.#experiment = experiment;
  }

  /** The experiment was never on a disk: there are no files to look at. */
  get isInMemory(): boolean {
    return this.#experiment.journal !== undefined;
  }

  get isThere(): boolean {
    return this.isInMemory || isExperiment(this.#experiment.path);
  }

  /** As result.json would have them. @throws {AttuneError} `JOURNAL_INVALID` */
  of({ id }: TrialRecord): readonly JsonObject[] {
    this.#rows ??= this.#read();
    return this.#rows[id] ?? [];
  }

  #read(): readonly (readonly JsonObject[])[] {
    const { created } = this.#experiment;
    const trials: TrialRow[] = [];
    const rows: JsonObject[][] = [];
    const read = (line: JournalLine): void => {
      checkNext(trials, line);
      advanceTrials(trials, created.seed, line, line.at);
      if (line.kind !== 'reported' && line.kind !== 'checkpointed') return;
      const { last } = trials[line.trial] ?? {};
      const own = (rows[line.trial] ??= []);
      if (last) own.splice(line.kind === 'reported' ? own.length : -1, 1, last);
    };
    eachLine(this.#experiment, read);
    return rows.map((own) => own.map((row) => rowFromJson(rowToJson(row))));
  }
}

/** Each line of the journal, in order, wherever it is kept. @throws {AttuneError} `RESULT_NOT_FOUND` when its file is gone, `JOURNAL_INVALID` */
export function eachLine({ path, journal }: ExperimentRecord, tell: (line: JournalLine) => void): void {
  if (journal) return journal.forEach(tell);
  if (!isExperiment(path)) {
    throw new AttuneError('RESULT_NOT_FOUND', `Journal: expected the file "${journalPath(path)}", got none.`, {
      hint: 'What happened when is read from the journal: leave it in place.',
    });
  }
  readJournal(journalPath(path), tell);
}
