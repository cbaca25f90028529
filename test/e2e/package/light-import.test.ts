import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runNode } from '../run-node.ts';

const root = resolve(import.meta.dirname, '../../..');
const scripts = join(import.meta.dirname, 'scripts');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-light-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs Node with every thread on record. @returns per thread, main first: the npm packages of which it loaded a module, and all modules */
async function loadedBy(...args: readonly string[]): Promise<readonly { readonly packages: readonly string[]; readonly modules: readonly string[] }[]> {
  const loaded = await mkdtemp(join(folder, 'loaded-'));
  await runNode(['--import', join(scripts, 'record-modules.mjs'), ...args], { cwd: root, env: { ...process.env, LOADED: loaded } });
  const threads = (await readdir(loaded)).map(Number).sort((a, b) => a - b);
  return Promise.all(
    threads.map(async (thread) => {
      const modules = (await readFile(join(loaded, String(thread)), 'utf8')).trim().split('\n');
      const names = modules.map((module) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(module)?.[1]);
      return { modules, packages: [...new Set(names)].filter((name) => name !== undefined).sort() };
    }),
  );
}

describe('what is loaded before it is needed', () => {
  test.each(['attune', 'attune/algorithms', 'attune/schedulers', 'attune/tfjs', 'attune/testing', 'attune/analysis'])(
    'by import %s: of other packages the random numbers alone',
    async (entry) => {
      const threads = await loadedBy('--input-type=module', '-e', `import '${entry}';`);
      expect(threads).toHaveLength(1);
      expect(threads[0]?.packages.filter((name) => name !== 'seedrandom')).toEqual([]);
    },
  );

  test('by the first trials of a worker: in it the random numbers and its side of the pool, in the main thread the pool too', async () => {
    const [main, worker, ...others] = await loadedBy(join(scripts, 'one-worker.mjs'), await mkdtemp(join(folder, 'results-')));
    expect(others).toEqual([]);
    expect(main?.packages).toEqual(['piscina', 'seedrandom']);
    expect(worker?.packages).toEqual(['piscina', 'seedrandom']);
    const pool = worker?.modules.flatMap((module) => /\/node_modules\/piscina\/(.*)/.exec(module)?.[1] ?? []);
    expect([...new Set(pool)].sort()).toEqual(['dist/common.js', 'dist/symbols.js', 'dist/worker.js']);
  });

  test('by trials in a process: in it and in its driver the random numbers, and what watches it loads nothing that was preloaded', async () => {
    const [main, ...others] = await loadedBy(join(scripts, 'one-worker.mjs'), await mkdtemp(join(folder, 'results-')), 'processes');
    expect(others).toEqual([]); // a thread would have written a list of its own
    expect(main?.packages).toEqual(['seedrandom']);
    expect(main?.modules.filter((module) => /dist\/(process-)?worker\.js$/.test(module))).toEqual([expect.stringContaining('process-worker.js')]);
  });
});
