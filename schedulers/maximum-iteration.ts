import { checkNumber, checkOptions } from '../src/base/options.ts';
import type { Scheduler } from '../src/schedule/scheduler.ts';

/** What `maximumIteration` takes. */
export interface MaximumIterationOptions {
  /** Reports that a trial may make. */
  readonly maxIter: number;
}

/** By trial: how many reports it has made. */
export type MaximumIterationState = Record<string, number>;

/**
 * Stops a trial at its report number `maxIter`. Reports are counted, whatever their numbers: one that is repeated after a
 * retry or a restore counts once, and a trial that copies another goes on counting its own.
 *
 * For `runConfig.stop`, or as the scheduler.
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`; `OPTION_RANGE` unless maxIter is an integer >= 1
 * @see docs/schedulers/maximum-iteration.md
 * @example
 * import { maximumIteration } from 'attune/schedulers';
 * import { preview } from 'attune/testing';
 *
 * (await preview(maximumIteration({ maxIter: 5 }), { trials: 10, maxT: 100 })).iterations; // => 50
 */
export function maximumIteration(options: MaximumIterationOptions): Scheduler<MaximumIterationState> {
  checkOptions('maximumIteration', options, ['maxIter'] satisfies (keyof MaximumIterationOptions)[]);
  const { maxIter } = options;
  checkNumber('maximumIteration', 'maxIter', maxIter, 'an integer >= 1', (n) => Number.isSafeInteger(n) && n >= 1);
  return {
    name: 'maximumIteration',
    options: { maxIter },
    uses: ['stop'],
    init: () => ({}),
    decide(state, event) {
      if (event.kind === 'completed' || event.kind === 'stopped') delete state[event.trial]; // a failed trial may be resumed
      if (event.kind !== 'reported') return { state, decisions: [] };
      const { trial } = event;
      const count = (state[trial] ?? 0) + 1;
      state[trial] = count;
      if (count < maxIter) return { state, decisions: [] };
      return { state, decisions: [{ kind: 'stop', trial, reason: `made ${count} ${count === 1 ? 'report' : 'reports'}, maxIter is ${maxIter}` }] };
    },
  };
}
