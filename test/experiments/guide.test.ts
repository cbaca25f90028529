import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import ts from 'typescript';
import { afterAll, expect, test } from 'vitest';
import * as attune from '../../src/index.ts';
import { complaintsOf } from '../type-check.ts';

const PAGE = 'docs/experiments.md';
const storage = mkdtempSync(join(tmpdir(), 'attune-guide-'));
afterAll(() => rmSync(storage, { recursive: true, force: true }));

/** The code of the page, in order, each block with the text that it says is printed. */
const blocks = [...readFileSync(PAGE, 'utf8').matchAll(/^```ts\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```)?/gm)].map(([, code = '', prints]) => ({
  code,
  prints,
}));

test('the code of the page is one program, which prints what the page says', async () => {
  const script = blocks.map(({ code }, i) => `block(${i});\n${code}`).join('\n');
  const here = script
    .replace(/^import type .*$/gm, '')
    .replace(/^import (\{.+\}) from 'attune';$/gm, 'const $1 = attune;')
    .replaceAll('import.meta.url', "'/lib/page.mjs'") // workers would load the built package
    .replaceAll("backend: 'threads'", 'backend: attune.inline()')
    .replace(/(['`])results\//g, `$1${storage}/`);
  const { outputText } = ts.transpileModule(`async function page() {\n${here}\n}`, { compilerOptions: { target: ts.ScriptTarget.ES2022 } });
  const printed: string[] = [];
  const console = {
    log: (...values: unknown[]) => void (printed[printed.length - 1] += `${values.map((v) => (typeof v === 'string' ? v : inspect(v))).join(' ')}\n`),
  };
  const run = new Function('attune', 'console', 'block', `${outputText}\nreturn page();`) as (...values: unknown[]) => Promise<void>;
  await run(attune, console, () => printed.push(''));
  expect(blocks.map(({ prints }, i) => (prints === undefined ? undefined : printed[i]))).toEqual(blocks.map(({ prints }) => prints));
  expect(blocks.filter(({ prints }) => prints !== undefined).length).toBeGreaterThan(5);
});

test('it compiles under strict', { timeout: 60_000 }, () => {
  const program = blocks.map(({ code }) => code.replaceAll("'attune'", "'../src/index.ts'")).join('\n');
  expect(complaintsOf({ 'test/page.ts': `${program}\nexport {};\n` }, { strict: true })).toEqual([]);
});
