import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const exec = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

/** A folder inside the repository, so that `attune` is this package by its own name. */
let folder: string;

beforeAll(async () => {
  await mkdir(join(root, 'attune_results'), { recursive: true });
  folder = await mkdtemp(join(root, 'attune_results/readme-'));
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const snippet = [...readme.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code = '']) => code).find((code) => code.includes("from 'attune'"));
  if (snippet === undefined) throw new Error("README.md has no ```ts block that imports from 'attune'.");
  await writeFile(join(folder, 'snippet.ts'), snippet);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('the first snippet of the README compiles', async () => {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const settings = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--lib',
    'es2023,esnext.disposable',
    '--types',
    'node',
  ];
  const { stdout } = await exec(process.execPath, [tsc, '--ignoreConfig', ...settings, 'snippet.ts'], { cwd: folder }).catch(
    (error: { stdout: string }) => error,
  );
  expect(stdout).toBe('');
});

test.each(['first', 'second'])('it runs, twice in a row: the %s time', async () => {
  const { stdout } = await exec(process.execPath, [join(root, 'node_modules/tsx/dist/cli.mjs'), 'snippet.ts'], { cwd: folder });
  expect(stdout.trim()).not.toBe('');
});
