import { readFile, rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { node, Projects, stripsTypes, tool } from './installed-project.ts';

/** One small script for each way in which a project may load attune and its trainable; `docs/loading.md` is the table of them. */

let projects: Projects;
beforeAll(async () => {
  projects = await Projects.open();
});
afterAll(() => projects.close());

const tuned = { stdout: 'best: 3 errors: 0\n', stderr: '', code: 0 };
const tsx = tool('tsx/dist/cli.mjs');
const vitest = tool('vitest/vitest.mjs');

describe('JavaScript', () => {
  test('node tune.mjs', async () => {
    const project = await projects.make('javascript');
    expect(await node(project, 'tune.mjs')).toEqual(tuned);
  });

  test.each(['a b#c%20d é模型', "100% (it's) [q?] ~&=+"])('in a folder named %s', async (name) => {
    const project = await projects.make('javascript', { name });
    expect(await node(project, 'tune.mjs')).toEqual(tuned);
    expect(await node(project, tsx, 'tune.mjs')).toEqual(tuned);
  });

  test.each(['', '--preserve-symlinks-main', '--preserve-symlinks', '--preserve-symlinks --preserve-symlinks-main'])(
    'through a symbolic link: node %s link/tune.mjs',
    async (flags) => {
      const project = await projects.make('javascript');
      await symlink(project, `${project}-link`, 'junction');
      expect(await node(project, ...flags.split(' ').filter(Boolean), join(`${project}-link`, 'tune.mjs'))).toEqual(tuned);
    },
  );
});

describe('TypeScript', () => {
  test.skipIf(!stripsTypes)(`node tune.ts (Node 22.18 or later; this is ${process.versions.node})`, async () => {
    const project = await projects.make('typescript');
    const { stdout, stderr } = await node(project, 'tune.ts');
    expect(stdout).toBe(tuned.stdout);
    expect(stderr).not.toContain('attune');
  });

  test('tsx tune.ts', async () => {
    const project = await projects.make('typescript', { links: ['tsx'] });
    expect(await node(project, tsx, 'tune.ts')).toEqual(tuned);
  });

  test('node --import tsx tune.ts', async () => {
    const project = await projects.make('typescript', { links: ['tsx'] });
    expect(await node(project, '--import', 'tsx', 'tune.ts')).toEqual(tuned);
  });

  test.each(['forks', 'threads'])("vitest's pool %s, where vitest can load what Node cannot: workers use tsx", async (pool) => {
    const project = await projects.make('vitest', { links: ['vitest', 'tsx'] });
    const { stdout, stderr } = await node(project, vitest, 'run', '--root', '.', '--pool', pool, '--no-color');
    expect(stdout + stderr).toMatch(/Tests\s+1 passed/);
  });
});

describe('CommonJS', () => {
  const compiled = async (options: Readonly<Record<string, string>>): Promise<{ readonly project: string; readonly found: string }> => {
    const project = await projects.make('commonjs', {
      links: ['@types/node', 'undici-types'],
      files: {
        'package.json': { name: 'consumer' },
        'tsconfig.json': { compilerOptions: { target: 'es2022', strict: true, skipLibCheck: true, types: ['node'], outDir: 'dist', rootDir: '.', ...options } },
      },
    });
    const { stdout } = await node(project, tool('typescript/bin/tsc'), '--pretty', 'false');
    return { project, found: stdout };
  };

  test.each([{ module: 'nodenext' }, { module: 'node20' }, { module: 'commonjs', moduleResolution: 'bundler' }])('compiled by tsc, %o', async (options) => {
    const { project, found } = await compiled(options);
    expect(found).toBe('');
    expect(await readFile(join(project, 'dist/tune.js'), 'utf8')).toContain('require("attune")');
    const { stdout, stderr } = await node(project, 'dist/tune.js');
    expect(stdout).toBe(tuned.stdout);
    expect(stderr).toBe('');
  });

  test('not with the module kinds that know nothing of require(esm): tsc says so', async () => {
    expect((await compiled({ module: 'node16' })).found).toMatch(/TS1479/);
  });

  test('import.meta does not compile there, and __filename is what the error of an empty one asks for', async () => {
    const project = await projects.make(undefined, {
      files: { 'tune.cjs': "const { defineTrainable } = require('attune');\ndefineTrainable({}.url, () => 1);\n" },
    });
    const { stderr } = await node(project, 'tune.cjs');
    expect(stderr).toMatch(/expected import\.meta\.url or __filename first, got undefined\. Hint: .*pass __filename/);
  });
});

describe('several packages', () => {
  test('a workspace whose package is linked into node_modules', async () => {
    const project = await projects.make('workspace', {
      files: {
        'package.json': { name: 'root', private: true, workspaces: ['packages/*'] },
        'packages/models/package.json': { name: 'models', type: 'module', exports: './index.mjs' },
      },
    });
    await symlink(join(project, 'packages/models'), join(project, 'node_modules/models'), 'junction');
    expect(await node(project, 'tune.mjs')).toEqual(tuned);
    expect(await node(project, '--preserve-symlinks', 'tune.mjs')).toEqual(tuned);
  });

  test('two copies of attune: one tunes, the other one is that of the trainable, its classes, spaces, schedulers and errors', async () => {
    const project = await projects.make('two-copies', {
      files: { 'node_modules/models/package.json': { name: 'models', type: 'module', exports: './index.mjs' } },
    });
    const models = join(project, 'node_modules/models');
    await rename(join(project, 'models/index.mjs'), join(models, 'index.mjs'));
    await projects.install(models);
    const { stdout, stderr } = await node(project, 'tune.mjs');
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      copies: 2,
      counts: [true, true, true],
      errors: 0,
      inWorker: true,
      failure: 'CHECKPOINT_INVALID',
      instanceOf: [true, false],
    });
  });
});
