import type { Clock } from '../base/clock.ts';
import type { TrialId } from '../trial/ids.ts';

export const DEFAULT_BACKOFF_S = 0.1;
const LONGEST_S = 30;

/** Seconds that a trial waits after its n-th failure: `backoffS`, doubled each time, at most 30. */
export const backOffS = (backoffS: number, failures: number): number => (backoffS === 0 ? 0 : Math.min(LONGEST_S, backoffS * 2 ** (failures - 1)));

/**
 * Trials that are to be tried again, but not yet. Each keeps its slot meanwhile, so that what runs after it does not depend
 * on how long it waits; nothing of it is journaled, and a session that ends does not wait for it.
 */
export class BackOff implements Disposable {
  readonly resting = new Set<TrialId>();
  private readonly timers = new Set<Disposable>();
  private readonly clock: Clock;
  private readonly wake: () => void;

  /** @param wake - called when a trial has waited long enough */
  constructor(clock: Clock, wake: () => void) {
    this.clock = clock;
    this.wake = wake;
  }

  rest(trial: TrialId, seconds: number): void {
    if (seconds <= 0) return;
    this.resting.add(trial);
    const timer = this.clock.after(seconds, () => {
      this.timers.delete(timer);
      this.resting.delete(trial);
      this.wake();
    });
    this.timers.add(timer);
  }

  [Symbol.dispose](): void {
    for (const timer of this.timers) timer[Symbol.dispose]();
    this.timers.clear();
  }
}
