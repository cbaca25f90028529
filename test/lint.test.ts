import { ESLint, Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, test } from 'vitest';

const eslint = new ESLint();

/** What the restricted syntax of a file, as the configuration of this repository has it, says of a piece of code. (Not `lintText`: that needs the types of the project.) */
async function restrictions(file: string): Promise<(code: string) => readonly string[]> {
  const { rules } = (await eslint.calculateConfigForFile(file)) as { rules: Linter.RulesRecord };
  const config: Linter.Config = {
    files: ['**/*.{ts,js,mjs}'],
    languageOptions: { parser: tseslint.parser as Linter.Parser },
    rules: { 'no-restricted-syntax': rules['no-restricted-syntax'] ?? 'off' },
  };
  return (code) => new Linter().verify(`${code};`, [config], file).map(({ message }) => message);
}

/** One for each set of rules that eslint.config.js makes. */
const FILES = [
  'src/base/json.ts',
  'src/tuner/tuner.ts',
  'test/docs.test.ts',
  'examples/01-quadratic.ts',
  'vitest.config.ts',
  'test/e2e/script.mjs',
  'eslint.config.js',
];

describe.each(FILES)('in %s', async (file) => {
  const lint = await restrictions(file);

  test.each([
    "new URL('file:///' + path)",
    "new URL('file:///tmp/a b.ts')",
    'new URL(`file://${path}`)',
    "new URL(name, 'file:///tmp/')",
    "await import('file://' + path)",
    'await import(`file://${path}`)',
    "'file://' + dir + '/' + name",
    "'FILE:' + dir",
    "'file://'.concat(dir)",
    'await import(join(dir, name))',
    'await import(path.resolve(name))',
  ])('%s is refused: a path becomes a URL only through pathToFileURL', (code) => {
    expect(lint(code)).toContain('A path becomes a URL only through pathToFileURL (node:url).');
  });

  test.each([
    'new URL(import.meta.url).pathname',
    "new URL('.', import.meta.url)['pathname']",
    'const { pathname } = new URL(import.meta.url)',
    "import.meta.url.replace('file://', '')",
    "import.meta.url.replace(/^file:/, '')",
    "import.meta.url.slice('file://'.length)",
    "import.meta.url.split('file://')",
  ])('%s is refused: a URL becomes a path only through fileURLToPath', (code) => {
    expect(lint(code)).toContain('A file URL becomes a path only through fileURLToPath (node:url).');
  });

  test.each([
    'pathToFileURL(path).href',
    "fileURLToPath(new URL('./worker.js', import.meta.url))",
    'await import(pathToFileURL(join(dir, name)).href)',
    "url.startsWith('file:')",
    'new URL(`https://example.org/${page}`)',
    "const given = 'file:///lib/a%20b.ts'",
  ])('%s is fine', (code) => {
    expect(lint(code)).toEqual([]);
  });
});
