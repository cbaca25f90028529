/// <reference types="node" preserve="true" />
export { type AshaOptions, type AshaState, asha } from './asha.ts';
export { type ExperimentPlateauOptions, type ExperimentPlateauState, experimentPlateau } from './experiment-plateau.ts';
export { fifo } from './fifo.ts';
export { type MaximumIterationOptions, type MaximumIterationState, maximumIteration } from './maximum-iteration.ts';
export type { HyperparamMutations } from './pbt/mutations.ts';
export type { PopulationState } from './pbt/population.ts';
export { type PbtOptions, type PopulationOptions, pbt } from './pbt.ts';
export { type PbtReplayState, pbtReplay } from './pbt-replay.ts';
export { type TrialPlateauOptions, type TrialPlateauState, trialPlateau } from './trial-plateau.ts';
