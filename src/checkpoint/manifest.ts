import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { AttuneError } from '../base/errors.ts';
import { cannotSync, OPEN_TO_SYNC, syncDirectory } from './sync.ts';

/** Beside the user's files. */
const MANIFEST_FILE = '.attune-manifest.json';
/** Written by whoever likes to, after the checkpoint was: no part of what it guards. */
export const METADATA_FILE = '.metadata.json';

const CHUNK = 1 << 20;

/** A file, or a symbolic link, which is not followed. `path` is relative, with `/`. */
type Entry = { readonly path: string; readonly bytes: number; readonly sha256: string } | { readonly path: string; readonly link: string };

/** What a checkpoint is made of, as `.attune-manifest.json` has it. */
interface Manifest {
  readonly manifest: 1;
  readonly files: readonly Entry[];
}

/**
 * Writes the manifest of everything in `dir`, and syncs it all to the disk. Cost: each file is read once, a megabyte at a time.
 * @returns the hash of the manifest, which stands for the whole checkpoint
 */
export async function sealCheckpoint(dir: string): Promise<string> {
  const files = await sealed(dir, '');
  const manifest: Manifest = { manifest: 1, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) };
  const text = `${JSON.stringify(manifest, null, 1)}\n`;
  await using file = await open(join(dir, MANIFEST_FILE), 'w');
  await file.writeFile(text);
  await syncFile(file);
  await syncDirectory(dir);
  return sha256(text);
}

/**
 * Compares a checkpoint with its manifest. Files that the manifest does not name are nobody's business: a system leaves some behind.
 *
 * @param manifest - the hash that its manifest must have, or `'any'`; without it only that the checkpoint is there is looked at, since
 * it was saved when there were no manifests
 * @returns `CHECKPOINT_DAMAGED`, which names the first file that differs, and its hash then and now; `undefined` when all is as it was saved
 */
export async function damageAt(dir: string, manifest?: string): Promise<AttuneError | undefined> {
  const difference = manifest === undefined ? await absence(dir) : await differenceFrom(dir, manifest);
  return difference && new AttuneError('CHECKPOINT_DAMAGED', `checkpoint ${dir}: expected ${difference.expected}, got ${difference.got}.`);
}

interface Difference {
  readonly expected: string;
  readonly got: string;
}

async function absence(dir: string): Promise<Difference | undefined> {
  try {
    await readdir(dir);
    return undefined;
  } catch (error) {
    return { expected: 'a directory', got: lost(error) };
  }
}

async function differenceFrom(dir: string, manifest: string): Promise<Difference | undefined> {
  const expected = manifest === 'any' ? `a manifest, ${MANIFEST_FILE}` : `${MANIFEST_FILE} with sha256 ${manifest}`;
  let files: readonly Entry[];
  try {
    const bytes = await readFile(join(dir, MANIFEST_FILE));
    const got = sha256(bytes);
    if (manifest !== 'any' && got !== manifest) return { expected, got: `sha256 ${got}` };
    ({ files } = JSON.parse(bytes.toString()) as Manifest);
  } catch (error) {
    return { expected, got: error instanceof SyntaxError ? 'something else' : lost(error) };
  }
  for (const entry of files) {
    const [then, now] = [contents(entry), await contentsAt(join(dir, ...entry.path.split('/')), 'link' in entry)];
    if (now !== then) return { expected: `${entry.path} with ${then}`, got: now };
  }
  return undefined;
}

const contents = (entry: Entry): string => ('link' in entry ? `a link to ${entry.link}` : `${entry.bytes} bytes of sha256 ${entry.sha256}`);

async function contentsAt(path: string, isLink: boolean): Promise<string> {
  try {
    if (isLink) return contents({ path, link: await readlink(path) });
    await using file = await open(path, 'r');
    return contents({ path, ...(await hashed(file)) });
  } catch (error) {
    return lost(error);
  }
}

/** What a file that cannot be read has become. Too many open files, for instance, say nothing about this one. */
function lost(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'no file';
  if (['EISDIR', 'EINVAL', 'EIO', 'ELOOP', 'EUCLEAN'].includes(code)) return message;
  throw error;
}

async function sealed(root: string, below: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const entry of await readdir(join(root, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (path === MANIFEST_FILE) continue;
    if (entry.isDirectory()) entries.push(...(await sealed(root, path)));
    else if (entry.isSymbolicLink()) entries.push({ path, link: await readlink(join(root, path)) });
    else if (entry.isFile()) entries.push(...(await sealFile(root, path)));
  }
  if (below !== '') await syncDirectory(join(root, below));
  return entries;
}

async function sealFile(root: string, path: string): Promise<Entry[]> {
  await using file = await open(join(root, path), OPEN_TO_SYNC);
  const entry = { path, ...(await hashed(file)) };
  await syncFile(file);
  return path === METADATA_FILE ? [] : [entry];
}

async function syncFile(file: FileHandle): Promise<void> {
  try {
    await file.sync();
  } catch (error) {
    if (!cannotSync(error, 'file')) throw error;
  }
}

async function hashed(file: FileHandle): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  const { size } = await file.stat();
  const chunk = Buffer.allocUnsafe(Math.min(CHUNK, size + 1)); // the end of a small file shows in its first read, that of others in one more
  let bytes = 0;
  for (;;) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, bytes);
    if (bytesRead === 0) break;
    hash.update(chunk.subarray(0, bytesRead));
    bytes += bytesRead;
    if (bytes === size && bytesRead < chunk.length) break;
  }
  return { bytes, sha256: hash.digest('hex') };
}

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
