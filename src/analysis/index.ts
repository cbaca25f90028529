/// <reference types="node" preserve="true" />
/** `attune/analysis`: numbers about results. */
export { hypervolume2d } from '../base/numeric/hypervolume.ts';
export { dominates, paretoFront } from '../base/numeric/pareto.ts';
