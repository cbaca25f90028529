import { closeSync, fsyncSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';

/** Windows syncs only what is open for writing. */
export const OPEN_TO_SYNC = process.platform === 'win32' ? 'r+' : 'r';

/** A file system that cannot sync at all, as some network disks are. */
const UNSUPPORTED: readonly string[] = ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];
/** Windows opens no directory, or does not sync one. */
const NO_DIRECTORIES: readonly string[] = [...UNSUPPORTED, 'EISDIR', 'EPERM', 'EACCES', 'EBADF'];

/** True when the platform cannot sync such a thing: nothing was lost, and there is nothing to be done. Anything else is a disk that fails. */
export function cannotSync(error: unknown, what: 'file' | 'directory'): boolean {
  return (what === 'file' ? UNSUPPORTED : NO_DIRECTORIES).includes((error as NodeJS.ErrnoException).code ?? '');
}

/** What was made, renamed or removed in `path` is on the disk, where the platform can do that. @throws what the file system throws when the disk fails */
export async function syncDirectory(path: string): Promise<void> {
  try {
    await using directory = await open(path, 'r');
    await directory.sync();
  } catch (error) {
    if (!cannotSync(error, 'directory')) throw error;
  }
}

/** `syncDirectory`, now. */
export function syncDirectoryNow(path: string): void {
  syncNow(path, 'directory');
}

/** The bytes of a file are on the disk. @throws what the file system throws when the disk fails */
export function syncFileNow(path: string): void {
  syncNow(path, 'file');
}

function syncNow(path: string, what: 'file' | 'directory'): void {
  let handle: number | undefined;
  try {
    handle = openSync(path, what === 'file' ? OPEN_TO_SYNC : 'r');
    fsyncSync(handle);
  } catch (error) {
    if (!cannotSync(error, what)) throw error;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
