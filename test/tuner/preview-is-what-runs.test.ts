import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asha } from '../../schedulers/asha.ts';
import { fifo } from '../../schedulers/fifo.ts';
import { firstOf } from '../../schedulers/first-of.ts';
import { hyperband } from '../../schedulers/hyperband.ts';
import { maximumIteration } from '../../schedulers/maximum-iteration.ts';
import { moAsha } from '../../schedulers/mo-asha.ts';
import { rng } from '../../src/base/rng.ts';
import { inline } from '../../src/execute/inline.ts';
import type { Scheduler } from '../../src/schedule/scheduler.ts';
import type { StopRule } from '../../src/schedule/stop-rules.ts';
import { uniform } from '../../src/space/domains.ts';
import { recorded } from '../../src/testing/curves/recorded.ts';
import { type SimulateOptions, simulate } from '../../src/testing/simulate.ts';
import { Trainable } from '../../src/trainable/trainable.ts';
import { bohb } from '../../src/tuner/bohb.ts';
import { type Preview, preview } from '../../src/tuner/preview.ts';
import { Tuner } from '../../src/tuner/tuner.ts';
import { temporaryStorage } from './temporary-storage.ts';

const storagePath = temporaryStorage();

/** Law C11, of every scheduler of which it can be true: a preview says what a simulated run then is, trial counts, iterations and time. */
async function holds(given: Pick<Preview, 'trained' | 'iterations' | 'rounds'>, options: SimulateOptions): Promise<void> {
  const { summary } = await simulate(options);
  const { trained, iterations, rounds } = given;
  expect({ trained, iterations, rounds }).toEqual({ trained: summary.trained, iterations: summary.iterations, rounds: summary.seconds });
}

const size = { trials: fc.integer({ min: 1, max: 60 }), workers: fc.integer({ min: 1, max: 9 }), seed: fc.nat(1000) };
const factor = fc.constantFrom(2, 3, 4, 2.5);

describe('decisions that follow from counts: whatever trials report', () => {
  const tables = fc.record({
    maxT: fc.integer({ min: 1, max: 30 }),
    reductionFactor: factor,
    table: fc.constantFrom('paper', 'paper-example', 'ceil'),
    order: fc.constantFrom('largest-first', 'smallest-first'),
  });

  test('hyperband, in all tables and orders', async () => {
    await fc.assert(
      fc.asyncProperty(fc.record(size), tables, async (given, options) => {
        const scheduler = (): Scheduler => hyperband(options) as Scheduler;
        await holds(await preview(scheduler(), given), { ...given, scheduler: scheduler(), curve: (_config, _step, draw) => draw.normal() });
      }),
      { numRuns: 100 },
    );
  });

  test('hyperband by another count, within other schedulers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.record(size), tables, async (given, options) => {
        const scheduler = (): Scheduler => firstOf(fifo(), hyperband({ ...options, timeAttr: 'epoch' }) as Scheduler) as Scheduler;
        const curve: SimulateOptions['curve'] = (_config, epoch, draw) => ({ loss: draw.normal(), epoch });
        await holds(await preview(scheduler(), given), { ...given, scheduler: scheduler(), curve });
      }),
      { numRuns: 50 },
    );
  });

  test('bohb, whatever its searcher learns', async () => {
    await fc.assert(
      fc.asyncProperty(fc.record(size), tables, async ({ trials, workers, seed }, { maxT, reductionFactor, table }) => {
        const given = () => bohb({ maxT, reductionFactor, table, startupTrials: 4 });
        const paramSpace = { x: uniform(0, 1) };
        const tuner = new Tuner(() => ({ loss: 0 }), {
          paramSpace,
          tuneConfig: { metric: 'loss', mode: 'min', numSamples: trials, seed, ...given() },
          runConfig: { storagePath },
        });
        const { searchAlg: searcher, scheduler } = given();
        const curve: SimulateOptions<typeof paramSpace>['curve'] = ({ x }, step, draw) => (x - 0.3) ** 2 + draw.normal() / step;
        const world = { space: paramSpace, curve, searcher, scheduler: scheduler as Scheduler, trials, workers, seed };
        await holds(await tuner.preview({ workers }), world as unknown as SimulateOptions);
      }),
      { numRuns: 30 },
    );
  });

  test('stop rules that count, of any kind', async () => {
    const kinds: readonly ((end: number) => StopRule)[] = [
      (end) => ({ training_iteration: end }),
      (end) => ({ metric: 'training_iteration', mode: 'max', value: end }),
      (end) => `training_iteration >= ${end}`,
      (end) => maximumIteration({ maxIter: end }) as Scheduler,
      (end) => firstOf(maximumIteration({ maxIter: end }) as Scheduler, maximumIteration({ maxIter: end + 2 }) as Scheduler) as Scheduler,
    ];
    const stop = fc.array(fc.tuple(fc.constantFrom(...kinds), fc.integer({ min: 1, max: 30 })), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.record(size), stop, fc.boolean(), async ({ trials, workers, seed }, rules, halves) => {
        const given = () => ({ scheduler: halves ? (hyperband({ maxT: 27 }) as Scheduler) : fifo(), stop: rules.map(([kind, end]) => kind(end)) });
        const { scheduler, stop } = given();
        const tuner = new Tuner(() => ({ loss: 0 }), {
          paramSpace: { x: uniform(0, 1) },
          tuneConfig: { metric: 'loss', mode: 'min', numSamples: trials, seed, scheduler },
          runConfig: { storagePath, stop, verbose: 0 },
        });
        const found = await tuner.preview({ workers });
        expect(found).toMatchObject({ ignored: [], warnings: [] });
        await holds(found, { ...given(), trials, workers, seed, curve: (_config, _step, draw) => draw.normal() });
      }),
      { numRuns: 50 },
    );
  });
});

