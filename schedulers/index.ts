/// <reference types="node" preserve="true" />
export { type AshaOptions, type AshaState, asha } from './asha.ts';
export { type ExperimentPlateauOptions, type ExperimentPlateauState, experimentPlateau } from './experiment-plateau.ts';
export { fifo } from './fifo.ts';
export { type MaximumIterationOptions, type MaximumIterationState, maximumIteration } from './maximum-iteration.ts';
export { type HyperparamMutations, type PbtOptions, type PopulationOptions, type PopulationState, pbt } from './pbt.ts';
export { type PbtReplayState, pbtReplay } from './pbt-replay.ts';
export { type TrialPlateauOptions, type TrialPlateauState, trialPlateau } from './trial-plateau.ts';
