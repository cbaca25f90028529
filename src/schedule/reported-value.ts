import type { SchedulerEvent } from './scheduler.ts';

export type Reported = Extract<SchedulerEvent, { kind: 'reported' }>;

/** The number that a report has under a `/`-joined key; `undefined` where it has none. Without a key of its own, `training_iteration` is the step. */
export function reportedValue(event: Reported, key: string): number | undefined {
  if (Object.hasOwn(event.metrics, key)) return event.metrics[key];
  return key === 'training_iteration' ? event.step : undefined;
}
