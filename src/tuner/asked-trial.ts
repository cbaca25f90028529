import type { Metrics, ReportOptions } from '../trainable/trial-context.ts';

/** What is said beside metrics: `constraints`, each at most 0 when satisfied. */
export type ToldOptions = Pick<ReportOptions, 'constraints'>;

/** A trial in a loop written by hand. */
export interface AskedTrial<C, M extends Metrics> {
  /** `6e465_00007` */
  readonly id: string;
  readonly config: C;
  /**
   * One report; resolves with what the scheduler decided. With `stop` or `pause` the trial has ended, which then is in the journal: it need not be told,
   * and what is told or reported later is not taken.
   *
   * @param metrics - a number when there is one metric
   * @throws {AttuneError} `METRIC_NOT_JSON`; `OPTION_UNKNOWN`, `OPTION_RANGE` for constraints that are no numbers. The trial goes on
   */
  report(metrics: Partial<M> | number, options?: ToldOptions): Promise<'continue' | 'stop' | 'pause'>;
}
