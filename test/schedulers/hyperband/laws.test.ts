import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type HyperbandTable, hyperband } from '../../../schedulers/hyperband.ts';
import type { Rng } from '../../../src/base/rng.ts';
import { rng } from '../../../src/base/rng.ts';
import { WORST } from '../../../src/base/worst.ts';
import type { World } from '../../../src/execute/simulated.ts';
import { type Fate, hyperbandOracle, type WholeTrial } from '../../../src/testing/oracles/hyperband.ts';
import type { Experiment } from '../../../src/tuner/experiment.ts';
import type { Simulation } from '../../../src/tuner/simulate.ts';
import { simulate } from '../../../src/tuner/simulate.ts';
import { drawing, simulation, space } from '../../tuner/small-world.ts';

const given = fc.record({
  seed: fc.nat(10_000),
  samples: fc.integer({ min: 1, max: 40 }),
  workers: fc.integer({ min: 1, max: 64 }),
  maxT: fc.constantFrom(1, 4, 8, 9, 10, 27),
  reductionFactor: fc.constantFrom(2, 3, 2.5),
  table: fc.constantFrom<HyperbandTable>('paper', 'paper-example', 'ceil'),
  order: fc.constantFrom('largest-first' as const, 'smallest-first' as const),
  /** How far a trial may be ahead at its next report. */
  stride: fc.integer({ min: 1, max: 4 }),
  losses: fc.constantFrom('any', 'ties', 'equal', 'diverging'),
  /** How many of ten trials end by themselves before maxT. */
  short: fc.integer({ min: 0, max: 5 }),
});
type Given = typeof given extends fc.Arbitrary<infer T> ? T : never;

const LOSSES: Readonly<Record<string, (draw: Rng) => number>> = {
  any: (draw) => draw.next(),
  ties: (draw) => draw.int(3),
  equal: () => 0.5,
  diverging: (draw) => (draw.int(4) === 0 ? Number.NaN : draw.next()),
};

/** All that trial number `trial` would report. */
function wholeTrial({ seed, maxT, stride, losses, short }: Given, trial: number): WholeTrial {
  const draw = rng(seed).fork('trial', trial);
  const isShort = draw.fork('short').int(10) < short;
  const length = isShort ? draw.fork('length').int(maxT) : maxT;
  const reports: { time: number; loss: number }[] = [];
  for (let time = 0, step = 1; step <= length; step++) {
    time += 1 + draw.fork('ahead', step).int(stride);
    const loss = LOSSES[losses]?.(draw.fork('loss', step)) ?? 0;
    reports.push({ time, loss: Number.isNaN(loss) ? WORST : loss });
  }
  return { reports, ends: draw.fork('fails').int(2) === 0 || length === 0 ? 'failed' : 'completed' };
}

const allOf = (g: Given): readonly WholeTrial[] => Array.from({ length: g.samples }, (_, trial) => wholeTrial(g, trial));

function simulationOf(g: Given): Simulation {
  const { seed, samples, workers, maxT, reductionFactor, table, order } = g;
  const trials = allOf(g);
  const world: World = {
    report(run, step) {
      const { reports, ends } = trials[run.trial] as WholeTrial;
      const seconds = 1 + rng(seed).fork('seconds', run.trial, step).int(3);
      const report = reports[step - 1];
      if (report === undefined) return ends === 'failed' ? { seconds, fails: 'boom' } : undefined;
      return { seconds, metrics: { time: report.time, loss: report.loss === WORST ? Number.NaN : report.loss } };
    },
  };
  const scheduler = hyperband({ maxT, reductionFactor, table, order, timeAttr: 'time' });
  return simulation({ scheduler, world, workers, samples, seed, searcher: drawing, space });
}

const fatesOf = ({ rows }: Experiment): readonly Fate[] =>
  rows.map(({ status, reason, last }) => {
    const time = Number(last?.['time'] ?? 0);
    if (status === 'ERROR') return { time, how: 'failed' };
    if (status !== 'TERMINATED') return { time, how: status as never };
    if (reason?.by === 'completed') return { time, how: 'completed' };
    return { time, how: reason?.reason.startsWith('reached maxT') ? 'maxT' : 'stopped' };
  });

const expected = (g: Given): readonly Fate[] => hyperbandOracle(g, allOf(g));

describe('hyperband, laws', () => {
  test('every trial gets as far as the obvious slow version says, with any number of workers, at any speed, whoever fails', async () => {
    await fc.assert(
      fc.asyncProperty(given, async (g) => {
        const { experiment } = await simulate(simulationOf(g));
        expect(fatesOf(experiment)).toEqual(expected(g));
      }),
      { numRuns: 200 },
    );
  });

  test('also when the run is killed at any line of its journal and restored, and again', async () => {
    await fc.assert(
      fc.asyncProperty(given, fc.nat(), fc.nat(), async (g, first, second) => {
        const { lines } = await simulate(simulationOf(g));
        const once = await simulate(simulationOf(g), lines.slice(0, 2 + (first % (lines.length - 1))));
        const twice = await simulate(simulationOf(g), once.lines.slice(0, 2 + (second % (once.lines.length - 1))));
        expect(fatesOf(twice.experiment)).toEqual(expected(g));
      }),
      { numRuns: 80 },
    );
  });

  test('C7: nobody trains past a milestone before all of its bracket are there', async () => {
    const { lines } = await simulate(
      simulation({
        ...{ scheduler: hyperband({ maxT: 9, reductionFactor: 3 }), workers: 4, samples: 9 },
        world: { report: (run, step) => ({ seconds: 1 + (run.trial % 3), metrics: { loss: run.trial + step } }) },
      }),
    );
    const steps = lines.flatMap((line) => (line.kind === 'reported' ? [line.step] : []));
    for (const milestone of [1, 3]) expect(steps.findIndex((step) => step > milestone)).toBeGreaterThan(steps.lastIndexOf(milestone));
    expect([1, 3, 9].map((milestone) => steps.filter((step) => step === milestone).length)).toEqual([9, 3, 1]);
  });

  test('C11: 143 trials with the defaults train as the table of the paper says', async () => {
    const world: World = { report: (run, step) => ({ seconds: 1, metrics: { loss: rng(7).fork(run.trial, step).next() } }) };
    const { lines } = await simulate(simulation({ scheduler: hyperband(), world, workers: 25, samples: 143 }));
    const starts = lines.filter(({ kind }) => kind === 'started');
    const reports = lines.filter(({ kind }) => kind === 'reported');
    const finished = lines.filter((line) => line.kind === 'stopped' && line.reason === 'reached maxT 81');
    expect([starts.length, reports.length, finished.length]).toEqual([206, 1581, 10]);
  });
});
