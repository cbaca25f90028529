import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineTrainable, Trainable } from 'attune';

/** Weights that only the whole chain of steps before gives: a step on other weights than the trial's own shows in all that follow. */
export const firstWeights = (x) => createHash('sha256').update(`x ${x}`).digest();
export const nextWeights = (weights, x) => createHash('sha256').update(weights).update(`step ${x}`).digest();

/** Curves that cross, so that the order at one rung is not that at the next. */
export const lossOf = (x, step) => Math.abs(x - 0.3) / step + Math.abs(x - 0.6);

const reportOf = (x, step, weights) => ({
  ...{ loss: lossOf(x, step), weights: weights.toString('hex') },
  ...{ level: x, cost: 1 - x, rising: x + step }, // a plateau, its opposite, and one that gets worse
});

class Chained extends Trainable {
  setup({ x }) {
    this.x = x;
    this.steps = 0;
    this.weights = firstWeights(x);
  }
  step() {
    this.steps += 1;
    this.weights = nextWeights(this.weights, this.x);
    return reportOf(this.x, this.steps, this.weights);
  }
  save(dir) {
    writeFileSync(join(dir, 'weights'), this.weights);
    writeFileSync(join(dir, 'steps'), String(this.steps));
  }
  restore(dir) {
    this.weights = readFileSync(join(dir, 'weights'));
    this.steps = Number(readFileSync(join(dir, 'steps'), 'utf8'));
  }
}
export const asClass = defineTrainable(import.meta.url, Chained);

export const asFunction = defineTrainable(
  import.meta.url,
  async ({ x }, trial) => {
    let weights = trial.checkpoint ? readFileSync(join(trial.checkpoint.path, 'weights')) : firstWeights(x);
    for (let step = trial.iteration + 1; step <= 200; step++) {
      weights = nextWeights(weights, x);
      const checkpoint = (dir) => writeFileSync(join(dir, 'weights'), weights);
      await trial.report(reportOf(x, step, weights), { checkpoint });
    }
  },
  { name: 'asFunction' },
);
