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
 *
 * @example
 * import { rng } from 'attune';
 *
 * const forTrial = rng(42).fork('trial', 7);
 * forTrial.fork('lr').next() === rng(42).fork('trial', 7, 'lr').next(); // => true
 */
export function rng(seed: number | string): Rng {
  return stream(`attune:${seed}`);
}

function stream(key: string): Rng {
  return new Stream(key, []);
}

/** Many streams are only forked, and most of those that are handed out are never drawn from: the key is made, and the Alea state, when they are. */
class Stream implements Rng {
  #key: string;
  #parts: readonly (string | number)[];
  #draw: (() => number) | undefined;

  constructor(key: string, parts: readonly (string | number)[]) {
    this.#key = key;
    this.#parts = parts;
  }

  next(): number {
    this.#draw ??= alea(this.#path());
    return this.#draw();
  }

  int(n: number): number {
    return Math.floor(this.next() * n);
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  fork(...key: readonly (string | number)[]): Rng {
    return new Stream(this.#path(), key);
  }

  #path(): string {
    for (const part of this.#parts) {
      const text = String(part);
      this.#key += `/${typeof part === 'number' ? 'n' : 's'}${text.length}:${text}`;
    }
    this.#parts = [];
    return this.#key;
  }
}

function alea(key: string): () => number {
  const generator = seedrandom.alea(key);
  return () => generator.double();
}
