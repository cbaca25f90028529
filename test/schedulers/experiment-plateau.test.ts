import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ExperimentPlateauOptions } from '../../schedulers/experiment-plateau.ts';
import { experimentPlateau } from '../../schedulers/experiment-plateau.ts';
import { rng } from '../../src/base/rng.ts';
import { WORST } from '../../src/base/worst.ts';
import type { SchedulerEvent } from '../../src/schedule/scheduler.ts';
import { stopRules } from '../../src/schedule/stop-rules.ts';
import { simulate } from '../../src/tuner/simulate.ts';
import { context, play, reasons, reported, warnings } from '../schedule/play.ts';
import { simulation } from '../tuner/small-world.ts';

/** Single reports of one trial after the other. */
const results = (values: readonly number[]): SchedulerEvent[] => values.map((value, trial) => reported(trial, 1, value));
/** The number of the report at which the run ends; 0: it does not. */
const endsAt = (options: ExperimentPlateauOptions, values: readonly number[]): number =>
  play(experimentPlateau(options), results(values)).findIndex((decisions) => decisions.length > 0) + 1;

describe('experimentPlateau', () => {
  test('ends the run when its best results are alike, and says how much', () => {
    const reason = 'the best 2 results are alike: their standard deviation 0.0005 <= 0.001';
    expect(play(experimentPlateau({ top: 2 }), results([9, 0.5, 0.501])).at(-1)).toEqual([{ kind: 'end', reason }]);
    expect(reasons(experimentPlateau({ top: 2, patience: 2 }), results([1, 1, 9])).at(-1)).toContain('<= 0.001, for 2 results in a row');
  });

  test.each<[string, ExperimentPlateauOptions, readonly number[], number]>([
    ['by default at ten results within 0.001', {}, Array.from({ length: 10 }, () => 1), 10],
    ['not before there are top results', { top: 3 }, [1, 1], 0],
    ['worse ones do not matter', { top: 2 }, [1, 5, 9, 1], 4],
    ['a better one begins anew', { top: 2, patience: 3 }, [1, 1, 1, 0, 0, 0, 0], 7],
    ['patience 0 and 1 end at the first', { top: 2, patience: 1 }, [1, 1], 2],
    ['patience counts results in a row, worse ones too', { top: 2, patience: 3 }, [1, 1, 5, 9], 4],
    ['a deviation of just std is a plateau', { top: 2, std: 1 }, [0, 2], 2],
    ['the deviation is that of the population', { top: 2, std: 0.9999 }, [0, 2], 0],
    ['another metric, upwards', { metric: 'loss', mode: 'max', top: 2 }, [9, 1, 1, 9], 4],
    ['another metric, downwards', { metric: 'loss', mode: 'min', top: 2 }, [9, 1, 1, 9], 3],
  ])('%s', (_, options, values, at) => expect(endsAt(options, values)).toBe(at));

  test('values of one trial count as those of many', () => {
    const one = [1, 2, 3].map((step) => reported(0, step, 0.5));
    expect(reasons(experimentPlateau({ top: 3 }), one)).toHaveLength(1);
  });

  test('reports that have diverged, and those without the metric, are no results', () => {
    expect(endsAt({ top: 2 }, [WORST, WORST, WORST, 1, WORST, 1])).toBe(6);
    expect(endsAt({ top: 2, patience: 2 }, [1, 1, WORST, 1])).toBe(4);
    const named = experimentPlateau({ metric: 'accuracy', mode: 'max', top: 2 });
    const values = [Number.POSITIVE_INFINITY, Number.NaN, undefined, 1, 1];
    const events = values.map((value, i) => reported(0, i + 1, 0, value === undefined ? {} : { accuracy: value }));
    expect(play(named, events).map((decisions) => decisions.length)).toEqual([0, 0, 0, 0, 1]);
    expect(warnings(named, [...events, ...events])).toEqual(['experimentPlateau: a report lacks the metric "accuracy"; such reports count for nothing.']);
  });

  test.each([
    { std: 0 },
    { std: Number.POSITIVE_INFINITY },
    { top: 1 },
    { top: 2.5 },
    { patience: -1 },
    { patience: 0.5 },
    { metric: '', mode: 'min' },
    { metric: 'loss' },
    { mode: 'max' },
    { metric: 'loss', mode: 'most' },
  ])('refuses %j', (wrong) => {
    expect(() => experimentPlateau(wrong as never)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
  });

  test('without a metric of its own it needs exactly one', () => {
    for (const objectives of [0, 2])
      expect(() => experimentPlateau().check?.({ ...context, objectives })).toThrow(expect.objectContaining({ code: 'METRIC_INVALID' }));
    expect(() => experimentPlateau().check?.(context)).not.toThrow();
    expect(() => experimentPlateau({ metric: 'loss', mode: 'min' }).check?.({ ...context, objectives: 0 })).not.toThrow();
  });

  test('names the option that was meant, and records what makes it again', () => {
    expect(() => experimentPlateau({ patients: 3 } as never)).toThrow('Did you mean "patience"?');
    const all = { std: 0.1, top: 3, patience: 5, metric: 'loss', mode: 'min' } as const;
    expect(experimentPlateau(all).options).toEqual(all);
    expect(experimentPlateau().options).toEqual({ std: 0.001, top: 10, patience: 0 });
    expect(experimentPlateau(experimentPlateau(all).options as never).options).toEqual(all);
  });
});

const value = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constant(WORST), fc.double({ min: -10, max: 10, noNaN: true }));
const stream = fc.array(value, { maxLength: 50 });
const options = fc.record({ std: fc.constantFrom(0.001, 0.25, 1), top: fc.integer({ min: 2, max: 6 }), patience: fc.nat(4) });

