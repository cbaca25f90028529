import { AttuneError } from '../../base/errors.ts';
import { describe } from '../../base/options.ts';
import type { Searcher } from '../../search/searcher.ts';
import type { Produces } from '../../space/domain-brand.ts';
import { randint } from '../../space/domains.ts';
import type { Metrics } from '../../trainable/trial-context.ts';
import type { Mode } from '../../trial/metrics.ts';
import type { Curves } from '../curve.ts';

/** Which of the curves. */
export type RecordedSpace = { readonly curve: Produces<number> };

/** What was reported at steps 1, 2, …: numbers, or whole reports. */
export type RecordedCurve = readonly (number | Metrics)[];

/**
 * Curves that were recorded: trial number k repeats `curves[k]`, and is complete where that ends. Trials beyond the last curve are not proposed.
 *
 * @param mode - default `'min'`
 * @throws {AttuneError} `OPTION_RANGE` unless there is at least one curve, and none is empty
 */
export function recorded(curves: readonly RecordedCurve[], mode: Mode = 'min'): Curves<RecordedSpace> & { readonly trials: number } {
  const isCurve = (curve: unknown): boolean => Array.isArray(curve) && curve.length > 0;
  const wrong = Array.isArray(curves) ? curves.findIndex((curve) => !isCurve(curve)) : 0;
  if (!Array.isArray(curves) || curves.length === 0 || wrong >= 0) {
    const got = Array.isArray(curves) && curves.length > 0 ? `${describe(curves[wrong])} as number ${wrong}` : describe(curves);
    throw new AttuneError('OPTION_RANGE', `recorded: expected at least one curve, each with at least one report, got ${got}.`);
  }
  return {
    space: { curve: randint(0, curves.length) },
    searcher: inOrder(curves.length),
    trials: curves.length,
    curve: ({ curve }, step) => curves[curve]?.[step - 1],
    mode,
    maxT: curves.reduce((most, { length }) => Math.max(most, length), 0),
  };
}

/** Proposes one curve after the other. */
function inOrder(count: number): Searcher {
  return {
    name: 'in-order',
    suggest: ({ index, samples }) => (index < Math.min(samples, count) ? { kind: 'config', config: { curve: index } } : { kind: 'done' }),
  };
}
