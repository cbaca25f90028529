import { basename, dirname, resolve } from 'node:path';
import { AttuneError } from '../base/errors.ts';
import { checkNumber, checkOptions, describe } from '../base/options.ts';
import { portabilityProblem } from '../base/portable-name.ts';
import type { Executor } from '../execute/executor.ts';
import { inline } from '../execute/inline.ts';
import { processes } from '../execute/processes.ts';
import { threads } from '../execute/threads.ts';
import { checkFunctions, closuresOf, definedBy, type Phases } from '../trainable/phases.ts';
import { checkRepetitions } from '../trainable/repetitions.ts';
import type { TrainableRef } from '../trainable/trainable-ref.ts';
import type { Metrics } from '../trainable/trial-context.ts';

/** What all experiments of a list have in common. */
export interface ExperimentsBase<C, P, F, M extends Metrics> extends Phases<C, P, F, M> {
  /** The folder of the results, made with its parents. Its last part is a name that Windows, macOS and Linux take: no colon in it. */
  readonly outPath: string;
  /**
   * Where experiments run. `'single'` (default): one at a time, in one worker thread. `'threads'` and `'processes'`: as many at a time as there are
   * cores for, or devices. An executor: as it says. Workers import the functions: they must be those of a `definePhases`. Closures run on
   * this thread, one at a time, with `'single'` or `inline()`.
   */
  readonly backend?: 'single' | 'threads' | 'processes' | Executor;
  /** Cores that one experiment takes, at least 0.01. Default 1. */
  readonly numCpus?: number;
  /** Devices that one experiment takes, or a share of one. Default: none is given. */
  readonly numGpus?: number;
  /** The most memory of one experiment, in megabytes of 2^20 bytes: see `memoryMb` of `threads` and `processes`. Default: no limit of ours. */
  readonly maxMemoryMb?: number;
  /** How often each experiment is repeated; a configuration with a `repetitions` of its own wins. An integer >= 1. Default: that of `definePhases`, else 1. */
  readonly repetitions?: number;
  /** Seconds that one experiment may take, all of its repetitions together; 0 (default): as long as it wants. Refused for what runs on this thread. */
  readonly timeoutS?: number;
  /** Runs them in random order: the same for the same list and the same number; `true` is 0. Default: in the order of the list. */
  readonly shuffle?: boolean | number;
  /** A progress bar on standard error, and a line for each that fails; where there is no terminal, a line for each that ends. Default true. */
  readonly verbose?: boolean;
  /**
   * When `outPath` holds something: `'error'` (default) refuses it; `'resume'` goes on with the same list, and runs what has not ended;
   * `'overwrite'` deletes it, if it is an earlier run that is over; `'new'` writes beside it, into `<outPath>-2`.
   */
  readonly onExisting?: 'error' | 'resume' | 'overwrite' | 'new';
}

/** The fields of a base, checked. */
export interface CheckedBase {
  readonly trainable: TrainableRef;
  readonly executor: Executor;
  /** The folder of the results. */
  readonly storagePath: string;
  readonly name: string;
  readonly resources: { readonly cpu?: number; readonly gpu?: number };
  readonly repetitions: number;
  readonly timeoutS: number;
  /** `undefined`: in order. */
  readonly shuffle: number | undefined;
  readonly verbose: boolean;
  readonly onExisting: 'error' | 'resume' | 'overwrite' | 'new';
}

const FIELDS = [
  ...['pre', 'fit', 'post', 'outPath', 'backend', 'numCpus', 'numGpus', 'maxMemoryMb'],
  ...['repetitions', 'timeoutS', 'shuffle', 'verbose', 'onExisting'],
];
/** What `{ ...definePhases(…) }` brings beside the functions. */
const OF_A_REF = ['kind', 'name', 'module', 'form', 'implementation'];
const BACKENDS = ['single', 'threads', 'processes'];
const EXISTING = ['error', 'resume', 'overwrite', 'new'] as const;
/** A timer of Node holds 31 bits of milliseconds: 24 days. */
const MAX_TIMER_S = 2_147_483;

