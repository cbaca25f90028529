import { type Inspect, oneLine, pairs } from '../base/inspect.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { flatten, metricAt, type Objective } from '../trial/metrics.ts';
import type { TrialRecord } from '../trial/trial-record.ts';

/** What a trial's user has not reported, or the first lines say already. */
const AUTOMATIC = new Set([
  ...['timestamp', 'done', 'training_iteration', 'trial_id', 'date', 'time_this_iter_s', 'time_total_s', 'pid', 'hostname', 'node_ip', 'thread_id'],
  ...['time_since_restore', 'iterations_since_restore', 'timesteps_since_restore', 'checkpoint_dir_name', 'experiment_tag'],
]);

/** A trial in the console: what became of it, its last report, its configuration, where it is. */
export function resultLines(trial: TrialRecord, objectives: readonly Objective[], path: string, options: object, inspect: Inspect): readonly string[] {
  const { name, status, last, config, error, checkpoints } = trial;
  const newest = checkpoints.at(-1);
  return [
    `${name} ${status}${reasonOf(trial)}`,
    last === undefined ? 'metrics: none reported' : `metrics: ${pairs(keyMetrics(last, objectives), options, inspect)}`,
    Object.keys(config).length === 0 ? '' : `config: ${pairs(flatten(config), options, inspect)}`,
    error && status === 'ERROR' ? `error: ${oneLine(`${error.name}: ${error.message}`)}` : '',
    newest ? `checkpoint: ${newest.name}${checkpoints.length > 1 ? `, the newest of ${checkpoints.length}` : ''}` : '',
    `path=${oneLine(path, Infinity)}`,
  ].filter((line) => line !== '');
}

function reasonOf({ reason }: TrialRecord): string {
  if (reason === undefined) return '';
  const { by, reason: why } = reason;
  return ` (${oneLine(by === '' || why.startsWith(by) ? why : `${by}: ${why}`)})`;
}

/** The objectives, how far it came, and then what else the user reported. */
function keyMetrics(last: JsonObject, objectives: readonly Objective[]): Readonly<Record<string, Json | undefined>> {
  const { config: _, ...row } = last;
  const own = Object.entries(flatten(row)).filter(([key]) => !AUTOMATIC.has(key));
  return {
    ...Object.fromEntries(objectives.map(({ metric }) => [metric, metricAt(last, metric)])),
    training_iteration: row['training_iteration'],
    time_total_s: row['time_total_s'],
    ...Object.fromEntries(own.filter(([key]) => !objectives.some(({ metric }) => metric === key))),
  };
}
