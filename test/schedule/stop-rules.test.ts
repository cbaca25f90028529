import { describe, expect, test } from 'vitest';
import { asha } from '../../schedulers/asha.ts';
import type { Scheduler, SchedulerEvent } from '../../src/schedule/scheduler.ts';
import { type StopRule, stopRules } from '../../src/schedule/stop-rules.ts';
import { outcomes, reasons, reported, warnings } from './play.ts';

const objectives = [{ metric: 'mean_accuracy', mode: 'max' }] as const;
const make = (rules: StopRule | readonly StopRule[]) => stopRules(rules, { objectives, trialName: (trial) => `abcde_0000${trial}` });
const report = (step: number, metrics: Record<string, number>, trial = 0): SchedulerEvent => reported(trial, step, 0, metrics);

describe('stop rules', () => {
  describe('{ key: threshold }', () => {
    const rules = { training_iteration: 10, mean_accuracy: 0.98 };
    const run = (accuracies: readonly number[]) =>
      outcomes(
        make(rules),
        accuracies.map((mean_accuracy, i) => report(i + 1, { mean_accuracy })),
      );

    test('stop at the first threshold that is met', () => {
      expect(run([0.5, 0.99]).map(({ decisions }) => decisions)).toEqual([[], [{ kind: 'stop', trial: 0, reason: 'mean_accuracy 0.99 >= 0.98' }]]);
    });

    test('stop at the tenth report when the accuracy stays low', () => {
      const decisions = run(Array.from({ length: 10 }, () => 0.5)).map((outcome) => outcome.decisions);
      expect(decisions.slice(0, 9)).toEqual(Array.from({ length: 9 }, () => []));
      expect(decisions[9]).toEqual([{ kind: 'stop', trial: 0, reason: 'training_iteration 10 >= 10' }]);
    });

    test('name nested metrics with slashes', () => {
      expect(reasons(make({ 'eval/accuracy': 0.9 }), [report(1, { 'eval/accuracy': 0.9 })])).toEqual(['eval/accuracy 0.9 >= 0.9']);
      expect(() => make({ eval: { accuracy: 0.9 } } as never)).toThrow("Write nested metrics with a slash: { 'eval/accuracy': … }.");
    });

    test('warn when the first report already meets one on a metric that is minimised', () => {
      const minimised = stopRules({ loss: 0.01 }, { objectives: [{ metric: 'loss', mode: 'min' }] });
      const events = [report(1, { loss: 2.3 }), report(1, { loss: 2.2 }, 1)];
      expect(reasons(minimised, events)).toEqual(['loss 2.3 >= 0.01', 'loss 2.2 >= 0.01']);
      expect(warnings(minimised, events)).toEqual([
        'stop: { "loss": 0.01 } stops at loss >= 0.01, which the first report (2.3) already meets, while mode is \'min\'. To stop at or below it, write { metric: "loss", mode: \'min\', value: 0.01 }.',
      ]);
      expect(warnings(minimised, [report(1, { loss: 0 }), report(2, { loss: 1 })])).toEqual([]);
    });

    test.each([Number.NaN, Infinity, '3', null])('refuse the threshold %s', (threshold) => {
      expect(() => make({ loss: threshold } as never)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
    });
  });

  describe('{ metric, mode, value }', () => {
    test("stop at or below the value for 'min'", () => {
      expect(reasons(make({ metric: 'loss', mode: 'min', value: 0.01 }), [report(1, { loss: 0.02 }), report(2, { loss: 0.01 })])).toEqual([
        'loss 0.01 <= 0.01',
      ]);
    });

    test("stop at or above it for 'max'", () => {
      expect(reasons(make({ metric: 'score', mode: 'max', value: 7 }), [report(1, { score: 6 }), report(2, { score: 8 })])).toEqual(['score 8 >= 7']);
    });

    test('refuse a wrong mode, value or key', () => {
      expect(() => make({ metric: 'loss', mode: 'minimum', value: 1 } as never)).toThrow(`stop: expected mode 'min' or 'max' for "loss", got "minimum".`);
      expect(() => make({ metric: 'loss', mode: 'min' } as never)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
      expect(() => make({ metric: 'loss', mode: 'min', value: 1, vale: 2 } as never)).toThrow(expect.objectContaining({ code: 'OPTION_UNKNOWN' }));
    });
  });

  describe('an expression', () => {
    const text = 'loss < 0.01 or training_iteration >= 100';

    test('stops when it is true', () => {
      expect(reasons(make(text), [report(1, { loss: 0.5 }), report(2, { loss: 0.001 })])).toEqual([`${text} is true`]);
      expect(reasons(make('eval.loss < 1 and not (eval.loss < 0)'), [report(1, { 'eval/loss': 0.5 })])).toHaveLength(1);
    });

    test('counts a comparison with a missing or NaN metric as false', () => {
      expect(reasons(make(text), [report(1, {}), report(2, { loss: Number.NaN }), report(100, {})])).toEqual([`${text} is true`]);
    });

    test('that is no question stops nobody, and warns once', () => {
      expect(warnings(make('loss'), [report(1, { loss: 1 }), report(2, { loss: 1 })])).toEqual([
        'stop: expected true or false from the expression "loss", got 1; that stops nobody.',
      ]);
    });

    test('is refused when it holds anything but arithmetic', () => {
      expect(() => make('random() < 1')).toThrow(expect.objectContaining({ code: 'EXPRESSION_INVALID' }));
    });
  });

  describe('a function', () => {
    test('sees the public trial id and the numbers of the report', () => {
      const seen: unknown[] = [];
      const rule = make(function plateau(trialId, metrics) {
        seen.push([trialId, metrics]);
        return (metrics['eval/loss'] ?? 0) > 2;
      });
      expect(reasons(rule, [report(1, { 'eval/loss': 1 }), report(1, { 'eval/loss': 3 }, 7)])).toEqual(['the stop function plateau returned true']);
      expect(seen).toEqual([
        ['abcde_00000', { 'eval/loss': 1 }],
        ['abcde_00007', { 'eval/loss': 3 }],
      ]);
    });

    test('that answers anything but true stops nobody, and warns once', () => {
      const rule = make((async () => true) as never);
      expect(reasons(rule, [report(1, {})])).toEqual([]);
      expect(warnings(rule, [report(1, {}), report(2, {})])).toHaveLength(1);
    });
  });

  describe('several rules', () => {
    test('stop when any of them does, with the reason of the first', () => {
      const rules = make([{ loss: 3 }, 'loss > 1', { metric: 'loss', mode: 'max', value: 2 }]);
      expect(reasons(rules, [report(1, { loss: 1 }), report(2, { loss: 2 })])).toEqual(['loss > 1 is true']);
    });

    test('may be schedulers that only stop', () => {
      const rules = make([{ training_iteration: 50 }, asha({ maxT: 20 }) as Scheduler]);
      const [outcome] = outcomes(rules, [report(20, {})]);
      expect(outcome?.decisions).toEqual([{ kind: 'stop', trial: 0, reason: 'reached maxT 20' }]);
      expect(outcome?.by).toEqual(['asha']);
    });

    test('may not be schedulers that do more', () => {
      const pauser: Scheduler = { name: 'pauser', uses: ['stop', 'pause'], init: () => null, decide: (state) => ({ state, decisions: [] }) };
      expect(() => make(pauser)).toThrow('stop: expected schedulers that only stop, got "pauser", which may also pause.');
    });
  });

  test('warn once for each rule and metric that reports lack', () => {
    const rules = make([{ accuracy: 1, loss: 9 }, 'accuracy > 1']);
    expect(warnings(rules, [report(1, { loss: 1 }), report(2, {}), report(3, { loss: Number.NaN, accuracy: 0 })])).toEqual([
      'stop: the metric "accuracy" of a stop rule is missing or no number in a report; comparisons with it are false.',
      'stop: the metric "accuracy" of a stop rule is missing or no number in a report; comparisons with it are false.',
      'stop: the metric "loss" of a stop rule is missing or no number in a report; comparisons with it are false.',
    ]);
  });

  test('are recorded as data, functions and schedulers by what can be said of them', () => {
    expect(make([{ loss: 1 }, { metric: 'loss', mode: 'min', value: 1 }, 'loss < 1', () => false, asha() as Scheduler]).options).toEqual([
      { loss: 1 },
      { metric: 'loss', mode: 'min', value: 1 },
      'loss < 1',
      { function: true },
      { scheduler: 'asha', options: { maxT: 100, gracePeriod: 1, reductionFactor: 4 } },
    ]);
  });

  test.each([[42], [null], [[['loss < 1']]]])('refuses %j', (rule) => {
    expect(() => make(rule as never)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
  });
});
