// Everything that is measured on one backend, in a process of its own; bench/tfjs.ts reads what it prints.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isTrialWorker } from 'attune';
import { type Backend, type BackendName, useBackend } from 'attune/tfjs';
import { convnetEpoch, type Epoch } from './convnet.ts';
import { type FileCost, modelFiles } from './model-files.ts';
import { type TrialRate, trialsPerMinute } from './trials-per-minute.ts';
import { type WorkerStart, workerStarts } from './worker-start.ts';

export interface Task {
  readonly backend: BackendName;
  /** Digits in an epoch, and in a trial of those that are counted by the minute. */
  readonly count: number;
  readonly countOfTrial: number;
  readonly trials: number;
  readonly rounds: number;
}

export interface OnBackend {
  readonly backend: BackendName;
  readonly device?: string;
  readonly version: string;
  readonly epoch: Epoch;
  readonly files: readonly FileCost[];
  readonly starts: readonly WorkerStart[];
  readonly rates: readonly TrialRate[];
}

/** Why a backend is not measured. */
export interface NotMeasured {
  readonly backend: BackendName;
  readonly why: string;
}

if (!isTrialWorker) process.stdout.write(`\n${JSON.stringify(await measure(JSON.parse(process.argv[2] ?? '') as Task))}\n`);

async function measure(task: Task): Promise<OnBackend | NotMeasured> {
  const { backend, count, rounds, trials } = task;
  const opened = await open(backend);
  if ('why' in opened && typeof opened.why === 'string') return { backend, why: opened.why };
  const { tf, device } = opened as Backend;
  const root = mkdtempSync(join(tmpdir(), 'attune-bench-'));
  const at = (name: string): string => {
    mkdirSync(join(root, name));
    return join(root, name);
  };
  try {
    if (backend !== 'cpu') await convnetEpoch(backend, Math.min(64, count));
    const epochs: Epoch[] = [];
    for (let round = 0; round < (backend === 'cpu' ? 1 : Math.max(3, rounds)); round++) epochs.push(await convnetEpoch(backend, count));
    const [epoch] = epochs.sort((a, b) => a.cpuSeconds - b.cpuSeconds).slice(Math.floor(epochs.length / 2)) as [Epoch];
    return {
      backend,
      ...(device === undefined ? {} : { device }),
      version: versionOf(tf),
      epoch,
      files: await modelFiles(tf, { root: at('files'), rounds }),
      starts: await workerStarts(backend, { root: at('starts'), rounds }),
      rates:
        backend === 'cpu'
          ? []
          : await trialsPerMinute(backend, { root: at('trials'), trials, count: task.countOfTrial, ...(device === undefined ? {} : { device }) }),
    };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function versionOf(tf: Backend['tf']): string {
  const { binding } = tf.backend() as { readonly binding?: { readonly TF_Version: string } };
  return `tfjs ${tf.version_core}${binding === undefined ? '' : ` with TensorFlow ${binding.TF_Version}`}`;
}

/** Backends for GPUs are measured on GPUs alone. */
async function open(backend: BackendName): Promise<Backend | { readonly why: string }> {
  const lines: string[] = [];
  try {
    const opened = await useBackend({ backend, log: (line) => lines.push(line) });
    const { device = '' } = opened;
    return /^cpu$|swiftshader|llvmpipe|lavapipe/i.test(device) ? { why: `it computes on the CPU (${device})` } : opened;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'BACKEND_UNAVAILABLE')) throw error;
    return { why: lines.at(-1)?.replace(`${backend}: not used, `, '') ?? error.message };
  }
}
