import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { AttuneError } from '../base/errors.ts';
import type { Created, JournalLine, Opened, Stamp } from '../trial/events.ts';
import { interruptedBy } from '../trial/interruption.ts';
import type { TrialRow } from '../trial/rows.ts';
import { advanceTrials, checkNext } from '../trial/rows.ts';
import type { ExperimentRecord } from '../trial/trial-record.ts';
import { isExperiment, journalPath } from './experiment-directory.ts';
import { journalLines, lastLine, readJournal } from './journal.ts';

/**
 * The experiment in `dir` as data; needs none of its code. Cost: one pass over the journal.
 *
 * @param where - who reads, for the message of an error
 * @throws {AttuneError} as `readLines`
 */
export function readExperiment(dir: string, where?: string): ExperimentRecord {
  return foldExperiment(dir, () => {}, where);
}

/** `readExperiment` that also calls `onLine` with each line. @throws {AttuneError} as `readLines` */
export function foldExperiment(dir: string, onLine: (line: JournalLine) => void, where?: string): ExperimentRecord {
  let created: Created | undefined;
  let opened: (Opened & Stamp) | undefined;
  let [earlierMs, openMs] = [0, 0];
  const trials: TrialRow[] = [];
  let interrupted: string | undefined;
  const fold = (line: JournalLine): void => {
    created ??= line as Created;
    if (line.kind === 'opened') [opened, earlierMs] = [line, openMs];
    if (opened) openMs = earlierMs + Math.max(0, line.at - opened.at);
    interrupted = interruptedBy(interrupted, line);
    checkNext(trials, line);
    advanceTrials(trials, created.seed, line, line.at);
    onLine(line);
  };
  readLines(dir, fold, where);
  return { path: dir, created: created as unknown as Created, trials, interrupted, openMs, ...(opened ? { opened } : {}) };
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
 * @param where - who reads, for the message of an error; default `restore`
 * @returns the bytes that are whole lines
 * @throws {AttuneError} `EXPERIMENT_NOT_FOUND`, which says what is there instead; `JOURNAL_VERSION`, `JOURNAL_INVALID`
 */
export function readLines(dir: string, onLine: (line: JournalLine) => void, where?: string): number {
  checkExperiment(dir, where);
  const bytes = readJournal(journalPath(dir), onLine);
  if (bytes > 0) return bytes;
  throw unbegun(dir, where);
}

function linesIn(dir: string, wanted?: (text: string) => boolean): Iterable<JournalLine> {
  checkExperiment(dir);
  return journalLines(journalPath(dir), wanted);
}

function checkExperiment(dir: string, where = 'restore'): void {
  try {
    accessSync(journalPath(dir), constants.R_OK);
  } catch (cause) {
    const { is, hint } = standsAt(dir, cause as Error);
    throw new AttuneError('EXPERIMENT_NOT_FOUND', `${where}: expected an experiment directory, got "${dir}", ${is}.`, hint === undefined ? {} : { hint });
  }
}

/** The most names that a hint gives. */
const NAMED = 5;

/** What there is in place of an experiment, and which directory may be meant. */
function standsAt(dir: string, problem: Error): { readonly is: string; readonly hint?: string } {
  try {
    if (!isExperiment(dir)) return somethingElse(dir);
  } catch {
    // nor can the directory be read
  }
  return { is: `which cannot be read: ${problem.message}` };
}

function somethingElse(dir: string): { readonly is: string; readonly hint?: string } {
  const stats = statSync(dir, { throwIfNoEntry: false });
  const around = [dirname(resolve(dir)), dirname(dirname(resolve(dir)))].find(isExperiment);
  const inside = around === undefined ? {} : { hint: `Give the experiment that it is in: ${JSON.stringify(around)}.` };
  if (stats === undefined) return { is: 'which does not exist', ...inside };
  if (!stats.isDirectory()) return { is: 'which is a file', ...inside };
  const entries = readdirSync(dir);
  if (entries.length === 0) return { is: 'which is empty', ...inside };
  const experiments = entries.filter((entry) => isExperiment(join(dir, entry)));
  if (experiments.length === 0) return { is: 'which holds no journal.jsonl', ...inside };
  const names = experiments.slice(0, NAMED).map((name) => JSON.stringify(join(dir, name)));
  const more = experiments.length > NAMED ? `, and ${experiments.length - NAMED} more` : '';
  return { is: `which holds ${experiments.length} of them`, hint: `Give one of ${names.join(', ')}${more}.` };
}

const unbegun = (dir: string, where = 'restore'): AttuneError =>
  new AttuneError('EXPERIMENT_NOT_FOUND', `${where}: expected an experiment that has begun, got "${dir}", whose journal has no whole line.`, {
    hint: 'It was ended before its first line was written, and holds nothing: start it again with fit().',
  });
