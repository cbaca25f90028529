import { expect, test } from 'vitest';
import { asha } from '../../../schedulers/asha.ts';
import { rng } from '../../../src/base/rng.ts';
import type { World } from '../../../src/execute/simulated.ts';
import { trialId, trialName } from '../../../src/trial/ids.ts';
import { inbox } from '../../../src/tuner/inbox.ts';
import { simulate } from '../../../src/tuner/simulate.ts';
import { simulation, story } from '../../tuner/small-world.ts';

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

test('a trial that a hand keeps paused does not keep the next best from being promoted', async () => {
  const orders = inbox();
  const world: World = {
    report: (run, step) => ({ seconds: 1, metrics: { loss: run.trial + step / 100 } }),
    save(run) {
      // Trial 0 is the best; it is held while trial 1 comes to its rung. One at a time: trial 0 waits there by then.
      if (run.trial === 1) void orders.order({ kind: 'pause', id: trialName(7, trialId(0)), reason: 'to be looked at' });
    },
  };
  const scheduler = asha({ maxT: 2, reductionFactor: 2, variant: 'promote' });
  const { experiment, lines, warnings } = await simulate(simulation({ scheduler, world, samples: 4, inbox: orders }));
  expect(warnings).toEqual(['asha: "resume" of trial 0 lapses: it was paused by hand.']);
  expect(experiment.rows.map(({ status, step }) => `${status} ${step}`)).toEqual(['PAUSED 1', 'TERMINATED 2', 'PAUSED 1', 'PAUSED 1']);
  expect(story(lines, 1)).toContain('started 1');
});
