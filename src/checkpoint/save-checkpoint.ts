import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { AttuneError } from '../base/errors.ts';
import { sealCheckpoint } from './manifest.ts';
import { renamePatiently } from './rename.ts';
import { syncDirectory } from './sync.ts';
import { unwritable } from './unwritable.ts';

/** Where a checkpoint is written before it has its name; no reader takes it for one. */
export const temporaryName = (name: string): string => `.tmp-${name}`;

/** What a disk without room says, or one that has become read-only. */
export const NO_ROOM: readonly string[] = ['ENOSPC', 'EDQUOT', 'EROFS'];

/**
 * Makes the directory `path` appear whole or not at all: `save` writes into an empty sibling, which gets a manifest, is synced to
 * the disk and renamed. A checkpoint that stands there is replaced. When `save` throws, nothing of it stays.
 *
 * @returns the hash of its manifest
 * @throws {AttuneError} `STORAGE_UNWRITABLE` when it is the disk that fails; else what `save` throws
 */
export async function saveCheckpoint(path: string, save: (dir: string) => unknown): Promise<string> {
  const temporary = join(dirname(path), temporaryName(basename(path)));
  let isOurs = true;
  try {
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary, { recursive: true });
    isOurs = false;
    await save(temporary);
    isOurs = true;
    const manifest = await sealCheckpoint(temporary);
    await rm(path, { recursive: true, force: true });
    await renamePatiently(temporary, path);
    await syncDirectory(dirname(path));
    return manifest;
  } catch (error) {
    const isStorage = isOurs || NO_ROOM.includes(codeOf(error)) || !existsSync(temporary);
    await rm(temporary, { recursive: true, force: true }).catch(() => {}); // a restore removes what stays
    throw isStorage ? unsaved(path, error) : error;
  }
}

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException | undefined)?.code ?? '');

/** The error of a checkpoint that the disk did not take. */
export const unsaved = (path: string, cause: unknown): AttuneError => unwritable('checkpoint', `to write "${path}"`, cause);
