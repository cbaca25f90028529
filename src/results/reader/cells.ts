import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AttuneError } from '../../base/errors.ts';
import type { Json } from '../../base/json.ts';
import { warn } from '../../base/warn.ts';
import type { TrialRecord } from '../../trial/trial-record.ts';
import type { JournalRows } from '../journal-rows.ts';
import { TrialHistory } from '../trial-history.ts';
import { Artifact } from './artifact.ts';
import { linesOf } from './mlxp-run.ts';
import { type IndexedRun, metricColumn } from './run.ts';
import { metricLists } from './trial-metrics.ts';

/** What a cell shows until it is read. */
export const METRIC = 'METRIC';
export const ARTIFACT = 'ARTIFACT';

/** The cells of one row of a frame. */
export interface Cells {
  columns(): Iterable<string>;
  /** What is in a cell, read now if it is a metric or artifacts; `undefined` when there is none. */
  load(column: string): unknown;
  /** The same, with `METRIC` and `ARTIFACT` for what would have to be read. */
  peek(column: string): unknown;
}

/** A row that is in memory. */
export class PlainCells implements Cells {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(values: ReadonlyMap<string, unknown>) {
    this.#values = values;
  }

  columns(): Iterable<string> {
    return this.#values.keys();
  }

  load(column: string): unknown {
    return this.#values.get(column);
  }

  peek(column: string): unknown {
    return this.#values.get(column);
  }
}

/** A row with more cells, or others in their place. */
export class MoreCells implements Cells {
  readonly #base: Cells;
  readonly #more: Cells;

  constructor(base: Cells, more: Cells) {
    this.#base = base;
    this.#more = more;
  }

  columns(): Iterable<string> {
    return new Set([...this.#base.columns(), ...this.#more.columns()]);
  }

  load(column: string): unknown {
    const value = this.#more.load(column);
    return value === undefined ? this.#base.load(column) : value;
  }

  peek(column: string): unknown {
    const value = this.#more.peek(column);
    return value === undefined ? this.#base.peek(column) : value;
  }
}

/** A run, and where it lies. */
export interface Run extends Pick<IndexedRun, 'values' | 'metrics' | 'artifacts'> {
  /** Its directory, absolute. */
  readonly dir: string;
  /** The rows of its trial, of ours. */
  readonly history?: { readonly trial: NonNullable<IndexedRun['trial']>; readonly journal: JournalRows };
}

/** The row of a run. The file of a metric is read when a metric of it is first wanted, and kept with all of them. */
export class RunCells implements Cells {
  readonly #run: Run;
  /** By log. Made when it is needed: a query over many runs makes many of these. */
  #lists: Map<string, ReadonlyMap<string, readonly Json[]>> | undefined;
  /** The log that a metric is in, by column. */
  #logs: ReadonlyMap<string, string> | undefined;

  constructor(run: Run) {
    this.#run = run;
  }

  columns(): Iterable<string> {
    return [...Object.keys(this.#run.values), ...this.#logOf().keys(), ...Object.keys(this.#run.artifacts)];
  }

  peek(column: string): unknown {
    const { values, artifacts } = this.#run;
    if (Object.hasOwn(values, column)) return values[column];
    if (Object.hasOwn(artifacts, column)) return ARTIFACT;
    return this.#logOf().has(column) ? METRIC : undefined;
  }

  load(column: string): unknown {
    const { values, artifacts } = this.#run;
    if (Object.hasOwn(values, column)) return values[column];
    const names = Object.hasOwn(artifacts, column) ? artifacts[column] : undefined;
    if (names) return artifactsOf(this.#run.dir, names);
    const log = this.#logOf().get(column);
    return log === undefined ? undefined : (this.#listsOf(log).get(column) ?? []);
  }

  #logOf(): ReadonlyMap<string, string> {
    this.#logs ??= new Map(Object.entries(this.#run.metrics).flatMap(([log, keys]) => keys.map((key) => [metricColumn(log, key), log] as const)));
    return this.#logs;
  }

  #listsOf(log: string): ReadonlyMap<string, readonly Json[]> {
    const { dir, history } = this.#run;
    this.#lists ??= new Map();
    const known = this.#lists.get(log);
    if (known) return known;
    const lists = history ? metricLists(new TrialHistory(history.trial as unknown as TrialRecord, dir, history.journal).rows) : logLists(dir, log);
    this.#lists.set(log, lists);
    return lists;
  }
}

function artifactsOf(dir: string, paths: readonly string[]): Readonly<Record<string, Artifact>> {
  const named = paths.map((path) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    return [name, new Artifact(name, path.slice(0, path.indexOf('/')), join(dir, 'artifacts', path))] as const;
  });
  return Object.fromEntries(named);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new AttuneError('RESULT_NOT_FOUND', `Reader: expected the metrics in ${path}, got: ${(cause as Error).message}.`, {
      hint: 'Open the reader again: it has what is there now.',
      cause,
    });
  }
}

/** The lists of a log of MLXP's. @throws {AttuneError} `RESULT_NOT_FOUND` when its file is gone or cannot be read */
function logLists(dir: string, log: string): ReadonlyMap<string, readonly Json[]> {
  const path = join(dir, 'metrics', `${log}.json`);
  const lists = new Map<string, Json[]>();
  for (const [i, line] of linesOf(textOf(path)).entries()) {
    if (line === undefined) warn(`Reader: line ${i + 1} of ${path} is no JSON object: it is left out.`);
    for (const [key, value] of Object.entries(line ?? {})) {
      const column = metricColumn(log, key);
      const list = lists.get(column) ?? [];
      lists.set(column, list);
      list.push(value as Json);
    }
  }
  return lists;
}
