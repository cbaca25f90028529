import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { registerArtifactType } from '../../src/checkpoint/artifact-types.ts';
import { saveArtifact } from '../../src/checkpoint/save-artifact.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'attune-artifact-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** What the type is told to do at its next `save`. */
let write: (path: string, value: unknown) => unknown = () => {};
registerArtifactType('scripted', { save: async (value, path) => void (await write(path, value)), load: (path) => path });

test('it lies in artifacts/<type>/<name>, and its path is returned', async () => {
  expect(await saveArtifact(dir, 'scores.json', { a: 1 }, 'json')).toBe(join(dir, 'artifacts', 'json', 'scores.json'));
  expect(await readFile(join(dir, 'artifacts/json/scores.json'), 'utf8')).toBe('{"a":1}\n');
  expect(await readdir(dir)).toEqual(['artifacts']);
});

test('it appears whole: while it is written, under its own name, it lies where no reader looks', async () => {
  let during: readonly string[] = [];
  let name = '';
  write = async (path) => {
    name = basename(path); // tools add an extension to names that have none
    await writeFile(path, 'half');
    during = await readdir(dir, { recursive: true });
    await writeFile(path, 'whole');
  };
  await saveArtifact(dir, 'plot.svg', undefined, 'scripted');
  expect(name).toBe('plot.svg');
  expect(during.filter((path) => path.startsWith('artifacts'))).toEqual([]);
  expect(during.every((path) => path.startsWith('.tmp-'))).toBe(true);
  expect(await readFile(join(dir, 'artifacts/scripted/plot.svg'), 'utf8')).toBe('whole');
});

test('one that stands there is replaced: a file, a directory, and either by the other', async () => {
  const asFile = (text: string) => (path: string) => writeFile(path, text);
  const asDirectory = (file: string) => async (path: string) => {
    await mkdir(path);
    await writeFile(join(path, file), '');
  };
  const path = join(dir, 'artifacts/scripted/it');
  const contents = async (): Promise<unknown> => readFile(path, 'utf8').catch(() => readdir(path));
  const seen: unknown[] = [];
  for (const next of [asFile('one'), asFile('two'), asDirectory('a'), asDirectory('b'), asFile('three')]) {
    write = next;
    await saveArtifact(dir, 'it', undefined, 'scripted');
    seen.push(await contents());
  }
  expect(seen).toEqual(['one', 'two', ['a'], ['b'], 'three']);
  expect(await readdir(dir)).toEqual(['artifacts']);
});

test('when the type throws, its error is what comes out, nothing of it stays and the old one does', async () => {
  write = (path) => writeFile(path, 'old');
  await saveArtifact(dir, 'it', undefined, 'scripted');
  write = async (path) => {
    await writeFile(path, 'half');
    throw new RangeError('my own');
  };
  await expect(saveArtifact(dir, 'it', undefined, 'scripted')).rejects.toThrow(new RangeError('my own'));
  expect(await readFile(join(dir, 'artifacts/scripted/it'), 'utf8')).toBe('old');
  expect(await readdir(dir)).toEqual(['artifacts']);
});

test('what a killed process left half-written is gone with the next one', async () => {
  write = (path) => writeFile(path, 'whole');
  await mkdir(join(dir, '.tmp-artifact-scripted', 'it'), { recursive: true });
  await writeFile(join(dir, '.tmp-artifact-scripted', 'it', 'half'), '');
  await saveArtifact(dir, 'it', undefined, 'scripted');
  expect(await readFile(join(dir, 'artifacts/scripted/it'), 'utf8')).toBe('whole');
  expect(await readdir(dir)).toEqual(['artifacts']);
});

test('a type that writes nothing, or somewhere else, is told so', async () => {
  write = (path) => writeFile(`${path}.npz`, '');
  await expect(saveArtifact(dir, 'it', undefined, 'scripted')).rejects.toThrow(
    /expected save of the type "scripted" to write "it", got nothing.*ARTIFACT_INVALID/,
  );
});

test('the disk that fails is STORAGE_UNWRITABLE, and names the artifact', async () => {
  await writeFile(join(dir, 'trial'), 'a file where the directory should be');
  await expect(saveArtifact(join(dir, 'trial'), 'it', 'x', 'text')).rejects.toThrow(/artifact: expected to write ".*it", got .*STORAGE_UNWRITABLE/);
});

describe('refused, with what to do', () => {
  test.each<[unknown, RegExp]>([
    ['a/b.json', /got "a\/b\.json", which has the character "\/"\. Hint: Artifacts have no folders of their own: write "a-b\.json"\./],
    ['..\\up', /write "up"/],
    ['.hidden', /which has a dot in front\. Hint: Write the name of a file that Windows, macOS and Linux all take/],
    ['', /which has no character/],
    ['..', /which has a dot at its end/],
    ['nul.txt', /which has a name that Windows keeps for a device/],
    ['x'.repeat(200), /over 130/],
    [7, /got 7\. Hint/],
  ])('%j is no name', async (name, message) => {
    await expect(saveArtifact(dir, name as string, 1, 'json')).rejects.toThrow(message);
    expect(existsSync(join(dir, 'artifacts'))).toBe(false);
  });

  test.each<[unknown, RegExp]>([
    ['pickle', /expected the type of "it" to be one that is registered, got "pickle"\. Hint: There are "json", "text", "bytes"/],
    ['../json', /got "\.\.\/json"/],
    [undefined, /got undefined/],
    ['tfjs', /Hint: Write import 'attune\/tfjs' first/],
  ])('%j is no type', async (type, message) => {
    await expect(saveArtifact(dir, 'it', 1, type as string)).rejects.toThrow(message);
    expect(await readdir(dir)).toEqual([]);
  });
});
