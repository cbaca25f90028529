import { AsyncLocalStorage } from 'node:async_hooks';
import type { Rng } from '../base/rng.ts';

/** What draws in this piece of work, and in whatever it awaits; other work of the thread draws as always. */
const streams = new AsyncLocalStorage<Rng>();
let works = 0;
let before: () => number;

// eslint-disable-next-line no-restricted-properties -- tfjs draws from it, and takes no other generator
const global = { get: () => Math.random, set: (random: () => number) => void (Math.random = random) };
const keyed = (): number => streams.getStore()?.next() ?? before();

/**
 * Runs `work` with `Math.random` drawing from `stream`: whatever has no seed in tfjs (initialisers, dropout, noise, the shuffle of
 * `fit`) then draws the same numbers again. What else runs meanwhile in this thread is not affected, and afterwards `Math.random` is
 * what it was.
 */
export async function keyedRandom<T>(stream: Rng, work: () => T | Promise<T>): Promise<T> {
  if (works === 0) {
    before = global.get();
    global.set(keyed);
  }
  works += 1;
  try {
    return await streams.run(stream, work);
  } finally {
    works -= 1;
    if (works === 0 && global.get() === keyed) global.set(before); // unless somebody else has put one in its place since
  }
}