describe('decisions that follow from ranks: of trials in the same order, on curves that keep their ranks', () => {
  const METRICS = ['a', 'b'] as const;
  /** How good trial number `trial` is in a preview of this seed. */
  const rank = (seed: number, trial: number, metric: string): number => rng(seed).fork('preview', trial, metric).next();
  const ladders = fc.record({ maxT: fc.integer({ min: 1, max: 30 }), reductionFactor: factor });

  test.each(['promote', 'delayed'] as const)("asha, variant '%s', with brackets", async (variant) => {
    await fc.assert(
      fc.asyncProperty(fc.record(size), ladders, fc.boolean(), async ({ trials, workers, seed }, options, several) => {
        const brackets = several && options.maxT >= options.reductionFactor ? 2 : 1;
        const scheduler = (): Scheduler => asha({ ...options, variant, brackets }) as Scheduler;
        const curves = Array.from({ length: trials }, (_, trial) =>
          Array.from({ length: options.maxT }, (_step, i) => Math.exp(rank(seed, trial, 'loss')) / (i + 1)),
        );
        await holds(await preview(scheduler(), { trials, workers, seed }), {
          ...(recorded(curves) as unknown as SimulateOptions),
          scheduler: scheduler(),
          workers,
          seed,
        });
      }),
      { numRuns: 60 },
    );
  });

  test('moAsha', async () => {
    await fc.assert(
      fc.asyncProperty(fc.record(size), ladders, async ({ trials, workers, seed }, options) => {
        const scheduler = (): Scheduler => moAsha(options) as Scheduler;
        const curves = Array.from({ length: trials }, (_, trial) =>
          Array.from({ length: options.maxT }, (_step, i) =>
            Object.fromEntries(METRICS.map((metric) => [metric, Math.exp(rank(seed, trial, metric)) / (i + 1)])),
          ),
        );
        await holds(await preview(scheduler(), { trials, workers, seed, metric: METRICS }), {
          ...(recorded(curves) as unknown as SimulateOptions),
          metric: METRICS,
          mode: ['min', 'min'],
          scheduler: scheduler(),
          workers,
          seed,
        });
      }),
      { numRuns: 60 },
    );
  });
});

describe('a real run', () => {
  class Learner extends Trainable<{ x: number }> {
    private x = 0;
    setup({ x }: { x: number }): void {
      this.x = x;
    }
    step() {
      return { loss: Math.sin(99 * this.x) };
    }
    save(dir: string): void {
      writeFileSync(join(dir, 'weights'), '1');
    }
    restore(): void {}
  }

  test.each([
    ['hyperband', { scheduler: hyperband({ maxT: 9 }) }, {}],
    ['bohb', bohb({ maxT: 9, startupTrials: 3 }), {}],
    ['hyperband that a stop rule ends early', { scheduler: hyperband({ maxT: 9 }) }, { stop: ['training_iteration >= 4', 'loss < -2'] }],
  ] as const)('of %s trains as many trials as far', async (_, plugins, run) => {
    const tuner = new Tuner(Learner, {
      paramSpace: { x: uniform(0, 1) },
      tuneConfig: { metric: 'loss', mode: 'min', numSamples: 25, seed: 5, ...(plugins as object) },
      runConfig: { storagePath, verbose: 0, loggers: [], executor: inline({ workers: 3 }), ...run },
    });
    const { trained, iterations } = await tuner.preview();
    const ended = [...(await tuner.fit())].map(({ metrics }) => metrics.training_iteration);
    expect(iterations).toBe(ended.reduce((sum, one) => sum + one, 0));
    const steps = [...new Set(ended)].sort((a, b) => a - b);
    const counted = (holds: (one: number) => boolean): number => ended.filter(holds).length;
    expect(trained).toEqual(steps.map((step) => ({ step, reached: counted((one) => one >= step), ended: counted((one) => one === step) })));
  });
});