/** The rule, slowly: everything that was reported so far, sorted anew on every report. */
function oracle(values: readonly number[], rule: Required<Omit<ExperimentPlateauOptions, 'metric' | 'mode'>>): readonly boolean[] {
  let inARow = 0;
  return values.map((now, i) => {
    if (now === WORST) return false;
    const best = values
      .slice(0, i + 1)
      .filter((one) => one !== WORST)
      .sort((a, b) => a - b)
      .slice(0, rule.top);
    const mean = best.reduce((a, b) => a + b) / best.length;
    const std = Math.sqrt(best.reduce((sum, one) => sum + (one - mean) ** 2, 0) / best.length);
    inARow = best.length === rule.top && std <= rule.std ? inARow + 1 : 0;
    return inARow > 0 && inARow >= rule.patience;
  });
}

describe('experimentPlateau, laws', () => {
  test('decides like the obvious slow version', () => {
    fc.assert(
      fc.property(stream, options, (values, rule) => {
        const decided = play(experimentPlateau(rule), results(values)).map((decisions) => decisions.length === 1);
        expect(decided).toEqual(oracle(values, rule));
      }),
    );
  });

  test('it does not matter which trials the values are of, nor at which step', () => {
    fc.assert(
      fc.property(stream, options, fc.nat(5), (values, rule, trials) => {
        const mixed = values.map((one, i) =>
          reported(
            rng(trials)
              .fork(i)
              .int(trials + 1),
            i + 1,
            one,
          ),
        );
        expect(play(experimentPlateau(rule), mixed)).toEqual(play(experimentPlateau(rule), results(values)));
      }),
    );
  });

  test('nor in which order they come, for what is kept of them', () => {
    const kept = (scheduler: ReturnType<typeof experimentPlateau>, values: readonly number[]): readonly number[] =>
      results(values).reduce((state, event) => scheduler.decide(state, event, context).state, scheduler.init()).best;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 30 }), options, fc.nat(), (values, rule, by) => {
        const turned = values.map((_, i) => values[(i + by) % values.length] ?? 0).reverse();
        expect(kept(experimentPlateau(rule), turned)).toEqual(kept(experimentPlateau(rule), values));
      }),
    );
  });

  test('diverged reports change nothing, and mode max is mode min of the negated values', () => {
    fc.assert(
      fc.property(stream, options, (values, rule) => {
        const healthy = values.filter((one) => one !== WORST);
        const ends = (all: readonly number[]): readonly boolean[] =>
          play(experimentPlateau(rule), results(all)).flatMap(({ length }, i) => (all[i] === WORST ? [] : [length === 1]));
        expect(ends(values)).toEqual(ends(healthy));
        const upwards = healthy.map((one, trial) => reported(trial, 1, one, { score: -one }));
        expect(play(experimentPlateau({ ...rule, metric: 'score', mode: 'max' }), upwards).map(({ length }) => length === 1)).toEqual(ends(healthy));
      }),
    );
  });

  test('the same events give the same decisions, with the state through JSON or not', () => {
    fc.assert(
      fc.property(stream, options, (values, rule) => {
        expect(play(experimentPlateau(rule), results(values), true)).toEqual(play(experimentPlateau(rule), results(values), false));
      }),
    );
  });
});

test('a run that it ends stops what runs, takes no more samples, and ends in the same place when it is cut anywhere', async () => {
  const world = {
    report: (run: { trial: number }, step: number) => (step > 3 ? undefined : { seconds: 1, metrics: { loss: run.trial < 3 ? 5 - run.trial : 1 } }),
  };
  const setup = () =>
    simulation({
      world,
      samples: Number.POSITIVE_INFINITY,
      workers: 1,
      rules: stopRules(['loss < 0', experimentPlateau({ top: 4 })], { objectives: [{ metric: 'loss', mode: 'min' }] }),
    });
  const { lines, experiment, why } = await simulate(setup());
  expect(why).toBe('the best 4 results are alike: their standard deviation 0 <= 0.001');
  expect(experiment.rows).toHaveLength(5);
  expect(experiment.rows.at(-1)).toMatchObject({ status: 'TERMINATED', step: 1, reason: { by: 'experimentPlateau' } });
  for (let cut = 1; cut < lines.findIndex(({ decisions }) => decisions !== undefined); cut++) {
    const restored = await simulate(setup(), lines.slice(0, cut));
    expect(restored.experiment.rows.map(({ status, step }) => [status, step])).toEqual(experiment.rows.map(({ status, step }) => [status, step]));
  }
});
