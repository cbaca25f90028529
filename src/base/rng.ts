import seedrandom from 'seedrandom';

/** A stream of draws. Always a parameter, never a module variable; keyed by what it is about. */
export interface Rng {
  /** The next draw, uniform on [0, 1), 53 bits. */
  next(): number;
  /** A uniform integer in [0, n), n >= 1. */
  int(n: number): number;
  /** A standard normal draw (Box–Muller; two draws of the stream). */
  normal(): number;
  /** An independent stream: the same keys always give the same stream, and this one is not advanced. */
  fork(...key: readonly (string | number)[]): Rng;
}

/**
 * The root stream of `seed`. Streams are Alea generators (seedrandom) keyed by the whole path of keys, so no two
 * paths share one: keys are length-prefixed, `fork('ab')` and `fork('a', 'b')` differ.
 */
export function rng(seed: number | string): Rng {
  return stream(`attune:${seed}`);
}

function stream(key: string): Rng {
  let draw: (() => number) | undefined; // an Alea state costs microseconds; many streams are only forked
  const next = (): number => {
    draw ??= alea(key);
    return draw();
  };
  return {
    next,
    int: (n) => Math.floor(next() * n),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    fork: (...keys) => stream(key + keys.map((part) => `/${typeof part === 'number' ? 'n' : 's'}${String(part).length}:${part}`).join('')),
  };
}

function alea(key: string): () => number {
  const generator = seedrandom.alea(key);
  return () => generator.double();
}
