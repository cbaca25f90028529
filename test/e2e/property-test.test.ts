import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const exec = promisify(execFile);
const FOLDER = 'examples/property-test';
const page = readFileSync('docs/property-test-your-scheduler.md', 'utf8');
const blocks = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(([, block = '']) => block);
const source = (file: string): string => readFileSync(`${FOLDER}/${file}`, 'utf8');

/** Without the indentation that the runner adds. */
const unindented = (text: string): string => text.replace(/^[ \t]+|[ \t]+$/gm, '');

/** Runs a file as the page says; never rejects. */
async function run(file: string): Promise<{ readonly code: number; readonly text: string }> {
  const env = { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1', FORCE_COLOR: '0' };
  delete (env as Record<string, string | undefined>)['NODE_TEST_CONTEXT'];
  return exec(process.execPath, ['--import', 'tsx', '--test', '--test-reporter=spec', `${FOLDER}/${file}`], { env }).then(
    ({ stdout }) => ({ code: 0, text: stdout }),
    ({ code, stdout = '' }: { code?: unknown; stdout?: string }) => ({ code: Number(code), text: stdout }),
  );
}

describe('docs/property-test-your-scheduler.md', () => {
  test('red: the laws find the bug, and print what the page shows', async () => {
    const { code, text } = await run('buggy.test.ts');
    expect(code).toBe(1);
    expect(text).toContain("code: 'LAW_BROKEN'");
    expect(text).toMatch(/pass 14\n. fail 2\n[\s\S]*skipped 3\n/);
    const [printed = ''] = blocks('text');
    expect(unindented(text)).toContain(unindented(printed));
  });

  test('red: so does the test that was printed, pasted as it stands', async () => {
    const [, pasted = ''] = source('counterexample.test.ts').split(/^(?=test\()/m);
    expect(blocks('text')[0]).toContain(pasted);
    expect(source('mended.test.ts')).toContain(pasted);
    const { code, text } = await run('counterexample.test.ts');
    expect(code).toBe(1);
    expect(text).toContain('law A5');
    expect(text).toContain("code: 'LAW_BROKEN'");
  });

  test('green: mended', async () => {
    expect((await run('mended.test.ts')).code).toBe(0);
  });

  test('green: the searcher of the examples, in one line', async () => {
    const { code, text } = await run('hill-climber.test.ts');
    expect({ code, text }).toEqual({ code: 0, text: expect.stringMatching(/pass 8\n. fail 0\n/) as string });
  });

  test('its code is that of the files, and the mended one differs in the line that it shows', () => {
    const [laws, scheduler, counterexample, line = '', ...more] = blocks('ts');
    expect(more).toEqual([]);
    expect(laws).toBe(source('buggy.test.ts'));
    expect(scheduler).toBe(source('buggy-scheduler.ts'));
    expect(counterexample).toBe(source('counterexample.test.ts'));
    const before = source('buggy-scheduler.ts').split('\n');
    const after = source('mended-scheduler.ts').split('\n');
    expect(after).toHaveLength(before.length);
    expect(after.filter((text, i) => text !== before[i])).toEqual([line.trimEnd()]);
  });
});
