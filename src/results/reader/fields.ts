import { INSPECT } from '../../base/inspect.ts';
import type { Json } from '../../base/json.ts';
import { textTable } from './text-table.ts';

/** What a field holds. `float`: numbers of which one at least is not whole; `mixed`: more than one of the others; `METRIC` and `ARTIFACT` are read when they are asked for. */
export type FieldType = 'int' | 'float' | 'str' | 'bool' | 'null' | 'list' | 'mixed' | 'METRIC' | 'ARTIFACT';

/**
 * The fields of all runs with their types, in order of their names: a `Map` that `reader.fields()` and `reader.searchable()` make anew. In the console: a
 * table of all of them.
 *
 * @example
 * import { gridSearch, Reader, Tuner } from 'attune';
 * const train = ({ lr }: { lr: number }) => ({ loss: lr / 2 });
 * await new Tuner(train, { paramSpace: { lr: gridSearch([1, 2]) }, runConfig: { name: 'fields', storagePath: '.', verbose: 0 } }).fit();
 *
 * const fields = (await Reader.open('fields')).fields();
 * [fields.get('config.lr'), fields.get('loss'), fields.get('epoch')]; // => ['int', 'METRIC', undefined]
 */
export class Fields extends Map<string, FieldType> {
  /** @internal */
  [INSPECT](depth: number | null): string {
    if (depth !== null && depth < 0) return '[Fields]';
    const names = [...this.keys()];
    return textTable({
      index: { names: ['Fields'], rows: names.map((name) => [name]) },
      columns: ['Type'],
      cell: (row) => this.get(names[row] ?? '') ?? '',
      all: true,
    });
  }
}

/** The type of a column, by all of its values. A run that has null there says nothing, as long as another has a value. */
export function typeOfValues(values: Iterable<Json | undefined>): FieldType {
  let type: FieldType | undefined;
  for (const value of values) {
    if (value === undefined || (value === null && type !== undefined)) continue;
    const next = typeOf(value);
    if (type === undefined || type === 'null') type = next;
    else if (type !== next) type = isNumber(type) && isNumber(next) ? 'float' : 'mixed';
    if (type === 'mixed') return type;
  }
  return type ?? 'null';
}

const isNumber = (type: FieldType): boolean => type === 'int' || type === 'float';

function typeOf(value: Json): FieldType {
  if (value === null) return 'null';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float';
  if (typeof value === 'string') return 'str';
  return typeof value === 'boolean' ? 'bool' : 'list';
}
