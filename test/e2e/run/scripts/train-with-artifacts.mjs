import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineTrainable, registerArtifactType, Trainable } from 'attune';

// Registered where the trainable is, so that every worker knows it.
registerArtifactType('lines', {
  save: (lines, path) => writeFileSync(path, lines.join('\n')),
  load: () => [],
});

/** Saves at each step. With HOLD its process is killed in the middle of an artifact of the third step. */
export const byFunction = defineTrainable(import.meta.url, async function byFunction({ x }, trial) {
  while (trial.iteration < 4) {
    const step = trial.iteration + 1;
    await trial.report({ loss: x / step }, { checkpoint: (dir) => writeFileSync(join(dir, 'state'), String(step)) });
    await trial.saveArtifact('steps.txt', ['step', String(step)], 'lines');
    if (step === 1) await trial.saveArtifact('first.json', { x, step }, 'json');
    if (process.env.HOLD && step === 3) {
      registerArtifactType('torn', {
        save: (_, path) => {
          appendFileSync(path, 'half');
          process.kill(process.pid, 'SIGKILL');
        },
        load: () => 'half',
      });
      await trial.saveArtifact('steps.txt', '', 'torn');
    }
  }
});

export const byClass = defineTrainable(
  import.meta.url,
  class ByClass extends Trainable {
    setup(config, trial) {
      Object.assign(this, { config, trial, steps: 0 });
    }
    async step() {
      this.steps += 1;
      await this.trial.saveArtifact(`step-${this.steps}.bin`, Uint8Array.of(this.steps), 'bytes');
      return { loss: this.config.x, done: this.steps === 2 };
    }
    save() {}
    restore() {}
  },
);
