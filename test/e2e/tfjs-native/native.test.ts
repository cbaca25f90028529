import { execFile } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installTarball } from '../package/install-tarball.ts';
import { expectAlike, expectUnbroken, type GoneOn, type Tuned } from '../tfjs/expect-alike.ts';

/** Kept between runs: the wheel of TensorFlow is 270 MB. */
const cache = resolve(import.meta.dirname, '../../../node_modules/.cache/attune-tfjs');
const scripts = join(import.meta.dirname, 'scripts');

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let project: string;
let attune: string;
let native: string;
let results: string;
let noTensorFlow: string | undefined;

const node = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> =>
  new Promise((done) => {
    const options = { cwd: project, env: { ...process.env, ATTUNE_CACHE: cache, ...env }, maxBuffer: 2 ** 26 };
    execFile(process.execPath, [...args], options, (error, stdout, stderr) => done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }));
  });
const build = (env: NodeJS.ProcessEnv = {}, ...more: readonly string[]): Promise<Ran> => node([attune, 'tfjs', 'build', ...more], env);
const doctor = (...args: readonly string[]): Promise<Ran> => node([attune, 'doctor', ...args], { NO_COLOR: '1' });

/** What `npm ci` does to what was built. */
function wipe(): void {
  for (const made of ['lib', 'deps']) rmSync(join(native, made), { recursive: true, force: true });
}

beforeAll(async () => {
  ({ project } = await installTarball('--ignore-scripts', '@tensorflow/tfjs-node@4.22.0'));
  attune = join(project, 'node_modules/attune/dist/cli.js');
  native = join(project, 'node_modules/@tensorflow/tfjs-node');
  results = await mkdtemp(join(tmpdir(), 'attune-native-'));
  for (const folder of [scripts, join(import.meta.dirname, '../tfjs/scripts')]) await cp(folder, project, { recursive: true });
  const { code, stdout, stderr } = await build();
  // pip knows no version of a package that has many when it has not reached an index.
  if (code !== 0 && /from versions: none|Connection|Max retries|no Python|no pip|no C\+\+|expected Linux/.test(stderr)) noTensorFlow = stderr.trim();
  else expect({ code, stderr, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('loads and computes: TensorFlow 2.21.0') as string });
}, 300_000);

afterAll(async () => {
  for (const dir of [project, results]) await rm(dir, { recursive: true, force: true });
});

/** A test that needs the library; where it cannot be had, it says why. */
const testNative = (name: string, run: () => Promise<void>): void =>
  test(name, async ({ skip }) => {
    if (noTensorFlow !== undefined) console.log(`skipped, no TensorFlow: ${noTensorFlow}`);
    skip(noTensorFlow !== undefined, noTensorFlow ?? '');
    await run();
  });

interface Trained {
  readonly net: string;
  readonly backend: string;
  readonly first: number;
  readonly second: number;
  readonly loss: number;
  readonly worker: string;
  readonly error?: string;
}

for (const [where, executor] of [
  ['the main thread', 'inline'],
  ['two worker threads at once', 'threads'],
  ['two worker processes at once', 'processes'],
] as const)
  testNative(`a convnet and a dense net train on tfjs-node as they do on cpu, in ${where}`, async () => {
    const { code, stdout, stderr } = await node(['train.mjs', executor, results]);
    expect(code, stderr).toBe(0);
    const rows = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Trained[];
    expect(rows.map(({ error }) => error)).toEqual([undefined, undefined, undefined, undefined]);
    for (const net of ['conv', 'dense']) {
      const [tensorflow, cpu] = ['tfjs-node', 'cpu'].map((name) => rows.find((row) => row.net === net && row.backend === name) as Trained) as [
        Trained,
        Trained,
      ];
      expect(cpu.loss).toBeLessThan(cpu.first);
      for (const metric of ['first', 'second', 'loss'] as const) expect(Math.abs(tensorflow[metric] / cpu[metric] - 1)).toBeLessThan(1e-3);
    }
    expect(new Set(rows.map(({ worker }) => worker)).size).toBe(executor === 'inline' ? 1 : 2);
  });

