import { asha, experimentPlateau, fifo, maximumIteration, trialPlateau } from '../../schedulers/index.ts';
import type { Scheduler } from '../../src/schedule/scheduler.ts';
import type { SchedulerLawsOptions } from '../../src/testing/laws/scheduler-laws.ts';
import type { Given } from '../../src/testing/laws/subject.ts';

/** A scheduler of ours as the laws are told of it. Several may be of one name: with other options it is another subject. */
export interface OwnScheduler {
  /** The row of docs/laws.md. */
  readonly name: string;
  make(given: Given): Scheduler;
  readonly options: SchedulerLawsOptions;
}

/** Every scheduler that `attune/schedulers` exports: one that is not here is not exported. */
export const OWN: readonly OwnScheduler[] = [
  { name: 'fifo', make: fifo, options: { family: 'other' } },
  { name: 'asha', make: () => asha({ maxT: 9, reductionFactor: 3 }), options: { family: 'asha' } },
  { name: 'asha by time', make: () => asha({ maxT: 16, gracePeriod: 2, reductionFactor: 2, timeAttr: 'epoch' }), options: { family: 'asha' } },
  { name: 'maximumIteration', make: () => maximumIteration({ maxIter: 4 }), options: { family: 'other' } },
  { name: 'trialPlateau', make: () => trialPlateau({ std: 2, numResults: 3 }), options: { family: 'other' } },
  { name: 'experimentPlateau', make: () => experimentPlateau({ std: 0.5, top: 5 }), options: { family: 'other' } },
];
