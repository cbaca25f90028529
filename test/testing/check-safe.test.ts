import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asha } from '../../schedulers/asha.ts';
import { fifo } from '../../schedulers/fifo.ts';
import { checkSafe } from '../../src/testing/check-safe.ts';
import { powerLaws } from '../../src/testing/curves/power-laws.ts';
import { simulate } from '../../src/testing/simulate.ts';

/** Slow, and the best in the end. */
const LATE = [9, 9, 9, 0];
const EARLY = [5, 4, 3, 2];

describe('checkSafe', () => {
  test('says where the best would have been stopped, and why', async () => {
    const rule = asha({ maxT: 4, reductionFactor: 2 });
    expect(await checkSafe(rule, [EARLY, LATE])).toEqual({
      safe: false,
      best: { trial: 1, value: 0 },
      cut: { step: 1, reason: 'rung 1: rank 2 of 2, only the best goes on' },
      regret: 2,
      iterations: 5,
      saved: 3,
      warnings: [],
    });
    expect(await checkSafe(rule, [LATE, EARLY])).toMatchObject({ safe: true, best: { trial: 0 }, regret: 0, saved: 0 }); // who comes first, passes
  });

  test('a rule that stops nobody is safe, and saves nothing', async () => {
    expect(await checkSafe(fifo(), [EARLY, LATE], { workers: 2 })).toEqual({
      safe: true,
      best: { trial: 1, value: 0 },
      regret: 0,
      iterations: 8,
      saved: 0,
      warnings: [],
    });
  });

  test('a scheduler that stops everybody early cuts the best, and leaves none to compare with', async () => {
    const { safe, cut, regret, saved } = await checkSafe(asha({ maxT: 2, gracePeriod: 2 }), [EARLY, LATE]);
    expect({ safe, cut, regret, saved }).toEqual({ safe: false, cut: { step: 2, reason: 'reached maxT 2' }, regret: undefined, saved: 4 });
  });

  test('a trial that is left paused is cut too', async () => {
    const forgetful = {
      name: 'forgetful',
      uses: ['pause' as const],
      init: () => null,
      decide: (state: unknown, event: { kind: string; step?: number; trial?: number }) => ({
        state,
        decisions: event.kind === 'reported' && event.step === 3 ? [{ kind: 'pause' as const, trial: event.trial as never, reason: 'for later' }] : [],
      }),
    };
    expect(await checkSafe(forgetful as never, [EARLY, LATE])).toMatchObject({ safe: false, cut: { step: 3, reason: 'for later' }, saved: 2 });
  });

  test('equally good trials: one of them is enough; NaN is no best', async () => {
    const rule = asha({ maxT: 2, reductionFactor: 2 });
    expect(
      await checkSafe(rule, [
        [1, 1],
        [2, 1],
        [3, Number.NaN],
      ]),
    ).toMatchObject({ safe: true, best: { trial: 0, value: 1 } }); // prettier-ignore
    expect(await checkSafe(rule, [[1, Number.NaN]])).toEqual({ safe: true, iterations: 2, saved: 0, warnings: [] });
  });

  test('the other direction, and reports with several metrics', async () => {
    const curves = [EARLY, LATE].map((curve) => curve.map((loss, i) => ({ score: -loss, epoch: 2 * (i + 1) })));
    const rule = asha({ maxT: 8, gracePeriod: 2, reductionFactor: 2, timeAttr: 'epoch' });
    expect(await checkSafe(rule, curves, { metric: 'score', mode: 'max' })).toMatchObject({ safe: false, best: { trial: 1, value: -0 }, regret: 2 });
  });

  test('takes a grid whose trials ran to their end, with its metric; failed trials are left out', async () => {
    const { grid } = await simulate({ ...powerLaws({ maxT: 27 }), metric: 'error', trials: 30, failures: 0.01, workers: 4 });
    expect(grid.numErrors).toBeGreaterThan(0);
    const rule = asha({ maxT: 27, reductionFactor: 3 });
    const safety = await checkSafe(rule, grid);
    expect(grid.getBestResult().metrics['error']).toBe(safety.best?.value);
    expect(grid.at(safety.best?.trial ?? -1)?.metrics['error']).toBe(safety.best?.value);
    const finished = [...grid].filter(({ status }) => status === 'TERMINATED');
    const curves = finished.map((result) => result.metricsDataFrame().array('error') as number[]);
    const same = await checkSafe(rule, curves);
    expect(same).toEqual({ ...safety, best: { ...safety.best, trial: finished.findIndex(({ metrics }) => metrics['error'] === safety.best?.value) } });
    expect(safety.iterations + safety.saved).toBe(27 * finished.length);
  });

  test('law: it is safe exactly when a best curve comes to its end, and nothing is lost of the iterations', async () => {
    const length = 9;
    const curves = fc.array(fc.array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constant(Number.NaN)), { minLength: length, maxLength: length }), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(curves, fc.integer({ min: 1, max: 4 }), async (known, workers) => {
        const rule = asha({ maxT: length, reductionFactor: 3 });
        const safety = await checkSafe(rule, known, { workers });
        const { grid } = await simulate({
          curve: ({ k }, step) => known[k]?.[step - 1],
          space: { k: { grid_search: known.map((_, k) => k) } },
          searcher: (await import('../../algorithms/grid.ts')).grid(),
          trials: 1,
          scheduler: rule,
          workers,
        }); // prettier-ignore
        const finals = known.map((curve) => curve.at(-1) as number);
        const best = Math.min(...finals.filter(Number.isFinite));
        const ends = [...grid].filter(({ metrics }) => metrics.training_iteration === length).map(({ metrics }) => metrics['loss']);
        expect(safety.safe).toBe(!Number.isFinite(best) || ends.includes(best));
        expect(safety.cut === undefined).toBe(safety.safe);
        expect(safety.iterations + safety.saved).toBe(length * known.length);
      }),
      { numRuns: 100 },
    );
  });

  test('says what kept the rule from looking: one that could not has not been checked', async () => {
    const { warnings } = await checkSafe(asha({ maxT: 4, timeAttr: 'epoch' }), [EARLY, LATE]);
    expect(warnings).toEqual([expect.stringContaining('epoch')]);
  });

  test('refuses what no curve tells', async () => {
    const pbt = { ...fifo(), name: 'pbt', uses: ['exploit' as const] };
    await expect(checkSafe(pbt, [EARLY])).rejects.toMatchObject({ code: 'SCHEDULER_UNSUPPORTED' });
    const { grid: empty } = await simulate({ curve: () => 1, trials: 2, failures: 1 });
    for (const [curves, got] of [
      [[], 'got an array of 0'],
      [[[1], []], 'got an array of 0 as number 1'],
      [[[1], [2, 'low']], 'got "low" as report 1 of number 1'],
      [undefined, 'got undefined'],
      [empty, 'expected a grid with a trial that reported and did not fail'],
    ] as const) {
      const message = expect.stringMatching(new RegExp(`^checkSafe: .*${got}`)) as string;
      await expect(checkSafe(fifo(), curves as never)).rejects.toMatchObject({ code: 'OPTION_RANGE', message });
    }
    await expect(checkSafe(undefined as never, [EARLY])).rejects.toThrow('checkSafe: expected a scheduler, got undefined');
    await expect(checkSafe(fifo(), [[1]], { mode: 'low' as never })).rejects.toMatchObject({ code: 'METRIC_INVALID' });
    await expect(checkSafe(fifo(), [[1]], { worker: 2 } as never)).rejects.toMatchObject({ code: 'OPTION_UNKNOWN' });
  });
});
