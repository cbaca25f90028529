import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Where a checkpoint is written before it has its name; no reader takes it for one. */
export const temporaryName = (name: string): string => `.tmp-${name}`;

/**
 * Makes the directory `path` appear whole or not at all: `save` writes into an empty sibling, which is synced to the
 * disk and renamed. A checkpoint that stands there is replaced. When `save` throws, nothing of it stays.
 */
export async function saveCheckpoint(path: string, save: (dir: string) => unknown): Promise<void> {
  const temporary = join(dirname(path), temporaryName(basename(path)));
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  try {
    await save(temporary);
    await syncTree(temporary);
    await rm(path, { recursive: true, force: true });
    await rename(temporary, path);
    await sync(dirname(path));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

async function syncTree(dir: string): Promise<void> {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else if (entry.isFile()) await sync(path);
  }
  await sync(dir);
}

async function sync(path: string): Promise<void> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if (isUnsyncable(error)) return;
    throw error;
  }
  try {
    await handle.sync();
  } catch (error) {
    if (!isUnsyncable(error)) throw error;
  } finally {
    await handle.close();
  }
}

/** Windows cannot sync a directory, and some network disks cannot sync at all: the rename is what counts. */
function isUnsyncable(error: unknown): boolean {
  return ['EISDIR', 'EPERM', 'EINVAL', 'ENOTSUP', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '');
}
