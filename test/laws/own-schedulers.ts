import {
  allOf,
  asha,
  experimentPlateau,
  fifo,
  firstOf,
  hyperband,
  maximumIteration,
  medianStopping,
  moAsha,
  onMetric,
  patience,
  pb2,
  pbt,
  pbtReplay,
  percentileStopping,
  threshold,
  trialPlateau,
  wilcoxon,
} from '../../schedulers/index.ts';
import type { Scheduler } from '../../src/schedule/scheduler.ts';
import { choice, loguniform, randint, uniform } from '../../src/space/domains.ts';
import type { SchedulerLawsOptions } from '../../src/testing/laws/scheduler-laws.ts';
import type { Given } from '../../src/testing/laws/subject.ts';

/** A scheduler of ours as the laws are told of it. Several may be of one name: with other options it is another subject. */
export interface OwnScheduler {
  /** The row of docs/laws.md. */
  readonly name: string;
  make(given: Given): Scheduler;
  readonly options: SchedulerLawsOptions;
}

/** In how many worlds each of them is tried, spread evenly over the laws that apply to it. */
export const RUNS = 10_000;
/** And with other options, in a row of its own. */
export const VARIANT_RUNS = 1_000;

export const runsOf = ({ name }: OwnScheduler): number => (/[ ,]/.test(name) ? VARIANT_RUNS : RUNS);

const nine = { maxT: 9, reductionFactor: 3 };
const population = {
  perturbationInterval: 2,
  hyperparamMutations: { lr: loguniform(1e-4, 1), layers: randint(1, 5), kind: choice(['a', 'b', 'c']), nested: { momentum: uniform(0, 1) } },
};
const bandits = { perturbationInterval: 3, hyperparamBounds: { lr: [1e-3, 1], layers: [1, 4], nested: { momentum: [0.2, 1] } } } as const;
const lineage = [0, 2, 5].map((step) => ({
  trial: 'abcde_00000',
  step,
  config: { lr: 0.01 * (step + 1), width: 64, layers: 2, kind: 'a', nested: { momentum: 0.5 } },
}));

/** Every scheduler that `attune/schedulers` exports: one that is not here is not exported. */
export const OWN: readonly OwnScheduler[] = [
  { name: 'fifo', make: fifo, options: { family: 'other' } },
  { name: 'asha', make: () => asha(nine), options: { family: 'asha' } },
  { name: 'asha by time', make: () => asha({ maxT: 16, gracePeriod: 2, reductionFactor: 2, timeAttr: 'epoch' }), options: { family: 'asha' } },
  { name: 'asha with brackets', make: () => asha({ ...nine, brackets: 3 }), options: { family: 'asha' } },
  { name: 'asha, promote', make: () => asha({ ...nine, variant: 'promote' }), options: { family: 'asha', pauses: true, leavesPaused: true } },
  { name: 'asha, delayed', make: () => asha({ ...nine, variant: 'delayed' }), options: { family: 'asha', pauses: true, leavesPaused: true } },
  { name: 'hyperband', make: () => hyperband(nine), options: { family: 'hyperband', pauses: true } },
  { name: 'hyperband, paper-example', make: () => hyperband({ ...nine, table: 'paper-example' }), options: { family: 'hyperband', pauses: true } },
  { name: 'hyperband, ceil', make: () => hyperband({ ...nine, table: 'ceil' }), options: { family: 'hyperband', pauses: true } },
  { name: 'hyperband, smallest first', make: () => hyperband({ ...nine, order: 'smallest-first' }), options: { family: 'hyperband', pauses: true } },
  { name: 'pbt', make: () => pbt(population), options: { family: 'pbt', pauses: true } },
  { name: 'pbt, synch', make: () => pbt({ ...population, synch: true, resampleProbability: 0 }), options: { family: 'pbt', pauses: true } },
  { name: 'pb2', make: () => pb2(bandits), options: { family: 'pbt', pauses: true } },
  { name: 'pb2, synch', make: () => pb2({ perturbationInterval: 3, synch: true }), options: { family: 'pbt', pauses: true } },
  { name: 'pbtReplay', make: () => pbtReplay(lineage), options: { family: 'other' } },
  { name: 'medianStopping', make: () => medianStopping({ gracePeriod: 2, minSamplesRequired: 3 }), options: { family: 'median' } },
  { name: 'percentileStopping', make: () => percentileStopping({ percentile: 25, gracePeriod: 2, minSamplesRequired: 3 }), options: { family: 'median' } },
  { name: 'patience', make: () => patience({ patience: 2 }), options: { family: 'other' } },
  {
    name: 'threshold',
    make: ({ metric, mode }) => threshold({ metric, ...(mode === 'min' ? { upper: 300 } : { lower: -300 }), gracePeriod: 2 }),
    options: { family: 'other' },
  },
  { name: 'wilcoxon', make: () => wilcoxon(), options: { family: 'other' } },
  { name: 'firstOf', make: () => firstOf(medianStopping({ gracePeriod: 2, minSamplesRequired: 3 }), patience()), options: { family: 'other' } },
  { name: 'allOf', make: () => allOf(medianStopping({ gracePeriod: 2, minSamplesRequired: 3 }), patience()), options: { family: 'other' } },
  { name: 'onMetric', make: ({ metric }) => onMetric(metric, asha(nine)), options: { family: 'other' } },
  { name: 'moAsha', make: () => moAsha(nine), options: { family: 'other', objectives: 2 } },
  { name: 'maximumIteration', make: () => maximumIteration({ maxIter: 4 }), options: { family: 'other' } },
  { name: 'trialPlateau', make: () => trialPlateau({ std: 2, numResults: 3 }), options: { family: 'other' } },
  { name: 'experimentPlateau', make: () => experimentPlateau({ std: 0.5, top: 5 }), options: { family: 'other' } },
];
