import type { Metrics, TrialContext } from './trial-context.ts';

/**
 * A trainable as a class: each `step()` is one iteration, and its return value is the report. Every start is a fresh
 * instance: `setup`, then `restore` when there is a checkpoint, then steps until the trial is stopped; `cleanup` always.
 * `return { done: true, … }` from `step` to end the trial.
 *
 * @example
 * import { readFileSync, writeFileSync } from 'node:fs';
 * import { defineTrainable, Trainable } from 'attune';
 *
 * class Descent extends Trainable<{ lr: number }, { loss: number }> {
 *   #lr = 0;
 *   #x = 10;
 *   setup(config: { lr: number }) {
 *     this.#lr = config.lr;
 *   }
 *   step() {
 *     this.#x -= this.#lr * 2 * this.#x;
 *     return { loss: this.#x ** 2 };
 *   }
 *   save(dir: string) {
 *     writeFileSync(`${dir}/x.json`, JSON.stringify(this.#x));
 *   }
 *   restore(dir: string) {
 *     this.#x = JSON.parse(readFileSync(`${dir}/x.json`, 'utf8'));
 *   }
 * }
 * export const descent = defineTrainable(import.meta.url, Descent);
 */
export abstract class Trainable<C, M extends Metrics = Metrics> {
  /** Called once, before anything else. */
  abstract setup(config: C, trial: TrialContext<M>): void | Promise<void>;
  /** One iteration: the metrics of this report. */
  abstract step(): M | Promise<M>;
  /** Writes everything that `restore` needs into `dir`, which exists and is empty. */
  abstract save(dir: string): unknown;
  /** Continues from what `save` wrote. `return { done: true }` when nothing is left to do: the trial then ends without another step. */
  abstract restore(dir: string): unknown;
  /** Gives back what `setup` took; called at every end, also after an error. */
  cleanup?(): void | Promise<void>;
}
