/// <reference types="node" preserve="true" />
/** `attune/analysis`: numbers about results. */
export { hypervolume2d } from '../base/numeric/hypervolume.ts';
export { dominates, paretoFront } from '../base/numeric/pareto.ts';
export type { Scale } from './plots/axis.ts';
export type { DrawOptions, Plot, PlotOptions } from './plots/plot.ts';
export type { Figure, PlotAnalysisOptions } from './plots/plot-analysis.ts';
export { plotAnalysis } from './plots/plot-analysis.ts';
export type { LearningCurvesOptions } from './plots/plot-learning-curves.ts';
export { plotLearningCurves } from './plots/plot-learning-curves.ts';
export type { AttributePlotOptions, LinearPlotOptions } from './plots/plot-linear.ts';
export { plotLinear } from './plots/plot-linear.ts';
export type { OptimizationHistoryOptions } from './plots/plot-optimization-history.ts';
export { plotOptimizationHistory } from './plots/plot-optimization-history.ts';
export { plotViolin } from './plots/plot-violin.ts';
export type { Theme } from './plots/theme.ts';
