import type { Inspect } from '../../base/inspect.ts';
import { oneLine } from '../../base/one-line.ts';

/** A table for people, as pandas prints them. */
export interface TextTable {
  /** Names of the columns that name the rows, and their cells, one list per row; a repeated outer one is left out. `['']` has none. */
  readonly index: { readonly names: readonly string[]; readonly rows: readonly (readonly string[])[] };
  readonly columns: readonly string[];
  /** A cell as text, by row and column. Asked only for what is shown. */
  readonly cell: (row: number, column: string) => string;
  /** Shows every row, however many there are. */
  readonly all?: boolean;
}

/** Characters; columns in the middle that do not fit are left out. */
const WIDEST = 100;
const WIDEST_CELL = 50;
/** Of more rows the first and the last few are shown. */
const MOST_ROWS = 60;
const ENDS = 5;
const MOST_ELEMENTS = 10;
const GAP = '...';

/** Lines of equal columns, and below them, when something is left out, how much there is. */
export function textTable({ index, columns, cell, all: isAll = false }: TextTable): string {
  const all = index.rows.length;
  const isLong = all > MOST_ROWS && !isAll;
  const rows = isLong ? [...range(0, ENDS), undefined, ...range(all - ENDS, all)] : range(0, all);
  const named = index.names.map((name, level) => [...headOf(name, index.names), ...rows.map((row, i) => indexCell(index.rows, rows, i, row, level))]);
  const left = named.map((texts) => padded(texts, 'left'));
  const heads = index.names.some((name) => name !== '') ? 2 : 1;
  const width = (texts: readonly string[]): number => (texts[0]?.length ?? 0) + 2;
  const body = fitting(columns, WIDEST - left.reduce((sum, texts) => sum + width(texts), 0), (column) => {
    const texts = rows.map((row) => (row === undefined ? GAP : shown(cell(row, column))));
    return padded([shown(column), ...Array.from({ length: heads - 1 }, () => ''), ...texts], 'right');
  });
  const gap = Array.from({ length: rows.length + heads }, () => GAP);
  const lists = [...left, ...body.map((texts) => texts ?? gap)];
  const lines = Array.from({ length: rows.length + heads }, (_, line) =>
    lists
      .map((texts) => texts[line] ?? '')
      .join('  ')
      .trimEnd(),
  );
  const isCut = isLong || body.includes(undefined);
  return [...lines, ...(isCut ? ['', `[${all} rows x ${columns.length} columns]`] : [])].join('\n');
}

const range = (from: number, to: number): (number | undefined)[] => Array.from({ length: to - from }, (_, i) => from + i);

const headOf = (name: string, names: readonly string[]): readonly string[] => (names.some((one) => one !== '') ? ['', name] : ['']);

function indexCell(rows: TextTable['index']['rows'], shownRows: readonly (number | undefined)[], at: number, row: number | undefined, level: number): string {
  if (row === undefined) return GAP;
  const own = rows[row] ?? [];
  const before = at === 0 ? undefined : rows[shownRows[at - 1] ?? -1];
  const isSame = level < own.length - 1 && before !== undefined && own.slice(0, level + 1).every((text, i) => text === before[i]);
  return isSame ? '' : shown(own[level] ?? '');
}

function shown(text: string): string {
  const line = oneLine(text);
  return line.length > WIDEST_CELL ? `${line.slice(0, WIDEST_CELL - GAP.length)}${GAP}` : line;
}

function padded(texts: readonly string[], side: 'left' | 'right'): readonly string[] {
  const width = Math.max(...texts.map((text) => text.length));
  return texts.map((text) => (side === 'left' ? text.padEnd(width) : text.padStart(width)));
}

/** Columns from both ends, as many as fit, and two at least; `undefined` stands for those between. Looks at no more columns than it needs. */
function fitting(columns: readonly string[], room: number, texts: (column: string) => readonly string[]): readonly (readonly string[] | undefined)[] {
  const front: (readonly string[])[] = [];
  const back: (readonly string[])[] = [];
  let left = room;
  for (let taken = 0; taken < columns.length; taken++) {
    const isFront = taken % 2 === 0;
    const next = texts(columns[isFront ? front.length : columns.length - 1 - back.length] as string);
    const isLast = taken === columns.length - 1;
    left -= (next[0]?.length ?? 0) + 2;
    if (left < (isLast ? 0 : GAP.length + 2) && taken > 1) return [...front, undefined, ...back];
    if (isFront) front.push(next);
    else back.unshift(next);
  }
  return [...front, ...back];
}

/** A value in a cell. Lists show their first elements. */
export function cellText(value: unknown, options: object, inspect: Inspect): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  const shown = (one: unknown): string => inspect(one, { ...options, colors: false, depth: 1, breakLength: Infinity, compact: true });
  return Array.isArray(value) ? `[${value.slice(0, MOST_ELEMENTS).map(shown).join(', ')}${value.length > MOST_ELEMENTS ? ', ...' : ''}]` : shown(value);
}
