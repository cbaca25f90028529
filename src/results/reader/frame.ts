import { nearest } from '../../base/edit-distance.ts';
import { AttuneError } from '../../base/errors.ts';
import { INSPECT, type Inspect } from '../../base/inspect.ts';
import type { Json } from '../../base/json.ts';
import { checkOptions, describe } from '../../base/options.ts';
import { type Table, type TableRow, tableOf } from '../table.ts';
import { type AggregateMap, aggregateRow, type ColumnFunction, columnFunction, columnOf, listOf, named } from './aggregate.ts';
import { type Cells, MoreCells, PlainCells } from './cells.ts';
import { type FrameRow, frameRow } from './frame-row.ts';
import { compareValues, differing, type GroupKey, type Groups, groupRows, inOrder, textOfKey } from './grouping.ts';
import { columnSpelling } from './run.ts';
import { cellText, textTable } from './text-table.ts';

/** `[fn, columns]`: `fn` gets whole columns, null where a row lacks one, and says which rows stay. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a column holds is known when it is read
export type RowFilter = readonly [fn: (...columns: any[][]) => readonly boolean[], columns: string | readonly string[]];

/**
 * Runs as rows, or what was computed from them. It never changes: each method gives another one. Metrics and artifacts are read when they are asked for.
 *
 * @example
 * import { gridSearch, Reader, Tuner } from 'attune';
 * const train = ({ lr }: { lr: number }) => ({ loss: lr / 2 });
 * await new Tuner(train, { paramSpace: { lr: gridSearch([1, 2]) }, runConfig: { name: 'frame', storagePath: '.', verbose: 0 } }).fit();
 *
 * const frame = (await Reader.open('frame')).filter("info.status == 'COMPLETE'");
 * frame.diff(); // => ['config.lr']
 * frame.sort('config.lr', { ascending: false }).at(0)?.['loss']; // => [1]
 * frame.aggregate(['max', 'config.lr']).col('fmax.config.lr'); // => [2]
 */
export class Frame implements Iterable<FrameRow> {
  readonly #rows: readonly Cells[];
  #given: readonly string[] | (() => readonly string[]);
  readonly #objects: (FrameRow | undefined)[] = [];
  #columns: readonly string[] | undefined;

  /** @internal @param known - the columns that there may be, in order */
  constructor(rows: readonly Cells[], known: readonly string[] | (() => readonly string[])) {
    this.#rows = rows;
    this.#given = known;
  }

  get #known(): readonly string[] {
    if (typeof this.#given === 'function') this.#given = this.#given();
    return this.#given;
  }

  /** How many rows there are, 0 when none is left. */
  get length(): number {
    return this.#rows.length;
  }

  /** The rows in order, each the same object as `at` gives; the cells are read when they are asked for. */
  *[Symbol.iterator](): IterableIterator<FrameRow> {
    for (let i = 0; i < this.length; i++) yield this.at(i) as FrameRow;
  }

  /** The names of the columns that a row has, in order; those of all runs when there is no row. */
  columns(): readonly string[] {
    this.#columns ??= this.#present();
    return this.#columns;
  }

  /** As `Array.at`: negative counts from the end, `undefined` when there is none. */
  at(index: number): FrameRow | undefined {
    const at = index < 0 ? this.length + index : index;
    const cells = this.#rows[at];
    if (cells) this.#objects[at] ??= frameRow(cells);
    return this.#objects[at];
  }

