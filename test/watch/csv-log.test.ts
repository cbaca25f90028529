import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { CsvLog } from '../../src/watch/csv-log.ts';
import { parseCsv } from './parse-csv.ts';
import { temporaryDirectory } from './story.ts';

/** progress.csv of rows that arrive in batches. */
function written(batches: readonly (readonly JsonObject[])[]): string {
  const dir = temporaryDirectory(onTestFinished);
  const log = new CsvLog(dir);
  for (const [i, rows] of batches.entries()) {
    log.append(rows.map((row) => ({ row, at: i })));
    if (i % 2 === 1) log.close(); // a pause
  }
  log.close();
  return readFileSync(join(dir, 'progress.csv'), 'utf8');
}

/** What a cell says, by what the guide says of it. */
function cellOf(value: Json | undefined): string {
  if (value === undefined || value === null || Number.isNaN(value)) return '';
  if (value === Infinity || value === -Infinity) return value > 0 ? 'inf' : '-inf';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

describe('progress.csv', () => {
  test('gets a column that appears late at its end, and keeps what stands there', () => {
    const text = written([
      [{ a: 'x\r\n"y",z', b: 1 }],
      [{ a: 'no', b: 2 }],
      [
        { 'c,d': 3, b: 4 },
        { e: { f: 5 }, a: '\r\n' },
      ],
      [{ b: 6 }],
    ]);
    expect(text).toBe('a,b,"c,d",e/f\r\n"x\r\n""y"",z",1,,\r\nno,2,,\r\n,4,3,\r\n"\r\n",,,5\r\n,6,,\r\n');
  });

  test('adds hundreds of columns to values of a million characters', () => {
    const long = '"\r\n,x'.repeat(200_000);
    const wide = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`m${i}`, i]));
    const [header = [], ...records] = parseCsv(written([[{ long }], [wide], [{ ...wide, long }]]));
    expect(header).toEqual(['long', ...Object.keys(wide)]);
    const numbers = Object.values(wide).map(String);
    expect(records).toEqual([
      [long, ...numbers.map(() => '')],
      ['', ...numbers],
      [long, ...numbers],
    ]);
  });

  test('law: a strict parser reads every value of every row back, whatever the names and values, however they were batched', () => {
    const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[",\r\n x]*$/));
    const name = fc.oneof(text, fc.constantFrom('a/b', 'a.b', 'a', 'b', 'constructor', '__proto__'));
    const value = fc.oneof(fc.double(), fc.boolean(), text, fc.constant(null), fc.array(fc.integer()));
    const metrics = fc.dictionary(name, fc.oneof(value, fc.dictionary(name, value)), { maxKeys: 6 });
    const row = metrics.map((own) => Object.assign(Object.create(null) as JsonObject, own, { config: { x: 1 }, training_iteration: 1 }));
    fc.assert(
      fc.property(fc.array(fc.array(row, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 5 }), (batches) => {
        const [header = [], ...records] = parseCsv(written(batches));
        const cells = batches.flat().map(({ config: _, ...rest }) => new Map(strongestLast(leaves(rest)).map(({ key, value }) => [key, value])));
        expect(new Set(header)).toEqual(new Set(cells.flatMap((each) => [...each.keys()])));
        expect(new Set(header).size).toBe(header.length);
        expect(records).toEqual(cells.map((each) => header.map((column) => cellOf(each.get(column)))));
      }),
      { numRuns: 300 },
    );
  });
});

interface Leaf {
  readonly key: string;
  readonly value: Json;
  /** The names that lead to it. */
  readonly names: readonly string[];
}

const leaves = (nest: JsonObject, outer: readonly string[] = []): readonly Leaf[] =>
  Object.entries(nest).flatMap(([name, value]) => {
    const names = [...outer, name];
    const isNest = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isNest ? leaves(value as JsonObject, names) : [{ key: names.join('/'), value, names }];
  });

/** Of two leaves with one key the flatter one counts, then the one whose outer name is longer. */
const strongestLast = (found: readonly Leaf[]): readonly Leaf[] =>
  [...found].sort((a, b) => b.names.length - a.names.length || (a.names[0] ?? '').length - (b.names[0] ?? '').length);
