import { describe, expect, test } from 'vitest';
import { asha } from '../../schedulers/asha.ts';
import { hyperband } from '../../schedulers/hyperband.ts';
import { medianStopping } from '../../schedulers/median-stopping.ts';
import { moAsha } from '../../schedulers/mo-asha.ts';
import { pbt } from '../../schedulers/pbt.ts';
import { percentileStopping } from '../../schedulers/percentile-stopping.ts';
import { threshold } from '../../schedulers/threshold.ts';
import type { World } from '../../src/execute/simulated.ts';
import type { Scheduler } from '../../src/schedule/scheduler.ts';
import { uniform } from '../../src/space/domains.ts';
import { simulate } from '../../src/tuner/simulate.ts';
import { simulation } from '../tuner/small-world.ts';

const timeAttr = 'epochs';
const nine = { maxT: 9, reductionFactor: 3, timeAttr };
const early = { timeAttr, gracePeriod: 2, minSamplesRequired: 2 };
const population = { perturbationInterval: 3, quantileFraction: 0.5, hyperparamMutations: { x: uniform(0, 1) }, timeAttr };

const SCHEDULERS: readonly (readonly [string, () => Scheduler])[] = [
  ['asha', () => asha(nine) as Scheduler],
  ['asha, promote', () => asha({ ...nine, variant: 'promote' }) as Scheduler],
  ['asha, delayed', () => asha({ ...nine, variant: 'delayed' }) as Scheduler],
  ['hyperband', () => hyperband(nine) as Scheduler],
  ['pbt', () => pbt(population) as Scheduler],
  ['pbt, synch', () => pbt({ ...population, synch: true }) as Scheduler],
  ['medianStopping', () => medianStopping(early) as Scheduler],
  ['percentileStopping', () => percentileStopping(early) as Scheduler],
  ['moAsha', () => moAsha(nine) as Scheduler],
  ['threshold', () => threshold({ metric: 'loss', upper: 5, timeAttr }) as Scheduler],
];

/** Nine trials, of which those in `silent` never say how far they are. The higher the number, the worse. */
const world = (silent: readonly number[]): World => ({
  report: (run, step) => (step > 12 ? undefined : { seconds: 1, metrics: { loss: run.trial, ...(silent.includes(run.trial) ? {} : { epochs: step }) } }),
});

describe.each(SCHEDULERS)('%s, when reports lack the time attribute', (name, make) => {
  const play = (silent: readonly number[]) => simulate(simulation({ scheduler: make(), world: world(silent), workers: 3, samples: 9 }));
  const expected = expect.stringMatching(
    new RegExp(`^${name.split(',')[0]}: a report lacks the timeAttr "epochs"; such reports (stop nobody|are not compared)\\.$`),
  );

  test('of one trial, says so once: that trial trains to its end, and the others are decided about and wait for nobody', async () => {
    const { experiment, lines, warnings } = await play([4]);
    expect(warnings).toEqual([expected]);
    expect(experiment.rows[4]).toMatchObject({ status: 'TERMINATED', step: 12, reason: { by: 'completed' } });
    const decided = lines.flatMap((line) => ('decisions' in line ? (line.decisions ?? []) : []));
    expect(decided.length).toBeGreaterThan(0);
    expect(experiment.rows.filter(({ status }) => status !== 'TERMINATED' && status !== 'PAUSED')).toEqual([]);
  });

  test('of all, says so once, and every trial trains to its end', async () => {
    const { experiment, warnings } = await play([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(warnings).toEqual([expected]);
    for (const row of experiment.rows) expect(row).toMatchObject({ status: 'TERMINATED', step: 12, reason: { by: 'completed' } });
  });
});
