import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asha } from '../../schedulers/asha.ts';
import type { Rng } from '../../src/base/rng.ts';
import { rng } from '../../src/base/rng.ts';
import type { Scheduler } from '../../src/schedule/scheduler.ts';
import { contains } from '../../src/space/contains.ts';
import { sample } from '../../src/space/sample.ts';
import { compileSpace } from '../../src/space/space.ts';
import type { SpaceInput } from '../../src/space/space-for.ts';
import type { CurveFunction, Curves } from '../../src/testing/curve.ts';
import { countingOnes } from '../../src/testing/curves/counting-ones.ts';
import { height } from '../../src/testing/curves/height.ts';
import { mfHartmann } from '../../src/testing/curves/mf-hartmann.ts';
import { pbtToy } from '../../src/testing/curves/pbt-toy.ts';
import { powerLaws } from '../../src/testing/curves/power-laws.ts';
import { recorded } from '../../src/testing/curves/recorded.ts';
import { hartmann3, hartmann6 } from '../../src/testing/problems.ts';
import { simulate } from '../../src/testing/simulate.ts';
import type { TrialId } from '../../src/trial/ids.ts';

const still: Rng = { next: () => 0.5, int: () => 0, normal: () => 0, fork: () => still };

function at<S extends SpaceInput>({ curve }: Curves<S>, config: object, step: number, draw: Rng = still): number {
  return (curve as CurveFunction<object>)(config, step, draw) as number;
}

test.each<readonly [string, () => Curves<never>]>([
  ['height', height as never],
  ['mfHartmann', mfHartmann as never],
  ['mfHartmann of six dimensions', (() => mfHartmann({ dimensions: 6, quality: 'bad' })) as never],
  ['countingOnes', countingOnes as never],
  ['powerLaws', powerLaws as never],
  ['recorded', (() => recorded([[3, 2, 1], [5], [4, 4.5]])) as never],
  ['pbtToy', pbtToy as never],
])('%s are options of simulate; every trial reports a number at every step', async (_name, family) => {
  const curves = family();
  const { journal, grid, summary } = await simulate({ ...curves, scheduler: asha({ maxT: 9, reductionFactor: 3 }), workers: 3 });
  const space = compileSpace(curves.space);
  for (const { config } of grid) expect(contains(space, config)).toBe(true);
  for (const line of journal) if (line.kind === 'reported') expect(Number.isFinite(line.metrics['loss'])).toBe(true);
  expect(summary.failed).toBe(0);
  expect(curves.maxT).toBeGreaterThan(0);
});

describe('height', () => {
  test('has its closed form, and two curves cross where it says', () => {
    expect(at(height(), { width: 0, height: 100 }, 7)).toBe(20);
    expect(at(height(), { width: 10, height: -50 }, 9)).toBe(-4);
    const [wide, low] = [
      { width: 20, height: 10 },
      { width: 2, height: 0 },
    ];
    const ahead = [1, 2, 4, 8, 16, 32, 64].map((step) => Math.sign(at(height(), low, step) - at(height(), wide, step)));
    expect(ahead).toEqual([1, 1, 1, 1, 1, 1, -1]);
  });
});

describe('mfHartmann', () => {
  test.each([
    [3, hartmann3],
    [6, hartmann6],
  ] as const)('in %i dimensions is the function itself at the full fidelity, and noisy and biased before', (dimensions, full) => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 99 }), (seed, step) => {
        const curves = mfHartmann({ dimensions, quality: 'moderate' });
        const config = sample(compileSpace(curves.space), rng(seed));
        const x = Object.values(config) as number[];
        expect(x).toHaveLength(dimensions);
        expect(at(curves, config, 100, rng(seed))).toBeCloseTo(full.evaluate(x), 12);
        const bias = at(curves, config, step) - full.evaluate(x);
        expect(bias).toBeGreaterThanOrEqual(0); // every minimum weighs less
        expect(at(curves, config, step, rng(seed))).toBeGreaterThanOrEqual(full.evaluate(x) + bias - 1e-12); // noise only adds
      }),
    );
  });

  test('to train to a step takes what the benchmark says', async () => {
    const { journal } = await simulate({ ...mfHartmann(), trials: 1 });
    const times = journal.flatMap((line) => (line.kind === 'reported' ? [line.at / 1000] : []));
    for (const [i, seconds] of times.entries()) expect(seconds).toBeCloseTo(0.05 + 0.95 * ((i + 1) / 100) ** 2, 9);
  });
});

