/// <reference types="node" preserve="true" />
/** `attune/analysis`: numbers about results. */
export { hypervolume2d } from '../base/numeric/hypervolume.ts';
export { dominates, paretoFront } from '../base/numeric/pareto.ts';
export type { AttributeOptions } from './attributes.ts';
export type { Category, CategorySummaryOptions, DensityPoint } from './category-summary.ts';
export { categorySummary } from './category-summary.ts';
export type { Caution, CautionOptions, Plugin } from './cautions.ts';
export { cautions } from './cautions.ts';
export type { SampleComparison } from './compare-samples.ts';
export { compareSamples } from './compare-samples.ts';
export type { CategoryConclusion, CategoryPlace } from './conclude-categories.ts';
export type { NumberConclusion } from './conclude-number.ts';
export type { Correlation, CorrelationOptions } from './correlations.ts';
export { correlations } from './correlations.ts';
export type { Interaction, InteractionOptions } from './interactions.ts';
export { interactions } from './interactions.ts';
export type { Interpretation, InterpretOptions, PairConclusion } from './interpret.ts';
export { interpret } from './interpret.ts';
export type { BandPoint, LinearFit, LinearFitOptions } from './linear-fit.ts';
export { linearFit } from './linear-fit.ts';
export type { Mode } from './numbers.ts';
export type { ImportanceMethod, ImportanceOptions, PairScore, ParameterImportance, ParameterScore } from './parameter-importance.ts';
export { parameterImportance } from './parameter-importance.ts';
export type { Reduce, ReduceOptions } from './reduce-rows.ts';
export { reduceRows } from './reduce-rows.ts';
export type { Rows } from './rows.ts';
