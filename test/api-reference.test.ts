import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiPages } from '../scripts/api-reference.ts';
import { type Entry, type Export, readApi } from '../scripts/read-api.ts';
import { undocumented } from '../scripts/undocumented.ts';

describe('docs/api', () => {
  const api = readApi();

  test('has a docstring and an example for every public export', () => {
    expect(undocumented(api).map(({ what, lacks, file }) => `${what} lacks ${lacks} (${file})`)).toEqual([]);
  });

  test('is what `npm run docs:api` writes', () => {
    const pages = apiPages(api);
    expect(readdirSync('docs/api').sort()).toEqual(
      Object.keys(pages)
        .map((file) => file.replace('docs/api/', ''))
        .sort(),
    );
    for (const [file, text] of Object.entries(pages)) expect(readFileSync(file, 'utf8'), `${file}: run npm run docs:api`).toBe(text);
  });

  test('has a page for every entry point of the package, and every name that it exports', async () => {
    const exported = Object.keys((JSON.parse(readFileSync('package.json', 'utf8')) as { exports: object }).exports).filter((path) => path !== './package.json');
    expect(api.map(({ name }) => name.replace(/^attune/, '.'))).toEqual(exported);
    const values = await import('../src/index.ts');
    const names = api[0]?.exports.filter(({ kind }) => kind !== 'interface' && kind !== 'type').map(({ name }) => name);
    expect(names?.sort()).toEqual(Object.keys(values).sort());
  });

  test.each(['ResultGrid', 'Result', 'Checkpoint'])('lists every member of %s that one can reach', async (name) => {
    const values = (await import('../src/index.ts')) as Readonly<Record<string, unknown>>;
    const { prototype } = values[name] as { readonly prototype: object };
    const reachable = Object.getOwnPropertyNames(prototype).filter((member) => member !== 'constructor' && member !== 'learningCurves'); // @internal
    const listed = api[0]?.exports.find((one) => one.name === name)?.members.map((member) => member.name);
    expect(listed).toEqual(expect.arrayContaining(reachable));
    const page = readFileSync('docs/api/attune.md', 'utf8');
    for (const member of reachable) expect(page).toMatch(new RegExp(`^#### ${name}\\.${member}$`, 'm'));
  });
});