describe('countingOnes', () => {
  test('the longer, the nearer to the sum of the bits and the probabilities', async () => {
    const { grid } = await simulate({ ...countingOnes({ maxT: 400 }), trials: 30 });
    const error = [...grid].map(({ config, metrics }) =>
      Math.abs((metrics['loss'] as number) + Object.values(config).reduce((sum: number, one) => sum + (one as number), 0)),
    );
    expect(Math.max(...error)).toBeLessThan(0.3); // 8 means of 400 draws: a standard deviation below 0.071
    const { journal } = await simulate({ ...countingOnes({ categorical: 0, continuous: 1, maxT: 3, draws: 10 }), trials: 1 });
    for (const line of journal)
      if (line.kind === 'reported')
        expect((line.metrics['loss'] as number) * 10 * line.step).toBeCloseTo(Math.round((line.metrics['loss'] as number) * 10 * line.step), 9);
  });

  test('what was drawn is kept over a pause', async () => {
    const pausing: Scheduler = {
      name: 'pausing',
      uses: ['pause', 'resume'],
      init: () => null,
      decide: (state, event) => ({
        state,
        decisions:
          event.kind === 'reported' && event.step === 4
            ? [{ kind: 'pause', trial: event.trial, reason: 'half' }]
            : event.kind === 'paused'
              ? [{ kind: 'resume', trial: event.trial, reason: 'on' }]
              : [],
      }),
    };
    const [paused, straight] = [
      await simulate({ ...countingOnes({ maxT: 8 }), scheduler: pausing, trials: 3 }),
      await simulate({ ...countingOnes({ maxT: 8 }), trials: 3 }),
    ];
    expect([...paused.grid].map(({ metrics }) => metrics['loss'])).toEqual([...straight.grid].map(({ metrics }) => metrics['loss']));
    expect(paused.journal.filter(({ kind }) => kind === 'paused')).toHaveLength(3);
  });
});

describe('powerLaws', () => {
  const ranks = (configs: readonly object[], step: number, options: { crossings: boolean }) => {
    const losses = configs.map((config) => at(powerLaws(options), config, step));
    return losses.map((loss) => losses.filter((other) => other < loss).length);
  };
  const drawn = (seed: number, crossings: boolean) => {
    const space = compileSpace(powerLaws({ crossings }).space);
    return Array.from({ length: 10 }, (_, i) => sample(space, rng(seed).fork(i)));
  };

  test('law: without crossings who is ahead stays ahead', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 2, max: 1000 }), (seed, step) => {
        const configs = drawn(seed, false);
        expect(ranks(configs, step, { crossings: false })).toEqual(ranks(configs, 1, { crossings: false }));
      }),
    );
  });

  test('with crossings the order changes, and two curves cross at most twice', () => {
    let changed = 0;
    for (let seed = 0; seed < 20; seed++) {
      const configs = drawn(seed, true);
      if (String(ranks(configs, 100, { crossings: true })) !== String(ranks(configs, 4, { crossings: true }))) changed += 1;
      const [a = {}, b = {}] = configs;
      const signs = Array.from({ length: 500 }, (_, i) => Math.sign(at(powerLaws(), a, i + 1) - at(powerLaws(), b, i + 1)));
      expect(signs.filter((sign, i) => i > 0 && sign !== signs[i - 1]).length).toBeLessThanOrEqual(2);
    }
    expect(changed).toBe(20);
  });

  test('with noise, each report has its own', async () => {
    const { journal } = await simulate({ ...powerLaws({ noise: 1 }), trials: 2, maxT: 50 });
    const losses = journal.flatMap((line) => (line.kind === 'reported' ? [line.metrics['loss']] : []));
    expect(new Set(losses).size).toBe(100);
  });
});

