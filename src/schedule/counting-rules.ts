import { compileExpression } from '../base/expression.ts';
import { describe } from '../base/options.ts';
import { countsReports, reportsOf, STEPS } from './horizons.ts';
import { isScheduler, isStopAt, type StopRule } from './stop-rules.ts';

/** Stop rules by what they look at. */
export interface CountingRules {
  /** Those that look at nothing but how far a trial is. */
  readonly counting: readonly StopRule[];
  /** The others, in words. */
  readonly others: readonly string[];
}

/**
 * Tells stop rules that follow from how far a trial is from those that do not. Thresholds are told apart one by one, since any of them stops;
 * so are the parts of a `firstOf`, as far as one of them says where trials end at the latest.
 * What a function looks at is not known, and asking it could change what it answers later.
 *
 * @param stop - rules that `stopRules` takes
 * @param clocks - the metrics that say how far a trial is
 */
export function countingRules(stop: StopRule | readonly StopRule[] | undefined, clocks: readonly string[]): CountingRules {
  const rules = stop === undefined ? [] : Array.isArray(stop) ? (stop as readonly StopRule[]) : [stop as StopRule];
  const parts = rules.map((rule) => apart(rule, clocks));
  return { counting: parts.flatMap(({ counting }) => counting), others: parts.flatMap(({ others }) => others) };
}

function apart(rule: StopRule, clocks: readonly string[]): CountingRules {
  const isClock = (name: string): boolean => clocks.includes(name);
  const whole = (counts: boolean, inWords: string): CountingRules => (counts ? { counting: [rule], others: [] } : { counting: [], others: [inWords] });
  if (typeof rule === 'function') return whole(false, describe(rule));
  if (typeof rule === 'string') {
    const names = compileExpression(rule).names.map((name) => name.replaceAll('.', '/'));
    return whole(names.every(isClock), rule);
  }
  if (isScheduler(rule)) return countsReports(rule) ? whole(true, rule.name) : { counting: endingAt(reportsOf(rule)), others: [rule.name] };
  if (isStopAt(rule)) return whole(isClock(rule.metric), `${rule.metric} ${rule.mode === 'min' ? '<=' : '>='} ${rule.value}`);
  const entries = Object.entries(rule);
  const counting = entries.filter(([metric]) => isClock(metric));
  return {
    counting: counting.length > 0 ? [Object.fromEntries(counting)] : [],
    others: entries.filter(([metric]) => !isClock(metric)).map(([metric, threshold]) => `${metric} >= ${threshold}`),
  };
}

const endingAt = (end: number): readonly StopRule[] => (Number.isFinite(end) ? [{ [STEPS]: end }] : []);
