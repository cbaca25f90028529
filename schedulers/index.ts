/// <reference types="node" preserve="true" />
export { allOf } from './all-of.ts';
export { type AshaOptions, type AshaState, type AshaVariant, asha } from './asha.ts';
export { type ExperimentPlateauOptions, type ExperimentPlateauState, experimentPlateau } from './experiment-plateau.ts';
export { fifo } from './fifo.ts';
export { firstOf } from './first-of.ts';
export { type HyperbandOptions, type HyperbandState, type HyperbandTable, hyperband } from './hyperband.ts';
export { type MaximumIterationOptions, type MaximumIterationState, maximumIteration } from './maximum-iteration.ts';
export { type MedianStoppingOptions, medianStopping } from './median-stopping.ts';
export { type MoAshaOptions, type MoAshaState, moAsha, type ParetoRung } from './mo-asha.ts';
export { onMetric } from './on-metric.ts';
export { type PatienceOptions, type PatienceState, patience } from './patience.ts';
export { type HyperparamBounds, type Pb2Options, pb2 } from './pb2.ts';
export { type HyperparamMutations, type PbtOptions, type PopulationOptions, type PopulationState, pbt } from './pbt.ts';
export { type PbtReplayState, pbtReplay } from './pbt-replay.ts';
export { type PercentileStoppingOptions, type PercentileStoppingState, percentileStopping } from './percentile-stopping.ts';
export { type ThresholdOptions, type ThresholdState, threshold } from './threshold.ts';
export { type TrialPlateauOptions, type TrialPlateauState, trialPlateau } from './trial-plateau.ts';
export { type WilcoxonOptions, type WilcoxonState, wilcoxon } from './wilcoxon.ts';
