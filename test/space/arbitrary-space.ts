import fc from 'fast-check';
import {
  choice,
  expr,
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
  sampleFrom,
  uniform,
  variation,
} from '../../src/space/domains.ts';

const step = fc.constantFrom(0.1, 0.25, 1, 3, 1e-3);
const count = fc.integer({ min: 1, max: 6 });

const finite: fc.Arbitrary<unknown>[] = [
  fc.tuple(fc.integer({ min: -9, max: 9 }), count).map(([lower, n]) => randint(lower, lower + n)),
  fc.tuple(fc.integer({ min: 1, max: 9 }), count).map(([lower, n]) => lograndint(lower, lower + n)),
  fc.tuple(fc.integer({ min: -9, max: 9 }), count, step).map(([first, n, q]) => quniform(first * q, (first + n) * q, q)),
  fc.tuple(fc.integer({ min: 1, max: 9 }), count, step).map(([first, n, q]) => qloguniform(first * q, (first + n) * q, q)),
  fc.tuple(fc.integer({ min: -9, max: 9 }), count, fc.constantFrom(1, 2, 5)).map(([first, n, q]) => qrandint(first * q, (first + n) * q, q)),
  fc.tuple(fc.integer({ min: 1, max: 9 }), count, fc.constantFrom(1, 2, 5)).map(([first, n, q]) => qlograndint(first * q, (first + n) * q, q)),
];
const infinite: fc.Arbitrary<unknown>[] = [
  fc
    .tuple(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.double({ min: 1e-3, max: 1e6, noNaN: true }))
    .map(([lower, width]) => uniform(lower, lower + width)),
  fc
    .tuple(fc.double({ min: 1e-9, max: 1e3, noNaN: true }), fc.double({ min: 1.5, max: 1e6, noNaN: true }))
    .map(([lower, ratio]) => loguniform(lower, lower * ratio)),
  fc.tuple(fc.integer({ min: -9, max: 9 }), count).map(([mean, sd]) => randn(mean, sd)),
  fc.tuple(fc.integer({ min: -9, max: 9 }), count, step).map(([mean, sd, q]) => qrandn(mean, sd, q)),
];
// Quarters: a constant as close to a multiple of some q as rounding goes would count as that multiple.
const quarter = fc.integer({ min: -40, max: 40 }).map((n) => n / 4 + 0);
const constant = fc.oneof(fc.integer(), fc.string({ maxLength: 3 }), fc.boolean(), fc.constant(null), quarter);
const key = fc.constantFrom('a', 'b', 'lr', 'model', '$domain', '$$domain', 'grid_search', 'x/y', 'constructor');

function spaces(leaves: readonly fc.Arbitrary<unknown>[]): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const { object } = fc.letrec<{ part: unknown; object: Record<string, unknown> }>((tie) => {
    const options = fc.array(tie('part'), { minLength: 1, maxLength: 3 });
    return {
      part: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        fc.oneof(constant, ...leaves),
        tie('object'),
        fc.array(tie('part'), { maxLength: 3 }),
        options.map((list) => choice(list)),
        options.map((list) => gridSearch(list)),
        options.map((list) => variation(list)),
      ),
      // A lone `grid_search` with an array is the JSON form of a grid, and a `$domain` with a value names a kind.
      object: fc
        .dictionary(key, tie('part'), { maxKeys: 3, noNullPrototype: true })
        .filter((made) => !('$domain' in made) && !('grid_search' in made && Object.keys(made).length === 1)),
    };
  });
  return object;
}

/** Any space without a `sampleFrom` or `expr`. */
export const anySpace = spaces([...finite, ...infinite]);
/** Any space with a finite number of configurations. */
export const finiteSpace = spaces(finite);
/** Any space, with one value that follows from another. */
export const derivedSpace = fc.tuple(anySpace, fc.constantFrom('base * 2 + 1', 'base > 0.5 ? 1 : 2')).map(([inner, text]) => ({
  inner,
  again: sampleFrom((config: { scaled: number }) => ({ twice: config.scaled * 2 })),
  scaled: expr(text),
  base: uniform(0, 1),
}));
