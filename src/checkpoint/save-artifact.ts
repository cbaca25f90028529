import { existsSync } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AttuneError } from '../base/errors.ts';
import { describe } from '../base/options.ts';
import { portabilityProblem } from '../base/portable-name.ts';
import { artifactType, unknownTypeHint } from './artifact-types.ts';
import { renamePatiently } from './rename.ts';
import { NO_ROOM, temporaryName } from './save-checkpoint.ts';
import { cannotSync, OPEN_TO_SYNC, syncDirectory } from './sync.ts';
import { unwritable } from './unwritable.ts';

/** In the directory of a trial: a folder per type, and in it a file or a directory per artifact. */
export const ARTIFACTS_DIR = 'artifacts';

/**
 * Makes `<trialDir>/artifacts/<type>/<name>` appear whole or not at all: the type writes it under its own name in a temporary folder of the trial, from
 * where it is synced to the disk and renamed. One that stands there is replaced. When the type throws, nothing of it stays and the old one does. Not for
 * two at once of one trial.
 *
 * @returns its absolute path when `trialDir` is absolute
 * @throws {AttuneError} `ARTIFACT_INVALID` for a name that is no portable file name, an unknown type, or a value that the type does not take;
 * `STORAGE_UNWRITABLE` when it is the disk that fails; else what the type throws
 */
export async function saveArtifact(trialDir: string, name: string, value: unknown, type: string): Promise<string> {
  checkName(name);
  const { save } = typeOf(name, type);
  const folder = join(trialDir, ARTIFACTS_DIR, type);
  const path = join(folder, name);
  const temporary = join(trialDir, temporaryName(`artifact-${type}`));
  let isOurs = true;
  try {
    await rm(temporary, { recursive: true, force: true }); // what an interruption left
    await mkdir(temporary, { recursive: true });
    isOurs = false;
    const written = join(temporary, name);
    await save(value, written);
    isOurs = true;
    await checkWritten(written, name, type);
    await syncTree(written);
    await mkdir(folder, { recursive: true });
    await putInPlace(written, path, join(temporary, temporaryName('replaced')));
    await syncDirectory(folder);
    return path;
  } catch (error) {
    const isStorage = !(error instanceof AttuneError) && (isOurs || NO_ROOM.includes(codeOf(error)) || !existsSync(temporary));
    throw isStorage ? unwritable('artifact', `to write "${path}"`, error) : error;
  } finally {
    await rm(temporary, { recursive: true, force: true }).catch(() => {}); // a restore removes what stays
  }
}

function checkName(name: unknown): asserts name is string {
  const problem = typeof name === 'string' ? portabilityProblem(name) : undefined;
  if (typeof name === 'string' && problem === undefined && !name.startsWith('.')) return;
  const why = typeof name !== 'string' ? '' : `, which has ${problem ?? 'a dot in front'}`;
  const hint =
    typeof name === 'string' && /[/\\]/.test(name)
      ? `Artifacts have no folders of their own: write ${JSON.stringify(name.replace(/[/\\]+/g, '-').replace(/^[.-]+/, ''))}.`
      : 'Write the name of a file that Windows, macOS and Linux all take, such as "predictions.json".';
  throw new AttuneError('ARTIFACT_INVALID', `saveArtifact: expected a file name, got ${describe(name)}${why}.`, { hint });
}

function typeOf(name: string, type: unknown): NonNullable<ReturnType<typeof artifactType>> {
  const found = typeof type === 'string' ? artifactType(type) : undefined;
  if (found) return found;
  throw new AttuneError('ARTIFACT_INVALID', `saveArtifact: expected the type of "${name}" to be one that is registered, got ${describe(type)}.`, {
    hint: unknownTypeHint(String(type)),
  });
}

async function checkWritten(written: string, name: string, type: string): Promise<void> {
  if (existsSync(written)) return;
  throw new AttuneError('ARTIFACT_INVALID', `saveArtifact: expected save of the type "${type}" to write "${name}", got nothing at the path it was given.`, {
    hint: 'Let save write exactly at its second argument, and return a promise that waits for it.',
  });
}

async function syncTree(path: string): Promise<void> {
  if ((await lstat(path)).isDirectory()) {
    for (const entry of await readdir(path)) await syncTree(join(path, entry));
    return syncDirectory(path);
  }
  await using file = await open(path, OPEN_TO_SYNC);
  await file.sync().catch((error: unknown) => {
    if (!cannotSync(error, 'file')) throw error;
  });
}

/** A file replaces a file in one step; where a directory is in the way, or comes, what stands there is moved aside first. */
async function putInPlace(written: string, path: string, aside: string): Promise<void> {
  const isPlain = !(await isDirectory(path)) && !(await isDirectory(written));
  if (!isPlain && existsSync(path)) await rename(path, aside);
  await renamePatiently(written, path);
}

const isDirectory = async (path: string): Promise<boolean> => existsSync(path) && (await lstat(path)).isDirectory();

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException | undefined)?.code ?? '');
