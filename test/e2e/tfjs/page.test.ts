import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { complaintsOf } from '../../type-check.ts';
import { runNode } from '../run-node.ts';

const root = resolve(import.meta.dirname, '../../..');
let project: string;
let code: string;

beforeAll(async () => {
  const section = (await readFile(join(root, 'docs/tfjs.md'), 'utf8')).split('## Tuning a model\n')[1] ?? '';
  [, code = ''] = /^```ts\n([\s\S]*?)^```/m.exec(section) ?? [];
  project = await mkdtemp(join(tmpdir(), 'attune-e2e-page-'));
  await mkdir(join(project, 'node_modules'));
  await symlink(root, join(project, 'node_modules/attune'), 'junction');
});
afterAll(() => rm(project, { recursive: true, force: true }));

describe('the code of docs/tfjs.md that tunes a model', () => {
  test('compiles', () => {
    expect(complaintsOf({ 'examples/page.ts': code }, { strict: true })).toEqual([]);
  });

  test('does not compile with a parameter too few, or of another type', () => {
    const wrong = code.replace('paramSpace: hyperparamMutations', 'paramSpace: { lr: loguniform(1e-3, 1e-1) }');
    expect(complaintsOf({ 'examples/page.ts': wrong }, { strict: true })).not.toEqual([]);
  });

  test('runs', async () => {
    const { outputText } = ts.transpileModule(code, { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext } });
    await writeFile(join(project, 'page.mjs'), outputText);
    const { stdout } = await runNode(['page.mjs'], { cwd: project });
    expect(stdout).toContain('dropout_Dropout');
    expect(stdout).toContain('Total params: 49');
  });
});
