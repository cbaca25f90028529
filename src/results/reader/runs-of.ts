import { hostname } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../base/json.ts';
import { holderOf } from '../../store/lock.ts';
import { readCreated } from '../../store/read-experiment.ts';
import type { ExperimentRecord } from '../../trial/trial-record.ts';
import { JournalRows } from '../journal-rows.ts';
import type { Run } from './cells.ts';
import type { IndexEntry } from './index-file.ts';
import type { Scanned } from './scan.ts';

/** A directory that looks like a run, or an experiment, and could not be read; or one of our trials, which is there without its artifacts. */
export interface SkippedRun {
  /** Absolute. */
  readonly path: string;
  readonly reason: string;
}

/** The runs of an index as they are now, in order of their numbers: which of those that had not ended still run is looked at, and where they lie. */
export function runsOf(root: string, { index, strays }: Scanned): { readonly runs: readonly Run[]; readonly skipped: readonly SkippedRun[] } {
  const entries = [...index].sort(([a], [b]) => byNumber(a, b));
  const isOnlyOne = index.size === 1 && index.has('');
  const runs = entries.flatMap(([dir, entry]) => (entry.layout === 'attune' ? trialsOf(root, dir, entry, isOnlyOne) : mlxpRun(root, dir, entry)));
  const skipped = [...entries.flatMap(([dir, entry]) => skippedIn(dir, entry)), ...strays];
  return { runs, skipped: skipped.sort(([a], [b]) => byNumber(a, b)).map(([dir, reason]) => ({ path: join(root, dir), reason })) };
}

const skippedIn = (dir: string, { skipped: reason, runs }: IndexEntry): readonly (readonly [string, string])[] => [
  ...(reason === undefined ? [] : [[dir, reason] as const]),
  ...runs.flatMap(({ trial }) => (trial?.unlisted === undefined ? [] : [[join(dir, trial.dir), `its artifacts cannot be listed: ${trial.unlisted}`] as const])),
];

function trialsOf(root: string, dir: string, { runs }: IndexEntry, isOnlyOne: boolean): readonly Run[] {
  const path = join(root, dir);
  const isOpen = runs.some(({ values }) => values['info.status'] === 'RUNNING') && holderOf(path, hostname()) !== undefined;
  const journal = new JournalRows(recordOf(path));
  return runs.flatMap(({ values, trial, ...run }) => {
    if (trial === undefined) return [];
    const place = join(path, trial.dir);
    const info = { ...values, 'info.log_dir': place, ...(isOnlyOne ? {} : { 'info.experiment': dir }) };
    return { ...run, values: isOpen ? info : interrupted(info), dir: place, history: { trial, journal } };
  });
}

/** What a history needs of an experiment, which is read when a history has to come from the journal. */
const recordOf = (path: string): ExperimentRecord => ({
  path,
  trials: [],
  get created() {
    return readCreated(path);
  },
});

function mlxpRun(root: string, dir: string, { runs }: IndexEntry): readonly Run[] {
  return runs.map((run) => ({ ...run, values: isDead(run.values) ? interrupted(run.values) : run.values, dir: join(root, dir) }));
}

const OPEN = ['RUNNING', 'STARTING'];

/** Its process was on this host, and is gone. */
function isDead(values: JsonObject): boolean {
  const pid = values['info.process_id'];
  if (!OPEN.includes(String(values['info.status'])) || values['info.hostname'] !== hostname() || !Number.isInteger(pid)) return false;
  try {
    process.kill(pid as number, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

const interrupted = (values: JsonObject): JsonObject => (OPEN.includes(String(values['info.status'])) ? { ...values, 'info.status': 'INTERRUPTED' } : values);

/** `logs/2` before `logs/10`; what comes before a slash counts first. */
function byNumber(a: string, b: string): number {
  const [partsA, partsB] = [a.split('/'), b.split('/')];
  for (let i = 0; i < Math.min(partsA.length, partsB.length); i++) {
    const order = compareNames(partsA[i] as string, partsB[i] as string);
    if (order !== 0) return order;
  }
  return partsA.length - partsB.length;
}

/** Runs of digits by their size, everything else as text. */
function compareNames(a: string, b: string): number {
  const [partsA, partsB] = [a.match(/\d+|\D+/g) ?? [], b.match(/\d+|\D+/g) ?? []];
  for (let i = 0; i < Math.min(partsA.length, partsB.length); i++) {
    const [x, y] = [partsA[i] as string, partsB[i] as string];
    const difference = /^\d/.test(x) && /^\d/.test(y) ? Number(x) - Number(y) : 0;
    if (difference !== 0) return difference;
    if (x !== y) return x < y ? -1 : 1;
  }
  return partsA.length - partsB.length;
}
