/// <reference types="node" preserve="true" />
/** `attune/testing`: for authors of searchers and schedulers. */
export { configurations, type SpacesOptions, spaces } from './arbitraries/spaces.ts';
export { trialHistories, type WorldsOptions, worlds } from './arbitraries/worlds.ts';
export type { Check } from './laws/check.ts';
export type { LawReport, LawTrial, LawWorld } from './laws/law-world.ts';
export { type SchedulerLawsOptions, schedulerLaws } from './laws/scheduler-laws.ts';
export type { Outcome, SearchWorld } from './laws/search-world.ts';
export { type SearcherCheck, type SearcherLawsOptions, searcherLaws } from './laws/searcher-laws.ts';
export type { Family, Given } from './laws/subject.ts';
export {
  ackley,
  branin,
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
