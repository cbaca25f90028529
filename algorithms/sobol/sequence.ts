import { mix } from '../../src/base/numeric/mix.ts';
import { DIRECTION_NUMBERS } from './direction-numbers.ts';

/** How many dimensions there are. */
export const SOBOL_DIMENSIONS = 1111;

/** What a coordinate is a multiple of. */
export const SOBOL_UNIT = 2 ** -32;

/** Filled in as they are needed: by dimension, what each bit of the index adds, and the rows that they are made of. */
const known: Uint32Array[] = [];
let rows: readonly string[] | undefined;

/**
 * A coordinate of a point of the Sobol sequence, as the whole number of 2^-32 that it is. The points of an aligned block of 2^m come
 * in the order of the Gray code; point 0 is 0 in every dimension. O(32), whatever the index.
 *
 * @param dimension - 0 to 1,110; the first ones are the most even
 * @param index - 0 to 2^32 - 1
 * @see Joe & Kuo 2008, SIAM J. Sci. Comput. 30(5); Antonov & Saleev 1979 for the order
 */
export function sobolBits(dimension: number, index: number): number {
  const directions = directionsOf(dimension);
  let bits = 0;
  for (let gray = index ^ (index >>> 1), k = 0; gray !== 0; gray >>>= 1, k++) {
    if ((gray & 1) === 1) bits ^= directions[k] as number;
  }
  return bits >>> 0;
}

/**
 * Scrambles a coordinate: each of its 32 bits is flipped, or not, by what those above it are. All numbers with the same
 * first bits go to numbers with the same first bits, so that what is even stays so, and each goes to every number with the same
 * probability over the keys.
 *
 * @param bits - an unsigned 32-bit number, as `sobolBits` gives it
 * @param key - two 32-bit numbers of the dimension
 * @see Owen 1995, "Randomly permuted (t,m,s)-nets and (t,s)-sequences": nested uniform scrambling, with a hash for the random bits
 */
export function scrambleBits(bits: number, [first, second]: readonly [number, number]): number {
  let scrambled = 0;
  let node = 1; // of the binary tree of prefixes: the two below node n are 2n and 2n + 1
  for (let k = 31; k >= 0; k--) {
    const bit = (bits >>> k) & 1;
    scrambled = (scrambled << 1) | (bit ^ (mix(mix(node ^ first) ^ second) & 1));
    node = (node << 1) | bit;
  }
  return scrambled >>> 0;
}

function directionsOf(dimension: number): Uint32Array {
  const directions = known[dimension] ?? makeDirections(dimension);
  known[dimension] = directions;
  return directions;
}

/** m_k = 2a_1 m_(k-1) ⊕ … ⊕ 2^(s-1) a_(s-1) m_(k-s+1) ⊕ 2^s m_(k-s) ⊕ m_(k-s), as m_k 2^(32-k), here with k from 0 on. */
function makeDirections(dimension: number): Uint32Array {
  if (dimension === 0) return Uint32Array.from({ length: 32 }, (_, k) => 2 ** (31 - k));
  rows ??= DIRECTION_NUMBERS.split(';');
  const [inner = 0, ...first] = (rows[dimension - 1] as string).trim().split(' ').map(Number);
  const degree = first.length;
  const directions = Uint32Array.from({ length: 32 }, (_, k) => (first[k] ?? 0) * 2 ** (31 - k));
  for (let k = degree; k < 32; k++) {
    const back = directions[k - degree] as number;
    let direction = back ^ (back >>> degree);
    for (let j = 1; j < degree; j++) {
      if (((inner >>> (degree - 1 - j)) & 1) === 1) direction ^= directions[k - j] as number;
    }
    directions[k] = direction;
  }
  return directions;
}
