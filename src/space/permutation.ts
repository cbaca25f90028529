import { mix } from '../base/numeric/mix.ts';
import type { Rng } from '../base/rng.ts';

const ROUNDS = 8;
/** Up to here the order is shuffled outright, so that every order of a small set is equally likely. */
const SMALL = 256n;

/**
 * A random order of 0, …, size - 1, without holding it: `permutation(rng, size)(k)` is the k-th number, for 0 <= k < size.
 * The same stream gives the same order. O(1) time and memory per number, whatever the size.
 * @see Black & Rogaway 2002, "Ciphers with arbitrary finite domains", CT-RSA: a Feistel network with cycle walking
 */
export function permutation(rng: Rng, size: bigint): (k: bigint) => bigint {
  if (size <= SMALL) {
    const order = shuffled(rng.fork('shuffle'), Number(size));
    return (k) => BigInt(order[Number(k)] as number);
  }
  const left = rootAbove(size);
  const right = (size + left - 1n) / left;
  const stream = rng.fork('feistel');
  const keys = Array.from({ length: ROUNDS }, () => stream.int(2 ** 32));
  const words = Math.ceil(left.toString(16).length / 8);
  const once = (value: bigint): bigint => {
    let [l, r] = [value / right, value % right];
    for (const [round, key] of keys.entries()) {
      if (round % 2 === 0) l = (l + scramble(r, key, words)) % left;
      else r = (r + scramble(l, key, words)) % right;
    }
    return l * right + r;
  };
  return (k) => {
    let value = once(k);
    while (value >= size) value = once(value); // left * right is at least size, and hardly more
    return value;
  };
}

/** The numbers 0, …, size - 1 in a random order: every order is equally likely. O(size). */
export function shuffled(rng: Rng, size: number): number[] {
  const order = Array.from({ length: size }, (_, i) => i);
  for (let i = size - 1; i > 0; i--) {
    const j = rng.int(i + 1);
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}

/** The least whole number whose square is at least `n`, for n > 1. */
function rootAbove(n: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(n.toString(2).length / 2)); // not below the square root; Newton's method descends
  for (;;) {
    const next = (root + n / root) / 2n;
    if (next >= root) break;
    root = next;
  }
  return root * root < n ? root + 1n : root;
}

/** `words` 32-bit words that depend on every bit of `value` and `key`. */
function scramble(value: bigint, key: number, words: number): bigint {
  let hash = key;
  for (let rest = value, i = 0; i < words || rest > 0n; rest >>= 32n, i++) hash = mix(hash ^ Number(rest & 0xffffffffn));
  let result = BigInt(hash >>> 0);
  for (let i = 1; i < words; i++) {
    hash = mix(hash ^ key);
    result = (result << 32n) | BigInt(hash >>> 0);
  }
  return result;
}