testNative('a checkpoint goes on alike on tfjs-node and on cpu, whichever wrote it', async () => {
  const { code, stdout, stderr } = await node(['exchange.mjs', 'tfjs-node', results]);
  expect(code, stderr).toBe(0);
  expectAlike(JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as readonly GoneOn[]);
});

testNative('a tfjsTrainable that is paused after every epoch has the losses of an unbroken run', async () => {
  const tune = async (MODE: string): Promise<Tuned> => {
    const { code, stdout, stderr } = await node(['tune.mjs'], { MODE, EXECUTOR: 'processes', BACKEND: 'tfjs-node', FOLDER: results, TRIALS: '1' });
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout.slice(stdout.indexOf('{"trials"'))) as Tuned;
  };
  expectUnbroken(await tune('whole'), await tune('paused'));
});

testNative('doctor sees that npm has removed the binary, and puts it back from the cache', async () => {
  wipe();
  const without = await doctor();
  expect(without.code).toBe(1);
  expect(without.stdout).toMatch(/✗ tfjs-node +4\.22\.0, its binary \(tfjs_binding\.node\) is not built\n +→ npx attune tfjs build\n/);
  const twice = "const { useBackend } = await import('attune/tfjs'); await useBackend({ log: console.log }); await useBackend();";
  const last = await node(['--input-type=module', '-e', twice]);
  expect(last.stdout).toContain('cpu: used');
  expect(last.stderr.match(/AttuneWarning: useBackend: training in plain JavaScript, which is slow\. Better: wasm \(npm install /g)).toHaveLength(1);
  const fixed = await doctor('--fix');
  expect(fixed).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/put back, with TensorFlow 2\.21\.0\n[^]*✓ tfjs-node +4\.22\.0, TensorFlow 2\.21\.0\n/) as string,
  });
});

testNative('doctor leaves a binary that works as it is', async () => {
  const binary = join(native, 'lib/napi-v8/tfjs_binding.node');
  const before = statSync(binary).ino;
  expect(await doctor('--fix')).toMatchObject({ code: 0, stdout: expect.stringContaining('@tensorflow/tfjs-node: in place already\n') as string });
  expect(statSync(binary).ino).toBe(before);
});

testNative('the package for GPUs, without one, leaves the process to the other package', async () => {
  const gpu = join(project, 'node_modules/@tensorflow/tfjs-node-gpu');
  await cp(native, gpu, { recursive: true, filter: (path) => path !== join(native, 'deps') }); // their code is the same
  mkdirSync(join(gpu, 'deps/lib'), { recursive: true });
  for (const file of await readdir(join(native, 'deps/lib'))) linkSync(join(native, 'deps/lib', file), join(gpu, 'deps/lib', file));
  try {
    const { code, stdout, stderr } = await node(['two-packages.mjs'], { CUDA_VISIBLE_DEVICES: undefined, CUDA_DEVICE_ORDER: undefined });
    expect(code, stderr).toBe(0);
    const notBuilt = 'BACKEND_UNAVAILABLE its binary (tfjs_binding.node) is not built ,';
    const noGpu = 'BACKEND_UNAVAILABLE TensorFlow sees no GPU 1 ,';
    const lines = stdout.split('\n').filter((line) => line.startsWith('['));
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      ...[
        ['without its binary', notBuilt],
        ['again', notBuilt],
        ['without a GPU', noGpu],
        ['again', noGpu],
      ],
      ['with half of the package', expect.stringMatching(/^BACKEND_UNAVAILABLE it does not start /) as string],
      ['then', 'tfjs-node; tfjs-node-gpu: not used, TensorFlow sees no GPU; tfjs-node: used'],
      ['trained', true],
      ['the other one', expect.stringContaining('@tensorflow/tfjs-node is loaded in this thread') as string],
      ['now', 'tfjs-node,tensorflow'],
    ]);
  } finally {
    await rm(gpu, { recursive: true });
  }
});

