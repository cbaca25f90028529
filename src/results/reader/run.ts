import type { Json, JsonObject } from '../../base/json.ts';
import type { Watched } from './watched.ts';

/** What the index keeps of one run. Values are config.… and info.… only: metrics and artifacts are named, and read when they are wanted. */
export interface IndexedRun {
  /** `config.…` and `info.…`, nested keys joined by dots; lists are values. */
  readonly values: JsonObject;
  /** By log (MLXP: a file of `metrics/`; of ours there is one, the empty name): the keys of its lines. */
  readonly metrics: Readonly<Record<string, readonly string[]>>;
  /** By column: paths of files, or of directories that are one artifact, below `artifacts/`: the first part is the type. */
  readonly artifacts: Readonly<Record<string, readonly string[]>>;
  /** One of our trials. */
  readonly trial?: IndexedTrial;
}

/** What finds the history of one of our trials, and tells whether its artifacts are still those that were listed. */
export interface IndexedTrial {
  readonly id: number;
  readonly name: string;
  /** Its folder in the experiment. */
  readonly dir: string;
  /** Of its last report, by which its result.json is known to be whole; absent when it never reported. */
  readonly last?: JsonObject;
  /** What the list of its artifacts was made from; empty when they are to be listed again. */
  readonly seen: readonly Watched[];
  /** Why its artifacts could not be listed. */
  readonly unlisted?: string;
}

/** Adds the leaves of nested objects under names joined by dots; the first of equal names stays. */
export function addLeaves(value: unknown, name: string, leaves: Record<string, Json>): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const entries = Object.entries(value);
    for (const [key, inner] of entries) if (typeof inner !== 'object' || inner === null) addLeaves(inner, `${name}.${key}`, leaves);
    for (const [key, inner] of entries) if (typeof inner === 'object' && inner !== null) addLeaves(inner, `${name}.${key}`, leaves);
  } else if (value !== undefined && !Object.hasOwn(leaves, name)) leaves[name] = value as Json;
}

/** The column of a metric: that of a log of MLXP's is `train.loss`. */
export const metricColumn = (log: string, key: string): string => (log === '' ? key : `${log}.${key}`);

/** `artifact.pickle.`, of a sub-directory `artifact.pickle.a.b`. */
export const artifactColumn = (type: string, folders: readonly string[]): string => `artifact.${type}.${folders.join('.')}`;

/** MLXP writes a sub-directory's column with two dots as well: both spellings are one. */
export const columnSpelling = (name: string): string => (name.startsWith('artifact.') ? name.replace(/^artifact\.([^.]+)\.\.(?=.)/, 'artifact.$1.') : name);
