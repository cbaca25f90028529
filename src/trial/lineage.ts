import type { Config } from '../space/config.ts';

/**
 * Where the weights of a trial come from: who trained them from which step on, and with what, the first from step 0. Each one but the
 * last was copied by the next, by an exploit. Steps do not decrease.
 */
export type Lineage = readonly Ancestor[];

/** One stretch of the training that led to a trial's weights. */
export interface Ancestor {
  /** The public id of the trial that trained, `6e465_00007`. */
  readonly trial: string;
  /** The step from which on it did. */
  readonly step: number;
  readonly config: Config;
}

/** The lineage of what goes on from `step` of `lineage` with another configuration, or in another trial. */
export function descend(lineage: Lineage, next: Ancestor): Lineage {
  return Object.freeze([...lineage, Object.freeze(next)]);
}
