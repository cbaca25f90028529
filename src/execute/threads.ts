import type { ResourceLimits } from 'node:worker_threads';
import { AttuneError } from '../base/errors.ts';
import { checkOptions } from '../base/options.ts';
import { checkDevices } from './devices/discover.ts';
import type { Share } from './devices/share.ts';
import type { Executor } from './executor.ts';
import { ThreadWorkers } from './thread-workers.ts';
import { workerExecutor } from './worker-executor.ts';
import { workerFile } from './worker-file.ts';
import { threadFlags } from './worker-flags.ts';
import { checkMemory, checkWorkers } from './workers-option.ts';

/** What `threads` takes. */
export interface ThreadsOptions {
  /** Trials at once, each in a thread of its own, as far as the device has room. Default: the cores of this machine, each trial taking `resources.cpu`. */
  readonly workers?: number;
  /** The device that trials share when `resources.gpu` asks for one: threads are one process, which computes on one. Default: the first that it sees. */
  readonly devices?: readonly string[];
  /**
   * The most that V8 may keep in one thread, in megabytes of 2^20 bytes, at least 1; a trial that needs more fails with
   * `OUT_OF_MEMORY`, alone. The contents of typed arrays and buffers lie outside V8 and do not count: `processes()` watches
   * them too. Default: what Node gives a thread.
   */
  readonly memoryMb?: number;
  /** Other limits of one thread. `maxOldGenerationSizeMb` is `memoryMb`; give one of them. */
  readonly resourceLimits?: ResourceLimits;
  /** Node options of the threads. Default: those of this process. */
  readonly execArgv?: readonly string[];
}

/**
 * Runs trials in worker threads, which are used again for one trial after another. The trainable must be defined with
 * `defineTrainable`, so that a thread can import it. A thread that dies takes only its own trial with it; a crash of native
 * code takes the whole process: `processes()` is for that.
 *
 * @throws {AttuneError} `OPTION_RANGE`, `OPTION_UNKNOWN`; flags that a thread does not take are refused when a run begins
 * @example
 * import { type RunConfig, threads } from 'attune';
 *
 * const runConfig: RunConfig = { executor: threads({ workers: 4, memoryMb: 512 }), resources: { cpu: 1 } };
 */
export function threads(options: ThreadsOptions = {}): Executor {
  checkOptions('threads', options, ['workers', 'devices', 'memoryMb', 'resourceLimits', 'execArgv']);
  const { workers, devices, memoryMb, resourceLimits } = options;
  if (workers !== undefined) checkWorkers('threads', workers);
  if (devices !== undefined) checkDevices('threads', devices);
  if (memoryMb !== undefined) checkMemory('threads', memoryMb, 1);
  if (memoryMb !== undefined && resourceLimits?.maxOldGenerationSizeMb !== undefined) {
    throw new AttuneError('OPTION_RANGE', 'threads: expected one of memoryMb and resourceLimits.maxOldGenerationSizeMb, got both.');
  }
  const makeWorkers = async ({ slots }: Share): Promise<ThreadWorkers> => {
    const settings = poolSettings(slots, options);
    const { Piscina } = await import('piscina'); // only now: importing attune is light
    return new ThreadWorkers(new Piscina(settings));
  };
  return workerExecutor({ name: 'threads', workers, devices, isOneProcess: true, options, makeWorkers });
}

function poolSettings(workers: number, { memoryMb, resourceLimits, execArgv }: ThreadsOptions) {
  const flags = threadFlags(execArgv);
  const limits = memoryMb === undefined ? resourceLimits : { ...resourceLimits, maxOldGenerationSizeMb: memoryMb };
  return {
    filename: workerFile('threads', 'worker.js'),
    name: 'runTrial',
    minThreads: 0, // as trials come
    maxThreads: workers,
    idleTimeout: Number.POSITIVE_INFINITY, // a warm worker is kept for the next trial
    ...(limits ? { resourceLimits: limits } : {}),
    ...(flags ? { execArgv: flags } : {}),
  };
}
