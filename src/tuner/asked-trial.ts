import type { Metrics } from '../trainable/trial-context.ts';

/** A trial in a loop written by hand. */
export interface AskedTrial<C, M extends Metrics> {
  /** `6e465_00007` */
  readonly id: string;
  readonly config: C;
  /** One report; resolves with what the scheduler decided. After `stop` or `pause` the trial has ended. */
  report(metrics: Partial<M> | number): Promise<'continue' | 'stop' | 'pause'>;
}
