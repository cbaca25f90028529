import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installNodeTypes, installTarball } from './package/install-tarball.ts';
import { runNode } from './run-node.ts';

const root = resolve(import.meta.dirname, '../..');
const stripsTypes = Boolean((process.features as { typescript?: unknown }).typescript);

/** What stands in the README's first block of that language. */
const blockOf = async (language: string): Promise<string> => {
  const [, block] = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(await readFile(join(root, 'README.md'), 'utf8')) ?? [];
  if (block === undefined) throw new Error(`README.md has no block of ${language}.`);
  return block;
};

/** An empty project with nothing but the packed package, and tsx where Node cannot run TypeScript. */
let project: string;
beforeAll(async () => {
  ({ project } = await installTarball(...(stripsTypes ? [] : ['tsx'])));
  await writeFile(join(project, 'valley.ts'), await blockOf('ts'));
});
afterAll(() => rm(project, { recursive: true, force: true }));

test('the code of the README is a whole file', async () => {
  expect(await blockOf('ts')).not.toContain('…');
});

test.each(['first', 'second'])('it runs as it stands, and prints what the README says, twice in a row: the %s time', async () => {
  const { stdout } = await runNode([...(stripsTypes ? [] : [join(project, 'node_modules/tsx/dist/cli.mjs')]), 'valley.ts'], { cwd: project });
  expect(stdout.trim().split('\n').at(-1)).toBe((await blockOf('text')).trim());
});

test('it compiles', async () => {
  await installNodeTypes(project);
  const settings = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--module', 'nodenext', '--target', 'es2022'];
  const found = await runNode([join(root, 'node_modules/typescript/bin/tsc'), ...settings, 'valley.ts'], { cwd: project }).catch(
    (error: { stdout?: string }) => error,
  );
  expect(found.stdout).toBe('');
});
