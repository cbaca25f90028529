import { rng } from '../../base/rng.ts';
import type { Config } from '../../space/config.ts';
import {
  choice,
  gridSearch,
  lograndint,
  loguniform,
  qlograndint,
  qloguniform,
  qrandint,
  qrandn,
  quniform,
  randint,
  randn,
  uniform,
  variation,
} from '../../space/domains.ts';
import { sample } from '../../space/sample.ts';
import { compileSpace } from '../../space/space.ts';
import type { Arbitrary, FastCheck } from './fast-check.ts';

/** Domains with a finite number of values. */
function countable(fc: FastCheck): Arbitrary<unknown>[] {
  const step = fc.constantFrom(0.1, 0.25, 1, 3, 1e-3);
  const count = fc.integer({ min: 1, max: 6 });
  return [
    fc.tuple(fc.integer({ min: -9, max: 9 }), count).map(([lower, n]) => randint(lower, lower + n)),
    fc.tuple(fc.integer({ min: 1, max: 9 }), count).map(([lower, n]) => lograndint(lower, lower + n)),
    fc.tuple(fc.integer({ min: -9, max: 9 }), count, step).map(([first, n, q]) => quniform(first * q, (first + n) * q, q)),
    fc.tuple(fc.integer({ min: 1, max: 9 }), count, step).map(([first, n, q]) => qloguniform(first * q, (first + n) * q, q)),
    fc.tuple(fc.integer({ min: -9, max: 9 }), count, fc.constantFrom(1, 2, 5)).map(([first, n, q]) => qrandint(first * q, (first + n) * q, q)),
    fc.tuple(fc.integer({ min: 1, max: 9 }), count, fc.constantFrom(1, 2, 5)).map(([first, n, q]) => qlograndint(first * q, (first + n) * q, q)),
  ];
}

function endless(fc: FastCheck): Arbitrary<unknown>[] {
  const step = fc.constantFrom(0.1, 0.25, 1, 3, 1e-3);
  const count = fc.integer({ min: 1, max: 6 });
  const number = (min: number, max: number): Arbitrary<number> => fc.double({ min, max, noNaN: true });
  return [
    fc.tuple(number(-1e6, 1e6), number(1e-3, 1e6)).map(([lower, width]) => uniform(lower, lower + width)),
    fc.tuple(number(1e-9, 1e3), number(1.5, 1e6)).map(([lower, ratio]) => loguniform(lower, lower * ratio)),
    fc.tuple(fc.integer({ min: -9, max: 9 }), count).map(([mean, sd]) => randn(mean, sd)),
    fc.tuple(fc.integer({ min: -9, max: 9 }), count, step).map(([mean, sd, q]) => qrandn(mean, sd, q)),
  ];
}

const KEYS = ['a', 'b', 'lr', 'model', '$domain', '$$domain', 'grid_search', 'x/y', 'constructor'];

/** What `spaces` takes. */
export interface SpacesOptions {
  /** Only spaces with a finite number of configurations. Default false. */
  readonly finite?: boolean;
}

/**
 * Search spaces as `paramSpace` takes them: every kind of domain but those that hold code, constants, nested objects and arrays,
 * options that are spaces of their own, and keys that are hard to handle.
 *
 * @param fc - your fast-check: `import fc from 'fast-check'`
 * @example
 * import fc from 'fast-check';
 * import { compileSpace, contains, rng, sample } from 'attune';
 * import { spaces } from 'attune/testing';
 *
 * fc.assert(
 *   fc.property(spaces(fc), (paramSpace) => {
 *     const space = compileSpace(paramSpace);
 *     return contains(space, sample(space, rng(1)));
 *   }),
 *   { numRuns: 20 },
 * );
 */
export function spaces(fc: FastCheck, { finite = false }: SpacesOptions = {}): Arbitrary<Readonly<Record<string, unknown>>> {
  // Quarters: a constant as close to a multiple of some q as rounding goes would count as that multiple.
  const quarter = fc.integer({ min: -40, max: 40 }).map((n) => n / 4 + 0);
  const constant = fc.oneof(fc.integer(), fc.string({ maxLength: 3 }), fc.boolean(), fc.constant(null), quarter);
  const { object } = fc.letrec<{ part: unknown; object: Record<string, unknown> }>((tie) => {
    const options = fc.array(tie('part'), { minLength: 1, maxLength: 3 });
    return {
      part: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        fc.oneof(constant, ...countable(fc), ...(finite ? [] : endless(fc))),
        tie('object'),
        fc.array(tie('part'), { maxLength: 3 }),
        options.map((list) => choice(list)),
        options.map((list) => gridSearch(list)),
        options.map((list) => variation(list)),
      ),
      // A lone `grid_search` with an array is the JSON form of a grid, and a `$domain` with a value names a kind.
      object: fc
        .dictionary(fc.constantFrom(...KEYS), tie('part'), { maxKeys: 3, noNullPrototype: true })
        .filter((made) => !('$domain' in made) && !('grid_search' in made && Object.keys(made).length === 1)),
    };
  });
  return object;
}

/**
 * Configurations of one space, drawn as random search would.
 *
 * @param fc - your fast-check: `import fc from 'fast-check'`
 * @param paramSpace - as the Tuner takes it
 * @throws {AttuneError} what is wrong with the space
 * @example
 * import fc from 'fast-check';
 * import { uniform } from 'attune';
 * import { configurations } from 'attune/testing';
 *
 * const small = fc.property(configurations(fc, { x: uniform(0, 1) }), ({ x }) => Number(x) <= 1);
 * fc.assert(small, { numRuns: 20 });
 */
export function configurations(fc: FastCheck, paramSpace: unknown): Arbitrary<Config> {
  const space = compileSpace(paramSpace);
  return fc.nat().map((seed) => sample(space, rng(seed)));
}