testNative('a file that a package manager has linked into its store is replaced, not written to', async () => {
  const store = join(results, 'store');
  await mkdir(store);
  const files = ['lib/napi-v8/tfjs_binding.node', 'deps/lib/libtensorflow_framework.so.2'];
  wipe();
  for (const [i, file] of files.entries()) {
    await writeFile(join(store, String(i)), 'of the store');
    mkdirSync(join(native, file, '..'), { recursive: true });
    linkSync(join(store, String(i)), join(native, file));
  }
  const { stdout } = await build();
  expect(stdout).toContain('Put back @tensorflow/tfjs-node');
  for (const i of files.keys()) expect(readFileSync(join(store, String(i)), 'utf8')).toBe('of the store');
  expect((await readdir(join(native, 'deps/lib'))).sort()).toEqual(['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']);
});

testNative('the error of the system loader reaches the user, with what helps', async () => {
  const library = join(native, 'deps/lib/libtensorflow_cc.so.2');
  renameSync(library, `${library}.away`);
  try {
    const { stderr } = await node(['--input-type=module', '-e', "await (await import('attune/tfjs')).useBackend({ backend: 'tfjs-node' })"]);
    expect(stderr).toContain('BACKEND_UNAVAILABLE');
    expect(stderr).toContain('it does not load: libtensorflow_cc.so.2: cannot open shared object file');
    expect(stderr).toContain('Hint: npx attune tfjs build --force');
  } finally {
    renameSync(`${library}.away`, library);
  }
});

test('a build without Python or without a compiler says so at once, and leaves node_modules as it was', async () => {
  wipe();
  const before = await readdir(native, { recursive: true });
  const empty = { ATTUNE_CACHE: join(results, 'empty-cache') };
  const bare = await build({ ...empty, PATH: join(results, 'nothing'), CXX: '' });
  expect(bare).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/got no Python 3; no C\+\+ compiler\. Hint: .*python3-pip.*apt install g\+\+/) as string,
  });
  expect((await build({ ...empty, CXX: '/no/such/compiler' })).stderr).toContain('no C++ compiler');
  expect((await build(empty, '--wheel', 'tensorflow.whl')).stderr).toContain('expected --wheel to be a wheel of TensorFlow for Linux, got tensorflow.whl');
  expect(await build({ ATTUNE_CACHE: '/proc/attune' })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('expected to write to /proc/attune/tfjs, got: ') as string,
  });
  expect(await readdir(native, { recursive: true })).toEqual(before);
  expect(existsSync(join(results, 'empty-cache', 'tfjs')) ? await readdir(join(results, 'empty-cache', 'tfjs')) : []).toEqual([]);
});

testNative('a compiler that fails is quoted, and node_modules stays as it was', async () => {
  const compiler = join(results, 'compiler');
  writeFileSync(compiler, '#!/bin/sh\n[ "$1" = --version ] || { echo "binding.cc:1: error: no such thing" >&2; exit 1; }\n', { mode: 0o755 });
  const wheel = join(results, 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl');
  const zip = `import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as z:
    for name in ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2', 'include/tensorflow/c/c_api.h']: z.writestr('tensorflow/' + name, '')`;
  await new Promise((done) => execFile('python3', ['-c', zip, wheel], done));
  wipe();
  const before = await readdir(native, { recursive: true });
  const failed = await build({ ATTUNE_CACHE: join(results, 'other-cache'), CXX: compiler }, '--wheel', wheel);
  expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('to compile the binding, got: binding.cc:1: error: no such thing.') as string });
  expect(await readdir(native, { recursive: true })).toEqual(before);
  expect(await readdir(join(results, 'other-cache', 'tfjs'))).toEqual([]);
});
