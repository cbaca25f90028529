import { INSPECT, type Inspect } from '../../base/inspect.ts';
import type { Cells } from './cells.ts';
import { columnSpelling } from './run.ts';

/** A row as an object: `row['train.loss']`. What has to be read is read when it is asked for, and kept; a column that it lacks is `undefined`. */
export interface FrameRow {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a cell holds is known when it is read
  readonly [column: string]: any;
}

/** Has each column as a getter, and `artifact.pickle..a.b` beside `artifact.pickle.a.b`. In the console metrics and artifacts are not read. */
export function frameRow(cells: Cells): FrameRow {
  const row = Object.create(null) as FrameRow;
  for (const column of [...cells.columns()].sort()) {
    Object.defineProperty(row, column, { get: keeping(cells, column), enumerable: true, configurable: true });
    const other = column.replace(/^(artifact\.[^.]+\.)(?=.)/, '$1.');
    if (columnSpelling(other) === column && other !== column) Object.defineProperty(row, other, { get: () => row[column], enumerable: false });
  }
  const shown = (_depth: number | null, options: object, inspect: Inspect): string =>
    inspect(Object.fromEntries([...cells.columns()].sort().map((column) => [column, cells.peek(column)])), options);
  return Object.defineProperty(row, INSPECT, { value: shown, enumerable: false });
}

function keeping(cells: Cells, column: string): () => unknown {
  let kept: { readonly value: unknown } | undefined;
  return () => {
    kept ??= { value: cells.load(column) };
    return kept.value;
  };
}
