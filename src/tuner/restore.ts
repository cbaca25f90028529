import { AttuneError } from '../base/errors.ts';
import { canonicalJson } from '../base/json.ts';
import { isExperiment, journalPath } from '../store/experiment-directory.ts';
import { journalLines, lastLine, readJournal } from '../store/journal.ts';
import type { Created, JournalLine, Opened } from '../trial/events.ts';
import { interruptedBy } from '../trial/interruption.ts';
import type { TrialRow } from '../trial/rows.ts';
import { advanceTrials, checkNext } from '../trial/rows.ts';
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

/** The experiment in `dir` as data; needs none of its code. Cost: one pass over the journal. @throws {AttuneError} as `readLines` */
export function readExperiment(dir: string): ExperimentRecord {
  return foldExperiment(dir, () => {});
}

/** `readExperiment` that also calls `onLine` with each line. @throws {AttuneError} as `readLines` */
export function foldExperiment(dir: string, onLine: (line: JournalLine) => void): ExperimentRecord {
  let created: Created | undefined;
  let opened: Opened | undefined;
  const trials: TrialRow[] = [];
  let interrupted: string | undefined;
  readLines(dir, (line) => {
    created ??= line as Created;
    if (line.kind === 'opened') opened = line;
    interrupted = interruptedBy(interrupted, line);
    checkNext(trials, line);
    advanceTrials(trials, created.seed, line, line.at);
    onLine(line);
  });
  return { path: dir, created: created as unknown as Created, trials, interrupted, ...(opened ? { opened } : {}) };
}

/** The first line of the journal in `dir`. @throws {AttuneError} as `readLines` */
export function readCreated(dir: string): Created {
  for (const line of linesIn(dir)) return line as Created;
  throw unbegun(dir);
}

/** How the experiment in `dir` was set up, first and in its latest session. Cost: a search through the journal. @throws {AttuneError} as `readLines` */
export function readSetup(dir: string): Pick<ExperimentRecord, 'created' | 'opened'> {
  const created = readCreated(dir);
  const opened = lastLine(journalPath(dir), '{"kind":"opened"') as Opened | undefined;
  return { created, ...(opened ? { opened } : {}) };
}

/** The lines of some trials, in order; lines of no trial are among them. Cost: a look at each line of the journal. @throws {AttuneError} as `readLines` */
export function* linesOf(dir: string, trials: ReadonlySet<number>): Iterable<JournalLine> {
  const isOfThem = (text: string): boolean => {
    const trial = /^\{"kind":"[a-z]+","trial":(\d+)[,}]/.exec(text)?.[1]; // as we write them; any other line is parsed
    return trial === undefined || trials.has(Number(trial));
  };
  for (const line of linesIn(dir, isOfThem)) if (!('trial' in line) || trials.has(line.trial)) yield line;
}

/**
 * Tells each line of the journal in `dir`, in order.
 *
 * @returns the bytes that are whole lines
 * @throws {AttuneError} `EXPERIMENT_NOT_FOUND`, `JOURNAL_VERSION`, `JOURNAL_INVALID`
 */
export function readLines(dir: string, onLine: (line: JournalLine) => void): number {
  checkExperiment(dir);
  const bytes = readJournal(journalPath(dir), onLine);
  if (bytes > 0) return bytes;
  throw unbegun(dir);
}

function linesIn(dir: string, wanted?: (text: string) => boolean): Iterable<JournalLine> {
  checkExperiment(dir);
  return journalLines(journalPath(dir), wanted);
}

function checkExperiment(dir: string): void {
  if (!isExperiment(dir)) throw new AttuneError('EXPERIMENT_NOT_FOUND', `restore: expected an experiment directory, got "${dir}".`);
}

const unbegun = (dir: string): AttuneError =>
  new AttuneError('EXPERIMENT_NOT_FOUND', `restore: expected an experiment that has begun, got "${dir}", whose journal has no whole line.`, {
    hint: 'It was ended before its first line was written, and holds nothing: start it again with fit().',
  });
