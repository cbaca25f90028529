import { describe, expect, test } from 'vitest';
import { attune } from '../../src/cli/attune.ts';
import { doctorPage, type Gpus, isWell } from '../../src/cli/doctor-page.ts';
import { type Examination, type Examined } from '../../src/tfjs/build/examine.ts';

const works = (name: Examined['name'], note = ''): Examined => ({ name, version: '4.22.0', trial: { works: true, note } });
const lacks = (name: Examined['name'], what: 'package' | 'loading' | 'device', text: string, fix?: string): Examined => ({
  name,
  version: what === 'package' ? undefined : '4.22.0',
  trial: { works: false, what, lacks: text, ...(fix === undefined ? {} : { fix }) },
});
const machine = (backends: readonly Examined[]): Examination => ({
  node: '20.20.2',
  platform: 'linux x64, glibc 2.36',
  cpus: 2,
  backends,
});
const GPU = { id: 'cuda:0', name: 'NVIDIA A100', driver: '550.54', memoryMb: 40_960 };
const NONE: Gpus = 'there is no nvidia-smi';
const noGpuPackage = lacks('tfjs-node-gpu', 'package', 'it is not installed', 'npm install it');

describe('all is well', () => {
  test('when the best of what is installed works', () => {
    expect(isWell(machine([noGpuPackage, works('tfjs-node'), works('wasm'), works('cpu')]), NONE)).toBe(true);
    expect(isWell(machine([noGpuPackage, lacks('tfjs-node', 'package', ''), works('wasm'), works('cpu')]), NONE)).toBe(true);
    expect(isWell(machine([works('tfjs-node-gpu'), works('tfjs-node')]), [GPU])).toBe(true);
    expect(isWell(machine([lacks('tfjs-node-gpu', 'device', 'no GPU'), works('tfjs-node')]), NONE)).toBe(true);
  });

  test('not when something is broken, a GPU lies idle, or only cpu is left', () => {
    expect(isWell(machine([noGpuPackage, lacks('tfjs-node', 'loading', 'no'), works('wasm')]), NONE)).toBe(false);
    expect(isWell(machine([noGpuPackage, works('tfjs-node')]), [GPU])).toBe(false);
    expect(isWell(machine([lacks('wasm', 'package', ''), works('cpu')]), NONE)).toBe(false);
    expect(isWell(machine([lacks('cpu', 'package', '')]), NONE)).toBe(false);
  });
});

test('the page names what works, what the others lack and what helps', () => {
  const backends = [noGpuPackage, lacks('tfjs-node', 'loading', 'it is not built', 'npx attune tfjs build'), works('wasm'), works('cpu')];
  expect(doctorPage(machine(backends), NONE, '1.2.3', (_, text) => text)).toBe(`attune 1.2.3  Node 20.20.2, linux x64, glibc 2.36, 2 cores

NVIDIA GPUs
  none: there is no nvidia-smi

Backends of tfjs, the best first
  – tfjs-node-gpu  it is not installed
  ✗ tfjs-node      4.22.0, it is not built
                   → npx attune tfjs build
  ✓ wasm           4.22.0
  ✓ cpu            4.22.0

useBackend() takes wasm.
`);
  const withGpu = doctorPage(machine(backends), [GPU], '1.2.3', (_, text) => text);
  expect(withGpu).toContain('\n  cuda:0  NVIDIA A100, 40960 MB, driver 550.54\n');
  expect(withGpu).toContain('→ npm install it');
});

test('wrong calls are named', async () => {
  expect((await attune(['doctor', 'who'], '1.2.3')).stderr).toContain('attune doctor: expected no arguments, got "who".');
  expect((await attune(['tfjs'], '1.2.3')).stderr).toContain('attune tfjs: expected the word "build"');
  expect((await attune(['tfjs', 'build', '--cpu'], '1.2.3')).exitCode).toBe(2);
  expect((await attune(['tfjs', 'build', '--help'], '1.2.3')).stdout).toContain('\nUsage: attune tfjs build ');
});

test('a build without the package says what to install', async () => {
  const { exitCode, stderr } = await attune(['tfjs', 'build'], '1.2.3');
  expect(exitCode).toBe(1);
  expect(stderr).toContain('attune tfjs build: expected @tensorflow/tfjs-node 4.22 to be installed, got nothing. Hint: npm install --ignore-scripts');
});
