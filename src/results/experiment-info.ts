import { deepFreeze } from '../base/deep-freeze.ts';
import type { Json } from '../base/json.ts';
import { cloneJson } from '../space/clone-json.ts';
import type { PluginRecord } from '../trial/events.ts';
import type { Objective } from '../trial/metrics.ts';
import type { ExperimentRecord } from '../trial/trial-record.ts';

/**
 * How an experiment was set up: what is fixed for its life, as the first line of its journal has it.
 *
 * @example
 * ```ts
 * import { run, uniform } from 'attune';
 *
 * const grid = await run(({ x }: { x: number }) => ({ loss: x ** 2 }), { config: { x: uniform(-1, 1) }, metric: 'loss', mode: 'min', seed: 7, verbose: 0 });
 * const { searcher, seed, paramSpace } = grid.experiment;
 * console.log(searcher.name, seed, paramSpace); // basicVariant 7 { x: { '$domain': 'uniform', lower: -1, upper: 1 } }
 * ```
 */
export interface ExperimentInfo {
  readonly name: string;
  /** Absolute path of its directory. */
  readonly path: string;
  readonly seed: number;
  /** The metrics that are optimised, with their modes; `[]` when there is none. */
  readonly objectives: readonly Objective[];
  /** The search space as JSON: `spaceFromJson` makes a space of it. */
  readonly paramSpace: Json;
  /** The name of the trainable. */
  readonly trainable: string;
  /** With its options, as it records them. */
  readonly searcher: PluginRecord;
  readonly scheduler: PluginRecord;
  /** Of Attune and of Node. */
  readonly versions: Readonly<Record<string, string>>;
  /** The git commit of the working directory, with `+` behind it when there were changes; not there outside of a repository. */
  readonly commit?: string;
  /** Milliseconds since the epoch; NaN when nobody has recorded it. */
  readonly createdAt: number;
}

/** Frozen, and a copy. */
export function experimentInfo({ path, created, journal }: ExperimentRecord): ExperimentInfo {
  const { name, seed, objectives, space, trainable, searcher, scheduler, versions, commit, at } = created;
  const set = { name, path, seed, objectives, paramSpace: space, trainable: trainable.name, searcher, scheduler, versions };
  const more = { ...(commit === undefined ? {} : { commit }), createdAt: at ?? journal?.[0]?.at ?? Number.NaN };
  return deepFreeze(cloneJson({ ...set, ...more } as unknown as Json)) as unknown as ExperimentInfo;
}
