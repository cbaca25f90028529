import { expect } from 'vitest';

/** What a model did from the same checkpoint, or from ones that two backends wrote after the same steps. */
export interface GoneOn {
  readonly loss: number;
  readonly predictions: readonly number[];
}

/** What training a net came to somewhere. */
export interface Trained {
  readonly losses: readonly number[];
  readonly device: string;
  readonly using_gpu: boolean;
  readonly in_use: number;
  readonly left: number;
  readonly worker: string;
}

/** To what backends may differ in a step, and in a few. */
const [STEP, STEPS] = [1e-4, 1e-3];

export function expectAlike(went: readonly GoneOn[]): void {
  expect(went).toHaveLength(4);
  const [first, ...others] = went as readonly [GoneOn, ...GoneOn[]];
  expect(first.predictions.length).toBeGreaterThan(0);
  for (const { loss, predictions } of others) {
    expect(Math.abs(loss - first.loss)).toBeLessThan(STEP);
    predictions.forEach((value, at) => expect(Math.abs(value - Number(first.predictions[at]))).toBeLessThan(STEP));
  }
}

/** What `train-everywhere.mjs` printed: a dense net and a convnet, in the main thread, in two threads at once, in two processes, as on `cpu`. */
export function expectTrainedAlike({ cpu, ...places }: Readonly<Record<string, readonly Trained[]>>): readonly Trained[] {
  expect(Object.keys(places)).toEqual(['inline', 'threads', 'processes']);
  for (const [place, nets] of Object.entries(places)) {
    expect(nets).toHaveLength(2);
    nets.forEach(({ losses, left }, net) => {
      const wanted = cpu?.[net]?.losses ?? [];
      expect(wanted.length).toBeGreaterThan(1);
      expect(losses).toHaveLength(wanted.length);
      losses.forEach((loss, epoch) => expect(Math.abs(loss - Number(wanted[epoch]))).toBeLessThan(STEPS * Math.abs(Number(wanted[epoch]))));
      expect(left).toBe(0);
    });
    expect(new Set(nets.map(({ worker }) => worker)).size).toBe(place === 'inline' ? 1 : 2);
  }
  return Object.values(places).flat();
}

/** What `tune.mjs` printed. */
export interface Tuned {
  readonly trials: readonly { readonly status: string; readonly rows: readonly { readonly loss: number; readonly val_loss: number }[] }[];
}

/** A trial that was paused after every epoch, and the same one unbroken. On GPUs, and on what adds up in any order, to 1e-3. */
export function expectUnbroken(whole: Tuned, paused: Tuned): void {
  const [one, other] = [whole.trials[0], paused.trials[0]];
  expect(one).toMatchObject({ status: 'TERMINATED', rows: { length: 5 } });
  one?.rows.forEach(({ loss, val_loss }, epoch) => {
    expect(Math.abs(Number(other?.rows[epoch]?.loss) - loss)).toBeLessThan(1e-3);
    expect(Math.abs(Number(other?.rows[epoch]?.val_loss) - val_loss)).toBeLessThan(1e-3);
  });
}
