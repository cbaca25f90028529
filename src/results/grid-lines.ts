import { type Inspect, LONGEST_TEXT, pairs } from '../base/inspect.ts';
import { oneLine } from '../base/one-line.ts';
import { bestTrial, lackingInLast } from '../trial/best-trial.ts';
import { flatten, metricAt, type Objective } from '../trial/metrics.ts';
import { outcomes } from '../trial/outcomes.ts';
import type { ExperimentRecord } from '../trial/trial-record.ts';

/** Objectives beyond these are not shown. */
const MOST_OBJECTIVES = 3;

/** An experiment in the console. Looks at the last reports only, never at the disk. */
export function gridLines({ trials, created, path }: ExperimentRecord, options: object, inspect: Inspect): readonly string[] {
  const best = created.objectives.slice(0, MOST_OBJECTIVES).map((objective) => bestLine(trials, objective, options, inspect));
  return [outcomes(trials), ...best, `path=${oneLine(path)}`];
}

function bestLine(trials: ExperimentRecord['trials'], objective: Objective, options: object, inspect: Inspect): string {
  const { metric, mode } = objective;
  const what = `best ${oneLine(metric, LONGEST_TEXT)} (${mode})`;
  if (lackingInLast(trials, metric) > 0) return `${what}: some last reports lack it, see getBestResult()`;
  const best = bestTrial(trials, objective);
  if (best?.last === undefined) return `${what}: none`;
  return `${what}: ${inspect(metricAt(best.last, metric), options)} of ${best.name}, ${pairs(flatten(best.config), options, inspect) || 'no parameters'}`;
}
