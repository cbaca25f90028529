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
  const automatic: JsonObject = {
    timestamp: finite(metrics['timestamp']) ?? Math.floor(report.at / 1000),
    done: typeof metrics['done'] === 'boolean' ? metrics['done'] : false,
    training_iteration: finite(metrics['training_iteration']) ?? next.iteration,
    trial_id: facts.name,
    date: utcDate(report.at),
    time_this_iter_s: seconds,
    time_total_s: finite(metrics['time_total_s']) ?? next.timeTotal,
    pid: facts.pid,
    hostname: facts.host,
    node_ip: NODE_IP,
    thread_id: facts.thread,
    config: facts.config,
    time_since_restore: next.timeSinceRestore,
    iterations_since_restore: next.iterationsSinceRestore,
    checkpoint_dir_name: null,
    experiment_tag: facts.tag,
  };
  const violation = report.violation === undefined ? undefined : { constraint_violation: report.violation };
  // Not spread: V8 takes 15 microseconds for a literal that spreads first and adds this many keys, and 0.3 for this.
  const row: JsonObject = Object.assign({}, metrics, automatic, countsOf(next, metrics), violation);
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

/** Only for those who report `timesteps_this_iter` or `episodes_this_iter`. */
function countsOf({ timesteps, timestepsSinceRestore, episodes }: RowTotals, metrics: JsonObject): JsonObject | undefined {
  if (timesteps === undefined && episodes === undefined) return undefined;
  return {
    ...(timesteps === undefined
      ? undefined
      : { timesteps_total: finite(metrics['timesteps_total']) ?? timesteps, timesteps_since_restore: timestepsSinceRestore }),
    ...(episodes === undefined ? undefined : { episodes_total: finite(metrics['episodes_total']) ?? episodes }),
  };
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
