// A trainable as a class: it saves and restores itself, so a trial that fails goes on from its last checkpoint.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineTrainable, loguniform, Trainable, Tuner } from 'attune';

/** Fits y = w x to three points by gradient descent, and breaks down once on the way. */
class Line extends Trainable<{ lr: number }, { loss: number; w: number; restored: boolean }> {
  #state = { w: 0, steps: 0 };
  #lr = 0;
  #restored = false;

  setup({ lr }: { lr: number }) {
    this.#lr = lr;
  }

  step() {
    if (this.#state.steps === 7 && !this.#restored) throw new Error('the power went out');
    const points = [
      [1, 2.1],
      [2, 3.9],
      [3, 6.0],
    ] as const;
    const errors = points.map(([x, y]) => [x, this.#state.w * x - y] as const);
    const gradient = errors.reduce((sum, [x, error]) => sum + (2 * x * error) / errors.length, 0);
    this.#state = { w: this.#state.w - this.#lr * gradient, steps: this.#state.steps + 1 };
    return { loss: errors.reduce((sum, [, error]) => sum + error ** 2, 0), w: this.#state.w, restored: this.#restored };
  }

  save(dir: string) {
    writeFileSync(join(dir, 'state.json'), JSON.stringify(this.#state));
  }

  restore(dir: string) {
    this.#state = JSON.parse(readFileSync(join(dir, 'state.json'), 'utf8')) as { w: number; steps: number };
    this.#restored = true;
  }
}

const tuner = new Tuner(defineTrainable(import.meta.url, Line), {
  paramSpace: { lr: loguniform(1e-3, 1e-1) },
  tuneConfig: { metric: 'loss', mode: 'min', numSamples: 6, seed: 7 },
  runConfig: { stop: { training_iteration: 20 }, checkpointConfig: { frequency: 5 }, failureConfig: { maxFailures: 1 }, verbose: 0 },
});

const grid = await tuner.fit();
const { config, metrics } = grid.getBestResult();
const restored = [...grid].filter((result) => result.metrics.restored).length;
console.log(
  `${restored} of ${grid.length} trials went on from a checkpoint; best: lr ${config.lr.toFixed(3)} finds w = ${metrics.w?.toFixed(3)} (least squares: 1.993)`,
);
