import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import ts from 'typescript';
import { expect, onTestFinished, test } from 'vitest';
import * as attune from '../../../src/index.ts';
import { temporaryDirectory } from '../../watch/story.ts';

/** Blocks of code, each with what the page says that it prints. */
const blocks = [...readFileSync('docs/reader.md', 'utf8').matchAll(/^```ts\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```)?/gm)].map(
  ([, code = '', prints]) => ({
    code,
    prints,
  }),
);

test('the code of docs/reader.md runs from top to bottom, and prints what it says', async () => {
  const dir = temporaryDirectory(onTestFinished);
  const printed: string[] = [];
  const console = {
    log: (...values: unknown[]) => {
      const text = values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' ');
      printed[printed.length - 1] += `${text}\n`;
    },
  };
  const script = blocks.map(
    ({ code }) => `begin();\n${code.replace(/^import (\{.+\}) from 'attune';$/gm, 'const $1 = attune;').replaceAll('attune_results', dir)}`,
  );
  const { outputText } = ts.transpileModule(`async function guide() {\n${script.join('\n')}\n}`, { compilerOptions: { target: ts.ScriptTarget.ES2022 } });
  const guide = new Function('attune', 'console', 'begin', `${outputText}\nreturn guide();`) as (...values: unknown[]) => Promise<void>;
  await guide(attune, console, () => printed.push(''));
  for (const [i, { prints }] of blocks.entries()) if (prints !== undefined) expect(printed[i]?.replace(/ +$/gm, '')).toBe(prints);
  expect(printed[2]).toMatch(/^ +Type\nFields\nconfig\.model\.num_units +int\n[\s\S]*train\.loss +METRIC\n/);
});
