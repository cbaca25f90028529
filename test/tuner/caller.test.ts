import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { run } from '../../src/index.ts';
import { caller, commandLine } from '../../src/tuner/caller.ts';

test('each session of a journal says who started it, with what and from where', async () => {
  const storagePath = mkdtempSync(join(tmpdir(), 'attune-caller-'));
  try {
    const { experimentPath } = await run(() => ({ loss: 1 }), { storagePath, metric: 'loss', mode: 'min', verbose: 0 });
    const opened = readFileSync(join(experimentPath, 'journal.jsonl'), 'utf8').split('\n')[1] ?? '';
    expect(JSON.parse(opened)).toMatchObject({
      ...{ kind: 'opened', pid: process.pid, executable: process.execPath, workDir: process.cwd(), file: process.argv[1] },
      cmd: expect.stringContaining(process.argv[1] ?? ''),
    });
  } finally {
    rmSync(storagePath, { recursive: true, force: true });
  }
});

test('the file is the module of a trainable that has one, else the script; of neither nothing is said', () => {
  const given = { execPath: '/bin/node', argv: ['/bin/node', '/app/tune.js', 'a b'] };
  expect(caller({ module: pathToFileURL('/app/my train.ts').href }, given)).toMatchObject({ file: '/app/my train.ts', cmd: "/app/tune.js 'a b'" });
  expect(caller({}, given)).toMatchObject({ executable: '/bin/node', file: '/app/tune.js' });
  const { cmd, file } = caller({}, { ...given, argv: ['/bin/node'] });
  expect([cmd, file]).toEqual([undefined, undefined]);
});

describe('the command line', () => {
  test('is what a shell reads as the same words', () => {
    expect(commandLine(['/app/tune.js', 'lr=10.,1.', 'name=it is', "it's"])).toBe("/app/tune.js lr=10.,1. 'name=it is' 'it'\\''s'");
  });

  test.each([
    [['--api-key', 'abc'], '--api-key ***'],
    [['--api-key=abc'], '--api-key=***'],
    [['--token', '--verbose'], '--token --verbose'],
    [['db.password=abc', 'model.units=3'], 'db.password=*** model.units=3'],
    [['HF_TOKEN=abc'], 'HF_TOKEN=***'],
    [['url=https://me:abc@host/x'], 'url=https://***@host/x'],
    [['tokenizer=bpe', 'author=me', 'monkey=1', 'max_tokens=9'], 'tokenizer=bpe author=me monkey=1 max_tokens=9'],
  ])('%j, without what looks like a secret', (words, text) => {
    expect(commandLine(words)).toBe(text);
  });

  test('has an end', () => {
    expect(commandLine(['x'.repeat(10_000)])).toHaveLength(4097);
  });

  test('never holds what follows the name of a secret', () => {
    const name = fc.constantFrom('--password', '--secret', '--access-key', '-token');
    const secret = fc.stringMatching(/^[A-Z0-9]{12}$/);
    fc.assert(
      fc.property(name, secret, fc.boolean(), (option, value, together) => !commandLine(together ? [`${option}=${value}`] : [option, value]).includes(value)),
    );
  });
});
