/// <reference types="node" preserve="true" />
/** `attune/analysis`: numbers about results. */
export { hypervolume2d } from '../base/numeric/hypervolume.ts';
export { dominates, paretoFront } from '../base/numeric/pareto.ts';
export type { Category, CategorySummaryOptions, DensityPoint } from './category-summary.ts';
export { categorySummary } from './category-summary.ts';
export type { BandPoint, LinearFit, LinearFitOptions } from './linear-fit.ts';
export { linearFit } from './linear-fit.ts';
export type { Mode } from './numbers.ts';
export type { Reduce, ReduceOptions } from './reduce-rows.ts';
export { reduceRows } from './reduce-rows.ts';
export type { Rows } from './rows.ts';
