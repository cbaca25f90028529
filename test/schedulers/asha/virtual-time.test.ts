import { expect, test } from 'vitest';
import { asha } from '../../../schedulers/asha.ts';
import { rng } from '../../../src/base/rng.ts';
import type { World } from '../../../src/execute/simulated.ts';
import { simulate } from '../../../src/tuner/simulate.ts';
import { simulation } from '../../tuner/small-world.ts';

/** Trials that report when they come to a rung, and that train from scratch whenever they start. */
const fromScratch = (factor: number): World => ({
  report: (run, step) => {
    const time = factor ** (step - 1);
    return { seconds: time, metrics: { loss: rng(7).fork('loss', run.trial).next(), time } };
  },
});

test.each([
  [3, 9, 13],
  [3, 27, 40],
  [4, 64, 85],
  [4, 256, 341],
])('D7: with factor %d and as many workers as maxT %d, the first trial gets there after %d, the sum of all rungs', async (factor, maxT, seconds) => {
  for (const variant of ['promote', 'delayed'] as const) {
    const scheduler = asha({ maxT, reductionFactor: factor, variant, timeAttr: 'time' });
    const { lines } = await simulate(simulation({ scheduler, world: fromScratch(factor), workers: maxT, samples: 4 * maxT }));
    expect(lines.find(({ kind }) => kind === 'stopped')?.at).toBe(seconds * 1000);
  }
});
