import fc from 'fast-check';
import { expr, sampleFrom, uniform } from '../../src/space/domains.ts';
import { spaces } from '../../src/testing/arbitraries/spaces.ts';

/** Any space without a `sampleFrom` or `expr`. */
export const anySpace = spaces(fc);
/** Any space with a finite number of configurations. */
export const finiteSpace = spaces(fc, { finite: true });
/** Any space, with one value that follows from another. */
export const derivedSpace = fc.tuple(anySpace, fc.constantFrom('base * 2 + 1', 'base > 0.5 ? 1 : 2')).map(([inner, text]) => ({
  inner,
  again: sampleFrom((config: { scaled: number }) => ({ twice: config.scaled * 2 })),
  scaled: expr(text),
  base: uniform(0, 1),
}));
