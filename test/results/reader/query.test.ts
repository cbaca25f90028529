import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../../src/base/json.ts';
import { type Doubt, matchQuery } from '../../../src/results/reader/match-query.ts';
import { parseQuery, printQuery, type Query } from '../../../src/results/reader/query.ts';
import type { Scalar } from '../../../src/results/reader/query-text.ts';

type Values = Readonly<Record<string, Json>>;

const is = (field: string, value: Scalar) => ({ kind: 'compare', field, by: '==', value });
const treeOf = (query: string) => withoutPlaces(parseQuery(query));
const a = is('config.a', 1);
const b = is('config.b', 2);
const c = is('config.c', 3);

/** The indices of the runs that a query holds for. */
function matches(query: string, runs: readonly Values[], onDoubt?: (doubt: Doubt) => void): readonly number[] {
  const holds = matchQuery(parseQuery(query), (field) => runs.map((run) => run[field]), onDoubt);
  return runs.flatMap((_, i) => (holds(i) ? [i] : []));
}

const runs: readonly Values[] = [
  { 'config.seed': 1, 'config.lr': 0.001, 'config.device': 'cpu', 'config.flag': true },
  { 'config.seed': 2, 'config.lr': 10, 'config.device': 'gpu', 'config.flag': false, 'config.my-key': 'x' },
  { 'config.seed': 4, 'config.lr': 1, 'config.device': null },
];

describe('the grammar', () => {
  test('comparisons bind tighter than ~, ~ tighter than &, & tighter than |', () => {
    expect(treeOf('config.a==1 | config.b==2 & config.c==3')).toEqual({ kind: 'any', of: [a, { kind: 'all', of: [b, c] }] });
    expect(treeOf('~config.a==1 & config.b==2')).toEqual({ kind: 'all', of: [{ kind: 'not', of: a }, b] });
    expect(treeOf('~ (config.a==1 & config.b==2)')).toEqual({ kind: 'not', of: { kind: 'all', of: [a, b] } });
    expect(treeOf('~ ~ config.a == 1')).toEqual({ kind: 'not', of: { kind: 'not', of: a } });
    expect(treeOf('~ config.seed in [1,4]')).toEqual({ kind: 'not', of: { kind: 'in', field: 'config.seed', values: [1, 4] } });
    expect(treeOf(' ')).toEqual({ kind: 'all', of: [] });
  });

  test.each<readonly [string, Scalar]>([
    ['1', 1],
    ['1.', 1],
    ['.5', 0.5],
    ['-2', -2],
    ['+2.5', 2.5],
    ['1e-3', 0.001],
    ['0', 0],
    ['00', 0],
    ['0x1F', 31],
    ['1_000', 1000],
    ['True', true],
    ['fAlSe', false],
    ['null', null],
    ['None', null],
    ["'it is'", 'it is'],
    ['"it\'s"', "it's"],
    [String.raw`'it\'s'`, "it's"],
    [String.raw`'C:\data\new\\x'`, 'C:\\data\new\\x'],
    [String.raw`'\x41\u00e9\U0001F600\101'`, 'Aé😀A'],
    ["'a' 'b'", 'ab'],
    ['"]"', ']'],
  ])('a literal %s', (text, value) => {
    expect(treeOf(`config.a == ${text}`)).toEqual(is('config.a', value));
    expect(treeOf(`config.a in [${text}, ${text},]`)).toEqual({ kind: 'in', field: 'config.a', values: [value, value] });
  });

  test('a field may be in back quotes, so that every one can be named', () => {
    expect(treeOf('`config.my-key` == 1')).toEqual(is('config.my-key', 1));
    expect(treeOf('`config.a\\`b\\\\ c` == 1')).toEqual(is('config.a`b\\ c', 1));
  });

  test.each([
    ['config.a == 1 &', 'column 16: expected a field such as config.lr, `(` or `~`, got the end'],
    ['(config.a == 1', 'column 15: expected `)` for the `(` in column 1, got the end'],
    ['config.a == 1)', 'column 14: expected `&`, `|` or the end, got ")"'],
    ['config.a = 1', 'column 10: expected `==`'],
    ['4 < config.a', 'column 1: expected a field that begins with "config." or "info.", got "4"'],
    ['train.loss < 1', 'column 1: expected a field that begins with "config." or "info.", got "train.loss"'],
    ['config.a < config.b', 'column 12: expected a literal'],
    ['config.a == 007', 'column 13: expected a number without leading zeros'],
    ['config.a == 1x', 'column 13: expected a literal'],
    ["config.a == 'x", "column 13: expected a ' that ends what begins here"],
    [String.raw`config.a == '\x4'`, 'column 14: expected an escape'],
    [String.raw`config.a == '\U00110000'`, 'column 14: expected an escape'],
    ['config.a in 3', 'column 13: expected a list'],
    ['config.a in [1', 'column 15: expected `,` or `]` for the `[` in column 13'],
    ['config.a in [[1]]', 'column 14: expected a literal'],
    ['config.a not in [1]', 'column 10: expected `==`'],
    ['config.a', 'or `in` after config.a, got the end'],
    ['config.a == 1 && config.b == 2', 'column 16: expected a field'],
    ['in == 1', 'column 1: expected a field such as'],
    ['config.my-key == 1', 'got "-key == 1". Hint: A name with other characters than letters, digits, `_` and `.` stands in back quotes'],
    ['config.é == 1', 'got "config". Hint: A name with other characters'],
    ['config.a += 1', 'Hint: The language of queries is in docs/reader.md'],
    [`${'('.repeat(5000)}config.a == 1`, 'at most 200'],
  ])('%s is refused, with where and what', (query, message) => {
    expect(() => parseQuery(query)).toThrow(expect.objectContaining({ code: 'QUERY_INVALID', message: expect.stringContaining(message) as string }));
  });

  test('a query of ten thousand alternatives does not end the stack', () => {
    const query = Array.from({ length: 10_000 }, (_, i) => `config.seed == ${i}`).join(' | ');
    expect(matches(query, runs)).toEqual([0, 1, 2]);
  });
});

