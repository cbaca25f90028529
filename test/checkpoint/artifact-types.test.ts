import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AttuneError } from '../../src/base/errors.ts';
import { type ArtifactType, artifactType, registerArtifactType, unknownTypeHint } from '../../src/checkpoint/artifact-types.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'attune-artifacts-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const roundTrip = async (type: string, value: unknown): Promise<unknown> => {
  const { save, load } = artifactType(type) as ArtifactType;
  await save(value, join(dir, 'value'));
  return load(join(dir, 'value'));
};

const refusal = (call: () => unknown): AttuneError => {
  try {
    call();
  } catch (error) {
    return error as AttuneError;
  }
  throw new Error('expected it to throw');
};

describe('what is built in comes back as it was', () => {
  test('json: whatever JSON can hold, and the numbers that it cannot', async () => {
    expect(await roundTrip('json', { matrix: [[1, 2.5]], label: 'a "b"\n', none: null })).toEqual({ matrix: [[1, 2.5]], label: 'a "b"\n', none: null });
    expect(await roundTrip('json', [Number.NaN, Infinity, -Infinity, -0])).toEqual([Number.NaN, Infinity, -Infinity, -0]);
    expect(await readFile(join(dir, 'value'), 'utf8')).toContain('{"$number":"NaN"}');
    const comesBack = fc.asyncProperty(fc.jsonValue({ depthSize: 'small' }), async (value) => {
      expect(await roundTrip('json', value)).toEqual(value);
    });
    await fc.assert(comesBack, { numRuns: 30, seed: 8 });
  });

  test('json is a file that every tool reads', async () => {
    await roundTrip('json', { loss: [0.5, 0.25] });
    expect(await readFile(join(dir, 'value'), 'utf8')).toBe('{"loss":[0.5,0.25]}\n');
  });

  test('text, in any script', async () => {
    expect(await roundTrip('text', 'año 学习\r\n')).toBe('año 学习\r\n');
  });

  test('bytes: a buffer or a view of one, and of a view only what it shows', async () => {
    expect(await roundTrip('bytes', Buffer.from('abc'))).toEqual(Uint8Array.of(97, 98, 99));
    expect(await roundTrip('bytes', Uint8Array.of(1, 2, 3, 4).subarray(1, 3))).toEqual(Uint8Array.of(2, 3));
    expect(await roundTrip('bytes', Uint8Array.of(5).buffer)).toEqual(Uint8Array.of(5));
    expect(await roundTrip('bytes', Float32Array.of(1))).toEqual(Uint8Array.of(0, 0, 128, 63));
    expect(await roundTrip('bytes', new Uint8Array())).toEqual(new Uint8Array());
  });
});

test('a value that a type does not take is refused, with what to write instead', () => {
  const circle: unknown[] = [];
  circle.push(circle);
  for (const [type, value, message] of [
    ['json', { weights: { w: Float32Array.of(1) } }, 'got a Float32Array at "weights/w". Hint: Write plain objects and arrays (Array.from of a typed array'],
    ['json', undefined, 'got undefined'],
    ['json', { at: new Date(0) }, 'got a Date at "at"'],
    ['json', [() => 1], 'got a function at "0"'],
    ['json', circle, 'got an object inside itself'],
    ['text', 7, 'expected a string for the type "text", got 7. Hint: Write String(value), or save it as "json".'],
    ['bytes', 'abc', 'expected an ArrayBuffer, or a view of one, for the type "bytes", got "abc". Hint: Write a Uint8Array or a Buffer'],
  ] as const) {
    const error = refusal(() => artifactType(type)?.save(value, join(dir, 'never')));
    expect([error.code, error.message]).toEqual(['ARTIFACT_INVALID', expect.stringContaining(message)]);
  }
});

describe('registerArtifactType', () => {
  const counts: ArtifactType<Map<string, number>> = {
    save: (map, path) => writeFile(path, JSON.stringify([...map])),
    load: async (path) => new Map(JSON.parse(await readFile(path, 'utf8')) as [string, number][]),
  };

  test('a type of your own', async () => {
    registerArtifactType('counts', counts);
    expect(await roundTrip('counts', new Map([['cat', 3]]))).toEqual(new Map([['cat', 3]]));
  });

  test('once more, as by a module that is evaluated again, is no mistake', () => {
    registerArtifactType('again', { save: (_, path) => writeFile(path, 'x'), load: () => 'x' });
    registerArtifactType('again', { save: (_, path) => writeFile(path, 'x'), load: () => 'x' });
    expect(artifactType('again')?.load('')).toBe('x');
  });

  test('with other functions it is, whoever has the name', () => {
    registerArtifactType('mine', counts);
    const other = { ...counts, load: () => new Map() };
    expect(refusal(() => registerArtifactType('mine', other)).message).toMatch(/expected a name that no other type has, got "mine".*Choose another name/);
    expect(refusal(() => registerArtifactType('json', counts as never)).message).toMatch(/"json" is built in: choose another name.*ARTIFACT_INVALID/);
    expect(artifactType('mine')).toBe(counts);
  });

  test.each([[''], ['a/b'], ['..'], ['a.b'], ['.hidden'], ['é'], ['x'.repeat(65)], [7]])('%j is no name of a type', (name) => {
    expect(refusal(() => registerArtifactType(name as string, counts)).message).toMatch(/expected a name of 1 to 64 letters/);
  });

  test.each([[undefined], [null], [{}], [{ save: () => {} }], [{ save: () => {}, load: 'x' }]])('%j has not both functions', (type) => {
    expect(refusal(() => registerArtifactType('half', type as never)).message).toMatch(/expected functions save and load for the type "half"/);
  });

  test('names that every object has are no types', () => {
    expect([artifactType('constructor'), artifactType('__proto__'), artifactType('toString')]).toEqual([undefined, undefined, undefined]);
  });
});

test('the hint for an unknown type says which there are, or where that one comes from', () => {
  expect(unknownTypeHint('tfjs')).toBe("Write import 'attune/tfjs' first: it registers the type.");
  expect(unknownTypeHint('numpy')).toMatch(/^There are "json", "text", "bytes".*; others are registered with registerArtifactType/);
});
