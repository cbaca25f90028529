import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AttuneError } from '../../base/errors.ts';
import { decodeJson, encodeJson } from '../../base/json.ts';
import { makeDirectory } from '../../base/make-directory.ts';
import { renamePatientlyNow } from '../../checkpoint/rename.ts';
import { unwritable } from '../../checkpoint/unwritable.ts';
import type { IndexedRun } from './run.ts';
import type { Reads, Watched } from './watched.ts';

export const INDEX_FILE = 'database.json';

/** One experiment of ours, or one run of MLXP's. */
export interface IndexEntry {
  readonly layout: 'attune' | 'mlxp';
  /** What it was made from, the artifacts of our trials aside; empty when it is to be looked at again. */
  readonly seen: readonly Watched[];
  readonly runs: readonly IndexedRun[];
  /** Why it has no runs. */
  readonly skipped?: string;
}

/** By directory, relative to the one that is read, with `/`; that itself is the empty name. */
export type Index = ReadonlyMap<string, IndexEntry>;

/** What is in the file: an index, nothing that can be used, or something that is not ours. */
export type StoredIndex = { readonly kind: 'ours'; readonly index: Index } | { readonly kind: 'none' | 'foreign' };

const FORMAT = 'attune-reader';
/** Of an index of another number nothing is taken over. */
const VERSION = 2;

/** @param of - the directory that it is to be about: an index of another one, or of another version, is `none`. Never throws */
export function readIndex(dir: string, of: string, reads: Reads): StoredIndex {
  const text = textOf(join(dir, INDEX_FILE));
  if (text === undefined) return { kind: 'none' };
  reads.files += 1;
  const stored = dataOf(text);
  if (stored === undefined) return { kind: 'none' }; // torn
  if (stored.format !== FORMAT) return { kind: 'foreign' };
  const isUsable = stored.version === VERSION && stored.of === placeOf(dir, of) && typeof stored.entries === 'object' && stored.entries !== null;
  return isUsable ? { kind: 'ours', index: new Map(Object.entries(stored.entries as Record<string, IndexEntry>)) } : { kind: 'none' };
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // none, or one that cannot be read: whoever writes is told why
  }
}

function dataOf(text: string): { readonly [key: string]: unknown } | undefined {
  try {
    const data = decodeJson(text);
    return typeof data === 'object' && data !== null ? (data as { readonly [key: string]: unknown }) : {};
  } catch {
    return undefined;
  }
}

/** An index that lies in what it is about moves with it. */
const placeOf = (dir: string, of: string): string => (dir === of ? '.' : of);

let count = 0;

/** Writes the index whole or not at all, whoever else writes one. @throws {AttuneError} `STORAGE_UNWRITABLE` */
export function writeIndex(dir: string, of: string, index: Index): void {
  const path = join(dir, INDEX_FILE);
  const temporary = `${path}.tmp-${process.pid}-${count++}`;
  try {
    makeDirectory(dir);
    writeFileSync(temporary, encodeJson({ format: FORMAT, version: VERSION, of: placeOf(dir, of), entries: Object.fromEntries(index) }));
    renamePatientlyNow(temporary, path);
  } catch (cause) {
    remove(temporary);
    const { message } = unwritable('Reader.open', `to write "${path}"`, cause);
    throw new AttuneError('STORAGE_UNWRITABLE', message.slice(0, message.indexOf(' Hint: ')), {
      hint: 'Give a dstDir that this process may write to.',
      cause,
    });
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // nothing can be written there
  }
}
