/// <reference types="node" preserve="true" />
export { auto } from './auto.ts';
export { avoidDuplicates } from './avoid-duplicates.ts';
export { basicVariant } from './basic-variant.ts';
export { type CmaesOptions, cmaes } from './cmaes.ts';
export { type EvolutionOptions, evolution } from './evolution.ts';
export { type AskTell, type AskTellSetup, type FromAskTellOptions, fromAskTell } from './from-ask-tell.ts';
export { type GpOptions, gp } from './gp.ts';
export { type GridOptions, grid } from './grid.ts';
export { type HaltonOptions, halton } from './halton.ts';
export { type LimitConcurrencyOptions, limitConcurrency } from './limit-concurrency.ts';
export { list } from './list.ts';
export { type Nsga2Options, nsga2 } from './nsga2.ts';
export { type RandomOptions, random } from './random.ts';
export { repeat } from './repeat.ts';
export { type SobolOptions, sobol } from './sobol.ts';
export { type TpeOptions, tpe } from './tpe.ts';
export { type Observed, warmStart } from './warm-start.ts';
