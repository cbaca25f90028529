import { AttuneError } from '../base/errors.ts';
import type { Created, JournalLine, Opened } from '../trial/events.ts';
import { interruptedBy } from '../trial/interruption.ts';
import type { TrialRow } from '../trial/rows.ts';
import { advanceTrials, checkNext } from '../trial/rows.ts';
import type { ExperimentRecord } from '../trial/trial-record.ts';
import { isExperiment, journalPath } from './experiment-directory.ts';
import { journalLines, lastLine, readJournal } from './journal.ts';

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
