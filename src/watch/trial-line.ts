import type { JsonObject } from '../base/json.ts';
import { flatten, metricAt, type Objective } from '../trial/metrics.ts';
import { reasonText } from '../trial/outcomes.ts';
import type { TrialRecord } from '../trial/trial-record.ts';
import { clip } from './cell-text.ts';
import { errorHeadline } from './error-text.ts';
import { valueText } from './value-text.ts';

/** Longest forms of what users and plug-ins write, in columns: a line is one line. */
const LONGEST = { key: 60, config: 1000, reason: 500 };

/**
 * A trial in one line: `6e465_00007 stopped    mean_accuracy=0.93  iter 3  lr=0.0098 momentum=0.9  (asha: rung 3: rank 4 of 5, only the best 1 go on)`.
 *
 * @param what - what happened to it: `completed`, `stopped`, `failed`
 */
export function trialLine(what: string, trial: TrialRecord, objectives: readonly Objective[], errorPath?: string): string {
  const parts = [`${trial.name} ${what.padEnd(9)}`, metricsText(trial.last, objectives), `iter ${trial.step}`, configText(trial.config)];
  if (trial.error && errorPath !== undefined) parts.push(clip(errorHeadline(trial.error), LONGEST.reason), errorPath);
  else if (what !== 'completed' && trial.reason) parts.push(`(${clip(reasonText(trial.reason), LONGEST.reason)})`);
  return parts.filter((part) => part !== '').join('  ');
}

/** `mean_accuracy=0.93`; a metric that is missing shows as `?`. Without objectives: nothing. */
export function metricsText(row: JsonObject | undefined, objectives: readonly Objective[]): string {
  return objectives.map(({ metric }) => `${clip(metric, LONGEST.key)}=${valueText(row && metricAt(row, metric))}`).join(' ');
}

/** `lr=0.0098 model/act=relu`, cut when it is very long. */
export function configText(config: JsonObject): string {
  let text = '';
  for (const [key, value] of Object.entries(flatten(config))) {
    if (text.length > LONGEST.config) return `${text} …`;
    text += `${text && ' '}${clip(key, LONGEST.key)}=${valueText(value)}`;
  }
  return text;
}
