import { describe, expect, test } from 'vitest';
import { allOf } from '../../schedulers/all-of.ts';
import { asha } from '../../schedulers/asha.ts';
import { firstOf } from '../../schedulers/first-of.ts';
import { hyperband } from '../../schedulers/hyperband.ts';
import { medianStopping } from '../../schedulers/median-stopping.ts';
import { moAsha } from '../../schedulers/mo-asha.ts';
import { onMetric } from '../../schedulers/on-metric.ts';
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

describe.each(SCHEDULERS)('%s, when a first report lacks the time attribute', (name, make) => {
  const play = (silent: readonly number[]) => simulate(simulation({ scheduler: make(), world: world(silent), workers: 3, samples: 9 }));
  const by = name.split(',')[0];
  const failed = {
    status: 'ERROR',
    step: 1,
    error: {
      code: 'METRIC_MISSING',
      message: `report: expected the metric "epochs" by which ${by} decides, got "loss". Hint: Report it as a finite number, or let ${by} go by another. [METRIC_MISSING]`,
    },
  };

  test('of one trial, that trial fails, and the others are decided about and wait for nobody', async () => {
    const { experiment, lines, warnings } = await play([4]);
    expect(warnings).toEqual([]);
    expect(experiment.rows[4]).toMatchObject(failed);
    const decided = lines.flatMap((line) => ('decisions' in line ? (line.decisions ?? []) : []));
    expect(decided.length).toBeGreaterThan(0);
    expect(experiment.rows.filter(({ status }, i) => i !== 4 && status !== 'TERMINATED' && status !== 'PAUSED')).toEqual([]);
  });

  test('of all, every trial fails at its first report, and the run ends', async () => {
    const { experiment } = await play([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(experiment.rows).toHaveLength(9);
    for (const row of experiment.rows) expect(row).toMatchObject(failed);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 'two'])('and %s is none', async (epochs) => {
    const odd: World = { report: (_run, step) => (step > 12 ? undefined : { seconds: 1, metrics: { loss: 1, epochs } }) };
    const { experiment } = await simulate(simulation({ scheduler: make(), world: odd, workers: 3, samples: 2 }));
    for (const row of experiment.rows) {
      expect(row).toMatchObject({ status: 'ERROR', step: 1, error: { message: expect.stringContaining('"epochs" to be a finite number') } });
    }
  });

  test.each([undefined, Number.POSITIVE_INFINITY])('a later report with %s decides nothing, and nobody waits for it', async (epochs) => {
    const gap: World = {
      report: (run, step) =>
        step > 12 ? undefined : { seconds: 1, metrics: { loss: run.trial, ...(run.trial === 4 && step > 1 ? (epochs ? { epochs } : {}) : { epochs: step }) } },
    };
    const { experiment, lines } = await simulate(simulation({ scheduler: make(), world: gap, workers: 3, samples: 9 }));
    expect(experiment.rows.filter(({ status }) => status !== 'TERMINATED' && status !== 'PAUSED')).toEqual([]);
    const about4 = lines.filter((line) => line.kind === 'reported' && line.trial === 4 && line.step > 1);
    expect(about4.flatMap((line) => line.decisions ?? []).filter((decision) => decision['trial'] === 4)).toEqual([]);
  });
});

test('what a part of a composition needs, all of it needs', async () => {
  const made = [
    firstOf(asha(nine) as Scheduler, threshold()),
    onMetric('loss', asha(nine) as Scheduler) as Scheduler,
    allOf(medianStopping(early) as Scheduler),
  ];
  for (const scheduler of made) {
    const { experiment } = await simulate(simulation({ scheduler, world: world([0]), workers: 1, samples: 1 }));
    expect(experiment.rows[0]).toMatchObject({ status: 'ERROR', error: { message: expect.stringContaining(`by which ${scheduler.name} decides`) } });
  }
});
