import type { Json, JsonObject } from '../base/json.ts';
import { flatten, metricAt, type Objective } from '../trial/metrics.ts';
import { tagNumber } from '../trial/tag.ts';
import type { TrialRecord } from '../trial/trial-record.ts';
import { errorHeadline } from './error-text.ts';

/** Values longer than this are cut: a line is to be read at a glance. */
const LONGEST_VALUE = 24;

/**
 * A trial in one line: `6e465_00007 stopped    mean_accuracy=0.93  iter 3  lr=0.0098 momentum=0.9  (asha: rung 3: rank 4 of 5, only the best 1 go on)`.
 *
 * @param what - what happened to it: `completed`, `stopped`, `failed`
 */
export function trialLine(what: string, trial: TrialRecord, objectives: readonly Objective[], errorPath?: string): string {
  const parts = [`${trial.name} ${what.padEnd(9)}`, metricsText(trial.last, objectives), `iter ${trial.step}`, configText(trial.config)];
  if (trial.error && errorPath !== undefined) parts.push(errorHeadline(trial.error), errorPath);
  else if (what !== 'completed' && trial.reason) parts.push(`(${reasonText(trial.reason)})`);
  return parts.filter((part) => part !== '').join('  ');
}

/** `mean_accuracy=0.93`; a metric that is missing shows as `?`. Without objectives: nothing. */
export function metricsText(row: JsonObject | undefined, objectives: readonly Objective[]): string {
  return objectives.map(({ metric }) => `${metric}=${valueText(row && metricAt(row, metric))}`).join(' ');
}

export const configText = (config: JsonObject): string =>
  Object.entries(flatten(config))
    .map(([key, value]) => `${key}=${valueText(value)}`)
    .join(' ');

const reasonText = ({ by, reason }: { readonly by: string; readonly reason: string }): string =>
  by === '' || reason.startsWith(by) ? reason : `${by}: ${reason}`;

function valueText(value: Json | undefined): string {
  if (value === undefined) return '?';
  if (typeof value === 'number') return numberText(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 1)}…` : text;
}

/** At most four decimals, without trailing zeros; small ones in exponent form. */
export const numberText = (value: number): string => (Number.isInteger(value) ? tagNumber(value) : tagNumber(value).replace(/\.?0+$/, ''));
