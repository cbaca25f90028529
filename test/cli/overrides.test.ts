import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rng } from '../../src/base/rng.ts';
import { overriddenSpace } from '../../src/cli/overridden-space.ts';
import { parseOverrides } from '../../src/cli/overrides.ts';
import { gridSearch, uniform } from '../../src/space/domains.ts';
import { compileSpace } from '../../src/space/space.ts';
import { variants } from '../../src/space/variants.ts';

const valuesOf = async (text: string): Promise<unknown> => (await parseOverrides([text]))[0]?.values;

describe('values are YAML', () => {
  test.each<[string, unknown]>([
    ['x=3', [3]],
    ['x=10.', [10]],
    ['x=.5', [0.5]],
    ['x=1e-3', [0.001]],
    ['x=-1', [-1]],
    ['x=true', [true]],
    ['x=null', [null]],
    ['x=cpu', ['cpu']],
    ['x=yes', ['yes']],
    ["x='3'", ['3']],
    ["x=''", ['']],
    ['x="a\\"b"', ['a"b']],
    ['x=[1,2]', [[1, 2]]],
    ['x={a: 1, b: [2, 3]}', [{ a: 1, b: [2, 3] }]],
    ['x=a=b', ['a=b']],
    ["x=it's", ["it's"]],
    ["x='a # b'", ['a # b']],
  ])('%s', async (text, values) => expect(await valuesOf(text)).toEqual(values));
});

describe('commas separate values', () => {
  test.each<[string, unknown]>([
    ['x=2,3,4', [2, 3, 4]],
    ['x=10.,1.', [10, 1]],
    ['x=1, 2', [1, 2]],
    ["x='a,b',c", ['a,b', 'c']],
    ['x="a,b"', ['a,b']],
    ['x=[1,2],[3]', [[1, 2], [3]]],
    ["x=['a]',b],c", [['a]', 'b'], 'c']],
    ["x=it's,that's", ["it's", "that's"]],
    ['x=choice(a,b)', ['a', 'b']],
    ['x=range(3)', [0, 1, 2]],
    ['x=range(1,10,3)', [1, 4, 7]],
    ['x=range(0,0.3,0.1)', [0, 0.1, 0.2]],
    ['x=range(3,0,-1)', [3, 2, 1]],
    ['x=range(2),range(3)', ['range(2)', 'range(3)']],
    ['x=relu(a,b),tanh', ['relu(a,b)', 'tanh']],
  ])('%s', async (text, values) => expect(await valuesOf(text)).toEqual(values));

  test('whatever JSON the values are, they come back', async () => {
    const scalar = fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.stringMatching(/^[ -~]{0,12}$/));
    const value = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), scalar, { maxKeys: 2 }));
    const law = fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 4 }), async (values) => {
      expect(await valuesOf(`x=${values.map((one) => JSON.stringify(one)).join(',')}`)).toEqual(values);
    });
    await fc.assert(law, { numRuns: 200, seed: 8 });
  });
});

