import type { Brand } from '../base/brand.ts';
import { rng } from '../base/rng.ts';

/** A trial, as the engine counts them: 0, 1, 2, … in order of queueing. People see `trialName`. */
export type TrialId = Brand<number, 'TrialId'>;
/** One start of a trial on an executor. Never reused, so what arrives for an older run can be dropped. */
export type RunId = Brand<number, 'RunId'>;

export const trialId = (n: number): TrialId => n as TrialId;
export const runId = (n: number): RunId => n as RunId;

/** The public id: five hex digits of the experiment's seed and the counter, `6e465_00007`. */
export function trialName(seed: number, trial: TrialId): string {
  return `${seedHex(seed)}_${String(trial).padStart(5, '0')}`;
}

function seedHex(seed: number): string {
  if (latest.seed !== seed) latest = { seed, hex: rng(seed).fork('trial-name').int(0x100000).toString(16).padStart(5, '0') };
  return latest.hex;
}

/** One experiment names all of its trials with one seed. */
let latest = { seed: Number.NaN, hex: '' };
