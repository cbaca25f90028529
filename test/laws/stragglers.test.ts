import { expect, test } from 'vitest';
import { asha } from '../../schedulers/asha.ts';
import { synchronously } from '../../schedulers/hyperband/halving.ts';
import { rng } from '../../src/base/rng.ts';
import type { World } from '../../src/execute/simulated.ts';
import type { Scheduler } from '../../src/schedule/scheduler.ts';
import { simulate } from '../../src/tuner/simulate.ts';
import { simulation } from '../tuner/small-world.ts';

/** The study of appendix A.1 of Li et al. 2020, as large as it is there: trials start from scratch at each rung. */
const [FACTOR, MAX_T, TRIALS, WORKERS, SECONDS] = [4, 256, 256, 25, 2000];
const MILESTONES = [1, 4, 16, 64, 256];
const SEEDS = [0, 1, 2, 3];

/** Runs take longer by |N(0, spread)|, or are lost, with a chance of `drop` in each unit of time. */
interface Trouble {
  readonly spread?: number;
  readonly drop?: number;
}

const stragglers = ({ spread = 0, drop = 0 }: Trouble, seed: number): World => ({
  report(run, step) {
    const time = FACTOR ** (step - 1);
    const draw = rng(seed).fork('stragglers', run.trial, step);
    const seconds = spread === 0 ? time : time * (1 + Math.abs(spread * draw.fork('slow').normal()));
    if (drop > 0 && draw.fork('drop').next() < 1 - (1 - drop) ** time) return { seconds, fails: 'dropped' };
    return { seconds, metrics: { loss: rng(seed).fork('loss', run.trial).next(), time } };
  },
});

/** One bracket of 256 trials, again and again: synchronous successive halving. */
const waiting = (): Scheduler => {
  const rungs = MILESTONES.map((milestone, i) => ({ trials: TRIALS / FACTOR ** i, milestone }));
  return synchronously('sha', { table: [rungs], maxT: MAX_T, timeAttr: 'time' });
};
const never = (): Scheduler => asha({ maxT: MAX_T, reductionFactor: FACTOR, variant: 'promote', timeAttr: 'time' });

/** How many trials got to each rung in time, on average. */
async function rungSizes(make: () => Scheduler, trouble: Trouble): Promise<readonly number[]> {
  const sums = MILESTONES.map(() => 0);
  for (const seed of SEEDS) {
    const world = stragglers(trouble, seed);
    const options = { scheduler: make(), world, workers: WORKERS, samples: Number.POSITIVE_INFINITY, seed, timeBudgetS: SECONDS };
    for (const line of (await simulate(simulation(options))).lines) {
      if (line.kind === 'reported' && line.at <= SECONDS * 1000) sums[line.step - 1] = (sums[line.step - 1] ?? 0) + 1 / SEEDS.length;
    }
  }
  return sums;
}

test('nobody is late: as many trials get to each rung as in the published study, and synchronously 33 to the last', async () => {
  const published = [9234, 2350, 621, 164, 39];
  const sizes = await rungSizes(never, {});
  for (const [i, size] of sizes.entries()) expect(Math.abs(size / (published[i] ?? 0) - 1), `rung ${MILESTONES[i]}: ${size}`).toBeLessThan(0.08);
  expect((await rungSizes(waiting, {})).at(-1)).toBe(33);
});

/** Published, mean of 25 seeds. At a chance of 0.01 to be lost hardly anybody gets to maxT, and nobody is ahead. */
test.each([
  { trouble: { spread: 0.1 }, published: [30.4, 39.2] },
  { trouble: { spread: 0.24 }, published: [26.7, 34.3] },
  { trouble: { spread: 0.56 }, published: [20.8, 28] },
  { trouble: { spread: 1.33 }, published: [12.8, 18.3] },
  { trouble: { drop: 0.001 }, published: [27.1, 31.9] },
  { trouble: { drop: 0.003 }, published: [17, 19.3] },
] as const)('$trouble: more get to maxT when nobody waits', async ({ trouble, published }) => {
  const [slow = 0, fast = 0] = [(await rungSizes(waiting, trouble)).at(-1), (await rungSizes(never, trouble)).at(-1)];
  expect(fast).toBeGreaterThan(slow);
  for (const [i, count] of [slow, fast].entries()) expect(Math.abs(count - (published[i] ?? 0)), `${count}`).toBeLessThan(4);
});
