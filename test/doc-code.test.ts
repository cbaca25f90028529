import { readdirSync, readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import fc from 'fast-check';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import * as algorithms from '../algorithms/index.ts';
import * as schedulers from '../schedulers/index.ts';
import * as analysis from '../src/analysis/index.ts';
import * as attune from '../src/index.ts';
import * as testing from '../src/testing/index.ts';
import { OWN } from './laws/own-schedulers.ts';
import { complaintsOf } from './type-check.ts';

const MODULES: Readonly<Record<string, object>> = {
  attune,
  'attune/algorithms': algorithms,
  'attune/analysis': analysis,
  'attune/schedulers': schedulers,
  'attune/testing': testing,
  'fast-check': { default: fc },
};

/** Blocks of code, each with the block of text that follows it, if one does. */
const blocksOf = (page: string): readonly { readonly code: string; readonly prints: string | undefined }[] =>
  [...readFileSync(page, 'utf8').matchAll(/^```ts\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```)?/gm)].map(([, code = '', prints]) => ({ code, prints }));

/** Runs a block as the module that it is, on the sources. Gives what it prints, and the names that it declares. */
async function runs(
  code: string,
  words: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly printed: string; readonly declared: Record<string, unknown> }> {
  const script = code
    .replace(/^import (\w+) from '(.+)';$/gm, "const { default: $1 } = modules['$2'];")
    .replace(/^import (\{.+\}) from '(.+)';$/gm, "const $1 = modules['$2'];");
  const names = [...script.matchAll(/^const (\w+) =/gm)].map(([, name = '']) => name);
  const { outputText } = ts.transpileModule(`async function block() {\n${script}\nreturn { ${names.join(', ')} };\n}`, {
    compilerOptions: { target: ts.ScriptTarget.ES2022 },
  });
  let printed = '';
  const console = {
    log: (...values: unknown[]) => void (printed += `${values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' ')}\n`),
  };
  const all = { ...words, modules: MODULES, console };
  const block = new Function(...Object.keys(all), `${outputText}\nreturn block();`) as (...values: unknown[]) => Promise<Record<string, unknown>>;
  return { declared: await block(...Object.values(all)), printed };
}

describe.each(['docs/testing.md', 'docs/analysis.md'])('%s', (page) => {
  test.each(blocksOf(page).map((block, i) => [i + 1, block] as const))('block %i prints what the page says', async (_, { code, prints }) => {
    expect(prints).toBeDefined();
    expect((await runs(code)).printed).toBe(prints);
  });
});

/** What saves, as the schedulers that pause and copy want it. */
class Net {
  setup(): void {}
  step(): { loss: number } {
    return { loss: 1 };
  }
  save(): void {}
  restore(): void {}
}

/** What stands around the code of a page. */
const WORDS = {
  train: Net,
  paramSpace: { lr: attune.loguniform(1e-4, 1e-1) },
  loguniform: attune.loguniform,
  choice: attune.choice,
  gridSearch: attune.gridSearch,
  folds: [0.3, 0.2],
  trainAndTest: (fold: number) => fold,
  trial: { report: () => Promise.resolve() },
  grid: {
    getBestResult: () => ({
      lineage: [
        { trial: 'a_00000', step: 0, config: { lr: 0.01, batch: 16 } },
        { trial: 'a_00001', step: 5, config: { lr: 0.02, batch: 32 } },
      ],
    }),
  },
};

