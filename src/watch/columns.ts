import { clip, pad, widthOf } from './cell-text.ts';

/** One column of a table: plain cells, which the layout cuts, aligns and only then paints. */
export interface Column {
  readonly header: string;
  /** One for each row. */
  readonly cells: readonly string[];
  readonly align: 'left' | 'right';
  /** Columns of the terminal below which it had better be left out. */
  readonly least: number;
  /** Shown, whole, only where nothing else had to be cut for it. */
  readonly spare?: true;
  readonly paint?: (text: string, row: number) => string;
}

const GAP = 2;

/**
 * The lines of a table, its header first, none wider than `width`. Columns come with the most important one first;
 * those that find no room are left out, and headers and long texts are cut before that.
 *
 * @param order - the columns as they stand from left to right; each is one of `columns`
 */
export function tableLines(columns: readonly Column[], order: readonly Column[], width: number): readonly string[] {
  const widths = widthsOf(columns, width);
  const shown = order.flatMap((column) => {
    const columnWidth = widths.get(column);
    return columnWidth === undefined ? [] : [{ column, width: columnWidth }];
  });
  const rows = Math.max(0, ...columns.map(({ cells }) => cells.length));
  const lineOf = (row: number): string =>
    shown
      .map(({ column, width: columnWidth }, i) => {
        const { header, cells, align, paint } = column;
        const text = clip(row < 0 ? headerIn(header, columnWidth) : (cells[row] ?? ''), columnWidth).trimEnd();
        const isLast = i === shown.length - 1 && align === 'left';
        const space = isLast ? '' : pad('', columnWidth - widthOf(text));
        const painted = paint && row >= 0 && text !== '' ? paint(text, row) : text;
        return align === 'left' ? painted + space : space + painted;
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  return Array.from({ length: rows + 1 }, (_, i) => lineOf(i - 1));
}

/** Of a nested name that does not fit, the last part. */
const headerIn = (header: string, width: number): string => (widthOf(header) <= width ? header : header.slice(header.lastIndexOf('/') + 1));

/** The width of each column that is shown. */
function widthsOf(columns: readonly Column[], width: number): ReadonlyMap<Column, number> {
  const natural = (column: Column): number => Math.max(...[column.header, ...column.cells].map(widthOf));
  const kept = new Map<Column, number>();
  let room = width + GAP;
  for (const column of columns.filter(({ spare }) => !spare)) {
    const least = Math.min(column.least, natural(column));
    const given = kept.size === 0 ? Math.min(least, width) : least; // the first one is shown even if it has to be cut
    if (given + GAP > room) continue;
    kept.set(column, given);
    room -= given + GAP;
  }
  for (const [column, given] of kept) {
    const more = Math.min(natural(column) - given, room);
    kept.set(column, given + more);
    room -= more;
  }
  for (const column of columns.filter(({ spare }) => spare)) {
    const needed = natural(column);
    if (needed + GAP > room) continue;
    kept.set(column, needed);
    room -= needed + GAP;
  }
  return kept;
}

/** Numbers of one column, so that they can be compared at a glance: with as many decimals as one of them needs, at most four. */
export function numberCells(values: readonly (number | undefined)[]): readonly string[] {
  const isPlain = (value: number): boolean => value === 0 || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e9);
  const largest = Math.max(...values.map((value) => (value !== undefined && isPlain(value) ? Math.abs(value) : 0)));
  const most = largest < 1000 ? 4 : largest < 1e6 ? 2 : 0;
  const decimals = Math.max(0, ...values.map((value) => (value !== undefined && isPlain(value) ? decimalsOf(value, most) : 0)));
  return values.map((value) => {
    if (value === undefined) return '';
    if (isPlain(value)) return value.toFixed(decimals);
    return Number.isFinite(value) ? exponent(value) : String(value);
  });
}

const exponent = (value: number): string => value.toExponential(2).replace('e+', 'e');

const decimalsOf = (value: number, most: number): number =>
  (
    value
      .toFixed(most)
      .replace(/\.?0+$/, '')
      .split('.')[1] ?? ''
  ).length;
