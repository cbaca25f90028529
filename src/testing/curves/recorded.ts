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
 * @throws {AttuneError} `OPTION_RANGE` unless there is at least one curve, none is empty, and they are made of numbers and objects
 * @example
 * import { recorded, simulate } from 'attune/testing';
 *
 * const { grid } = await simulate(recorded([[0.5, 0.4], [0.6, 0.2, 0.1]]));
 * grid.getBestResult().metrics.loss; // => 0.1
 */
export function recorded(curves: readonly RecordedCurve[], mode: Mode = 'min'): Curves<RecordedSpace> & { readonly trials: number } {
  checkCurves('recorded', curves);
  return {
    space: { curve: randint(0, curves.length) },
    searcher: inOrder(curves.length),
    trials: curves.length,
    curve: ({ curve }, step) => curves[curve]?.[step - 1],
    mode,
    maxT: curves.reduce((most, { length }) => Math.max(most, length), 0),
  };
}

/** @throws {AttuneError} `OPTION_RANGE`, beginning with `where`, unless there is at least one curve, none is empty, and they are made of numbers and objects */
export function checkCurves(where: string, curves: readonly RecordedCurve[]): void {
  const refused = (got: string): AttuneError =>
    new AttuneError('OPTION_RANGE', `${where}: expected at least one curve, each with at least one report, a number or an object of metrics, got ${got}.`);
  if (!Array.isArray(curves) || curves.length === 0) throw refused(describe(curves));
  for (const [k, curve] of (curves as readonly unknown[]).entries()) {
    if (!Array.isArray(curve) || curve.length === 0) throw refused(`${describe(curve)} as number ${k}`);
    const wrong = curve.findIndex((report) => typeof report !== 'number' && (typeof report !== 'object' || report === null || Array.isArray(report)));
    if (wrong >= 0) throw refused(`${describe(curve[wrong])} as report ${wrong} of number ${k}`);
  }
}

/** Proposes one curve after the other. */
function inOrder(count: number): Searcher {
  return {
    name: 'in-order',
    suggest: ({ index, samples }) => (index < Math.min(samples, count) ? { kind: 'config', config: { curve: index } } : { kind: 'done' }),
  };
}