describe('docs/schedulers', () => {
  const pages = readdirSync('docs/schedulers').filter((file) => file.endsWith('.md'));

  test.each(pages)('the code of %s makes a Tuner', async (page) => {
    const blocks = blocksOf(`docs/schedulers/${page}`);
    expect(blocks.length).toBeGreaterThan(0);
    for (const { code } of blocks) {
      const {
        scheduler,
        tuneConfig = { metric: 'loss', mode: 'min', ...(scheduler ? { scheduler } : {}) },
        runConfig = {},
      } = (await runs(code, WORDS)).declared;
      const paramSpace = { lr: attune.loguniform(1e-4, 1e-1), batch: attune.choice([16, 32, 64]) };
      const options = { paramSpace, tuneConfig, runConfig };
      expect(() => new attune.Tuner(Net as never, options as never)).not.toThrow();
    }
  });

  test.each(pages)('%s says when to use it, what it keeps, and where it differs', (page) => {
    const text = readFileSync(`docs/schedulers/${page}`, 'utf8');
    expect(text).toMatch(/^(\*\*When to use it\.\*\*|Use )|\. Use it /m);
    expect(text).toMatch(/^## Laws$/m);
    expect(text).toMatch(/^## Where it differs$/m);
    expect(text).toContain('Ray');
    expect(text).toContain('Optuna');
    expect(text).toContain('../laws.md#');
  });

  const documented = OWN.flatMap(({ name, make }): readonly (readonly [string, string])[] => {
    const { options } = make({ metric: 'loss', mode: 'min' });
    const page = `${(name.split(/[, ]/)[0] ?? '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.md`;
    return pages.includes(page) && !Array.isArray(options) ? Object.keys(options ?? {}).map((option) => [page, option] as const) : [];
  });

  test.each([...new Map(documented.map((pair) => [pair.join(), pair])).values()])('the table of %s has %s', (page, option) => {
    const rows = readFileSync(`docs/schedulers/${page}`, 'utf8').matchAll(/^\| (`.+?) \|/gm);
    expect([...rows].some(([, cell = '']) => cell.includes(`\`${option}\``))).toBe(true);
  });
});

/** What the pages of algorithms use without importing it, for the compiler. */
const AROUND = `
import type * as attune from '../src/index.ts';
declare global {
  const loguniform: typeof attune.loguniform, choice: typeof attune.choice, gridSearch: typeof attune.gridSearch;
}
`;

describe('docs/algorithms', () => {
  const pages = readdirSync('docs/algorithms').filter((file) => file.endsWith('.md'));
  const textOf = (page: string): string => readFileSync(`docs/algorithms/${page}`, 'utf8');

  test.each(pages)('the code of %s makes a Tuner', async (page) => {
    const blocks = blocksOf(`docs/algorithms/${page}`);
    expect(blocks.length).toBeGreaterThan(0);
    for (const { code } of blocks) {
      const numbers = { lr: attune.loguniform(1e-4, 1), batch: attune.qrandint(16, 64, 16) };
      const { tuneConfig, paramSpace = numbers } = (await runs(code, WORDS)).declared;
      expect((tuneConfig as { readonly searchAlg?: unknown }).searchAlg).toBeDefined();
      expect(() => new attune.Tuner(Net as never, { paramSpace, tuneConfig } as never)).not.toThrow();
    }
  });

  test('all of it compiles under strict', { timeout: 60_000 }, () => {
    const own = (code: string): string => code.replaceAll("'attune/algorithms'", "'../algorithms/index.ts'");
    const blocks = pages.flatMap((page) => blocksOf(`docs/algorithms/${page}`).map(({ code }, i) => [`test/block-${i}-of-${page}.ts`, own(code)] as const));
    const wrong = ['test/wrong.ts', own("import { tpe } from 'attune/algorithms';\nexport const searchAlg = tpe({ startup: loguniform(1, 2) });\n")] as const;
    const found = complaintsOf({ 'test/words.ts': AROUND, ...Object.fromEntries([...blocks, wrong]) }, { strict: true });
    expect(found.filter(({ file }) => file !== wrong[0])).toEqual([]);
    expect(found).toHaveLength(1); // or the compiler looks at nothing
  });

  test.each(pages)('%s says when to use it, where it differs, what it costs, and where it is from', (page) => {
    const text = textOf(page);
    expect(text).toMatch(/^\*\*When to use it\.\*\* /m);
    expect(text).toMatch(/^## Where (it|they) differs?\b/m);
    expect(text).toMatch(/^\*\*Cost\.\*\* /m);
    expect(text.trim().split('\n').at(-1)).toMatch(/\b(19|20)\d\d\b|^There is no paper\.$/);
  });

  const optionsOf = algorithmOptions();
  const around = new Set(['limitConcurrency', 'repeat', 'avoidDuplicates', 'warmStart']);
  const pageOf = (name: string): string => (around.has(name) ? 'wrappers.md' : `${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.md`);

  test('every algorithm has a page, and every page is of one', () => {
    const own = Object.entries(algorithms).flatMap(([name, value]) => (typeof value === 'function' ? [pageOf(name)] : []));
    expect([...new Set(own)].sort()).toEqual([...pages].sort());
  });

  test.each(pages)('the table of %s has the options that the types have, or there are none', (page) => {
    const names = [...optionsOf].flatMap(([name, options]) => (pageOf(name) === page ? options : []));
    const [, rows = ''] = /^\| option \| meaning \| default \|\n\| --- .*\n((?:\|.*\n)+)/m.exec(textOf(page)) ?? [];
    const documented = [...rows.matchAll(/^\| `(\w+)`/gm)].map(([, option = '']) => option);
    expect([...documented].sort()).toEqual([...names].sort());
    if (names.length === 0) expect(textOf(page)).toContain('It has no options.');
  });
});

/** By algorithm: the options that its type has, those of the types that it extends too. */
function algorithmOptions(): ReadonlyMap<string, readonly string[]> {
  const index = 'algorithms/index.ts';
  const program = ts.createProgram([index], { noLib: true, types: [], allowImportingTsExtensions: true, noEmit: true, module: ts.ModuleKind.NodeNext });
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(index) as ts.SourceFile) as ts.Symbol;
  const exported = checker.getExportsOfModule(module).filter(({ name }) => name.endsWith('Options'));
  return new Map(
    exported.map((symbol) => {
      const type = checker.getDeclaredTypeOfSymbol(checker.getAliasedSymbol(symbol));
      const name = symbol.name.slice(0, -'Options'.length);
      const ofOne = Object.keys(algorithms).find((one) => one.toLowerCase() === name.toLowerCase()) ?? name;
      return [ofOne, type.getProperties().map((property) => property.name)] as const;
    }),
  );
}
