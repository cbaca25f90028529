import { type Inspect, LONGEST_TEXT, pairs } from '../base/inspect.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { oneLine } from '../base/one-line.ts';
import { flatten, metricAt, type Objective } from '../trial/metrics.ts';
import { reasonText } from '../trial/outcomes.ts';
import { isAutomatic } from '../trial/row.ts';
import type { TrialRecord } from '../trial/trial-record.ts';

/** A trial in the console: what became of it, its last report, its configuration, where it is. */
export function resultLines(trial: TrialRecord, objectives: readonly Objective[], path: string, options: object, inspect: Inspect): readonly string[] {
  const { name, status, reason, last, config, error, checkpoints } = trial;
  const newest = checkpoints.at(-1);
  return [
    `${name} ${status}${reason ? ` (${oneLine(reasonText(reason), LONGEST_TEXT)})` : ''}`,
    last === undefined ? 'metrics: none reported' : `metrics: ${pairs(keyMetrics(last, objectives), options, inspect)}`,
    Object.keys(config).length === 0 ? '' : `config: ${pairs(flatten(config), options, inspect)}`,
    error && status === 'ERROR' ? `error: ${oneLine(`${error.name}: ${error.message}`, LONGEST_TEXT)}` : '',
    newest ? `checkpoint: ${newest.name}${checkpoints.length > 1 ? `, the newest of ${checkpoints.length}` : ''}` : '',
    `path=${oneLine(path)}`,
  ].filter((line) => line !== '');
}

/** The objectives, how far it came, and then what else the user reported. */
function keyMetrics(last: JsonObject, objectives: readonly Objective[]): Readonly<Record<string, Json | undefined>> {
  const { config: _, ...row } = last;
  const own = Object.entries(flatten(row)).filter(([key]) => !isAutomatic(key));
  return {
    ...Object.fromEntries(objectives.map(({ metric }) => [metric, metricAt(last, metric)])),
    training_iteration: row['training_iteration'],
    time_total_s: row['time_total_s'],
    ...Object.fromEntries(own.filter(([key]) => !objectives.some(({ metric }) => metric === key))),
  };
}