describe('what a query holds for', () => {
  test.each<readonly [string, readonly number[]]>([
    ['', [0, 1, 2]],
    ['~ config.seed in [1,4]', [1]],
    ['config.lr == 1e-3', [0]],
    ['config.lr <= 1', [0, 2]],
    ["config.device != 'cpu'", [1, 2]], // null is a value
    ['config.device == null', [2]],
    ["config.device < 'd'", [0]],
    ['config.seed == True', [0]], // Python: 1 == True
    ['config.flag == 1', [0]],
    ['config.flag < 1', [1]],
    ['config.flag in [0]', [1]],
    ["config.seed == '1'", []],
    ["`config.my-key` == 'x'", [1]],
    // run 2 lacks it: every comparison is false, and so `~ x == 1` differs from `x != 1`
    ['config.flag != True', [1]],
    ['~ config.flag == True', [1, 2]],
    ['config.a == 1 | config.seed >= 2', [1, 2]],
  ])('%s', (query, expected) => {
    expect(matches(query, runs)).toEqual(expected);
  });

  test('what cannot be true of any run is told, and is no error', () => {
    const doubts: Doubt[] = [];
    const told = (query: string) => matches(query, runs, (doubt) => doubts.push(doubt));
    expect(told('config.seed > 0 & ~ config.sed == 1')).toEqual([0, 1, 2]);
    expect(told('config.device < 4')).toEqual([]);
    expect(told('config.seed in [7]')).toEqual([]);
    expect(doubts).toEqual([
      { field: 'config.sed', at: 20, kind: 'unknown' },
      { field: 'config.device', at: 0, kind: 'incomparable', value: 4 },
    ]);
  });
});

const FIELDS = ['config.a', 'config.b.c', 'info.status', 'config.my-key', 'config.`'];
const scalar: fc.Arbitrary<Scalar> = fc.oneof(
  fc.constantFrom<Scalar>(null, true, false, 0, 1, 2, -1.5, 1e-3, '', 'a', 'b', "'", '\\', '\n', '😀', '\uffff', Infinity),
  fc.double({ noNaN: true }),
  fc.string({ unit: 'binary' }),
);
const { query: anyQuery } = fc.letrec<{ query: Query }>((tie) => ({
  query: fc.oneof(
    { maxDepth: 4 },
    fc.record({
      kind: fc.constant('compare'),
      field: fc.constantFrom(...FIELDS),
      by: fc.constantFrom('==', '!=', '<', '<=', '>', '>='),
      value: scalar,
      at: fc.constant(0),
    }),
    fc.record({ kind: fc.constant('in'), field: fc.constantFrom(...FIELDS), values: fc.array(scalar, { maxLength: 3 }), at: fc.constant(0) }),
    fc.record({ kind: fc.constant('not'), of: tie('query') }),
    fc.record({ kind: fc.constantFrom('all', 'any'), of: fc.array(tie('query'), { minLength: 2, maxLength: 4 }) }),
  ) as fc.Arbitrary<Query>,
}));

test('property: what is printed of a tree parses to that tree', () => {
  fc.assert(
    fc.property(anyQuery, (query) => {
      expect(treeOf(printQuery(query))).toEqual(withoutPlaces(query));
    }),
    { seed: 8 },
  );
});

test('property: closures over columns give what a slow, obvious evaluator gives', () => {
  const value: fc.Arbitrary<Json> = fc.oneof(scalar, fc.constantFrom<Json>([1], Number.NaN)) as fc.Arbitrary<Json>;
  const run = fc.record(Object.fromEntries(FIELDS.map((field) => [field, value])), { requiredKeys: [] }) as fc.Arbitrary<Values>;
  fc.assert(
    fc.property(anyQuery, fc.array(run, { maxLength: 5 }), (query, all) => {
      const expected = all.flatMap((one, i) => (holds(query, one) ? [i] : []));
      expect(matches(printQuery(query), all)).toEqual(expected);
    }),
    { seed: 8 },
  );
});

/** Python's meaning, written down case by case. */
function holds(query: Query, run: Values): boolean {
  if (query.kind === 'not') return !holds(query.of, run);
  if (!('field' in query)) return query.kind === 'all' ? query.of.every((part) => holds(part, run)) : query.of.some((part) => holds(part, run));
  if (!Object.hasOwn(run, query.field)) return false;
  const value = number(run[query.field] as Json);
  if (query.kind === 'in') return query.values.some((one) => number(one) === value);
  const wanted = number(query.value);
  if (query.by === '==') return value === wanted;
  if (query.by === '!=') return value !== wanted;
  if (typeof value !== typeof wanted || (typeof value !== 'number' && typeof value !== 'string')) return false;
  const [x, y] = typeof value === 'number' ? [value, wanted as number] : [pythonOrder(value, wanted as string), 0];
  return query.by === '<' ? x < y : query.by === '<=' ? x <= y : query.by === '>' ? x > y : x >= y;
}

const number = (value: Json): Json => (typeof value === 'boolean' ? Number(value) : value);

function pythonOrder(x: string, y: string): number {
  const points = (text: string): string => [...text].map((one) => String(one.codePointAt(0)).padStart(8, '0')).join('');
  return points(x) < points(y) ? -1 : points(x) > points(y) ? 1 : 0;
}

const withoutPlaces = (query: Query): unknown =>
  JSON.parse(JSON.stringify(query, (key, value: unknown) => (key === 'at' ? undefined : value === Infinity ? 'inf' : value)));
