import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A file or a directory as it was when it was read: its path, when it was changed (ms), its size. Both are -1 for what was not there. */
export type Watched = readonly [path: string, changedMs: number, size: number];

/** How often the disk was read, the index aside: `stat` does not count. */
export interface Reads {
  directories: number;
  files: number;
}

/** A look at one directory, which notes all that its answer depends on: what has not changed since need not be read again. */
export class Watch {
  readonly seen: Watched[] = [];
  readonly #root: string;
  readonly #reads: Reads;

  constructor(root: string, reads: Reads) {
    this.#root = root;
    this.#reads = reads;
  }

  /** The text of a file; `undefined` when it is not there. @throws what the file system throws otherwise */
  text(path: string): string | undefined {
    if (this.reads(path) === undefined) return undefined;
    return readFileSync(join(this.#root, path), 'utf8');
  }

  /** The entries of a directory, in order of their names; none when it is not there. @throws what the file system throws otherwise */
  entries(path: string): readonly { readonly name: string; readonly isDirectory: boolean }[] {
    if (this.note(path) !== 'directory') return [];
    this.#reads.directories += 1;
    const entries = readdirSync(join(this.#root, path), { withFileTypes: true });
    return entries.map((entry) => ({ name: entry.name, isDirectory: entry.isDirectory() })).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** `note` of a file that is read now: what is written to it meanwhile is read the next time. */
  reads(path: string): 'file' | 'directory' | undefined {
    const kind = this.note(path);
    if (kind === 'file') this.#reads.files += 1;
    return kind;
  }

  /** What there is at a path. */
  note(path: string): 'file' | 'directory' | undefined {
    const now = stateOf(this.#root, path);
    this.seen.push(now.watched);
    return now.kind;
  }
}

/** Whether all of it is as it was. */
export const isUnchanged = (root: string, seen: readonly Watched[]): boolean =>
  seen.every(([path, changedMs, size]) => {
    const [, nowMs, nowSize] = stateOf(root, path).watched;
    return nowMs === changedMs && nowSize === size;
  });

function stateOf(root: string, path: string): { readonly watched: Watched; readonly kind?: 'file' | 'directory' } {
  const stat = statSync(join(root, path), { throwIfNoEntry: false });
  if (stat === undefined) return { watched: [path, -1, -1] };
  const isDirectory = stat.isDirectory();
  return { watched: [path, stat.mtimeMs, isDirectory ? 0 : stat.size], kind: isDirectory ? 'directory' : 'file' }; // the size of a directory is nobody's business
}
