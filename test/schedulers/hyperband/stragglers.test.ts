import { expect, test } from 'vitest';
import { asha } from '../../../schedulers/asha.ts';
import { synchronously } from '../../../schedulers/hyperband/halving.ts';
import { rng } from '../../../src/base/rng.ts';
import type { World } from '../../../src/execute/simulated.ts';
import type { Scheduler } from '../../../src/schedule/scheduler.ts';
import { simulate } from '../../../src/tuner/simulate.ts';
import { simulation } from '../../tuner/small-world.ts';

/** The study of the appendix of Li et al. 2020, a quarter as long: 25 workers, factor 4, and trials that start from scratch. */
const [FACTOR, MAX_T, WORKERS, SECONDS] = [4, 64, 25, 500];

/** A rung of t takes t time units, times 1 + |N(0, spread)|; within each unit a run is lost with a chance of `drop`. */
const stragglers = (seed: number, spread: number, drop: number): World => ({
  report(run, step) {
    const time = FACTOR ** (step - 1);
    const draw = rng(seed).fork('stragglers', run.trial, step);
    const seconds = time * (1 + Math.abs(spread * draw.fork('slow').normal()));
    if (draw.fork('drop').next() < 1 - (1 - drop) ** time) return { seconds, fails: 'dropped' };
    return { seconds, metrics: { loss: rng(seed).fork('loss', run.trial).next(), time } };
  },
});

/** One bracket of 64 trials, again and again: synchronous successive halving. */
const synchronous = (): Scheduler => {
  const rungs = [64, 16, 4, 1].map((trials, i) => ({ trials, milestone: FACTOR ** i }));
  return synchronously('sha', { table: [rungs], maxT: MAX_T, timeAttr: 'time' });
};
const asynchronous = (): Scheduler => asha({ maxT: MAX_T, reductionFactor: FACTOR, variant: 'promote', timeAttr: 'time' });

/** How many trials got to maxT in time, on average. */
async function finished(make: () => Scheduler, spread: number, drop: number): Promise<number> {
  const seeds = [1, 2];
  let count = 0;
  for (const seed of seeds) {
    const world = stragglers(seed, spread, drop);
    const { lines } = await simulate(
      simulation({ ...{ scheduler: make(), world, workers: WORKERS, samples: Number.POSITIVE_INFINITY, seed }, timeBudgetS: SECONDS }),
    );
    count += lines.filter((line) => line.kind === 'stopped' && line.reason === `reached maxT ${MAX_T}` && line.at <= SECONDS * 1000).length;
  }
  return count / seeds.length;
}

test('with stragglers and with lost runs fewer trials get to maxT, and always more when nobody waits', async () => {
  const worlds = [[0, 0] as const, [0.56, 0] as const, [1.33, 0] as const, [0, 0.01] as const];
  const table: (readonly [number, number])[] = [];
  for (const [spread, drop] of worlds) table.push([await finished(synchronous, spread, drop), await finished(asynchronous, spread, drop)]);
  for (const [waiting, not] of table) expect(not).toBeGreaterThan(waiting);
  for (const variant of [0, 1] as const) {
    const [smooth, slow, slower, dropped] = table.map((row) => row[variant]) as [number, number, number, number];
    expect(smooth).toBeGreaterThan(slow);
    expect(slow).toBeGreaterThan(slower);
    expect(smooth).toBeGreaterThan(dropped);
  }
});
