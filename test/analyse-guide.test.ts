import { Console } from 'node:console';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import ts from 'typescript';
import { expect, onTestFinished, test } from 'vitest';
import * as analysis from '../src/analysis/index.ts';
import * as attune from '../src/index.ts';
import { tableOf } from '../src/results/table.ts';
import { complaintsOf } from './type-check.ts';
import { temporaryDirectory } from './watch/story.ts';

const MODULES: Readonly<Record<string, object>> = { attune, 'attune/analysis': analysis, 'node:fs': fs, 'node:path': path };
const page = fs.readFileSync('docs/analyse.md', 'utf8');
/** Blocks of code, each with the block of text that follows it, if one does. */
const blocks = [...page.matchAll(/^```ts\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```)?/gm)].map(([, code = '', prints]) => ({ code, prints }));

/** The blocks as one script, with a line printed between them. */
const script = blocks.map(({ code }) => `${code}\nconsole.log('---');\n`).join('');

test('docs/analyse.md is one script, which prints what the page says', async () => {
  const storage = temporaryDirectory(onTestFinished);
  const own = script
    .replace(/^import \{(.+)\} from '(.+)';$/gm, (_, names: string, from: string) => `const {${names.replace(/, type \w+/g, '')}} = modules['${from}'];`)
    .replace("'attune_results'", JSON.stringify(storage));
  const { outputText } = ts.transpileModule(`async function guide() {\n${own}\n}`, { compilerOptions: { target: ts.ScriptTarget.ES2022 } });
  let printed = '';
  const before = globalThis.console;
  onTestFinished(() => void (globalThis.console = before));
  globalThis.console = new Console(new Writable({ write: (text: Buffer, _, done) => done(void (printed += text.toString())) })); // arquero prints there too
  await (new Function('modules', `${outputText}\nreturn guide();`) as (modules: object) => Promise<void>)(MODULES);
  globalThis.console = before;
  const parts = printed.split('---\n');
  for (const [i, { code, prints }] of blocks.entries()) {
    if (prints !== undefined) expect(parts[i]?.slice(0, prints.length), code).toBe(prints);
  }
  expect(blocks.filter(({ prints }) => prints !== undefined).length).toBeGreaterThan(9);
  expect(fs.readdirSync(storage).sort()).toEqual([
    'learning-curve.png',
    'learning-curves.svg',
    'optuna.log',
    'reports.parquet',
    'trials.csv',
    'tune_analyzing_results',
  ]);
  const header = fs.readFileSync(join(storage, 'trials.csv'), 'utf8').split('\n', 1)[0]?.split(',');
  expect(header).toEqual(expect.arrayContaining(['mean_accuracy', 'train/loss', 'config/lr', 'logdir']));
});

test('docs/analyse.md compiles under strict', { timeout: 60_000 }, () => {
  expect(
    complaintsOf(
      {
        'test/analyse-guide.ts': `${script.replace("'attune'", "'../src/index.ts'").replace("'attune/analysis'", "'../src/analysis/index.ts'")}\nexport {};\n`,
      },
      { strict: true },
    ),
  ).toEqual([]);
});

test('the idioms beside those of pandas run', () => {
  const cells = [...page.matchAll(/^\| `.+?` .*?\| (.+) \|$/gm)].map(([, cell = '']) => cell);
  const idioms = cells.flatMap((cell) => [...cell.matchAll(/`((?:table|for |Math)[^`]+)`/g)].map(([, code = '']) => code));
  expect(idioms.length).toBeGreaterThanOrEqual(14);
  const table = tableOf([
    { a: 1, b: 2, 'train/loss': 3 },
    { a: 2, b: 4, 'train/loss': 5 },
  ]);
  for (const code of idioms) {
    const { outputText } = ts.transpileModule(/^for/.test(code) ? `${code} {}` : code, { compilerOptions: { target: ts.ScriptTarget.ES2022 } });
    expect(() => new Function('table', 'row', outputText)(table, 0) as unknown, code).not.toThrow();
  }
});
