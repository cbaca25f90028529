/** The longest that a timer of Node can wait. */
const MAX_MS = 2 ** 31 - 1;

export interface Limits {
  readonly stopGraceS: number;
  readonly trialTimeoutS?: number;
}

/** Watches one run: fires once, when it has had its whole time or does not end after it was told to. Keeps no process alive. */
export class Deadlines implements Disposable {
  private readonly limits: Limits;
  private readonly fire: (why: 'timeout' | 'grace') => void;
  /** When the user's code began, in milliseconds of `Date.now()`; `undefined` while it has not. */
  private readonly began: () => number | undefined;
  private timeout: NodeJS.Timeout | undefined;
  private grace: NodeJS.Timeout | undefined;

  constructor(limits: Limits, began: () => number | undefined, fire: (why: 'timeout' | 'grace') => void) {
    this.limits = limits;
    this.began = began;
    this.fire = fire;
    this.armTimeout();
  }

  /** The run was told to end: its grace begins, unless it has begun already. */
  told(): void {
    clearTimeout(this.timeout);
    this.grace ??= after(this.limits.stopGraceS * 1000, () => this.fire('grace'));
  }

  /** The run is saving, which may take its time. */
  saving(): void {
    clearTimeout(this.grace);
    this.grace = undefined;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.timeout);
    clearTimeout(this.grace);
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