  /**
   * The values of a column, one per row, null where a row lacks it. A metric is the list of what was reported, NaN as NaN; artifacts are
   * `{ 'last_ckpt.pkl': Artifact }`.
   *
   * @throws {AttuneError} `COLUMN_UNKNOWN`; `RESULT_NOT_FOUND` when the files of a metric are gone
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a column holds is known when it is read
  col(name: string): any[] {
    return columnOf(this.#rows, this.#column('col', name));
  }

  /** Rows `start` (default 0) to before `end` (default: all), as `Array.slice`. */
  slice(start?: number, end?: number): Frame {
    return new Frame(this.#rows.slice(start, end), this.#given);
  }

  /** These columns. @throws {AttuneError} `COLUMN_UNKNOWN` */
  select(...names: readonly string[]): Frame {
    const columns = names.map((name) => this.#column('select', name));
    return new Frame(
      this.#rows.map((row) => only(row, columns)),
      columns,
    );
  }

  /**
   * The rows for which a function holds: `(row) => row['train.loss'].at(-1) < 0.1`, or `[fn, columns]`, which sees whole columns.
   * @throws {AttuneError} `COLUMN_UNKNOWN`; `OPTION_RANGE` unless `fn` gives a boolean per row
   */
  filter(by: ((row: FrameRow, index: number) => unknown) | RowFilter): Frame {
    const stays = typeof by === 'function' ? (_: unknown, i: number) => Boolean(by(this.at(i) as FrameRow, i)) : this.#mask(by);
    return new Frame(this.#rows.filter(stays), this.#given);
  }

  /** By one column, and where that is equal by the next; null first, ascending unless told otherwise. Equal rows keep their order. @throws {AttuneError} `COLUMN_UNKNOWN` */
  sort(by: string | readonly string[], options: { readonly ascending?: boolean } = {}): Frame {
    checkOptions('sort', options, ['ascending']);
    const columns = listOf(by).map((name) => this.#column('sort', name));
    const sign = options.ascending === false ? -1 : 1;
    const keyed = this.#rows.map((row) => ({ row, key: columns.map((column) => row.load(column) ?? null) }));
    return new Frame(
      keyed.sort((a, b) => sign * compareValues(a.key, b.key)).map(({ row }) => row),
      this.#known,
    );
  }

  /**
   * The columns that begin with `prefix` and whose values are not the same in all rows, sorted; one that only some rows have counts. Nothing is read:
   * metrics and artifacts differ only by being there.
   */
  diff(prefix: string = 'config'): readonly string[] {
    return differing(this.#rows, this.columns(), prefix);
  }

  /** The rows by equal values of these columns. @throws {AttuneError} `COLUMN_UNKNOWN` */
  groupBy(keys: string | readonly string[]): GroupedFrame {
    const columns = listOf(keys).map((name) => this.#column('groupBy', name));
    const groups = [...groupRows(this.#rows, columns)].map(([text, { key, of }]) => [text, { key, of: new Frame(of, this.#known) }] as const);
    return new GroupedFrame(columns, new Map(groups));
  }

  /**
   * One row of what the maps give: `aggregate([mean, ['train.loss', 'train.epoch']])` has the columns `fmean.train.loss` and `fmean.train.epoch`, after the
   * name of the function, or those of a third part. A function gets the values of one column, row by row; a metric is a list.
   *
   * Built in, by name: `'mean'`, `'std'` (of the population), `'min'` and `'max'` give a number for numbers, and a list for lists: of their first
   * elements, of their second ones, …, each over the lists that are so long. `'last'` gives the last element of each list, `'count'` how many rows have the
   * column. Rows that lack it are left out.
   *
   * @throws {AttuneError} `COLUMN_UNKNOWN`; `OPTION_RANGE` for a map of another shape, a function without a name, or text where numbers are needed
   */
  aggregate(...maps: readonly AggregateMap[]): Frame {
    const all = maps.map((map) => columnFunction('aggregate', map)).map((map) => ({ ...map, columns: this.#spelt('aggregate', map.columns) }));
    return new Frame(
      [aggregateRow(this.#rows, all)],
      all.flatMap(({ names }) => names),
    );
  }

  /** With a column per map, of what the function gives for each value: `map([round, 'config.lr'])` adds `fround.config.lr`. @throws {AttuneError} as `aggregate` */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a column holds is known when it is read
  map(map: readonly [fn: (value: any) => unknown, columns: string | readonly string[], names?: string | readonly string[]]): Frame {
    const { fn, columns, names } = named('map', map);
    return this.#with(
      names,
      this.#spelt('map', columns).map((column) => columnOf(this.#rows, column).map((value) => fn(value as never))),
    );
  }

  /** With a column per map, of what the function gives for a whole column: a list with a value per row. @throws {AttuneError} as `aggregate`, and `OPTION_RANGE` for another length */
  transform(map: readonly [fn: ColumnFunction, columns: string | readonly string[], names?: string | readonly string[]]): Frame {
    const { fn, columns, names } = named('transform', map);
    const lists = this.#spelt('transform', columns).map((column) => this.#perRow('transform', fn(columnOf(this.#rows, column))));
    return this.#with(names, lists);
  }

  /** With the columns of another frame of as many rows, row by row; its values win. @throws {AttuneError} `OPTION_RANGE` */
  merge(other: Frame): Frame {
    if (other.length !== this.length) throw new AttuneError('OPTION_RANGE', `merge: expected a frame of ${this.length} rows, got ${other.length}.`);
    const rows = this.#rows.map((row, i) => new MoreCells(row, other.#rows[i] as Cells));
    return new Frame(rows, [...new Set([...this.#known, ...other.#known])]);
  }

  /**
   * An arquero table. Everything is read, unless `lazy`: then metrics and artifacts are the words METRIC and ARTIFACT.
   * @param options.lazy - default false
   */
  toTable(options: { readonly lazy?: boolean } = {}): Table {
    checkOptions('toTable', options, ['lazy']);
    const columns = this.columns();
    const rows = this.#rows.map((row) => columns.map((column) => [column, (options.lazy ? row.peek(column) : row.load(column)) ?? null] as const));
    return tableOf(
      rows.map((cells) => Object.fromEntries(cells) as TableRow),
      columns,
    );
  }

  /** @internal In the console: the table that pandas would print; metrics and artifacts are not read. */
  [INSPECT](depth: number | null, options: object, inspect: Inspect): string {
    if (depth !== null && depth < 0) return '[Frame]';
    const index = { names: [''], rows: this.#rows.map((_, i) => [String(i)]) };
    return textTable({ index, columns: this.columns(), cell: (row, column) => this.text(row, column, options, inspect) });
  }

  /** @internal A cell for the console. */
  text(row: number, column: string, options: object, inspect: Inspect): string {
    return cellText(this.#rows[row]?.peek(column), options, inspect);
  }

  #column(where: string, name: string): string {
    const column = typeof name === 'string' ? columnSpelling(name) : name;
    if (this.#known.includes(column)) return column;
    const meant = nearest(String(column), this.#known);
    throw new AttuneError('COLUMN_UNKNOWN', `${where}: expected a column of the frame, got ${describe(name)}.`, {
      hint: meant === undefined ? 'The frame has no columns.' : `Did you mean "${meant}"? frame.columns() has all ${this.#known.length}.`,
    });
  }

  #spelt(where: string, names: readonly string[]): readonly string[] {
    return names.map((name) => this.#column(where, name));
  }

  #present(): readonly string[] {
    const present = new Set(this.#rows.flatMap((row) => [...row.columns()]));
    return this.length === 0 ? this.#known : this.#known.filter((column) => present.has(column));
  }

  #mask(by: RowFilter): (_: unknown, i: number) => boolean {
    const [fn, columns] = Array.isArray(by) ? (by as RowFilter) : [];
    if (typeof fn !== 'function' || columns === undefined) {
      throw new AttuneError('OPTION_RANGE', `filter: expected a function of a row, or [function, column or columns], got ${describe(by)}.`);
    }
    const kept = this.#perRow('filter', fn(...this.#spelt('filter', listOf(columns)).map((column) => columnOf(this.#rows, column))));
    const other = kept.find((value) => typeof value !== 'boolean');
    if (other !== undefined) throw new AttuneError('OPTION_RANGE', `filter: expected true or false for each row, got ${describe(other)}.`);
    return (_, i) => kept[i] === true;
  }

  #perRow(where: string, values: unknown): readonly unknown[] {
    if (Array.isArray(values) && values.length === this.length) return values;
    throw new AttuneError('OPTION_RANGE', `${where}: expected an array with a value for each of ${this.length} rows, got ${describe(values)}.`);
  }

  #with(names: readonly string[], lists: readonly (readonly unknown[])[]): Frame {
    const rows = this.#rows.map((row, i) => new MoreCells(row, new PlainCells(new Map(names.map((name, k) => [name, lists[k]?.[i]])))));
    return new Frame(rows, [...new Set([...this.#known, ...names])]);
  }

  /** @internal Rows with the values of a key in front. */
  withKey(columns: readonly string[], key: GroupKey): Frame {
    const more = new PlainCells(new Map(columns.map((column, i) => [column, key[i] ?? null])));
    return new Frame(
      this.#rows.map((row) => new MoreCells(row, more)),
      [...columns, ...this.#known.filter((column) => !columns.includes(column))],
    );
  }

  /** @internal The rows of all of them. */
  static concat(frames: readonly Frame[]): Frame {
    return new Frame(
      frames.flatMap((frame) => frame.#rows),
      [...new Set(frames.flatMap((frame) => frame.#known))],
    );
  }
}

function only(row: Cells, columns: readonly string[]): Cells {
  const of = (column: string, value: (column: string) => unknown): unknown => (columns.includes(column) ? value(column) : undefined);
  return {
    columns: () => columns.filter((column) => row.peek(column) !== undefined),
    load: (column) => of(column, (name) => row.load(name)),
    peek: (column) => of(column, (name) => row.peek(name)),
  };
}

/**
 * Rows in groups, in order of their keys. A key is a list even when it has one part, and null is a part like others.
 *
 * @example
 * import { gridSearch, Reader, Tuner } from 'attune';
 * const train = ({ lr }: { lr: number }) => ({ loss: lr / 2 });
 * await new Tuner(train, { paramSpace: { lr: gridSearch([1, 2]) }, runConfig: { name: 'grouped', storagePath: '.', verbose: 0 } }).fit();
 *
 * const grouped = (await Reader.open('grouped')).filter().groupBy('config.lr');
 * grouped.keys(); // => [[1], [2]]
 * grouped.aggregate(['mean', 'loss']).get(2)?.col('fmean.loss'); // => [[1]]
 */
export class GroupedFrame implements Iterable<readonly [GroupKey, Frame]> {
  readonly #columns: readonly string[];
  readonly #groups: Groups<Frame>;

  /** @internal Made by `frame.groupBy`. */
  constructor(columns: readonly string[], groups: Groups<Frame>) {
    this.#columns = columns;
    this.#groups = groups;
  }

  /** How many groups there are. */
  get size(): number {
    return this.#groups.size;
  }

  /** The columns that it is grouped by. */
  get groupKeys(): readonly string[] {
    return this.#columns;
  }

  /** The groups in order of their keys: `for (const [key, frame] of grouped)`. */
  *[Symbol.iterator](): IterableIterator<readonly [GroupKey, Frame]> {
    for (const { key, of } of this.#groups.values()) yield [key, of];
  }

  /** The keys in order, each a list with a part per column of `groupKeys`; null sorts first. */
  keys(): readonly GroupKey[] {
    return [...this.#groups.values()].map(({ key }) => key);
  }

  /** The rows of a group, by its key: `get([10])`, or `get(10)` when it has one part. `undefined` when there is none. */
  get(key: GroupKey | Json): Frame | undefined {
    return this.#groups.get(textOfKey(Array.isArray(key) && !this.#isPart(key) ? (key as GroupKey) : [key as Json]))?.of;
  }

  /** Every group as one row of what the maps give, under the same keys. @throws {AttuneError} as `Frame.aggregate` */
  aggregate(...maps: readonly AggregateMap[]): GroupedFrame {
    return this.#each((frame) => frame.aggregate(...maps));
  }

  /**
   * The rows that stay by `[fn, columns]` or `(row) => …`, group by group, or in groups of other columns (`byGroups`, such as some of its own): the
   * best learning rate of each model. The result has the groups of this one, without those that are empty.
   *
   * @throws {AttuneError} as `Frame.filter`
   */
  filter(by: ((row: FrameRow, index: number) => unknown) | RowFilter, options: { readonly byGroups?: string | readonly string[] } = {}): GroupedFrame {
    checkOptions('filter', options, ['byGroups']);
    if (options.byGroups === undefined) return this.#each((frame) => frame.filter(by));
    const regrouped = this.ungroup().groupBy(options.byGroups);
    return regrouped
      .#each((frame) => frame.filter(by))
      .ungroup()
      .groupBy(this.#columns);
  }

  /** The groups with these keys, such as `other.keys()`; keys that it does not have are ignored. */
  select(keys: Iterable<GroupKey>): GroupedFrame {
    const wanted = new Set([...keys].map(textOfKey));
    return new GroupedFrame(this.#columns, new Map([...this.#groups].filter(([text]) => wanted.has(text))));
  }

  /** All rows in one frame, group after group, with the keys as columns. */
  ungroup(): Frame {
    const frames = [...this].map(([key, frame]) => frame.withKey(this.#columns, key));
    return frames.length > 0 ? Frame.concat(frames) : new Frame([], this.#columns);
  }

  /** An arquero table of all rows, the keys in front, grouped by them. @param options.lazy - as of `Frame.toTable` */
  toTable(options: { readonly lazy?: boolean } = {}): Table {
    return this.ungroup()
      .toTable(options)
      .groupby(...this.#columns);
  }

  /** @internal In the console: the table that pandas would print, the keys in front. */
  [INSPECT](depth: number | null, options: object, inspect: Inspect): string {
    if (depth !== null && depth < 0) return '[GroupedFrame]';
    const rows = [...this].flatMap(([key, frame]) => Array.from({ length: frame.length }, (_, i) => ({ key, frame, i })));
    const columns = [...new Set([...this].flatMap(([, frame]) => frame.columns()))].filter((column) => !this.#columns.includes(column));
    return textTable({
      index: { names: [...this.#columns, ''], rows: rows.map(({ key, i }) => [...key.map((value) => cellText(value, options, inspect)), String(i)]) },
      columns,
      cell: (row, column) => rows[row]?.frame.text(rows[row].i, column, options, inspect) ?? '',
    });
  }

  /** Whether a list is the value of the only column, and not a key. */
  #isPart(key: readonly unknown[]): boolean {
    return this.#columns.length === 1 && !this.#groups.has(textOfKey(key as GroupKey)) && this.#groups.has(textOfKey([key as Json]));
  }

  /** The groups with other rows; those that have none are left out. */
  #each(change: (frame: Frame) => Frame): GroupedFrame {
    const changed = [...this.#groups].map(([text, { key, of }]) => [text, { key, of: change(of) }] as const);
    return new GroupedFrame(this.#columns, inOrder(new Map(changed.filter(([, { of }]) => of.length > 0))));
  }
}
