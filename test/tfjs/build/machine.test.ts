import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { wasm } from '../../../src/tfjs/backends/wasm.ts';
import { webgpu } from '../../../src/tfjs/backends/webgpu.ts';
import { checkVersion } from '../../../src/tfjs/build/build-native.ts';
import { compilerArguments } from '../../../src/tfjs/build/compile-binding.ts';
import { loadableLibraries, missingFrom } from '../../../src/tfjs/build/cuda.ts';
import { trialOf } from '../../../src/tfjs/build/examine.ts';
import { checkMachine, type Machine, problemsOf } from '../../../src/tfjs/build/machine.ts';
import { runCommand } from '../../../src/tfjs/build/run-command.ts';
import { cudaRequirements } from '../../../src/tfjs/build/unpack-wheel.ts';
import { checkWheel, isOlder, parseWheelName, wheelNames } from '../../../src/tfjs/build/wheel.ts';

const ABLE: Machine = {
  platform: 'linux',
  arch: 'x64',
  glibc: '2.36',
  python: { path: 'python3', version: '3.11.7', pip: '23.2.1' },
  compiler: ['g++'],
  free: 20 * 2 ** 30,
};
const problems = (machine: Partial<Machine>, job = {}): readonly string[] =>
  problemsOf({ ...ABLE, ...machine }, { gpu: false, ...job }).map(({ problem }) => problem);

afterEach(() => {
  vi.unstubAllEnvs();
});

test('a machine that has everything has no problem', () => {
  expect(problems({})).toEqual([]);
  expect(problems({ arch: 'arm64' })).toEqual([]);
  expect(problems({}, { gpu: true })).toEqual([]);
  expect(() => checkMachine(ABLE, { gpu: false })).not.toThrow();
});

test('each thing that is missing is named, all of them at once', () => {
  expect(problems({ platform: 'darwin', arch: 'arm64' })).toEqual(['darwin on arm64']);
  expect(problems({ arch: 'arm64' }, { gpu: true })).toEqual(['linux on arm64']);
  expect(problems({ glibc: undefined })).toEqual(['no GNU C library']);
  expect(problems({ python: undefined, compiler: undefined })).toEqual(['no Python 3', 'no C++ compiler']);
  const noPip = { python: { path: 'python3', version: '3.11.7', pip: undefined } };
  expect(problems(noPip)).toEqual(['no pip in python3']);
  expect(problems(noPip, { wheel: 'tensorflow_cpu-2.21.0.whl' })).toEqual([]);
  expect(problems({ free: 2 ** 30 })[0]).toMatch(/^1\.0 GiB free in /);
  expect(problems({ free: 2 ** 31 }, { gpu: true })).toHaveLength(1);
});

test('the error says what helps', () => {
  expect(() => checkMachine({ ...ABLE, compiler: undefined }, { gpu: false })).toThrow(
    expect.objectContaining({ code: 'BACKEND_UNAVAILABLE', hint: expect.stringContaining('apt install g++') as string }) as Error,
  );
});

test('pip is asked for the wheel that has the library', () => {
  expect(wheelNames({ gpu: false }, 'x64')).toEqual(['tensorflow-cpu']);
  expect(wheelNames({ gpu: false }, 'arm64')).toEqual(['tensorflow-cpu', 'tensorflow']);
  expect(wheelNames({ gpu: true }, 'x64')).toEqual(['tensorflow']);
});

test('the name of a wheel says its version and its glibc', () => {
  expect(parseWheelName('/x/tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl')).toEqual({ version: '2.21.0', glibc: '2.27' });
  expect(parseWheelName('tensorflow-2.15.1-cp310-cp310-manylinux_2_17_aarch64.manylinux2014_aarch64.whl')).toEqual({ version: '2.15.1', glibc: '2.17' });
  expect(parseWheelName('tensorflow-2.21.0-cp311-cp311-win_amd64.whl')).toBeUndefined();
  expect(parseWheelName('numpy-2.0.0-cp311-cp311-manylinux_2_27_x86_64.whl')).toBeUndefined();
});

