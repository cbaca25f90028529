import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readJsonl } from '../../src/experiments/read-jsonl.ts';

const dir = mkdtempSync(join(tmpdir(), 'attune-jsonl-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const file = (text: string): string => {
  const path = join(dir, 'some.jsonl');
  writeFileSync(path, text);
  return path;
};

test('what is nested gets names with dots; a row that lacks a column has null there', () => {
  const table = readJsonl(
    file('{"lr":0.1,"scores":{"fit_time":2,"accuracy":[0.5,0.7]}}\n{"lr":0.2,"scores":{"fit_time":3},"model":{"act":"relu","opts":{}}}\n'),
  );
  expect(table.columnNames()).toEqual(['lr', 'scores.fit_time', 'scores.accuracy', 'model.act', 'model.opts']);
  expect(table.objects()).toEqual([
    { lr: 0.1, 'scores.fit_time': 2, 'scores.accuracy': [0.5, 0.7], 'model.act': null, 'model.opts': null },
    { lr: 0.2, 'scores.fit_time': 3, 'scores.accuracy': null, 'model.act': 'relu', 'model.opts': {} },
  ]);
});

test('an empty file is a table of nothing; a last line that was torn is left out', () => {
  expect(readJsonl(file('')).numRows()).toBe(0);
  expect(readJsonl(file('{"a":1}\n{"a":')).array('a')).toEqual([1]);
  expect(readJsonl(file('{"a":1e999}\r\n\n{"a":null}')).array('a')).toEqual([Number.POSITIVE_INFINITY, null]);
});

test('says which line it cannot read, and why', () => {
  expect(() => readJsonl(file('{"a":1}\n{"a":\n{"a":3}\n'))).toThrow(/some\.jsonl:2: expected a JSON object.*RESULT_NOT_FOUND/);
  expect(() => readJsonl(file('{"a":1}\n[1]\n'))).toThrow(/some\.jsonl:2: expected a JSON object/);
  expect(() => readJsonl(file('{"a.b":1,"a":{"b":2}}\n'))).toThrow(/some\.jsonl:1: expected columns of different names, got "a\.b" twice/);
  expect(() => readJsonl(join(dir, 'nowhere.jsonl'))).toThrow(/expected a file at .*nowhere\.jsonl".*ENOENT/s);
});
