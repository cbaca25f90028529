import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { JOURNAL, readAttuneRuns, withArtifacts } from './attune-runs.ts';
import type { Index, IndexEntry } from './index-file.ts';
import { readMlxpRun } from './mlxp-run.ts';
import type { IndexedRun } from './run.ts';
import { isUnchanged, type Reads, Watch } from './watched.ts';

/** What a look at a directory found. */
export interface Scanned {
  readonly index: Index;
  /** Directories that look like runs and are none: looked at again each time. */
  readonly strays: ReadonlyMap<string, string>;
  /** Whether the index differs from the one before. */
  readonly isNew: boolean;
}

/** Deeper ones are not looked for: some link leads in a circle. */
const DEEPEST = 32;
/** Between so many directories other work gets its turn. */
const BREATH = 50;

/**
 * Every experiment of ours below a directory, or it itself, and every run of MLXP's: folders that are called by a number and hold `metadata/`. Others are
 * gone into, but for hidden ones and `node_modules`. What has not changed since `before` is taken from there, after a look at sizes and times.
 */
export async function scan(root: string, before: Index, reads: Reads): Promise<Scanned> {
  const found = new Map<string, IndexEntry>();
  const strays = new Map<string, string>();
  const seen = new Set<string>();
  let looked = 0;
  const visit = async (dir: string, depth: number): Promise<number> => {
    if (++looked % BREATH === 0) await new Promise((resolve) => setImmediate(resolve));
    const entry = entryAt(root, dir, before.get(dir), reads);
    if (entry) {
      found.set(dir, entry);
      return 1;
    }
    const inside = depth < DEEPEST ? foldersIn(root, dir, seen, reads) : [];
    if (typeof inside === 'string') {
      strays.set(dir, inside);
      return 0;
    }
    let count = 0;
    for (const name of inside) count += await visit(dir === '' ? name : `${dir}/${name}`, depth + 1);
    if (count === 0 && dir !== '' && isNumbered(dir)) strays.set(dir, 'it has no metadata/config.yaml');
    return count;
  };
  await visit('', 0);
  const isNew = found.size !== before.size || [...found].some(([dir, entry]) => before.get(dir) !== entry);
  return { index: found, strays, isNew };
}

const isNumbered = (dir: string): boolean => /(^|\/)\d+$/.test(dir);

/** `undefined` for a directory that is neither an experiment nor a run. */
function entryAt(root: string, dir: string, before: IndexEntry | undefined, reads: Reads): IndexEntry | undefined {
  const path = join(root, dir);
  const watch = new Watch(path, reads);
  let layout: IndexEntry['layout'] | undefined;
  try {
    if (before && before.seen.length > 0 && isUnchanged(path, before.seen)) return listedAgain(path, before, reads);
    if (isThere(join(path, JOURNAL))) layout = 'attune';
    else if (dir !== '' && isNumbered(dir) && isThere(join(path, 'metadata'))) layout = 'mlxp';
    else return undefined;
    const runs = layout === 'attune' ? readAttuneRuns(path, watch, reads, before?.runs) : readMlxpRun(watch);
    return { layout, seen: watch.seen, ...outcome(runs) };
  } catch (error) {
    return { layout: layout ?? 'mlxp', seen: [], runs: [], skipped: reasonOf(error) }; // who may read a file changes neither its size nor its time
  }
}

/** An entry whose files are as they were, with the artifacts that there are now; the same one when they are the same. */
function listedAgain(path: string, before: IndexEntry, reads: Reads): IndexEntry {
  const runs = withArtifacts(path, before.runs, reads);
  return runs.some((run, i) => run !== before.runs[i]) ? { ...before, runs } : before;
}

function outcome(runs: readonly IndexedRun[] | IndexedRun | string): Pick<IndexEntry, 'runs' | 'skipped'> {
  if (typeof runs === 'string') return { runs: [], skipped: runs };
  return { runs: Array.isArray(runs) ? (runs as readonly IndexedRun[]) : [runs as IndexedRun] };
}

const isThere = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;

/** The names of the directories in one, links to some among them; the reason when it cannot be read. */
function foldersIn(root: string, dir: string, seen: Set<string>, reads: Reads): readonly string[] | string {
  const path = join(root, dir);
  try {
    reads.directories += 1;
    const entries = readdirSync(path, { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory() || (entry.isSymbolicLink() && isNewFolder(join(path, entry.name), seen)));
    return folders.map(({ name }) => name).filter((name) => !name.startsWith('.') && name !== 'node_modules');
  } catch (error) {
    return reasonOf(error);
  }
}

/** A link is followed once, or one that leads upwards would be followed for ever. */
function isNewFolder(path: string, seen: Set<string>): boolean {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return false;
  const real = realpathSync(path);
  if (seen.has(real)) return false;
  seen.add(real);
  return true;
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split(' Hint: ')[0] ?? message).replace(/\.$/, '');
}
