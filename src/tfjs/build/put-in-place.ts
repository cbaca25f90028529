import { copyFile, link, lstat, mkdir, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BINARY, type Entry } from './cache.ts';
import { NAPI } from './native-package.ts';

/** One file or folder of the cache, and where the package looks for it. */
export interface Placement {
  readonly from: string;
  readonly to: string;
  /** `copy`: small. `link`: hundreds of megabytes, one more name for them where the file system allows it, else a symbolic link. `folder`: a symbolic link. */
  readonly how: 'copy' | 'link' | 'folder';
}

/** The binary comes last: it is what makes the package load. */
export const placementsOf = (entry: Entry, dir: string): readonly Placement[] => [
  ...Object.keys(entry.libraries)
    .sort()
    .map((file) => ({ from: join(entry.dir, 'lib', file), to: join(dir, 'deps', 'lib', file), how: 'link' as const })),
  ...(entry.cuda ? [{ from: join(entry.dir, 'nvidia'), to: join(dir, 'deps', 'nvidia'), how: 'folder' as const }] : []),
  { from: join(entry.dir, BINARY), to: join(dir, 'lib', `napi-v${NAPI}`, BINARY), how: 'copy' },
];

/**
 * Puts the files of an entry into the directory of the package. Each name changes hands at once and no file is written to:
 * one that a package manager has linked into its store stays there as it was. A CUDA that the entry does not have goes.
 */
export async function putInPlace(entry: Entry, dir: string): Promise<void> {
  const cuda = join(dir, 'deps', 'nvidia');
  if (!entry.cuda || (await isFolder(cuda))) await rm(cuda, { recursive: true, force: true }); // no link takes the place of a folder
  for (const { from, to, how } of placementsOf(entry, dir)) {
    const fresh = join(dirname(to), `.${basename(to)}.${process.pid}`);
    await mkdir(dirname(to), { recursive: true });
    await rm(fresh, { recursive: true, force: true });
    try {
      if (how === 'copy') await copyFile(from, fresh);
      else if (how === 'folder') await symlink(from, fresh);
      else await link(from, fresh).catch(() => symlink(from, fresh));
      await rename(fresh, to);
    } finally {
      await rm(fresh, { force: true }); // renaming a file onto another name of itself does nothing
    }
  }
}

const isFolder = (path: string): Promise<boolean> =>
  lstat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
