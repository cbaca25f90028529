import type { Json } from '../../base/json.ts';
import type { Comparison, Query } from './query.ts';
import type { Scalar } from './query-text.ts';

/** A value of each run, in order; `undefined` where a run has no such field. */
export type Column = readonly (Json | undefined)[];

/** What a query says about a field that cannot be right: no run has it, or none of its values can be compared so. */
export interface Doubt {
  readonly field: string;
  /** Where it stands in the query, from 0. */
  readonly at: number;
  readonly kind: 'unknown' | 'incomparable';
  readonly value?: Scalar;
}

/**
 * Whether a query holds for the run at an index, as closures over columns. Python's rules: `1 == True`, a number equals no text, and a field that
 * a run lacks makes every comparison false, `!=` too. Values that cannot be ordered, such as a text and a number, are in no order.
 *
 * @param column - the values of a field
 * @param onDoubt - told of comparisons that hold for no run whatever its value
 */
export function matchQuery(query: Query, column: (field: string) => Column, onDoubt: (doubt: Doubt) => void = () => {}): (run: number) => boolean {
  switch (query.kind) {
    case 'compare': {
      const values = column(query.field);
      doubt(query, values, onDoubt);
      return compare(values, query.by, query.value);
    }
    case 'in': {
      const values = column(query.field);
      if (isUnknown(values)) onDoubt({ field: query.field, at: query.at, kind: 'unknown' });
      return isAmong(values, query.values);
    }
    case 'not': {
      const inner = matchQuery(query.of, column, onDoubt);
      return (run) => !inner(run);
    }
    case 'all':
      return together(
        query.of.map((part) => matchQuery(part, column, onDoubt)),
        false,
      );
    case 'any':
      return together(
        query.of.map((part) => matchQuery(part, column, onDoubt)),
        true,
      );
  }
}

/** `stop`: the answer of a part that settles all. */
function together(parts: readonly ((run: number) => boolean)[], stop: boolean): (run: number) => boolean {
  const [first, second] = parts;
  if (parts.length === 2 && first && second) return stop ? (run) => first(run) || second(run) : (run) => first(run) && second(run);
  return (run) => {
    for (const part of parts) if (part(run) === stop) return stop;
    return !stop;
  };
}

function compare(values: Column, by: Comparison, literal: Scalar): (run: number) => boolean {
  const wanted = asNumber(literal);
  const isNumber = typeof wanted === 'number';
  const isWanted = (value: Json | undefined): boolean => value === wanted || (isNumber && typeof value === 'boolean' && Number(value) === wanted);
  if (by === '==') return isNumber ? (run) => isWanted(values[run]) : (run) => values[run] === wanted;
  if (by === '!=') return (run) => values[run] !== undefined && !isWanted(values[run]);
  const holds = ORDERS[by];
  if (typeof wanted === 'number')
    return (run) => {
      const value = values[run];
      if (typeof value === 'number') return holds(value, wanted);
      return typeof value === 'boolean' && holds(Number(value), wanted);
    };
  if (typeof wanted !== 'string') return () => false;
  return (run) => {
    const value = values[run];
    return typeof value === 'string' && holds(textOrder(value, wanted), 0);
  };
}

const ORDERS: Readonly<Record<Exclude<Comparison, '==' | '!='>, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

function isAmong(values: Column, literals: readonly Scalar[]): (run: number) => boolean {
  const wanted = new Set<unknown>(literals.map(asNumber));
  return (run) => {
    const value = values[run];
    return typeof value === 'boolean' ? wanted.has(Number(value)) : wanted.has(value);
  };
}

/** Python's booleans are numbers. */
const asNumber = (value: Scalar): string | number | null => (typeof value === 'boolean' ? Number(value) : value);

/** By code points, as Python orders text; JavaScript goes by halves of pairs. */
function textOrder(a: string, b: string): number {
  for (let i = 0; i < a.length && i < b.length; ) {
    const [x, y] = [a.codePointAt(i) as number, b.codePointAt(i) as number];
    if (x !== y) return x - y;
    i += x > 0xffff ? 2 : 1;
  }
  return a.length - b.length;
}

const isUnknown = (values: Column): boolean => values.length > 0 && values.every((value) => value === undefined);

function doubt({ field, at, by, value }: Query & { kind: 'compare' }, values: Column, onDoubt: (doubt: Doubt) => void): void {
  if (isUnknown(values)) return onDoubt({ field, at, kind: 'unknown' });
  if (by === '==' || by === '!=') return;
  const kind = value === null ? 'none' : typeof asNumber(value);
  const isComparable = (one: Json | undefined): boolean => (typeof one === 'boolean' ? 'number' : typeof one) === kind;
  if (values.length > 0 && !values.some(isComparable)) onDoubt({ field, at, kind: 'incomparable', value });
}
