import { constants, cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { renamePatientlyNow } from './rename.ts';
import { temporaryName, unsaved } from './save-checkpoint.ts';
import { syncDirectoryNow, syncFileNow } from './sync.ts';

/**
 * Copies a checkpoint with its manifest: `to` appears whole or not at all. Without `from` nothing is copied: whoever starts from
 * `to` looks at its manifest anyway, and finds that it is missing. Blocks; where the file system shares blocks it copies none.
 *
 * @throws {AttuneError} `STORAGE_UNWRITABLE`
 */
export function copyCheckpoint(from: string, to: string): void {
  if (!existsSync(from)) return;
  const temporary = join(dirname(to), temporaryName(basename(to)));
  try {
    rmSync(temporary, { recursive: true, force: true });
    cpSync(from, temporary, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
    syncTree(temporary);
    rmSync(to, { recursive: true, force: true });
    renamePatientlyNow(temporary, to);
    syncDirectoryNow(dirname(to));
  } catch (error) {
    throw unsaved(to, error);
  }
}

function syncTree(dir: string): void {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) syncTree(path);
    else if (entry.isFile()) syncFileNow(path);
  }
  syncDirectoryNow(dir);
}
