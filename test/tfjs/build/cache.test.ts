import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { BINARY, cacheDirectory, cacheKey, readEntry } from '../../../src/tfjs/build/cache.ts';
import { placementsOf, putInPlace } from '../../../src/tfjs/build/put-in-place.ts';

const folder = mkdtempSync(join(tmpdir(), 'attune-cache-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the cache lies where the user says, or where the platform keeps such things', () => {
  const at = (platform: NodeJS.Platform, env: Record<string, string> = {}) => cacheDirectory({ platform, env, home: '/home/me' });
  expect(at('linux', { ATTUNE_CACHE: '/own', XDG_CACHE_HOME: '/xdg' })).toBe('/own');
  expect(at('linux', { XDG_CACHE_HOME: '/xdg' })).toBe('/xdg/attune');
  expect(at('linux')).toBe('/home/me/.cache/attune');
  expect(at('darwin')).toBe('/home/me/Library/Caches/attune');
});

test('the key tells package, TensorFlow, N-API and platform apart, in a file name', () => {
  const built = { id: '@tensorflow/tfjs-node', version: '4.22.0', tensorflow: '2.21.0', platform: 'linux-x64' };
  expect(cacheKey(built)).toBe('tfjs-node-4.22.0_tensorflow-2.21.0_napi-8_linux-x64');
  const others = [{ id: '@tensorflow/tfjs-node-gpu' }, { version: '4.22.1' }, { tensorflow: '2.20.0' }, { platform: 'linux-arm64' }];
  expect(new Set([{}, ...others].map((other) => cacheKey({ ...built, ...other }))).size).toBe(5);
});

describe('an entry', () => {
  const dir = join(folder, 'entry');
  const make = (): void => {
    mkdirSync(join(dir, 'lib'), { recursive: true });
    writeFileSync(join(dir, BINARY), 'binary');
    writeFileSync(join(dir, 'lib', 'a.so.2'), 'library');
    writeFileSync(join(dir, 'entry.json'), JSON.stringify({ tensorflow: '2.21.0', libraries: { 'a.so.2': 7 }, cuda: false }));
  };

  test('is read back, unless a file of it is missing or cut short', () => {
    make();
    expect(readEntry(dir)).toEqual({ dir, tensorflow: '2.21.0', libraries: { 'a.so.2': 7 }, cuda: false });
    writeFileSync(join(dir, 'lib', 'a.so.2'), 'lib');
    expect(readEntry(dir)).toBeUndefined();
    expect(readEntry(join(folder, 'nothing'))).toBeUndefined();
  });

  test('is put in place library first, binary last, again and again', async () => {
    make();
    const entry = readEntry(dir);
    if (entry === undefined) throw new Error('there is an entry');
    const to = join(folder, 'package');
    expect(placementsOf({ ...entry, cuda: true }, to).map(({ to: place, how }) => [place.slice(to.length), how])).toEqual([
      ['/deps/lib/a.so.2', 'link'],
      ['/deps/nvidia', 'folder'],
      [`/lib/napi-v8/${BINARY}`, 'copy'],
    ]);
    for (let time = 0; time < 2; time++) await putInPlace(entry, to);
    expect(readFileSync(join(to, 'deps/lib/a.so.2'), 'utf8')).toBe('library');
    expect(readFileSync(join(to, 'lib/napi-v8', BINARY), 'utf8')).toBe('binary');
    expect(existsSync(join(to, 'deps/lib', `.a.so.2.${process.pid}`))).toBe(false);
  });

  test('brings its CUDA, whatever is in its place, and takes away that of another entry', async () => {
    make();
    const entry = readEntry(dir);
    if (entry === undefined) throw new Error('there is an entry');
    mkdirSync(join(dir, 'nvidia'));
    const to = join(folder, 'with-cuda');
    mkdirSync(join(to, 'deps/nvidia/old'), { recursive: true });
    for (let time = 0; time < 2; time++) await putInPlace({ ...entry, cuda: true }, to);
    expect(readlinkSync(join(to, 'deps/nvidia'))).toBe(join(dir, 'nvidia'));
    await putInPlace(entry, to);
    expect(readdirSync(join(to, 'deps'))).toEqual(['lib']);
    expect(existsSync(join(dir, 'nvidia'))).toBe(true);
  });
});
