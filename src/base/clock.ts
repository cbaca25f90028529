/** Where the time comes from. The loop is the only reader; everything else receives times as data. */
export interface Clock {
  /** Milliseconds since the epoch (simulated clocks start at 0). */
  now(): number;
  /** Calls `act` once after so many seconds, unless it is disposed first. */
  after(seconds: number, act: () => void): Disposable;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(seconds, act) {
    const timer = setTimeout(act, seconds * 1000);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};
