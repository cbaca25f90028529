import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { apiPages } from '../scripts/api-reference.ts';
import { type Entry, readApi } from '../scripts/read-api.ts';
import { undocumented } from '../scripts/undocumented.ts';
import * as analysis from '../src/analysis/index.ts';
import * as attune from '../src/index.ts';
import * as testing from '../src/testing/index.ts';

describe('docs/api', () => {
  const api = readApi();

  test('lacks nothing: every public export has a docstring and an example', () => {
    expect(undocumented(api).map(({ what, lacks, file }) => `${what} lacks ${lacks} (${file})`)).toEqual([]);
  });

  test('is what `npm run docs:api` writes', () => {
    const pages = apiPages(api);
    expect(readdirSync('docs/api').sort()).toEqual(
      Object.keys(pages)
        .map((file) => file.slice('docs/api/'.length))
        .sort(),
    );
    for (const [file, text] of Object.entries(pages)) expect(readFileSync(file, 'utf8') === text, `${file}: run npm run docs:api`).toBe(true);
  });

  test('has a page for every entry point of the package', () => {
    const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: object };
    const paths = Object.keys(exports).filter((path) => path !== './package.json');
    expect(api.map(({ name }) => name.replace(/^attune/, '.'))).toEqual(paths);
  });

  test.each([
    ['attune', attune],
    ['attune/testing', testing],
    ['attune/analysis', analysis],
  ])('names every value that %s exports', (name, values) => {
    const listed = api.find((entry) => entry.name === name)?.exports.filter(({ kind }) => kind !== 'interface' && kind !== 'type');
    expect(listed?.map((one) => one.name).sort()).toEqual(Object.keys(values).sort());
  });

  test.each([
    ['ResultGrid', attune.ResultGrid, ['learningCurves']], // @internal
    ['Result', attune.Result, []],
    ['Checkpoint', attune.Checkpoint, []],
  ] as const)('lists all of %s that one can reach', (name, { prototype }, internal) => {
    const page = readFileSync('docs/api/attune.md', 'utf8');
    const reachable = Object.getOwnPropertyNames(prototype).filter((member) => member !== 'constructor' && !(internal as readonly string[]).includes(member));
    expect(reachable.filter((member) => !new RegExp(`^#### ${name}\\.${member}$`, 'm').test(page))).toEqual([]);
  });

  test.each(['config', 'metrics', 'status', 'reason', 'error', 'path'])('lists Result.%s, which is a property', (member) => {
    expect(readFileSync('docs/api/attune.md', 'utf8')).toMatch(new RegExp(`^#### Result\\.${member}$`, 'm'));
  });
});

const PACKAGE = { name: 'toys', exports: { '.': { types: './dist/types/src/index.d.ts' }, './package.json': './package.json' } };

const TOYS = {
  'package.json': JSON.stringify(PACKAGE),
  'src/index.ts': "export { type Ball, bounce } from './bounce.ts';\nexport { Box } from './box.ts';\n",
  'src/bounce.ts': `
import type { Colour } from './colour.ts';
export { type Ball } from './ball.ts';
import { type Ball } from './ball.ts';

export function bounce(ball: Ball): number;
export function bounce(ball: Ball, colour: Colour): number;
/** Not seen. */
export function bounce(ball: Ball): number {
  return ball.height;
}
`,
  'src/ball.ts': `
/** Round. */
export interface Ball {
  /** In metres. */
  readonly height: number;
  /** @internal */
  readonly secret: number;
}
`,
  'src/colour.ts': "export type Colour = 'red' | 'blue';\n",
  'src/box.ts': `
/**
 * Holds balls < 1 m.
 *
 * @param size - how many, such as \`<9>\`
 * @see Knuth 1968, "The art"
 *   of computer programming
 * @example
 * import { Box } from 'toys';
 *
 * for (const ball of new Box()) {
 *   ball;
 * }
 * @throws {RangeError} when it is full
 */
export class Box {
  #balls = 0;
  private open = true;
  /** How many. */
  get size(): number {
    return this.#balls;
  }
  set size(to: number) {}
  static async empty(): Promise<Box> {
    return new Box();
  }
  /** @internal */
  hidden(): void {}
}
`,
};

describe('an API is read from the sources', () => {
  const root = mkdtempSync(join(tmpdir(), 'attune-api-'));
  mkdirSync(join(root, 'src'));
  for (const [file, text] of Object.entries(TOYS)) writeFileSync(join(root, file), text);
  const api = readApi(root);
  const find = (name: string) => api[0]?.exports.find((one) => one.name === name);
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  test('through the files that hand a name on', () => {
    expect(api[0]?.exports.map(({ name, file }) => [name, file])).toEqual([
      ['Ball', 'src/ball.ts'],
      ['bounce', 'src/bounce.ts'],
      ['Box', 'src/box.ts'],
    ]);
  });

  test('with the overloads that a caller sees', () => {
    expect(find('bounce')?.signatures).toEqual(['function bounce(ball: Ball): number', 'function bounce(ball: Ball, colour: Colour): number']);
  });

  test('without what is internal', () => {
    expect(find('Ball')?.signatures).toEqual(['interface Ball {\n  /** In metres. */\n  readonly height: number;\n}']);
  });

  test('with the public members of a class, a getter and its setter as one', () => {
    expect(find('Box')?.members.map(({ name, isStatic, signatures }) => [name, isStatic, ...signatures])).toEqual([
      ['size', false, 'get size(): number', 'set size(to: number)'],
      ['empty', true, 'static empty(): Promise<Box>'],
    ]);
  });

  test('with the types that its signatures are made of', () => {
    expect(api[0]?.behind.map(({ name }) => name)).toEqual(['Colour']);
  });

  test('with examples as they are indented, and all other tags', () => {
    const { examples, tags } = find('Box')?.docs ?? {};
    expect(examples).toEqual(["import { Box } from 'toys';\n\nfor (const ball of new Box()) {\n  ball;\n}"]);
    expect(tags?.map(({ name, of, text }) => [name, of, text.replaceAll(/\s+/g, ' ')])).toEqual([
      ['param', 'size', 'how many, such as `<9>`'],
      ['see', undefined, 'Knuth 1968, "The art" of computer programming'],
      ['throws', undefined, 'when it is full'],
    ]);
  });

  test('and what lacks words or an example is named', () => {
    expect(undocumented(api).map(({ what, lacks }) => `${what} lacks ${lacks}`)).toEqual([
      'toys: Ball lacks an example of what takes or returns it',
      'toys: bounce lacks a docstring',
      'toys: bounce lacks an example',
      'toys: Box.empty lacks a docstring',
    ]);
  });

  test('a page is Markdown: no tag by accident, code as it is', () => {
    const [page = ''] = Object.values(apiPages(api as readonly Entry[]));
    expect(page).toContain('Holds balls &lt; 1 m.');
    expect(page).toContain('- `size`: how many, such as `<9>`');
    expect(page).toContain('[Ball](#interface-ball)');
    expect(page).toContain('#### Box.empty (static)');
  });
});
