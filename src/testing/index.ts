/// <reference types="node" preserve="true" />
/** `attune/testing`: for authors of searchers and schedulers. */

export { type Preview, type PreviewOptions, preview, type SchedulerPreviewOptions } from '../tuner/preview.ts';
export type { Summary, Trained } from '../tuner/summarize.ts';
export { configurations, type SpacesOptions, spaces } from './arbitraries/spaces.ts';
export { trialHistories, type WorldsOptions, worlds } from './arbitraries/worlds.ts';
export { type CheckSafeOptions, checkSafe, type Safety } from './check-safe.ts';
export type { Curve, CurveFunction, Curves, Learner, Seconds } from './curve.ts';
export { type CountingOnesOptions, type CountingOnesSpace, countingOnes } from './curves/counting-ones.ts';
export { type HeightSpace, height } from './curves/height.ts';
export { type HartmannSpace, type MfHartmannOptions, mfHartmann } from './curves/mf-hartmann.ts';
export { type PbtToySpace, pbtToy } from './curves/pbt-toy.ts';
export { type PowerLawOptions, type PowerLawSpace, powerLaws } from './curves/power-laws.ts';
export { type RecordedCurve, type RecordedSpace, recorded } from './curves/recorded.ts';
export type { Check } from './laws/check.ts';
export type { LawReport, LawTrial, LawWorld } from './laws/law-world.ts';
export { type SchedulerLawsOptions, schedulerLaws } from './laws/scheduler-laws.ts';
export type { Outcome, SearchWorld } from './laws/search-world.ts';
export { type SearcherCheck, type SearcherLawsOptions, searcherLaws } from './laws/searcher-laws.ts';
export type { Family, Given } from './laws/subject.ts';
export { type MultiObjectiveProblem, zdt1, zdt2, zdt3, zdt4, zdt6 } from './multi-objective-problems.ts';
export { type AshaHappening, type AshaRule, ashaOracle } from './oracles/asha.ts';
export { type BracketRung, bracketTable, type Fate, type HyperbandRule, hyperbandOracle, type WholeTrial } from './oracles/hyperband.ts';
export { type PercentileOpinion, type PercentileRule, percentileOracle, type TimedReport } from './oracles/median.ts';
export { type PbtOpinion, type PbtOracleOptions, pbtOracle, type Told } from './oracles/pbt.ts';
export {
  ackley,
  branin,
  type Hartmann,
  hartmann3,
  hartmann6,
  levy,
  rastrigin,
  rosenbrock,
  sixHumpCamel,
  sphere,
  styblinskiTang,
  type TestProblem,
} from './problems.ts';
export { type DefaultSpace, type SimulateOptions, type SimulateResult, simulate } from './simulate.ts';