describe('recorded', () => {
  test('law: without a scheduler every report comes again, in order', async () => {
    const curves = fc.array(fc.array(fc.double({ noNaN: false }), { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(curves, fc.integer({ min: 1, max: 4 }), async (known, workers) => {
        const { journal } = await simulate({ ...recorded(known), workers });
        const said = known.map(() => [] as unknown[]);
        for (const line of journal) if (line.kind === 'reported') said[line.trial]?.push(line.metrics['loss']);
        expect(said).toEqual(known);
      }),
      { numRuns: 50 },
    );
  });

  test('whole reports, and fewer trials than curves, but never more', async () => {
    const curves = recorded([[{ loss: 1, size: 5 }], [{ loss: 2, size: 6 }], [{ loss: 3, size: 7 }]]);
    expect((await simulate({ ...curves, trials: 2 })).grid).toHaveLength(2);
    const { grid } = await simulate({ ...curves, trials: 9 });
    expect([...grid].map(({ metrics }) => metrics['size'])).toEqual([5, 6, 7]);
  });
});

describe('pbtToy', () => {
  /** Every fourth step who is behind takes over what the other has saved, and keeps its own h. */
  const exploiting: Scheduler<{ scores: [number, number]; saved: [string, string] }> = {
    name: 'exploiting',
    uses: ['checkpoint', 'exploit'],
    init: () => ({ scores: [0, 0], saved: ['', ''] }),
    decide(state, event, { space }) {
      if (event.kind === 'checkpointed') state.saved[event.trial as 0 | 1] = event.checkpoint;
      if (event.kind !== 'reported') return { state, decisions: [] };
      const [me, other] = event.trial === 0 ? ([0, 1] as const) : ([1, 0] as const);
      state.scores[me] = event.losses[0] ?? 0;
      const config = me === 0 ? { h0: 1, h1: 0 } : { h0: 0, h1: 1 };
      const behind = event.step % 4 === 0 && state.scores[me] > state.scores[other] && state.saved[other] !== '' && contains(space, config);
      if (!behind) return { state, decisions: [{ kind: 'checkpoint', trial: event.trial, reason: 'to copy' }] };
      return { state, decisions: [{ kind: 'exploit', trial: event.trial, from: other as TrialId, checkpoint: state.saved[other], config, reason: 'behind' }] };
    },
  };

  test('alone each member stays below 0.391; one that takes over weights comes above 1.1', async () => {
    const alone = await simulate({ ...pbtToy({ maxT: 2000 }), workers: 2 });
    expect(alone.summary.best?.value).toBeLessThan(0.391);
    expect(alone.summary.best?.value).toBeGreaterThan(0.3899);
    const together = await simulate({ ...pbtToy(), workers: 2, scheduler: exploiting as Scheduler });
    expect(together.summary.best?.value).toBeGreaterThan(1.1);
    expect(together.summary.best?.value).toBeLessThan(1.2);
  });
});

describe('bad input', () => {
  test.each<readonly [() => unknown, string, string]>([
    [() => height({ maxt: 3 } as never), 'OPTION_UNKNOWN', 'Did you mean "maxT"'],
    [() => powerLaws({ maxT: 0 }), 'OPTION_RANGE', 'powerLaws: expected maxT to be an integer >= 1, got 0'],
    [() => powerLaws({ noise: -1 }), 'OPTION_RANGE', 'expected noise'],
    [() => powerLaws({ crossings: 1 as never }), 'OPTION_RANGE', 'expected crossings'],
    [() => mfHartmann({ dimensions: 4 as never }), 'OPTION_RANGE', 'expected dimensions to be 3 or 6'],
    [() => mfHartmann({ quality: 'best' as never }), 'OPTION_RANGE', 'good, moderate, bad'],
    [() => countingOnes({ categorical: 0, continuous: 0 }), 'OPTION_RANGE', 'expected continuous to be an integer >= 1'],
    [() => countingOnes({ draws: 0 }), 'OPTION_RANGE', 'expected draws'],
    [() => recorded([]), 'OPTION_RANGE', 'got an array of 0'],
    [() => recorded([[1], []]), 'OPTION_RANGE', 'got an array of 0 as number 1'],
    [() => recorded('loss' as never), 'OPTION_RANGE', 'got "loss"'],
  ])('%# is refused', (call, code, message) => {
    expect(call).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) as string }) as Error);
  });
});
