import type { Json } from '../../base/json.ts';
import type { Scheduler } from '../../schedule/scheduler.ts';
import type { Space } from '../../space/space.ts';
import type { Mode } from '../../trial/metrics.ts';

/** What a scheduler is a kind of: which laws it has to keep. */
export type Family = 'asha' | 'hyperband' | 'median' | 'pbt' | 'other';

/** What a scheduler is made for: the metric of the world and its direction. Most schedulers need neither. */
export interface Given {
  readonly metric: string;
  readonly mode: Mode;
}

/** The scheduler that is on trial, and what is declared of it. */
export interface Subject {
  /** A new one. */
  make(given: Given): Scheduler;
  readonly name: string;
  readonly family: Family;
  /** Whether it may pause trials. */
  readonly pauses: boolean;
  /** Whether it may leave trials paused for good. */
  readonly leavesPaused: boolean;
  /** What it may decide. */
  readonly uses: ReadonlySet<string>;
  /** The metric that says how far a trial is; `undefined`: the number of its reports. */
  readonly timeAttr: string | undefined;
  readonly space: Space;
  /** Its recorded options. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly objectives: number;
  /** The options that declare this, but for those that have their default: what a printed test has to say again. */
  readonly declared: Readonly<Record<string, Json>>;
}

/** Keys that every report has without the trainable's doing. */
const AUTOMATIC = /^(training_iteration|iterations_since_restore|timestamp|time_(this_iter_s|total_s|since_restore))$/;

/** Whether trials report how far they are themselves. */
export const isTimed = ({ timeAttr }: Pick<Subject, 'timeAttr'>): boolean => timeAttr !== undefined && !AUTOMATIC.test(timeAttr);

/** A number of the recorded options, if it is there. */
export function numberOption({ options }: Subject, name: string): number | undefined {
  const value = options[name];
  return typeof value === 'number' ? value : undefined;
}
