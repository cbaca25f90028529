/// <reference types="node" preserve="true" />
/** `attune/analysis`: numbers about results. */
export { hypervolume2d } from '../base/numeric/hypervolume.ts';
export { dominates, paretoFront } from '../base/numeric/pareto.ts';
export type { Category, CategorySummaryOptions, DensityPoint } from './category-summary.ts';
export { categorySummary } from './category-summary.ts';
export type { BandPoint, LinearFit, LinearFitOptions } from './linear-fit.ts';
export { linearFit } from './linear-fit.ts';
export type { Mode } from './numbers.ts';
export type { Scale } from './plots/axis.ts';
export type { DrawOptions, Plot, PlotOptions } from './plots/plot.ts';
export type { LearningCurvesOptions } from './plots/plot-learning-curves.ts';
export { plotLearningCurves } from './plots/plot-learning-curves.ts';
export type { OptimizationHistoryOptions } from './plots/plot-optimization-history.ts';
export { plotOptimizationHistory } from './plots/plot-optimization-history.ts';
export type { Theme } from './plots/theme.ts';
export type { Reduce, ReduceOptions } from './reduce-rows.ts';
export { reduceRows } from './reduce-rows.ts';
export type { Rows } from './rows.ts';
