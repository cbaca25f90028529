import { expect, test } from 'vitest';
import { channel } from '../../src/base/channel.ts';
import { turn } from '../../src/execute/turn.ts';

test('a reader gets everything that came in since its last batch', async () => {
  using items = channel<number>(turn);
  const batches = items[Symbol.asyncIterator]();
  items.push(1);
  const first = batches.next();
  items.push(2); // in the same turn
  expect(await first).toEqual({ done: false, value: [1, 2] });
  items.push(3);
  expect(await batches.next()).toEqual({ done: false, value: [3] });
});

test('disposal ends a reader that waits, and drops what comes later', async () => {
  const items = channel<number>(turn);
  const batches = items[Symbol.asyncIterator]();
  const waiting = batches.next();
  await turn();
  items[Symbol.dispose]();
  expect((await waiting).done).toBe(true);
  items.push(1);
  expect((await batches.next()).done).toBe(true);
});
