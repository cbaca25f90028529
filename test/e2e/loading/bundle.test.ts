import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { node, Projects } from './installed-project.ts';

/** What a bundler makes of a tuning script. A worker imports the bundle, so the trainable may be in it; attune may not. */

let projects: Projects;
beforeAll(async () => {
  projects = await Projects.open();
});
afterAll(() => projects.close());

const tuned = { stdout: 'best: 3 errors: 0\n', stderr: '', code: 0 };

async function bundled(entry: string, options: BuildOptions): Promise<string> {
  const project = await projects.make('bundle', { files: { 'package.json': {} } });
  const outfile = join(project, 'dist', options.format === 'cjs' ? 'bundle.cjs' : 'bundle.mjs');
  await build({ entryPoints: [join(project, entry)], absWorkingDir: project, bundle: true, platform: 'node', logLevel: 'silent', outfile, ...options });
  return project;
}

describe('attune marked external', () => {
  test('an ES module, by import.meta.url', async () => {
    const project = await bundled('tune-module.mjs', { format: 'esm', external: ['attune'] });
    expect(await node(project, 'dist/bundle.mjs')).toEqual(tuned);
  });

  test('CommonJS, by __filename', async () => {
    const project = await bundled('tune-common.cjs', { format: 'cjs', external: ['attune'] });
    expect(await node(project, 'dist/bundle.cjs')).toEqual(tuned);
  });

  test('CommonJS by import.meta.url, which is empty there: the error says so', async () => {
    const project = await bundled('tune-by-url.mjs', { format: 'cjs', external: ['attune'] });
    const { stderr } = await node(project, 'dist/bundle.cjs');
    expect(stderr).toMatch(/got undefined\. Hint: In CommonJS.*pass __filename/);
  });

  test('minified, names and all', async () => {
    const project = await bundled('tune-module.mjs', { format: 'esm', external: ['attune'], minify: true });
    expect(await node(project, 'dist/bundle.mjs')).toEqual(tuned);
  });
});

describe('attune inside the bundle', () => {
  test.each(['esm', 'cjs'] as const)('%s: runs inline, and is refused by threads with an error that says to mark it external', async (format) => {
    const project = await bundled('inside.mjs', { format });
    await rm(join(project, 'node_modules'), { recursive: true });
    const { stdout, stderr, code } = await node(project, `dist/bundle.${format === 'cjs' ? 'cjs' : 'mjs'}`);
    expect(stderr).toBe('');
    const [best, refusal] = stdout.split('\n');
    expect(best).toBe('best: 3 errors: 0');
    expect(refusal).toMatch(/^threads: expected the package attune .*Hint: Mark attune external in your bundler .*\[PACKAGE_MISSING\]$/);
    expect(code).toBe(0);
  });

  test('also beside a worker.js of the user, which is left alone', async () => {
    const project = await bundled('inside.mjs', { format: 'esm' });
    await build({ stdin: { contents: 'console.log("the worker of the user")' }, outfile: join(project, 'dist/worker.js'), logLevel: 'silent' });
    const { stdout } = await node(project, 'dist/bundle.mjs');
    expect(stdout).toMatch(/Mark attune external/);
    expect(stdout).not.toContain('the worker of the user');
  });
});
