import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attune } from '../../src/cli/attune.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'attune-run-'));
  writeFileSync(join(dir, 'empty.mjs'), 'export const x = 1;');
  writeFileSync(join(dir, 'throws.mjs'), 'throw new Error("no data");');
  const trainable = (name: string) => ({ kind: 'trainable', name, module: 'file:///x.mjs', form: 'function', implementation: null });
  const known = '{ name: "AttuneError", code: "X", hint: "Fetch it." }';
  writeFileSync(join(dir, 'advises.mjs'), `throw Object.assign(new Error('no data. Hint: Fetch it. [X]'), ${known});`);
  writeFileSync(join(dir, 'two.mjs'), `export const one = ${JSON.stringify(trainable('one'))}; export const two = ${JSON.stringify(trainable('zwei'))};`);
  writeFileSync(join(dir, 'config.mjs'), `export const one = ${JSON.stringify(trainable('one'))}; export const config = [1];`);
  writeFileSync(join(dir, 'torn.yaml'), 'a: [1');
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('--help says how it is used, and is listed', async () => {
  expect((await attune(['run', '--help'], '1.2.3')).stdout).toContain('\nUsage: attune run <file> [key=value[,value]...]... [options]\n');
  expect((await attune(['--help'], '1.2.3')).stdout).toMatch(/^ {2}run +run a trainable once for each/m);
});

test.each<[readonly string[], string]>([
  [[], 'expected the file of a trainable, got none'],
  [['lr=1'], 'expected the file of a trainable first, got "lr=1"'],
  [['train.ts', 'lr'], 'expected key=value, got "lr"'],
  [['train.ts', 'lr=1,'], 'expected a value at character 5, got none: lr=1,'],
  [['train.ts', '--workers', '0'], 'expected --workers to be an integer >= 1, got "0"'],
  [['train.ts', '--samples=many'], 'expected --samples to be an integer >= 1, got "many"'],
  [['train.ts', '--metric', 'loss', '--mode', 'least'], 'expected --mode to be min or max, got "least"'],
  [['train.ts', '--mode', 'min'], 'expected --metric and --mode together, got one of them'],
  [['train.ts', '--storge', 'x'], '--storge'],
])('called wrongly, with %j, it says what is wrong, and ends with 2', async (args, problem) => {
  const { exitCode, stdout, stderr } = await attune(['run', ...args], '1.2.3');
  expect([exitCode, stdout]).toEqual([2, undefined]);
  expect(stderr).toContain(problem);
  expect(stderr).toMatch(/\nTry: attune run --help\n$/);
});

test.each<[string, readonly string[], string]>([
  ['absent.mjs', [], 'absent.mjs, which is none. Hint: Give its path, with the extension: train.ts. [TRAINABLE_UNREACHABLE]'],
  ['empty.mjs', [], 'empty.mjs to export one trainable, got x. Hint: Write export const train = defineTrainable(import.meta.url, …). [TRAINABLE_INVALID]'],
  ['throws.mjs', [], 'throws.mjs to load, got: no data. Hint: It fails by itself: at '],
  ['advises.mjs', [], 'advises.mjs to load, got: no data. Hint: Fetch it. [TRAINABLE_UNREACHABLE]'],
  ['two.mjs', [], 'two.mjs to export one trainable, got "one", "zwei". Hint: Choose one with --trainable one. [TRAINABLE_INVALID]'],
  ['two.mjs', ['--trainable', 'drei'], 'two.mjs to export the trainable "drei", got "one", "zwei".'],
  ['config.mjs', [], 'the config that config.mjs exports to hold keys and values, got an array of 1.'],
  ['two.mjs', ['--config', 'absent.yaml'], 'expected YAML or JSON in '],
])('%s %j cannot be run, and it says why', async (file, args, problem) => {
  const { exitCode, stderr } = await attune(['run', join(dir, file), ...args], '1.2.3');
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^attune run: expected /);
  expect(stderr).toContain(problem);
});

test('a file of defaults that is torn is named, with the place', async () => {
  const { exitCode, stderr } = await attune(['run', join(dir, 'two.mjs'), '--config', join(dir, 'torn.yaml')], '1.2.3');
  expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/torn\.yaml, got: .*at line 1, column \d+.*CONFIG_INVALID/)]);
});
