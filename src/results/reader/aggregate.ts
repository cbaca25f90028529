import { AttuneError } from '../../base/errors.ts';
import type { Json } from '../../base/json.ts';
import { describe } from '../../base/options.ts';
import type { Cells } from './cells.ts';
import { PlainCells } from './cells.ts';

/** A function of a whole column: the values of the rows, in order, null where a row lacks it. A metric is the list of what was reported. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a column holds is known when it is read
export type ColumnFunction = (values: any[]) => unknown;

/** An aggregation that is built in: see `Frame.aggregate`. */
export type Aggregation = 'mean' | 'std' | 'min' | 'max' | 'last' | 'count';

/** What is done with which columns, each on its own. The results are called `fmean.train.loss` after the function, or as the third part says. */
export type AggregateMap = readonly [fn: Aggregation | ColumnFunction, columns: string | readonly string[], names?: string | readonly string[]];

export const listOf = (names: string | readonly string[]): readonly string[] => (typeof names === 'string' ? [names] : names);

/** A function applied to columns, with the names of what comes out. */
export interface NamedMap<F> {
  readonly fn: F;
  readonly columns: readonly string[];
  readonly names: readonly string[];
}

/** @throws {AttuneError} `OPTION_RANGE` for another shape, or for a function without a name when none is given */
export function named<F extends (...values: never[]) => unknown>(
  where: string,
  map: readonly [F, string | readonly string[], (string | readonly string[])?],
): NamedMap<F> {
  const [fn, given, as] = Array.isArray(map) ? map : [];
  if (typeof fn !== 'function' || given === undefined) {
    throw new AttuneError('OPTION_RANGE', `${where}: expected [function, column or columns], got ${describe(map)}.`);
  }
  const columns = listOf(given);
  if (as !== undefined) {
    const names = listOf(as);
    if (names.length === columns.length) return { fn, columns, names };
    throw new AttuneError('OPTION_RANGE', `${where}: expected a name for each of ${columns.length} columns, got ${names.length}.`);
  }
  if (fn.name === '') {
    throw new AttuneError('OPTION_RANGE', `${where}: expected a function that has a name, got one without.`, {
      hint: `Columns are called after it, such as fmean.${columns[0] ?? 'loss'}: give it a name, or say [fn, columns, names].`,
    });
  }
  return { fn, columns, names: columns.map((column) => `f${fn.name}.${column}`) };
}

/** One row of what the maps give. @throws {AttuneError} `OPTION_RANGE` for a map of another shape, or a column that is no numbers */
export function aggregateRow(rows: readonly Cells[], maps: readonly NamedMap<ColumnFunction>[]): Cells {
  const values = new Map<string, unknown>();
  for (const { fn, columns, names } of maps) for (const [i, column] of columns.entries()) values.set(names[i] as string, fn(columnOf(rows, column)));
  return new PlainCells(values);
}

export const columnOf = (rows: readonly Cells[], column: string): Json[] => rows.map((row) => (row.load(column) as Json | undefined) ?? null);

/** A built-in by its name, and every other function as it is. @throws {AttuneError} `OPTION_RANGE` for a name that is none */
export function columnFunction(where: string, map: AggregateMap): NamedMap<ColumnFunction> {
  const [fn, columns, names] = Array.isArray(map) ? map : ([] as unknown as AggregateMap);
  if (typeof fn !== 'string') return named(where, map as readonly [ColumnFunction, string | readonly string[]]);
  const builtIn = Object.hasOwn(BUILT_IN, fn) ? BUILT_IN[fn] : undefined;
  if (builtIn) return named(where, [builtIn, columns, ...(names === undefined ? [] : [names])] as never);
  throw new AttuneError('OPTION_RANGE', `${where}: expected a function, or one of ${Object.keys(BUILT_IN).join(', ')}, got ${describe(fn)}.`);
}

/** Every one by its own name, which the columns are called after. */
const BUILT_IN: Readonly<Record<Aggregation, ColumnFunction>> = {
  mean: (values) => acrossRows('mean', values, meanOf),
  std: (values) => acrossRows('std', values, stdOf),
  min: (values) => acrossRows('min', values, (numbers) => numbers.reduce((a, b) => Math.min(a, b))),
  max: (values) => acrossRows('max', values, (numbers) => numbers.reduce((a, b) => Math.max(a, b))),
  last: (values) => values.map((value: Json) => (Array.isArray(value) ? ((value.at(-1) as Json | undefined) ?? null) : value)),
  count: (values) => values.filter((value: Json) => value !== null).length,
};

const meanOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

/** Of the population, as numpy has it. */
function stdOf(numbers: readonly number[]): number {
  const mean = meanOf(numbers);
  return Math.sqrt(meanOf(numbers.map((number) => (number - mean) ** 2)));
}

/**
 * A number of numbers, and of lists a list: the k-th of the k-th elements of the lists that are so long. Rows that lack the column are left out; null
 * when none has it.
 */
function acrossRows(name: string, values: readonly Json[], of: (numbers: readonly number[]) => number): Json {
  const there = values.filter((value) => value !== null);
  if (there.length === 0) return null;
  if (!there.some(Array.isArray)) return of(there.map((value) => numberIn(name, value)));
  const lists = there.map((value) => (Array.isArray(value) ? (value as readonly Json[]) : [value]).map((one) => numberIn(name, one)));
  const longest = Math.max(...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, k) => of(lists.filter((list) => k < list.length).map((list) => list[k] as number)));
}

function numberIn(name: string, value: Json): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  if (value === null) return Number.NaN;
  throw new AttuneError('OPTION_RANGE', `aggregate: expected numbers for "${name}", got ${describe(value)}.`, {
    hint: 'Give a function of your own for a column of texts or lists.',
  });
}
