/** The longest that a timer of Node can wait. */
const MAX_MS = 2 ** 31 - 1;

/** What `stopGraceS` is when nobody gives it. */
export const DEFAULT_STOP_GRACE_S = 5;

/** A save that goes on after the stop gets this many times the grace period, and at least so many seconds. */
const SAVING_FACTOR = 10;
const SAVING_LEAST_S = 30;

export interface Limits {
  readonly stopGraceS: number;
  readonly trialTimeoutS?: number;
}

/**
 * Watches one run: fires once, when it has had its whole time or does not end after it was told to. A saver may take its
 * time, but not for ever: while a run that was told to end is saving, its grace is ten times `stopGraceS`, at least 30 s,
 * and after that `stopGraceS` anew. Keeps no process alive.
 */
export class Deadlines implements Disposable {
  private readonly limits: Limits;
  private readonly fire: (why: 'timeout' | 'grace') => void;
  /** When the user's code began, in milliseconds of `Date.now()`; `undefined` while it has not. */
  private readonly began: () => number | undefined;
  private timeout: NodeJS.Timeout | undefined;
  private grace: NodeJS.Timeout | undefined;
  private isTold = false;
  private isSaving = false;

  constructor(limits: Limits, began: () => number | undefined, fire: (why: 'timeout' | 'grace') => void) {
    this.limits = limits;
    this.began = began;
    this.fire = fire;
    this.armTimeout();
  }

  /** The run was told to end: its grace begins, unless it has begun already. Its whole time no longer counts. */
  told(): void {
    clearTimeout(this.timeout);
    if (this.isTold) return;
    this.isTold = true;
    this.armGrace();
  }

  /** The run begins to save, or has saved. */
  saving(now: boolean): void {
    if (now === this.isSaving) return;
    this.isSaving = now;
    if (this.isTold) this.armGrace();
  }

  /** The grace period that counts now, in words. */
  get graceInWords(): string {
    return `${this.graceS} s (${this.isSaving ? `while saving: ${SAVING_FACTOR} × stopGraceS, at least ${SAVING_LEAST_S} s` : 'stopGraceS'})`;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.timeout);
    clearTimeout(this.grace);
  }

  private get graceS(): number {
    const { stopGraceS } = this.limits;
    return this.isSaving ? Math.max(SAVING_FACTOR * stopGraceS, SAVING_LEAST_S) : stopGraceS;
  }

  private armGrace(): void {
    clearTimeout(this.grace);
    this.grace = after(this.graceS * 1000, () => this.fire('grace'));
  }

  private armTimeout(): void {
    const { trialTimeoutS } = this.limits;
    if (trialTimeoutS === undefined) return;
    const began = this.began();
    const left = trialTimeoutS * 1000 - (began === undefined ? 0 : Date.now() - began);
    if (left <= 0) this.fire('timeout');
    else this.timeout = after(left, () => this.armTimeout());
  }
}

function after(ms: number, act: () => void): NodeJS.Timeout {
  return setTimeout(act, Math.min(Math.max(ms, 1), MAX_MS)).unref();
}
