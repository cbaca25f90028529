import { AttuneError } from '../base/errors.ts';
import type { Setup } from './searcher.ts';

/** @throws {AttuneError} `METRIC_INVALID` unless there is one metric, naming the searcher */
export function checkOneMetric(searcher: string, { objectives }: Setup): void {
  if (objectives === 1) return;
  const got = objectives === 0 ? 'none' : objectives;
  throw new AttuneError(
    'METRIC_INVALID',
    `${searcher}: expected one metric, got ${got}.`,
    objectives > 1 ? { hint: 'For several metrics there are tpe(), nsga2() and auto().' } : {},
  );
}
