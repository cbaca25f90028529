import { AttuneError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { describe } from '../base/options.ts';
import type { TableRow } from '../results/table.ts';
import { type Parameter, type Space, spaceFromJson } from '../space/space.ts';
import { groupsOf } from './category-summary.ts';
import { numbersOf } from './numbers.ts';
import { columnName, columnOf } from './rows.ts';

/** A parameter that is a number. */
export interface NumericAttribute {
  readonly kind: 'numeric';
  readonly name: string;
  /** One per row; NaN where the trial lacks it. On a logarithmic scale its log10. */
  readonly values: readonly number[];
  /** Whether the space searches it on a logarithmic scale. */
  readonly log: boolean;
  /** Where its values can lie, in the units of `values`: of the space, or the least and the greatest there are. */
  readonly low: number;
  readonly high: number;
  /** How many values it can have; Infinity when continuous. Without a space, whole numbers are taken for all whole numbers between. */
  readonly cardinality: number;
}

/** A parameter that is one of several values. */
export interface CategoricalAttribute {
  readonly kind: 'categorical';
  readonly name: string;
  /** One per row: which of the labels; NaN where the trial lacks it. */
  readonly values: readonly number[];
  readonly labels: readonly string[];
}

export type Attribute = NumericAttribute | CategoricalAttribute;

/**
 * Which parameters an analysis looks at. Without both lists: every column `config/…` with at least two distinct values, null among them; it is
 * numerical when all values that are there are numbers and the space, if given, does not call it a choice. With either list: the named ones alone,
 * also those that do not vary.
 *
 * A numerical attribute may be null, NaN or infinite in some rows, which do not count; of a categorical one every
 * value is a category, as in `categorySummary`: 0, `false` and `''` too. null is one in pictures, in `interpret`, and where the `space` has it among the options;
 * elsewhere it says that the trial lacks the parameter. `OPTION_RANGE` for a parameter that is named twice, `COLUMN_UNKNOWN` is thrown for a name that no row has, and without names when there is no column `config/…`;
 * `DATA_INSUFFICIENT` for a numerical attribute without a finite number or with something that is none; `SPACE_INVALID`.
 */
export interface AttributeOptions {
  /** As written in the space (`model.units`) or as a column. Default: those that vary and are numbers; none when only the other list is given. */
  readonly numericalAttributes?: readonly string[] | undefined;
  /** Default: those that vary and are not all numbers; none when only the other list is given. Give numbers here that are names for something. */
  readonly categoricalAttributes?: readonly string[] | undefined;
  /** The space as JSON (`grid.experiment.paramSpace`, `spaceToJson(space)`): says what is searched on a logarithmic scale, and within which bounds. */
  readonly space?: Json | undefined;
}

/**
 * The parameters that an analysis looks at. Columns with one distinct value are left out unless they were asked for.
 *
 * @param options.names - parameters whose kind follows from the space and the values
 * @param options.isNullShown - whether null is a category like any other, as plots have it; else only where the space has it among the options, and
 *   elsewhere the trial lacks the parameter
 * @throws {AttuneError} `COLUMN_UNKNOWN` for a name that no column has, or when there is no column `config/…` and none was named;
 *   `DATA_INSUFFICIENT` for a numerical attribute that has no number, or a text; `OPTION_RANGE` for one that is named twice; `SPACE_INVALID`
 */
export function attributesOf(
  where: string,
  rows: readonly TableRow[],
  options: AttributeOptions & { readonly names?: readonly string[] | undefined; readonly isNullShown?: boolean },
): readonly Attribute[] {
  const { numericalAttributes, categoricalAttributes, space, isNullShown = false } = options;
  const compiled = space === undefined ? undefined : spaceFromJson(space);
  const named = [...(numericalAttributes ?? []), ...(categoricalAttributes ?? [])];
  const isGiven = numericalAttributes !== undefined || categoricalAttributes !== undefined;
  const names = isGiven ? named : (options.names ?? parametersOf(where, rows));
  checkDistinct(where, rows, names);
  return names.map((name): Attribute => {
    const values = columnOf(where, rows, name);
    const parameters = parametersAt(compiled, columnName(where, rows, name));
    const isNumeric = isGiven ? numericalAttributes?.includes(name) : areNumbers(values) && parameters.every(({ kind }) => kind === 'numeric');
    return isNumeric ? numeric(where, name, values, parameters) : categorical(name, values, isNullShown || parameters.some(hasNull));
  });
}

/** One parameter twice would be two questions about it, and a pair with itself. */
function checkDistinct(where: string, rows: readonly TableRow[], names: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const column = columnName(where, rows, name);
    const before = seen.get(column);
    if (before !== undefined) {
      const got = before === name ? `${describe(name)} twice` : `${describe(before)} and ${describe(name)}, which are the same column`;
      throw new AttuneError('OPTION_RANGE', `${where}: expected each parameter once, as a number or as a category, got ${got}.`);
    }
    seen.set(column, name);
  }
}

