import { availableParallelism } from 'node:os';
import { AttuneError } from '../base/errors.ts';
import { checkOptions, describe } from '../base/options.ts';
import { checkDevices } from './devices/discover.ts';
import { threadsFor } from './devices/pin.ts';
import type { Share } from './devices/share.ts';
import type { Executor } from './executor.ts';
import { ProcessWorkers } from './process-workers.ts';
import { workerExecutor } from './worker-executor.ts';
import { workerFile } from './worker-file.ts';
import { processFlags } from './worker-flags.ts';
import { checkMemory, checkWorkers } from './workers-option.ts';

/** Environment variables; `undefined` takes one away that this process has. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What `processes` takes. */
export interface ProcessesOptions {
  /** Trials at once, each in a process of its own, as far as there are devices for them. Default: the cores of this machine, each trial taking `resources.cpu`. */
  readonly workers?: number;
  /** The devices to share out when `resources.gpu` asks for one: `['cuda:0', 'cuda:1']`, `['webgpu:NVIDIA H200']`. Default: those that nvidia-smi and `CUDA_VISIBLE_DEVICES` name, else the WebGPU adapters that are hardware. */
  readonly devices?: readonly string[];
  /**
   * Environment variables on top of those of this process, in place before anything is loaded: one record for all, or a
   * function of the slot, 0 to `workers - 1`, called once for each when the executor is made. Default: none.
   */
  readonly env?: Environment | ((slot: number) => Environment);
  /** Options of Node and V8 for the processes. Default: those of this process, without the debugger's. */
  readonly execArgv?: readonly string[];
  /**
   * The most memory of one process, in megabytes of 2^20 bytes, an integer of at least 128 (about 70 are in use before your
   * module is loaded): V8's heap limit, and the resident memory as a watcher reads it ten times a second. A trial that has
   * more fails with `OUT_OF_MEMORY`, alone. A process that has kept half of what was left to it when its trial ends is
   * replaced, so that the next trial has the whole. Default: no limit but V8's own.
   */
  readonly memoryMb?: number;
}

const LEAST_MEMORY_MB = 128;

/**
 * Runs trials in processes of their own, which are used again for one trial after another. The trainable must be defined
 * with `defineTrainable`. A process that crashes, is killed or calls `process.exit` takes only its trial's current run with
 * it; the next trial gets a new one. Processes start as trials come, do not get the terminal's Ctrl-C, and are gone, with
 * whatever they have started in their group, when the run ends or when this process does, `kill -9` included.
 *
 * With `resources.gpu` each process sees only the devices of its trial (`CUDA_VISIBLE_DEVICES`), and TensorFlow takes their memory as it needs
 * it (`TF_FORCE_GPU_ALLOW_GROWTH`); a process is used again for trials of the same devices. `TF_NUM_INTRAOP_THREADS`, `TF_NUM_INTEROP_THREADS`
 * and `OMP_NUM_THREADS` are the trial's share of the cores. What this process's environment says of growth and threads stays, and `env` wins.
 *
 * @throws {AttuneError} `OPTION_RANGE`, `OPTION_UNKNOWN`
 * @example
 * import { processes, type RunConfig } from 'attune';
 *
 * const runConfig: RunConfig = { executor: processes({ workers: 4, memoryMb: 2048 }), resources: { gpu: 1 } };
 */
export function processes(options: ProcessesOptions = {}): Executor {
  checkOptions('processes', options, ['workers', 'devices', 'env', 'execArgv', 'memoryMb']);
  const { workers, devices, memoryMb, env = {} } = options;
  if (workers !== undefined) checkWorkers('processes', workers);
  if (devices !== undefined) checkDevices('processes', devices);
  if (memoryMb !== undefined) checkMemory('processes', memoryMb, LEAST_MEMORY_MB);
  const flags = [...processFlags(options.execArgv), ...(memoryMb === undefined ? [] : [`--max-old-space-size=${memoryMb}`])];
  const environments = Array.from({ length: workers ?? availableParallelism() }, (_, slot) => environmentOf(env, slot));
  const makeWorkers = ({ slots, cpu, hidesGpus }: Share): ProcessWorkers => {
    const file = workerFile('processes', 'process-worker.js');
    const common = { ...threadsFor(cpu, process.env), ...(hidesGpus ? { CUDA_VISIBLE_DEVICES: '' } : {}) };
    const launches = Array.from({ length: slots }, (_, slot) => {
      const own = (environments[slot] ??= environmentOf(env, slot));
      return { flags, file, env: { ...common, ...own }, memoryMb: memoryMb ?? 0 };
    });
    return new ProcessWorkers(launches);
  };
  const record = options.env === undefined ? options : undefined; // variables may be secrets: they are not recorded
  return workerExecutor({ name: 'processes', workers, devices, isOneProcess: false, options: record, makeWorkers });
}

/** @throws {AttuneError} `OPTION_RANGE` unless it is a record of texts, with names that a system takes */
function environmentOf(env: unknown, slot: number): Environment {
  const where = typeof env === 'function' ? `env(${slot})` : 'env';
  const given: unknown = typeof env === 'function' ? (env as (slot: number) => unknown)(slot) : env;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new AttuneError('OPTION_RANGE', `processes: expected ${where} to be an object of texts, got ${describe(given)}.`);
  }
  for (const [name, value] of Object.entries(given as Record<string, unknown>)) {
    if (name === '' || /[=\0]/.test(name)) throw new AttuneError('OPTION_RANGE', `processes: expected names of variables in ${where}, got ${describe(name)}.`);
    if (value === undefined || (typeof value === 'string' && !value.includes('\0'))) continue;
    throw new AttuneError('OPTION_RANGE', `processes: expected ${where}.${name} to be a text, got ${describe(value)}.`, {
      hint: `Write ${name}: String(…).`,
    });
  }
  return { ...(given as Environment) };
}
