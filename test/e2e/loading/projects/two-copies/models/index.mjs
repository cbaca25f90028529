// This package has a copy of attune of its own.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AttuneError, choice, defineTrainable, isTrialWorker, Trainable } from 'attune';
import { asha } from 'attune/schedulers';

class Counter extends Trainable {
  setup({ by }) {
    this.by = by;
    this.count = 0;
  }
  step() {
    this.count += this.by;
    return { count: this.count, inWorker: isTrialWorker, done: this.count >= 4 };
  }
  save(dir) {
    writeFileSync(join(dir, 'count'), String(this.count));
  }
  restore(dir) {
    this.count = Number(readFileSync(join(dir, 'count'), 'utf8'));
  }
}

export { AttuneError };
export const counter = defineTrainable(import.meta.url, Counter);
export const fails = defineTrainable(
  import.meta.url,
  async (_config, trial) => {
    await trial.report({ count: 1 });
    throw new AttuneError('CHECKPOINT_INVALID', 'models: expected nothing, got this.');
  },
  { name: 'fails' },
);
export const by = choice([1, 2]);
export const scheduler = asha({ maxT: 4 });