test('versions are compared as numbers', () => {
  expect(isOlder('2.9', '2.27')).toBe(true);
  expect(isOlder('2.36', '2.27')).toBe(false);
  expect(isOlder('2.27', '2.27')).toBe(false);
});

test('a file that is no wheel is refused', () => {
  expect(() => checkWheel('/nowhere/tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl', '2.36')).toThrow(/expected --wheel to be a wheel/);
});

test('the libraries of CUDA that the wheel asks for are read from its metadata', () => {
  const metadata = `Name: tensorflow
Requires-Dist: numpy>=1.26.0
Requires-Dist: nvidia-cublas-cu12<13.0,>=12.5.3.2; extra == "and-cuda"
Requires-Dist: nvidia-cudnn-cu12 (<10.0,>=9.3.0.75) ; extra == 'and-cuda'
Requires-Dist: tensorboard~=2.21; extra == "other"`;
  expect(cudaRequirements(metadata)).toEqual(['nvidia-cublas-cu12<13.0,>=12.5.3.2', 'nvidia-cudnn-cu12<10.0,>=9.3.0.75']);
});

test('the CUDA of the system counts only when all of it is there', () => {
  expect(missingFrom('')).toContain('libcudnn.so.9');
  const names = missingFrom('');
  expect(missingFrom(names.map((name) => `\t${name} (libc6,x86-64) => /usr/lib/${name}`).join('\n'))).toEqual([]);
});

test('the binary looks for its libraries where the package keeps them', () => {
  const args = compilerArguments({ source: '/p', tensorflow: '/t', headers: '/h', binary: '/b.node' });
  expect(args).toContain('-Wl,-rpath,$ORIGIN/../../deps/lib');
  expect(args).toContain('-DNAPI_VERSION=8');
  expect(args.slice(-2)).toEqual(['-o', '/b.node']);
});

test.skipIf(!existsSync('/sbin/ldconfig'))('the libraries of the system are found by users without /sbin on their PATH', async () => {
  vi.stubEnv('PATH', '/nowhere');
  expect(await loadableLibraries()).toContain('libc.so.6 ');
});

test('a wheel says its own version, and one for a GPU has CUDA', () => {
  const dir = mkdtempSync(join(tmpdir(), 'attune-wheel-'));
  const wheel = join(dir, 'tensorflow_cpu-2.20.0-cp311-cp311-manylinux_2_27_x86_64.whl');
  const refused = (options: object, message: string) =>
    expect(() => checkVersion({ wheel, ...options })).toThrow(
      expect.objectContaining({ code: 'OPTION_RANGE', message: expect.stringContaining(message) as string }) as Error,
    );
  try {
    writeFileSync(wheel, '');
    expect(checkVersion({ wheel })).toBe('2.20.0');
    expect(checkVersion({ wheel, tensorflow: '2.20.0' })).toBe('2.20.0');
    refused({ tensorflow: '2.21.0' }, 'expected --tensorflow to be left out, or the version of --wheel, 2.20.0, got 2.21.0.');
    refused({ tensorflow: 'newest' }, 'expected --tensorflow to be a whole version');
    refused({ gpu: true }, 'expected --wheel to be a wheel with CUDA (tensorflow-*.whl) for --gpu, got tensorflow_cpu-2.20.0');
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('a command that never ends is given up, and a backend that hangs is told', async () => {
  const ran = await runCommand(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { timeoutMs: 1 });
  expect(ran.code).toBe('ETIMEDOUT');
  expect(trialOf(ran, wasm)).toEqual({ works: false, what: 'loading', lacks: 'it has not answered in 120 s', fix: wasm.install });
  expect(trialOf(ran, webgpu)).toMatchObject({ fix: expect.stringContaining('nvidia-smi') as string });
});

test('a backend says what it lacks, or how its process ended', () => {
  const ran = { code: 0, stdout: 'noise\n{"works":true,"note":""}\n', stderr: '' };
  expect(trialOf(ran, wasm)).toEqual({ works: true, note: '' });
  expect(trialOf({ ...ran, code: 'SIGSEGV', stdout: '' }, wasm)).toMatchObject({ works: false, lacks: 'it ends its process (SIGSEGV)' });
});