/** @throws {AttuneError} `OPTION_UNKNOWN`, `OPTION_RANGE`, `TRAINABLE_INVALID`; `TRAINABLE_UNREACHABLE` for closures that are to go to workers */
export function checkBase(base: ExperimentsBase<never, unknown, unknown, Metrics>): CheckedBase {
  checkOptions('runExperiments', base, Object.hasOwn(Object(base) as object, 'kind') ? [...FIELDS, ...OF_A_REF] : FIELDS);
  const { pre, fit, post, numCpus, numGpus, timeoutS = 0, shuffle = false, verbose = true, onExisting = 'error' } = base;
  checkFunctions('runExperiments', { pre, fit, post });
  const defined = definedBy({ pre, fit, post } as Phases<never, unknown, unknown, Metrics>);
  const { repetitions = defined?.repetitions ?? 1 } = base;
  checkRepetitions('runExperiments', repetitions, 'OPTION_RANGE');
  const isAmount = (value: number): boolean => value >= 0 && Number.isFinite(value);
  checkNumber('runExperiments', 'timeoutS', timeoutS, `seconds from 0 (none) to ${MAX_TIMER_S}`, (value) => isAmount(value) && value <= MAX_TIMER_S);
  if (numCpus !== undefined) checkNumber('runExperiments', 'numCpus', numCpus, 'a number of cores >= 0.01', (value) => isAmount(value) && value >= 0.01);
  if (numGpus !== undefined) checkNumber('runExperiments', 'numGpus', numGpus, 'a number of devices >= 0', isAmount);
  if (typeof shuffle !== 'boolean') checkNumber('runExperiments', 'shuffle', shuffle, 'true, false or a safe integer', Number.isSafeInteger);
  if (typeof verbose !== 'boolean') throw wrong('verbose', 'true or false', verbose);
  if (!EXISTING.includes(onExisting)) throw wrong('onExisting', `one of ${EXISTING.map((value) => `'${value}'`).join(', ')}`, onExisting);
  return {
    trainable: defined?.ref ?? closuresOf('experiments', { pre, fit, post } as Phases<never, unknown, unknown, Metrics>),
    executor: executorOf(base, { isDefined: defined !== undefined, timeoutS }),
    ...placeOf(base.outPath),
    resources: { ...(numCpus === undefined ? {} : { cpu: numCpus }), ...(numGpus === undefined ? {} : { gpu: numGpus }) },
    repetitions,
    timeoutS,
    shuffle: shuffle === false ? undefined : Number(shuffle === true ? 0 : shuffle),
    verbose,
    onExisting,
  };
}

const wrong = (option: string, expected: string, value: unknown, hint?: string): AttuneError =>
  new AttuneError(
    'OPTION_RANGE',
    `runExperiments: expected ${option} to be ${expected}, got ${describe(value)}.`,
    hint === undefined ? { hint: 'See docs/experiments.md.' } : { hint },
  );

function placeOf(outPath: unknown): { readonly storagePath: string; readonly name: string } {
  if (typeof outPath !== 'string' || outPath === '') throw wrong('outPath', 'a path', outPath, "Write outPath: 'results'.");
  const path = resolve(outPath);
  const name = basename(path);
  const problem = name.startsWith('.') ? 'a dot at its start' : portabilityProblem(name);
  if (problem === undefined) return { storagePath: dirname(path), name };
  const expected = `outPath to end with a folder name that Windows, macOS and Linux take, got ${describe(outPath)}, which has ${problem}`;
  throw new AttuneError('OPTION_RANGE', `runExperiments: expected ${expected}.`, {
    hint: "A date without colons: new Date().toISOString().slice(0, 19).replaceAll(':', '-').",
  });
}

function executorOf(
  { backend = 'single', maxMemoryMb }: { readonly backend?: unknown; readonly maxMemoryMb?: number },
  { isDefined, timeoutS }: { readonly isDefined: boolean; readonly timeoutS: number },
): Executor {
  const isExecutor = typeof backend === 'object' && backend !== null && 'start' in backend;
  if (!isExecutor && !BACKENDS.includes(backend as string)) throw wrong('backend', `'single', 'threads', 'processes' or an executor`, backend);
  if (isExecutor && maxMemoryMb !== undefined)
    throw wrong('maxMemoryMb', 'given to the executor', maxMemoryMb, `Write backend: processes({ memoryMb: ${maxMemoryMb} }).`);
  const wanted: unknown = isExecutor ? (backend as Executor).name : backend;
  if (!isDefined && (wanted === 'threads' || wanted === 'processes')) {
    const problem = `runExperiments: expected functions of definePhases for the backend '${wanted}', got closures, which no worker can import.`;
    throw new AttuneError('TRAINABLE_UNREACHABLE', problem, {
      hint: 'Write, at top level: const { pre, fit, post } = definePhases(import.meta.url, { pre, fit, post }).',
    });
  }
  const own = isExecutor ? (backend as Executor) : isDefined ? undefined : inline();
  if (own?.name === 'inline') checkInline(timeoutS, maxMemoryMb);
  const memory = maxMemoryMb === undefined ? {} : { memoryMb: maxMemoryMb };
  if (own !== undefined) return own;
  if (backend === 'processes') return processes(memory);
  return threads({ ...memory, ...(backend === 'single' ? { workers: 1 } : {}) });
}

/** What runs on this thread cannot be ended. */
function checkInline(timeoutS: number, maxMemoryMb: number | undefined): void {
  const hint = 'Define the functions with definePhases(import.meta.url, { pre, fit, post }): then they run in a worker.';
  if (timeoutS > 0) throw wrong('timeoutS', '0 for what runs on this thread, where nothing can end a fit that blocks', timeoutS, hint);
  if (maxMemoryMb !== undefined) throw wrong('maxMemoryMb', 'left out for what runs on this thread, whose memory is yours', maxMemoryMb, hint);
}
