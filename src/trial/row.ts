import type { Json, JsonObject } from '../base/json.ts';
import type { Config } from '../space/config.ts';

/** What adds up over the reports of a trial. `undefined` counts are those the user has never reported a share of. */
export interface RowTotals {
  /** Reports so far, those before the checkpoint of this run included. */
  readonly iteration: number;
  /** Seconds. */
  readonly timeTotal: number;
  /** Since this run started, as the next three. */
  readonly iterationsSinceRestore: number;
  readonly timeSinceRestore: number;
  readonly timestepsSinceRestore: number;
  readonly timesteps: number | undefined;
  readonly episodes: number | undefined;
}

/** What a row says of the trial and of the place it runs at; the same for every report of one run. */
export interface RowFacts {
  /** `6e465_00007` */
  readonly name: string;
  readonly tag: string;
  readonly config: Config;
  readonly pid: number;
  readonly host: string;
  readonly thread: number;
}

/** One report as it arrived. */
export interface RowReport {
  readonly metrics: JsonObject;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Since the previous report of this run. */
  readonly seconds: number;
  /** Sum of the positive constraints; only when the report had constraints. */
  readonly violation?: number | undefined;
}

/** The automatic keys of a row: present in every one, beside the user's metrics. */
export interface AutoMetrics {
  /** Seconds since the epoch. */
  readonly timestamp: number;
  readonly done: boolean;
  /** 1 for the first report. */
  readonly training_iteration: number;
  readonly trial_id: string;
  /** `YYYY-MM-DD_HH-MM-SS`, UTC. */
  readonly date: string;
  readonly time_this_iter_s: number;
  readonly time_total_s: number;
  readonly pid: number;
  readonly hostname: string;
  readonly node_ip: string;
  /** 0 is the main thread. */
  readonly thread_id: number;
  readonly time_since_restore: number;
  readonly iterations_since_restore: number;
  /** The checkpoint that this report saved. */
  readonly checkpoint_dir_name: string | null;
  readonly experiment_tag: string;
}

const AUTOMATIC: Readonly<Record<keyof AutoMetrics | 'config' | 'timesteps_since_restore', true>> = {
  timestamp: true,
  done: true,
  training_iteration: true,
  trial_id: true,
  date: true,
  time_this_iter_s: true,
  time_total_s: true,
  pid: true,
  hostname: true,
  node_ip: true,
  thread_id: true,
  time_since_restore: true,
  iterations_since_restore: true,
  timesteps_since_restore: true,
  checkpoint_dir_name: true,
  experiment_tag: true,
  config: true,
};

/** Whether a key of a row is no metric of the user's. */
export const isAutomatic = (key: string): boolean => Object.hasOwn(AUTOMATIC, key);

/** Every executor runs its trials on this machine. */
const NODE_IP = '127.0.0.1';

export const NO_TOTALS: RowTotals = Object.freeze({
  iteration: 0,
  timeTotal: 0,
  iterationsSinceRestore: 0,
  timeSinceRestore: 0,
  timestepsSinceRestore: 0,
  timesteps: undefined,
  episodes: undefined,
});

/** The totals of a run that goes on from a checkpoint: those of its row; what counts since the restore starts at zero. */
export function totalsFrom(checkpoint: { readonly step: number; readonly row: JsonObject }): RowTotals {
  const { row, step } = checkpoint;
  return {
    ...NO_TOTALS,
    iteration: step,
    timeTotal: finite(row['time_total_s']) ?? 0,
    timesteps: finite(row['timesteps_total']),
    episodes: finite(row['episodes_total']),
  };
}

/**
 * One row of result.json: the user's metrics and the automatic keys. The user's own `done`, `training_iteration`,
 * `time_this_iter_s`, `timestamp` and totals win; every other automatic key replaces a metric of that name.
 * `checkpoint_dir_name` is null: see `withCheckpoint`. Numbers stay numbers: NaN is NaN here.
 */
export function nextRow(totals: RowTotals, report: RowReport, facts: RowFacts): { readonly totals: RowTotals; readonly row: JsonObject } {
  const { metrics } = report;
  const seconds = finite(metrics['time_this_iter_s']) ?? report.seconds;
  const next = addReport(totals, metrics, seconds);
  const { timesteps, episodes } = next;
  const row = blankRow(metrics, timesteps !== undefined, episodes !== undefined, report.violation !== undefined);
  for (const key of Object.keys(metrics)) row[key] = metrics[key] as Json;
  row['timestamp'] = finite(metrics['timestamp']) ?? Math.floor(report.at / 1000);
  row['done'] = typeof metrics['done'] === 'boolean' ? metrics['done'] : false;
  row['training_iteration'] = finite(metrics['training_iteration']) ?? next.iteration;
  row['trial_id'] = facts.name;
  row['date'] = utcDate(report.at);
  row['time_this_iter_s'] = seconds;
  row['time_total_s'] = finite(metrics['time_total_s']) ?? next.timeTotal;
  row['pid'] = facts.pid;
  row['hostname'] = facts.host;
  row['node_ip'] = NODE_IP;
  row['thread_id'] = facts.thread;
  row['config'] = facts.config;
  row['time_since_restore'] = next.timeSinceRestore;
  row['iterations_since_restore'] = next.iterationsSinceRestore;
  row['checkpoint_dir_name'] = null;
  row['experiment_tag'] = facts.tag;
  if (timesteps !== undefined) {
    row['timesteps_total'] = finite(metrics['timesteps_total']) ?? timesteps;
    row['timesteps_since_restore'] = next.timestepsSinceRestore;
  }
  if (episodes !== undefined) row['episodes_total'] = finite(metrics['episodes_total']) ?? episodes;
  if (report.violation !== undefined) row['constraint_violation'] = report.violation;
  return { totals: next, row };
}

