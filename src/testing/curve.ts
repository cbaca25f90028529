import type { Rng } from '../base/rng.ts';
import type { Searcher } from '../search/searcher.ts';
import type { ConfigOf } from '../space/config-of.ts';
import type { SpaceInput } from '../space/space-for.ts';
import type { Metrics } from '../trainable/trial-context.ts';
import type { Mode } from '../trial/metrics.ts';

/**
 * What a trial reports at `step` (from 1): metrics, or a number when there is one metric; `undefined`: it was complete before.
 * `rng` is keyed by the seed, the trial and the step: a step that is repeated gives the same.
 */
export type CurveFunction<C> = (config: C, step: number, rng: Rng) => number | Metrics | undefined;

/**
 * A trial that learns: what it knows is saved with its checkpoints, and goes on from there after a pause, a failure or an exploit.
 * `S` is anything that `structuredClone` takes.
 */
export interface Learner<C, S = unknown> {
  init(config: C, rng: Rng): S;
  /** One step further; the state may be changed in place. `undefined`: it was complete before. */
  step(state: S, config: C, step: number, rng: Rng): { readonly state: S; readonly metrics: number | Metrics } | undefined;
}

/** What trials of `simulate` report: a function of configuration and step, or a learner that has a state. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever state a learner has, it is only handed back to it
export type Curve<C> = CurveFunction<C> | Learner<C, any>;

/** Seconds of virtual time: a number, or by configuration and step. `rng` as for curves. */
export type Seconds<C> = number | ((config: C, step: number, rng: Rng) => number);

/** A family of learning curves is a few options of `simulate`: `simulate({ ...powerLaws(), scheduler: asha(), trials: 100 })`. */
export interface Curves<S extends SpaceInput> {
  readonly space: S;
  readonly curve: Curve<ConfigOf<S>>;
  readonly mode: Mode;
  /** Reports of a trial that nobody stops. */
  readonly maxT: number;
  readonly durations?: Seconds<ConfigOf<S>>;
  readonly searcher?: Searcher;
  readonly trials?: number;
  readonly pointsToEvaluate?: readonly ConfigOf<S>[];
}
