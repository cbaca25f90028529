import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as algorithms from '../algorithms/index.ts';
import * as schedulers from '../schedulers/index.ts';
import { readApi } from '../scripts/read-api.ts';
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
  'fast-check': { __esModule: true, default: fc },
};

/** Blocks of code, each with the block of text that follows it, if one does. */
const blocksOf = (page: string): readonly { readonly code: string; readonly prints: string | undefined }[] =>
  [...readFileSync(page, 'utf8').matchAll(/^```ts\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```)?/gm)].map(([, code = '', prints]) => ({ code, prints }));

/** Runs a block as the module that it is, on the sources. Gives what it prints, and the names that it declares. */
async function runs(
  code: string,
  words: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly printed: string; readonly declared: Record<string, unknown> }> {
  const names = [...code.matchAll(/^const (\w+) =/gm)].map(([, name = '']) => name);
  const { outputText } = ts.transpileModule(`${code}\nreturn { ${names.join(', ')} };`, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS },
  });
  let printed = '';
  const console = {
    log: (...values: unknown[]) => void (printed += `${values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' ')}\n`),
  };
  const all = { ...words, require: (name: string) => MODULES[name] ?? process.getBuiltinModule(name), exports: {}, console };
  const block = new Function(...Object.keys(all), `return (async () => {\n${outputText}\n})();`) as (...values: unknown[]) => Promise<Record<string, unknown>>;
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

/** Those of exports and of members: what they are of, and their code. */
const EXAMPLES = readApi().flatMap(({ name: entry, exports }) =>
  exports.flatMap((one) =>
    [{ name: one.name, docs: one.docs }, ...one.members.map(({ name, docs }) => ({ name: `${one.name}.${name}`, docs }))].flatMap(({ name, docs }) =>
      docs.examples.map((code, i) => [`${entry}: ${name}${i > 0 ? `, ${i + 1}` : ''}`, code] as const),
    ),
  ),
);

describe('the examples of docstrings', () => {
  const home = process.cwd();
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'attune-examples-'));
    process.chdir(folder); // experiments are written below the working directory
  });
  afterAll(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(EXAMPLES.filter(([, code]) => canRun(code)))('%s runs and gives what it says', async (_, code) => {
    const said: string[] = [];
    const got: string[] = [];
    const seen = (value: unknown, text: string): void => {
      const shown = oneLine(inspect(value, { depth: 5 }));
      said.push(oneLine(text));
      got.push(text.endsWith('…') && shown.startsWith(oneLine(text).slice(0, -1)) ? oneLine(text) : shown);
    };
    await runs(withChecks(code.replaceAll('import.meta.url', "'file:///examples/example.js'")), { seen });
    expect(got).toEqual(said);
  });
});

test('the examples of docstrings and the code of docs/algorithms compile under strict', { timeout: 60_000 }, () => {
  const names = readdirSync('docs/algorithms').filter((file) => file.endsWith('.md'));
  const pages = names.flatMap((page) => blocksOf(`docs/algorithms/${page}`).map(({ code }, i) => [`${page}, block ${i + 1}`, withImports(code)] as const));
  const wrong = ['wrong', "import { tpe } from 'attune/algorithms';\nexport const searchAlg = tpe({ startup: 5 });\n"] as const;
  const all = [...EXAMPLES, ...pages, wrong].map(([name, code], i) => ({ name, code, file: `test/example-${i}.ts` }));
  const complaints = complaintsOf(Object.fromEntries(all.map(({ file, code }) => [file, `${code}\nexport {};\n`])), { strict: true, sources: true });
  const found = complaints.map(({ file, line, text }) => `${all.find((one) => one.file === file)?.name}, line ${line + 1}: ${text}`);
  expect(found.filter((complaint) => !complaint.startsWith('wrong, '))).toEqual([]);
  expect(found).toHaveLength(1); // or the compiler looks at nothing
});

/** With an import of the domains that a page uses as it goes. */
function withImports(code: string): string {
  const lacking = ['loguniform', 'choice', 'gridSearch'].filter((name) => !new RegExp(`^import .*\\b${name}\\b`, 'm').test(code));
  return `import { ${lacking.join(', ')} } from 'attune';\n${code}`;
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll('[ ', '[').replaceAll(' ]', ']');

/** An example that declares what it needs, or needs TensorFlow.js or a test runner, is compiled only. */
const canRun = (code: string): boolean =>
  !/^declare /m.test(code) && [...code.matchAll(/ from '(.+)';$/gm)].every(([, name = '']) => name in MODULES || name.startsWith('node:'));

/** With a call of `seen` for each statement that says, in the comment at its end, what comes out: `rungs(1, 9, 3); // => [1, 3, 9]`. */
function withChecks(code: string): string {
  const source = ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2022);
  return source.statements.reduceRight((text, statement) => {
    const [, said] = /^[ ;]*\/\/ => (.*)/.exec(text.slice(statement.end)) ?? [];
    if (said === undefined) return text;
    const before = text.slice(0, statement.end);
    const after = text.slice(statement.end);
    if (ts.isExpressionStatement(statement)) {
      const { expression } = statement;
      return `${text.slice(0, expression.pos)}\nseen(${text.slice(expression.pos, expression.end)}, ${JSON.stringify(said)});${after}`;
    }
    const name = ts.isVariableStatement(statement) ? statement.declarationList.declarations[0]?.name : undefined;
    if (name === undefined || !ts.isIdentifier(name)) throw new Error(`expected an expression or a variable before "// => ${said}".`);
    return `${before}\nseen(${name.text}, ${JSON.stringify(said)});${after}`;
  }, code);
}
