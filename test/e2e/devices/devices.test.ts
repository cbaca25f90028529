import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runNode } from '../run-node.ts';
import { TWO_GPUS, withSmi } from './fake-smi.ts';

const scripts = join(import.meta.dirname, 'scripts');

/** Runs a script in an empty folder; what it printed last is JSON. */
async function script<T>(name: string, input: unknown, env: NodeJS.ProcessEnv): Promise<T> {
  const cwd = await mkdtemp(join(tmpdir(), 'attune-devices-'));
  const { stdout } = await runNode([join(scripts, name), JSON.stringify(input)], { cwd, env });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as T;
}

type Seen = Readonly<Record<'whileLoading' | 'device' | 'me' | 'cpu' | 'CUDA_VISIBLE_DEVICES' | 'TF_FORCE_GPU_ALLOW_GROWTH' | 'OMP_NUM_THREADS', string>>;
interface Halves {
  readonly seen: readonly Seen[];
  readonly log: readonly string[];
  readonly opened: { readonly slots: number; readonly devices?: readonly string[] };
}

/** The most trials that were on each device at once. */
function mostAtOnce(log: readonly string[]): Readonly<Record<string, number>> {
  const now: Record<string, number> = {};
  const most: Record<string, number> = {};
  for (const line of log) {
    const [what, device = ''] = line.split(' ');
    now[device] = (now[device] ?? 0) + (what === 'begin' ? 1 : -1);
    most[device] = Math.max(most[device] ?? 0, now[device]);
  }
  return most;
}

