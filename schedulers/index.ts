/// <reference types="node" preserve="true" />
export { type AshaOptions, type AshaState, type AshaVariant, asha } from './asha.ts';
export { type ExperimentPlateauOptions, type ExperimentPlateauState, experimentPlateau } from './experiment-plateau.ts';
export { fifo } from './fifo.ts';
export { type HyperbandOptions, type HyperbandState, type HyperbandTable, hyperband } from './hyperband.ts';
export { type MaximumIterationOptions, type MaximumIterationState, maximumIteration } from './maximum-iteration.ts';
export { type TrialPlateauOptions, type TrialPlateauState, trialPlateau } from './trial-plateau.ts';