const areNumbers = (values: readonly Json[]): boolean => values.every((value) => value === null || typeof value === 'number');

/** The parameters with more than one value, as short as they can be written. */
function parametersOf(where: string, rows: readonly TableRow[]): readonly string[] {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((key) => /^config[./]./.test(key));
  if (columns.length === 0) {
    throw new AttuneError('COLUMN_UNKNOWN', `${where}: expected columns config/…, or the names of the parameters, got none.`, {
      hint: "Name them: { numericalAttributes: ['lr'], categoricalAttributes: ['activation'] }.",
    });
  }
  const varying = columns.filter((column) => groupsOf(rows.map((row) => row[column] ?? null)).length > 1);
  return varying.map((column) => {
    const bare = column.slice('config/'.length);
    return [bare.replaceAll('/', '.'), bare].find((name) => columnName(where, rows, name) === column) ?? column;
  });
}

/** The parameters of the space that a column holds: several when options of a choice share a path. */
function parametersAt(space: Space | undefined, column: string): readonly Parameter[] {
  const path = column.replace(/^config[./]/, '');
  return space?.parameters.filter((parameter) => parameter.path === path || parameter.path.replaceAll('/', '.') === path) ?? [];
}

const hasNull = ({ domain }: Parameter): boolean => 'options' in domain && domain.options.includes(null);

function numeric(where: string, name: string, values: readonly Json[], parameters: readonly Parameter[]): NumericAttribute {
  const raw = numbersOf(where, `the column ${describe(name)}`, values);
  const known = raw.filter((value) => !Number.isNaN(value));
  const [first] = known;
  if (first === undefined)
    throw new AttuneError('DATA_INSUFFICIENT', `${where}: expected numbers in the column ${describe(name)}, got none in ${values.length} rows.`);
  const ranges = parameters.filter(({ kind }) => kind === 'numeric').map(({ range }) => range);
  const log = ranges.length > 0 && ranges.every((range) => range.log) && known.every((value) => value > 0);
  const onScale = raw.map((value) => (log ? Math.log10(value) : value));
  const [low, high] = known.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [first, first]);
  const ends = (way: 'lower' | 'upper', found: number): number => {
    const all = ranges.map((range) => (range.log ? Math.exp(range[way]) : range[way])).filter(Number.isFinite);
    const end = way === 'lower' ? Math.min(found, ...all) : Math.max(found, ...all);
    return log ? Math.log10(end) : end;
  };
  const whole = known.every(Number.isInteger) ? high - low + 1 : Infinity;
  const cardinality = ranges.length > 0 ? Math.max(...ranges.map((range) => range.cardinality ?? Infinity)) : whole;
  return { kind: 'numeric', name, values: onScale, log, low: ends('lower', low), high: ends('upper', high), cardinality };
}

function categorical(name: string, values: readonly Json[], isNullKept: boolean): CategoricalAttribute {
  const groups = groupsOf(values).filter(({ value }) => isNullKept || value !== null);
  const indices = new Array<number>(values.length).fill(Number.NaN);
  for (const [label, { rows }] of groups.entries()) for (const row of rows) indices[row] = label;
  return { kind: 'categorical', name, values: indices, labels: groups.map(({ label }) => label) };
}