describe('what is wrong is told with its character, counted from 0', () => {
  test.each<[string, string]>([
    ['seed', 'expected key=value, got "seed"'],
    ['=3', 'expected a key such as model.num_units at character 0, got ""'],
    ['+a..b=3', 'at character 1, got "a..b"'],
    ['a b=3', 'got "a b"'],
    ['__proto__.x=3', 'got "__proto__.x"'],
    ['x=', "expected a value at character 2, got none: x=. For an empty text write ''"],
    ['lr=10.,', 'expected a value at character 7, got none: lr=10.,'],
    ['lr=,1', 'expected a value at character 3'],
    ['x=[1,2', 'expected "]" for the "[" at character 2, got the end'],
    ["x=1,'a", 'expected the quote at character 4 to end'],
    ['x=#fff', 'expected a value without #, which begins a comment, at character 2, got #fff'],
    ['x=1,a #b', 'expected a value without #, which begins a comment, at character 4, got a #b'],
    ['x=1,&a', 'expected a value without tag or anchor at character 4'],
    ['x=&a 1', 'expected a value without tag or anchor at character 2'],
    ['x=!!js/function 1', 'at character 2'],
    ['x=*', 'at character 2'],
    ['x=---', 'expected a value at character 2'],
    ['x=12345678901234567890', 'expected a whole number up to 2^53 - 1 at character 2'],
    ['x=range(3,0)', 'expected a range of 1 to 100000 numbers, got x=range(3,0)'],
    ['x=range(a)', 'expected range(stop), range(start,stop) or range(start,stop,step) of numbers'],
  ])('%s', async (text, problem) => {
    await expect(parseOverrides([text])).rejects.toThrow(problem);
    await expect(parseOverrides([text])).rejects.toMatchObject({ code: 'ERR_PARSE_ARGS_INVALID' });
  });

  test('a key twice', async () => {
    await expect(parseOverrides(['a.b=1', '+a.b=2'])).rejects.toThrow('expected each key once, got "a.b" again: +a.b=2');
  });
});

describe('the space of a sweep', () => {
  const space = async (defaults: Record<string, unknown> | undefined, ...texts: string[]): Promise<unknown> =>
    overriddenSpace(defaults, await parseOverrides(texts));

  test('without defaults any key is new; dots nest', async () => {
    expect(await space(undefined, 'model.units=2,3', 'seed=1')).toEqual({ model: { units: gridSearch([2, 3]) }, seed: 1 });
  });

  test('of the defaults only what is named changes, and they are not touched', async () => {
    const defaults = { model: { units: 1, depth: 2 }, layers: [8, 8], lr: uniform(0, 1) };
    expect(await space(defaults, 'model.units=2,3', 'layers.1=4')).toEqual({ ...defaults, model: { units: gridSearch([2, 3]), depth: 2 }, layers: [8, 4] });
    expect(await space(defaults, 'model={kind: tree}', 'lr=0.5')).toEqual({ model: { kind: 'tree' }, layers: [8, 8], lr: 0.5 });
    expect(defaults.layers).toEqual([8, 8]);
  });

  test('a key that the defaults lack is refused, unless it has a +', async () => {
    const defaults = { model: { num_units: 1 } };
    await expect(space(defaults, 'model.num_unit=2')).rejects.toThrow(
      'expected a key of the defaults under "model" (num_units), got "model.num_unit": model.num_unit=2. Did you mean "model.num_units"? A new key is written +model.num_unit=…',
    );
    expect(await space(defaults, '+optim.lr=0.1')).toEqual({ ...defaults, optim: { lr: 0.1 } });
  });

  test('no key leads through a value or a domain', async () => {
    await expect(space({ lr: 1 }, 'lr.max=2')).rejects.toThrow('expected "lr" to hold keys, got a value; it cannot have "max": lr.max=2');
    await expect(space({ lr: uniform(0, 1) }, '+lr.max=2')).rejects.toThrow('got a value');
    await expect(space({ layers: [1] }, '+layers.3=2')).rejects.toThrow('expected an index of 1 items for "3"');
  });

  test('its runs are the product of the lists: the first key, in the order of the alphabet, changes fastest', async () => {
    const runs = [...variants(compileSpace((await space(undefined, 'seed=1,2,3', 'model.num_units=2,3,4', 'optimizer.lr=10.,1.')) as never), rng(0))];
    expect(runs).toHaveLength(18);
    expect(runs.slice(0, 4).map((run) => JSON.stringify(run))).toEqual([
      '{"seed":1,"model":{"num_units":2},"optimizer":{"lr":10}}',
      '{"seed":1,"model":{"num_units":3},"optimizer":{"lr":10}}',
      '{"seed":1,"model":{"num_units":4},"optimizer":{"lr":10}}',
      '{"seed":1,"model":{"num_units":2},"optimizer":{"lr":1}}',
    ]);
    expect(new Set(runs.map((run) => JSON.stringify(run))).size).toBe(18);
  });
});
