import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineTrainable } from 'attune';

/** Checkpoints, NaN and infinities, columns that come late, failures that last while BROKEN is set, ends of its own and stops. */
export const train = defineTrainable(import.meta.url, async function train({ x }, trial) {
  const kind = Number(trial.id.slice(-1));
  while (trial.iteration < 7) {
    const step = trial.iteration + 1;
    if (process.env.BROKEN && kind === 2 && step === 4) throw new Error('not yet', { cause: new TypeError('why') });
    if (kind === 3 && step === 3) return { loss: x, last: 'words, and "quotes"' };
    const loss = kind === 4 ? [Number.NaN, Infinity, -Infinity][step % 3] : x / step;
    const late = kind === 5 && step > 2 ? { eval: { [`late_${step}`]: step } } : {};
    const saver = { checkpoint: (dir) => writeFileSync(join(dir, 'state'), String(step)) };
    await trial.report({ loss, ...late, timesteps_this_iter: 8 }, kind === 5 ? {} : saver);
  }
});
