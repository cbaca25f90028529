import { AttuneError } from '../base/errors.ts';
import { toErrorData } from '../trial/error-data.ts';

/** Why a worker is gone. */
export interface Death {
  readonly cause: unknown;
  /** It had more memory than it may: both in megabytes of 2^20 bytes. */
  readonly memory?: { readonly of: 'resident memory' | 'V8 heap'; readonly limitMb: number; readonly hadMb: number };
}

/** What became of something that a worker was given to do. */
export type Fate<T> = { readonly result: T } | { readonly death: Death };

/** @returns the error of the trial that was running: `OUT_OF_MEMORY` or `WORKER_DIED` */
export function deathOf(trial: string, { cause, memory }: Death): AttuneError {
  if (memory === undefined) return new AttuneError('WORKER_DIED', `${trial}: expected its worker to live on, got ${describeDeath({ cause })}.`, { cause });
  const { of, limitMb, hadMb } = memory;
  const more = of === 'V8 heap' ? ' in use and a need for more' : '';
  return new AttuneError('OUT_OF_MEMORY', `${trial}: expected at most ${round(limitMb)} MB of ${of}, got ${round(hadMb)} MB${more}.`, { cause });
}

/** Completes "expected a worker, got". */
export function describeDeath({ cause, memory }: Death): string {
  if (memory !== undefined) return `one that ended (over its ${round(memory.limitMb)} MB of ${memory.of}, with ${round(memory.hadMb)} MB)`;
  const { message, name } = toErrorData(cause);
  return `one that ended (${name}: ${message})`;
}

const round = (mb: number): number => Math.round(mb * 10) / 10;
