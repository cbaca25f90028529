/** Where the time comes from. The loop is the only reader; everything else receives times as data. */
export interface Clock {
  /** Milliseconds since the epoch (simulated clocks start at 0). */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };
