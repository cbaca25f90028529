import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rng } from '../../src/base/rng.ts';
import { contains } from '../../src/space/contains.ts';
import { choice, expr, gridSearch, lograndint, loguniform, quniform, randint, randn, sampleFrom, uniform, variation } from '../../src/space/domains.ts';
import { decode, encode } from '../../src/space/encode.ts';
import { sample } from '../../src/space/sample.ts';
import { compileSpace, spaceFromJson, spaceToJson } from '../../src/space/space.ts';
import { finiteSize, variants } from '../../src/space/variants.ts';
import { anySpace } from './arbitrary-space.ts';

const refused = (code: string, text: RegExp) => expect.objectContaining({ code, message: expect.stringMatching(text) as string });

describe('compileSpace', () => {
  test('lists the parameters, a choice before what its options hold', () => {
    const { parameters, dimensions } = compileSpace({
      model: { layers: [randint(1, 5), 64], act: choice(['relu', 'tanh']) },
      optimizer: choice([
        { kind: 'sgd', lr: loguniform(1e-3, 1) },
        { kind: 'adam', lr: uniform(0, 1), deep: choice([quniform(0, 1, 0.5)]) },
      ]),
      epochs: 10,
    });
    expect(dimensions).toBe(7);
    expect(parameters.map(({ path, name, kind, when }) => [path, name, kind, when])).toEqual([
      ['model/layers/0', 'model/layers/0', 'numeric', undefined],
      ['model/act', 'model/act', 'categorical', undefined],
      ['optimizer', 'optimizer', 'categorical', undefined],
      ['optimizer/lr', 'optimizer[0]/lr', 'numeric', { parameter: 2, option: 0 }],
      ['optimizer/lr', 'optimizer[1]/lr', 'numeric', { parameter: 2, option: 1 }],
      ['optimizer/deep', 'optimizer[1]/deep', 'categorical', { parameter: 2, option: 1 }],
      ['optimizer/deep', 'optimizer[1]/deep[0]', 'numeric', { parameter: 5, option: 0 }],
    ]);
  });

  test('a range is in the units of the encoding', () => {
    const { parameters } = compileSpace({
      a: uniform(-1, 2),
      b: loguniform(0.1, 10),
      c: lograndint(1, 10),
      d: quniform(0, 1, 0.25),
      e: randn(3),
      f: gridSearch(['x', 'y']),
    });
    expect(parameters.map(({ range }) => range)).toEqual([
      { lower: -1, upper: 2, log: false },
      { lower: Math.log(0.1), upper: Math.log(10), log: true },
      { lower: 0, upper: Math.log(9), step: 1, log: true, cardinality: 9 },
      { lower: 0, upper: 1, step: 0.25, log: false, cardinality: 5 },
      { lower: -Infinity, upper: Infinity, log: false },
      { lower: 0, upper: 1, step: 1, log: false, cardinality: 2 },
    ]);
  });

  test('refuses what is neither a domain nor JSON, by its path', () => {
    expect(() => compileSpace({ model: { act: () => 1 } })).toThrow(
      refused('SPACE_INVALID', /paramSpace\/model\/act: expected a domain or JSON, got the function act.*sampleFrom/),
    );
    expect(() => compileSpace({ when: new Date(0) })).toThrow(refused('SPACE_INVALID', /paramSpace\/when: .*got a Date/));
    expect(() => compileSpace({ n: 5n })).toThrow(refused('SPACE_INVALID', /paramSpace\/n/));
    expect(() => compileSpace({ list: choice([1, [Symbol('x')]]) })).toThrow(refused('SPACE_INVALID', /paramSpace\/list\/0/));
    for (const bad of [undefined, null, 3, [uniform(0, 1)], uniform(0, 1), { grid_search: [1] }]) {
      expect(() => compileSpace(bad)).toThrow(refused('SPACE_INVALID', /paramSpace: expected an object of parameters/));
    }
    const loop: Record<string, unknown> = {};
    loop['self'] = { loop };
    expect(() => compileSpace(loop)).toThrow(refused('SPACE_INVALID', /paramSpace\/self\/loop: .*contains itself/));
    expect(() => compileSpace(JSON.parse('{"__proto__": 1}'))).toThrow(refused('SPACE_INVALID', /__proto__/));
  });

  test.each([NaN, Infinity, -Infinity])('refuses %d, which JSON lacks, wherever it stands', (value) => {
    for (const part of [value, choice([1, value]), gridSearch([value]), variation([null, value]), [value], { deep: value }])
      expect(() => compileSpace({ n: 1, x: part })).toThrow(refused('CONFIG_INVALID', new RegExp(`paramSpace/x.*: expected a finite number, got ${value}\\.`)));
  });

  test('refuses two parameters of one name', () => {
    expect(() => compileSpace({ 'a/b': uniform(0, 1), a: { b: uniform(5, 6) } })).toThrow(
      refused('SPACE_INVALID', /paramSpace\/a\/b: .*"a\/b" twice.*nesting/),
    );
    expect(() => compileSpace({ a: choice([uniform(0, 1)]), 'a[0]': uniform(0, 1) })).toThrow(refused('SPACE_INVALID', /"a\[0\]" twice/));
    expect(compileSpace({ 'a/b': uniform(0, 1), a: { c: uniform(5, 6) } }).dimensions).toBe(2);
  });

  test('one domain may stand in several places', () => {
    const shared = uniform(0, 1);
    expect(compileSpace({ a: shared, b: [shared, shared] }).dimensions).toBe(3);
  });
  test('a property that is undefined counts as absent', () => expect(sample(compileSpace({ a: 1, b: undefined }), rng(0))).toEqual({ a: 1 }));

  test('the whole may be a choice of spaces: it is sampled, swept, counted, encoded and stored like any other', () => {
    const space = compileSpace(gridSearch([{ model: 'svm', c: uniform(0, 1) }, { model: 'tree', depth: randint(1, 4) }, { model: 'none' }]));
    expect(space.parameters.map(({ name }) => name)).toEqual(['', '[0]/c', '[1]/depth']);
    const swept = [...variants(space, rng(1))];
    expect(swept.map(({ model }) => model)).toEqual(['svm', 'tree', 'none']);
    for (const config of swept) {
      expect(contains(space, config)).toBe(true);
      expect(decode(space, encode(space, config))).toEqual(config);
    }
    expect(contains(space, { model: 'none', depth: 1 })).toBe(false);
    expect(finiteSize(compileSpace(choice([{ a: variation([1, 2, 2]) }, { b: 1 }, { b: 1 }])))).toBe(3);
    expect(spaceToJson(spaceFromJson(spaceToJson(space)))).toEqual(spaceToJson(space));
    for (const bad of [choice([{ a: 1 }, 2]), uniform(0, 1), gridSearch([[1]])])
      expect(() => compileSpace(bad)).toThrow(refused('SPACE_INVALID', /expected an object of parameters, got a domain/));
  });

  test('accepts domains of another copy of the package', () => {
    const foreign = { kind: 'randint', lower: 0, upper: 1, [Symbol.for('attune.domain')]: true };
    expect(sample(compileSpace({ x: foreign }), rng(0))).toEqual({ x: 0 });
  });
});

describe('expressions in a space', () => {
  test('a name that is no parameter is refused', () => {
    expect(() => compileSpace({ lr: uniform(0, 1), wd: expr('lrr * 2') })).toThrow(
      refused('EXPRESSION_INVALID', /paramSpace\/wd: .*got "lrr".*Did you mean "lr"/),
    );
    expect(() => compileSpace({ model: { lr: uniform(0, 1) }, wd: expr('lr * 2') })).toThrow(refused('EXPRESSION_INVALID', /got "lr".*"model.lr"/));
  });
  test('circles are refused, also through others', () => {
    expect(() => compileSpace({ a: expr('b'), b: expr('c + 1'), c: expr('a') })).toThrow(refused('EXPRESSION_INVALID', /a needs b needs c needs a/));
    expect(() => compileSpace({ a: expr('a + 1') })).toThrow(refused('EXPRESSION_INVALID', /a needs a/));
  });
  test('a name that only one option holds is refused, with the option it needs', () => {
    const o = choice([{ k: randint(1, 3) }, { j: 1 }]);
    expect(() => compileSpace({ o, e: expr('o.k + 1') })).toThrow(refused('EXPRESSION_INVALID', /paramSpace\/e: .*got "o.k", which exists only in o\[0\]/));
    expect(() => compileSpace({ p: choice([{ o }, 1]), e: expr('p.o.k') })).toThrow(refused('EXPRESSION_INVALID', /only in p\[0\]\/o\[0\]/));
    expect(() => compileSpace({ o: choice([{ k: 1 }, { e: expr('o.k') }]) })).toThrow(refused('EXPRESSION_INVALID', /only in o\[0\]/));
    expect(() => compileSpace({ o, b: uniform(-1, 1), e: expr('b > 0 ? o.k : 0') })).toThrow(refused('EXPRESSION_INVALID', /only in o\[0\]/));
  });
  test.each([
    ['in the same option', { o: choice([{ k: randint(1, 3), e: expr('o.k + 1'), deep: choice([{ f: expr('o.k') }, 1]) }, { j: 1 }]) }],
    ['of an option that every option has', { o: choice([{ k: 1 }, { k: choice([2, uniform(3, 4)]) }]), e: expr('o.k + 1') }],
    ['that the expression can do without', { o: choice([{ k: 1 }, 'none']), e: expr('o.k >= 0 ? o.k : 0') }],
    ['that a constant of the option guards', { o: choice([{ kind: 1, k: randint(1, 3) }, { kind: 2 }]), e: expr('o.kind == 1 ? o.k : 0') }],
    ['of a choice of numbers', { batch: choice([16, 32]), e: expr('batch / 2') }],
  ])('a name %s is accepted', (_, input) => {
    const space = compileSpace(input);
    for (let seed = 0; seed < 20; seed++) expect(() => sample(space, rng(seed))).not.toThrow();
  });
  test('what different options hold makes no circle', () => {
    const space = compileSpace({
      m: choice([
        { k: 1, x: 1, y: expr('m.x + 1') },
        { k: 2, y: 5, x: expr('m.y + 1') },
      ]),
    });
    expect(sample(space, rng(0), { m: { k: 1 } })).toEqual({ m: { k: 1, x: 1, y: 2 } });
    expect(sample(space, rng(0), { m: { k: 2 } })).toEqual({ m: { k: 2, y: 5, x: 6 } });
  });
});

describe('JSON', () => {
  test('domains are tagged objects', () => {
    const space = compileSpace({
      lr: loguniform(0.1, 1),
      m: choice([0.9, { kind: 'x', q: quniform(0, 1, 0.5) }]),
      d: expr('lr/2'),
      f: { g: sampleFrom(() => 1) },
      c: [1, 'a', null],
    });
    expect(spaceToJson(space)).toEqual({
      lr: { $domain: 'loguniform', lower: 0.1, upper: 1 },
      m: { $domain: 'choice', options: [0.9, { kind: 'x', q: { $domain: 'quniform', lower: 0, upper: 1, q: 0.5 } }] },
      d: { $domain: 'expr', text: 'lr/2' },
      f: { g: { $domain: 'sampleFrom', path: 'f/g' } },
      c: [1, 'a', null],
    });
  });

  test('both JSON forms are accepted as a space', () => {
    const space = compileSpace({ x: { grid_search: [1, { $domain: 'uniform', lower: 0, upper: 1 }] }, y: { $domain: 'qrandint', lower: 0, upper: 4 } });
    expect(space.parameters.map(({ name, domain }) => [name, domain.kind])).toEqual([
      ['x', 'gridSearch'],
      ['x[1]', 'uniform'],
      ['y', 'qrandint'],
    ]);
    expect(() => compileSpace({ x: { $domain: 'unifrom', lower: 0, upper: 1 } })).toThrow(
      refused('SPACE_INVALID', /paramSpace\/x: .*got "unifrom".*"uniform"/),
    );
    expect(() => compileSpace({ x: { $domain: 'uniform', low: 0, upper: 1 } })).toThrow(
      refused('SPACE_INVALID', /expected the fields lower, upper.*got "low"/),
    );
    expect(() => compileSpace({ x: { $domain: 'uniform', lower: 2, upper: 1 } })).toThrow(refused('SPACE_BOUNDS', /lower < upper/));
    expect(() => compileSpace({ x: { grid_search: [] } })).toThrow(refused('SPACE_INVALID', /gridSearch/));
  });

  test("a user's own keys that look like tags come back", () => {
    const space = compileSpace({ x: { grid_search: 5 }, y: { $$domain: 1, deep: { grid_search: 1, other: [2] } } });
    const back = spaceFromJson(spaceToJson(space));
    expect(sample(back, rng(0))).toEqual({ x: { grid_search: 5 }, y: { $$domain: 1, deep: { grid_search: 1, other: [2] } } });
  });

  test('a stored sampleFrom asks for its function', () => {
    const back = spaceFromJson(spaceToJson(compileSpace({ a: 1, b: sampleFrom(() => 2) })));
    expect(spaceToJson(back)).toEqual({ a: 1, b: { $domain: 'sampleFrom', path: 'b' } });
    expect(() => sample(back, rng(0))).toThrow(refused('SPACE_INVALID', /paramSpace\/b: .*only the marker/));
    expect(sample(back, rng(0), { b: 7 })).toEqual({ a: 1, b: 7 });
  });

  test('property: a space that went through JSON text gives the same samples', () => {
    fc.assert(
      fc.property(anySpace, fc.integer(), (input, seed) => {
        const space = compileSpace(input);
        const back = spaceFromJson(JSON.parse(JSON.stringify(spaceToJson(space))));
        expect(spaceToJson(back)).toEqual(spaceToJson(space));
        expect(sample(back, rng(seed))).toEqual(sample(space, rng(seed)));
      }),
    );
  });

  test('variation keeps its distinct options', () => {
    expect(spaceToJson(compileSpace({ v: variation([1, 1, 2]) }))).toEqual({ v: { $domain: 'variation', options: [1, 2] } });
  });
});