// The program that stands for nvidia-smi is a shell script.
describe.skipIf(process.platform === 'win32')('two GPUs', () => {
  test('eight trials that take half of one: two on each at once, in processes that see it alone before they load anything', async () => {
    const { seen, log, opened } = await script<Halves>('halves.mjs', { resources: { gpu: 0.5 } }, await withSmi(TWO_GPUS));
    expect(opened).toMatchObject({ slots: 4, devices: ['cuda:0', 'cuda:1'] });
    expect(mostAtOnce(log)).toEqual({ 'cuda:0': 2, 'cuda:1': 2 });
    for (const { device, ...own } of seen) {
      const uuid = device === 'cuda:0' ? 'GPU-aaaa0000-1' : 'GPU-bbbb1111-2';
      expect(own).toMatchObject({ whileLoading: uuid, CUDA_VISIBLE_DEVICES: uuid, CUDA_DEVICE_ORDER: 'PCI_BUS_ID', TF_FORCE_GPU_ALLOW_GROWTH: 'true' });
      expect(own).toMatchObject({ TF_NUM_INTRAOP_THREADS: String(own.cpu), TF_NUM_INTEROP_THREADS: String(own.cpu), OMP_NUM_THREADS: String(own.cpu) });
    }
    expect(new Set(seen.map(({ me, device }) => `${me} ${device}`)).size).toBe(4); // a process is used again for the same device
  });

  test('what the user has set of the environment wins, and CUDA_VISIBLE_DEVICES says which there are', async () => {
    const env = { ...(await withSmi(TWO_GPUS)), CUDA_VISIBLE_DEVICES: 'GPU-bbbb1111-2', OMP_NUM_THREADS: '7', TF_FORCE_GPU_ALLOW_GROWTH: 'false' };
    const more = { env: { TF_NUM_INTRAOP_THREADS: '3' } };
    const { seen, log } = await script<Halves>('halves.mjs', { resources: { gpu: 0.25, cpu: 2 }, more }, env);
    expect(mostAtOnce(log)).toEqual({ 'cuda:1': 4 });
    const expected = { CUDA_VISIBLE_DEVICES: 'GPU-bbbb1111-2', TF_FORCE_GPU_ALLOW_GROWTH: 'false', TF_NUM_INTRAOP_THREADS: '3', TF_NUM_INTEROP_THREADS: '2' };
    for (const one of seen) expect(one).toMatchObject({ ...expected, OMP_NUM_THREADS: '7', cpu: 2 });
  });

  test('threads share one of them, and say so; several for a trial, and one that they do not see, are refused', async () => {
    const input = [
      ['threads', { workers: 2 }, { gpu: 0.5 }],
      ['threads', {}, { gpu: 2 }],
      ['threads', { devices: ['cuda:1'] }, { gpu: 1 }],
      ['inline', {}, { gpu: 1 }],
    ];
    const { outcomes, warnings } = await script<{ outcomes: readonly unknown[]; warnings: readonly string[] }>('starts.mjs', input, await withSmi(TWO_GPUS));
    expect(outcomes).toMatchObject([
      [{ device: 'cuda:0' }, { device: 'cuda:0' }],
      expect.stringMatching(/^OPTION_RANGE threads: .* share one device, got 2\. Hint: Use executor: processes\(\)/),
      expect.stringMatching(/^OPTION_RANGE threads: .*sees, cuda:0, got cuda:1\. Hint: Start the script with CUDA_VISIBLE_DEVICES=GPU-bbbb1111-2, or/),
      [{ device: null }, { device: null }],
    ]);
    expect(warnings).toEqual([
      'threads: threads are one process and share one device, so that all trials use cuda:0; processes() uses all of cuda:0, cuda:1.',
      expect.stringContaining('inline: resources.gpu gives no trial a device here'),
    ]);
  });

  test('what cannot be placed is refused before any trial', async () => {
    const input = [
      ['processes', { devices: ['cuda:2'] }, { gpu: 1 }],
      ['processes', {}, { gpu: 3 }],
      ['processes', {}, { gpu: 0.5, gpuMemoryMb: 200_000 }],
      ['processes', { devices: ['cuda:0'] }, { cpu: 1 }],
      ['processes', { workers: 1, devices: ['cuda:0'] }, { gpu: 0 }],
    ];
    const { outcomes } = await script<{ outcomes: readonly unknown[] }>('starts.mjs', input, await withSmi(TWO_GPUS));
    expect(outcomes).toMatchObject([
      expect.stringContaining('OPTION_RANGE processes: expected devices that exist (cuda:0, cuda:1), got "cuda:2".'),
      expect.stringContaining('expected 3 devices for each trial (runConfig.resources.gpu), got 2 (cuda:0, cuda:1).'),
      expect.stringContaining('got cuda:0 with 143771 MB, cuda:1 with 143771 MB.'),
      expect.stringContaining('OPTION_RANGE processes: expected runConfig.resources.gpu with devices, got none.'),
      [
        { device: null, sees: '' },
        { device: null, sees: '' },
      ],
    ]);
  });

  test.skipIf(process.platform === 'darwin')('there is none: why, and what to do', async () => {
    const input = [['processes', {}, { gpu: 0.5 }]];
    const env = await withSmi("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", 9);
    const failed = await script<{ outcomes: readonly string[] }>('starts.mjs', input, env);
    expect(failed.outcomes[0]).toContain("got none: nvidia-smi failed: NVIDIA-SMI has failed because it couldn't communicate");
    expect(failed.outcomes[0]).toMatch(/WebGPU/); // why no adapter of another vendor does
    const hidden = await script<{ outcomes: readonly string[] }>('starts.mjs', input, { ...(await withSmi(TWO_GPUS)), CUDA_VISIBLE_DEVICES: '' });
    expect(hidden.outcomes[0]).toContain(
      `expected a GPU for runConfig.resources.gpu 0.5, got none: CUDA_VISIBLE_DEVICES is "". Hint: Name it if there is one, processes({ devices: ['cuda:0'] })`,
    );
  });

  test('a full device: the trial is tried once more with the device and a fresh process for itself, then it fails with its configuration', async () => {
    interface Full {
      readonly trials: readonly (readonly [string, string | null, string | null])[];
      readonly retried: readonly (readonly [number, boolean, string])[];
      readonly log: readonly string[];
    }
    const { trials, retried, log } = await script<Full>('full.mjs', {}, await withSmi(TWO_GPUS));
    expect(trials.map(([status, code]) => [status, code])).toEqual([
      ['TERMINATED', null],
      ['TERMINATED', null],
      ['ERROR', 'DEVICE_OUT_OF_MEMORY'],
      ['TERMINATED', null],
      ['TERMINATED', null],
    ]);
    expect(trials[2]?.[2]).toContain('expected the configuration {"kind":"too large"} to fit into the memory of cuda:0, which it had for itself');
    const full = 'DEVICE_OUT_OF_MEMORY';
    expect([...retried].sort(([a], [b]) => a - b)).toEqual([
      [0, true, full],
      [2, true, full],
    ]);
    for (const kind of ['large', 'too large']) {
      const begins = log.flatMap((line, i) => (line.startsWith(`begin ${kind} `) ? [i] : []));
      expect(begins).toHaveLength(2);
      const [first = 0, second = 0] = begins;
      const pid = log[second]?.split(' ').at(-1);
      expect(log[second + 1]).toBe(`end ${kind} ${pid}`); // nobody began beside it
      expect(log.slice(0, second).filter((line) => line.startsWith('begin')).length).toBe(log.slice(0, second).filter((line) => line.startsWith('end')).length);
      expect(log.slice(0, second).some((line) => line.endsWith(` ${pid}`))).toBe(false); // another process would still have memory
      expect(log[first]?.endsWith(` ${pid}`)).toBe(false);
    }
  });
});
