import { AttuneError } from '../base/errors.ts';

/**
 * For a searcher that learns from one metric.
 * @throws {AttuneError} `METRIC_INVALID` unless there is one
 */
export function checkOneMetric(name: string, objectives: number): void {
  if (objectives === 1) return;
  const hint = objectives === 0 ? {} : { hint: 'Name the one that it is to learn from; what else trials report is in the results all the same.' };
  throw new AttuneError('METRIC_INVALID', `${name}: expected one metric, got ${objectives === 0 ? 'none' : objectives}.`, hint);
}
