import { describe, expect, test } from 'vitest';
import { allOf } from '../../schedulers/all-of.ts';
import { asha } from '../../schedulers/asha.ts';
import { fifo } from '../../schedulers/fifo.ts';
import { firstOf } from '../../schedulers/first-of.ts';
import { hyperband } from '../../schedulers/hyperband.ts';
import { maximumIteration } from '../../schedulers/maximum-iteration.ts';
import { medianStopping } from '../../schedulers/median-stopping.ts';
import { onMetric } from '../../schedulers/on-metric.ts';
import { endsEarly } from '../../src/schedule/ends-early.ts';
import type { Scheduler } from '../../src/schedule/scheduler.ts';
import { type StopRule, stopRules } from '../../src/schedule/stop-rules.ts';

const told = (scheduler: Scheduler, ...rules: readonly StopRule[]): string | undefined => endsEarly(scheduler, stopRules(rules, { objectives: [] }));

describe('a stop rule that ends trials before maxT is told of, with both numbers', () => {
  const text = (by: string, maxT: number, end: number, timeAttr = 'training_iteration'): string =>
    `stop: trials end at ${timeAttr} ${end}, but ${by} trains the best ones to maxT ${maxT}: it compares no trial beyond ${end}. Give both the same number.`;

  test('a threshold', () => expect(told(asha(), { training_iteration: 50 })).toBe(text('asha', 100, 50)));
  test('a number to reach', () => expect(told(hyperband(), { metric: 'training_iteration', mode: 'max', value: 27 })).toBe(text('hyperband', 81, 27)));
  test('maximumIteration', () => expect(told(hyperband(), maximumIteration({ maxIter: 10 }))).toBe(text('hyperband', 81, 10)));
  test('the lowest of several', () =>
    expect(told(asha(), 'loss < 1', { loss: 3, training_iteration: 60 }, maximumIteration({ maxIter: 20 }))).toBe(text('asha', 100, 20)));
  test('schedulers that count, together', () => {
    const counts = (maxIter: number): Scheduler => maximumIteration({ maxIter }) as Scheduler;
    expect(told(asha(), firstOf(counts(30), fifo(), allOf(counts(20), counts(40))) as Scheduler)).toBe(text('asha', 100, 30));
    expect(told(asha(), allOf(counts(30), counts(40)) as Scheduler)).toBe(text('asha', 100, 40));
    expect(told(asha(), allOf(counts(30), fifo()) as Scheduler)).toBeUndefined();
  });
  test('by another attribute', () => expect(told(asha({ maxT: 60, timeAttr: 'seconds' }), { seconds: 30 })).toBe(text('asha', 60, 30, 'seconds')));
  test('a scheduler within another', () => {
    const composed = { ...fifo(), name: 'firstOf', options: [{ name: 'fifo' }, { name: 'asha', options: { maxT: 100 } }] };
    expect(told(composed, { training_iteration: 50 })).toBe(text('asha', 100, 50));
    const within = onMetric('loss', firstOf(fifo(), hyperband({ maxT: 30, timeAttr: 'epoch' }) as Scheduler)) as Scheduler;
    expect(told(within, { epoch: 9 })).toBe(text('hyperband', 30, 9, 'epoch'));
  });
});

describe('nothing is told', () => {
  test.each([
    ['of the same number', asha(), { training_iteration: 100 }],
    ['of a larger one', asha(), { training_iteration: 101 }],
    ['of another metric', asha(), { loss: 1 }],
    ['of what is counted otherwise', asha({ timeAttr: 'seconds' }), { training_iteration: 50 }],
    ['of an upper bound', asha(), { metric: 'training_iteration', mode: 'min', value: 3 }],
    ['of a function', asha(), () => true],
    ['of a scheduler without maxT', fifo(), { training_iteration: 50 }],
    ['of one that only says by what it counts', medianStopping({ timeAttr: 'training_iteration' }), { training_iteration: 50 }],
    ['of configurations that have such a name', { ...fifo(), options: [{ trial: 0, config: { name: 'x', maxT: 100 } }] }, { training_iteration: 50 }],
  ] as const)('%s', (_, scheduler, rule) => expect(told(scheduler, rule)).toBeUndefined());

  test('without rules', () => expect(endsEarly(asha(), undefined)).toBeUndefined());
});
