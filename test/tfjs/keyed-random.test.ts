import { expect, test } from 'vitest';
import { rng } from '../../src/base/rng.ts';
import { keyedRandom } from '../../src/tfjs/keyed-random.ts';

const original = Math.random;
const three = async () => {
  const drawn = [Math.random()];
  await new Promise((resolve) => setImmediate(resolve));
  return [...drawn, Math.random(), Math.random()];
};

test('draws from the stream while the work lasts, and not a draw longer', async () => {
  const stream = rng(3).fork('epoch', 1);
  expect(await keyedRandom(rng(3).fork('epoch', 1), three)).toEqual([stream.next(), stream.next(), stream.next()]);
  expect(Math.random).toBe(original);
});

test('works that take turns on one thread do not draw from one another, nor does anything else', async () => {
  const alone = await keyedRandom(rng(1), three);
  const others: number[] = [];
  const [first, second] = await Promise.all([keyedRandom(rng(1), three), keyedRandom(rng(2), three), Promise.resolve().then(() => others.push(Math.random()))]);
  expect(first).toEqual(alone);
  expect(second).not.toEqual(alone);
  expect(alone).not.toContain(others[0]);
  expect(Math.random).toBe(original);
});

test('is put back after an error, unless somebody else has put one in its place', async () => {
  await expect(keyedRandom(rng(1), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(Math.random).toBe(original);
  const theirs = () => 0.5;
  await keyedRandom(rng(1), () => {
    Math.random = theirs;
  });
  expect(Math.random).toBe(theirs);
  Math.random = original;
});