/** The row once its checkpoint is on disk. */
export const withCheckpoint = (row: JsonObject, checkpoint: string): JsonObject => ({ ...row, checkpoint_dir_name: checkpoint });

/** Sum of the violated constraints of a row; 0 when it is feasible or has none, `Infinity` when the sum is NaN. */
export function violationOf(row: JsonObject | undefined): number {
  const violation = row?.['constraint_violation'];
  if (typeof violation !== 'number') return 0;
  return Number.isNaN(violation) ? Infinity : violation;
}

/** The automatic keys of every row, in its order. */
const KEYS = [
  ...['timestamp', 'done', 'training_iteration', 'trial_id', 'date', 'time_this_iter_s', 'time_total_s', 'pid', 'hostname', 'node_ip', 'thread_id', 'config'],
  ...['time_since_restore', 'iterations_since_restore', 'checkpoint_dir_name', 'experiment_tag'],
];

/** Makes a row without values. */
type Blank = new () => Record<string, Json>;

/** Nearly all rows of a process have the same keys, and V8 makes an object whose keys it knows in a third of the time. */
const blanks = new Map<string, Blank>();
const MOST_BLANKS = 100;
let latestBlank: { readonly names: readonly string[]; readonly kind: number; readonly Row: Blank } | undefined;

/** A row with all of its keys, in their order: those of the metrics, the automatic ones, the counts that there are. */
function blankRow(metrics: JsonObject, timesteps: boolean, episodes: boolean, violation: boolean): Record<string, Json> {
  const names = Object.keys(metrics);
  const kind = (timesteps ? 1 : 0) + (episodes ? 2 : 0) + (violation ? 4 : 0);
  if (latestBlank?.kind !== kind || !isSameList(latestBlank.names, names)) {
    const id = JSON.stringify([kind, names]);
    const counts = [...(timesteps ? ['timesteps_total', 'timesteps_since_restore'] : []), ...(episodes ? ['episodes_total'] : [])];
    const Row = blanks.get(id) ?? maker([...names, ...KEYS, ...counts, ...(violation ? ['constraint_violation'] : [])]);
    if (blanks.size === MOST_BLANKS) blanks.clear();
    blanks.set(id, Row);
    latestBlank = { names, kind, Row };
  }
  return new latestBlank.Row();
}

function maker(keys: readonly string[]): Blank {
  function Row(this: Record<string, Json>): void {
    for (let i = 0; i < keys.length; i++) this[keys[i] as string] = null;
  }
  Row.prototype = Object.prototype; // it is a plain object
  return Row as unknown as Blank;
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function addReport(totals: RowTotals, metrics: JsonObject, seconds: number): RowTotals {
  const steps = finite(metrics['timesteps_this_iter']);
  const episodes = finite(metrics['episodes_this_iter']);
  return {
    iteration: totals.iteration + 1,
    timeTotal: totals.timeTotal + seconds,
    iterationsSinceRestore: totals.iterationsSinceRestore + 1,
    timeSinceRestore: totals.timeSinceRestore + seconds,
    timestepsSinceRestore: totals.timestepsSinceRestore + (steps ?? 0),
    timesteps: steps === undefined ? totals.timesteps : (totals.timesteps ?? 0) + steps,
    episodes: episodes === undefined ? totals.episodes : (totals.episodes ?? 0) + episodes,
  };
}

/** Only a finite number counts as given: a NaN `time_this_iter_s` must not poison the totals. */
const finite = (value: Json | undefined): number | undefined => (typeof value === 'number' && Number.isFinite(value) ? value : undefined);

/** `2023-08-25_17-42-27`, UTC. */
export function utcDate(at: number): string {
  const second = Math.floor(at / 1000);
  if (second !== latest.second) {
    const iso = new Date(at).toISOString();
    latest = { second, text: `${iso.slice(0, 10)}_${iso.slice(11, 19).replaceAll(':', '-')}` };
  }
  return latest.text;
}

/** Many reports come in one second, and a date takes as long as the rest of a row. */
let latest = { second: Number.NaN, text: '' };
