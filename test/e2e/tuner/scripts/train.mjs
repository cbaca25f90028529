import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineTrainable } from 'attune';

/** Six reports with a checkpoint each. With HOLD, the third trial waits after its third report until it is told to stop, or killed. */
export const train = defineTrainable(import.meta.url, async function train({ x }, trial) {
  const saved = trial.checkpoint ? Number(readFileSync(join(trial.checkpoint.path, 'state'), 'utf8')) : 0;
  if (saved !== trial.iteration) throw new Error(`restored at ${trial.iteration} from the state of ${saved}`);
  while (trial.iteration < 6) {
    const step = trial.iteration + 1;
    await trial.report({ loss: x + 1 / step }, { checkpoint: (dir) => writeFileSync(join(dir, 'state'), String(step)) });
    if (process.env.HOLD && step === 3 && trial.id.endsWith('_00002')) {
      await new Promise((_, reject) => trial.signal.addEventListener('abort', () => reject(trial.signal.reason)));
    }
  }
});
