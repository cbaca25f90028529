import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { parseFromShare, parseToShare } from '../../src/execute/protocol.ts';
import { type Sharer, Shares, sharer } from '../../src/execute/sharing.ts';

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

/** A thread and its port, as a pool has them. */
function thread(shares: Shares): Sharer & { die(): void } {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  const mine = sharer((message) => port1.postMessage(message));
  port1.on('message', (data) => {
    const message = parseFromShare(data);
    if (message) mine.receive(message);
  });
  port2.on('message', (data) => {
    const message = parseToShare(data);
    if (message) shares.receive(port2, message);
  });
  return { ...mine, die: () => shares.gone(port2) };
}

const never = () => Promise.reject(new Error('loaded twice'));
const numbers = () => Promise.resolve({ x: { values: Float32Array.of(1, 2, 3), shape: [3] }, note: 'n', rows: [Int32Array.of(7).subarray(0, 1), null] });

describe('what threads share', () => {
  test('is loaded by the first that asks, and lies in one memory', async () => {
    const shares = new Shares();
    const [one, other, late] = [thread(shares), thread(shares), thread(shares)];
    const [first, second] = await Promise.all([one.share('a', numbers), other.share('a', never as typeof numbers)]);
    const third = await late.share('a', never as typeof numbers);
    expect(first).toEqual(await numbers());
    expect(third).toEqual(first);
    expect(second.x.values.buffer).toBeInstanceOf(SharedArrayBuffer);
    first.x.values[0] = 42;
    expect([second.x.values[0], third.x.values[0]]).toEqual([42, 42]);
    expect(await late.share('b', () => Promise.resolve(3))).toBe(3);
  });

  test('an error of the loader is its own, and the next one loads', async () => {
    const shares = new Shares();
    const [one, other] = [thread(shares), thread(shares)];
    const failed = one.share('a', () => Promise.reject(new Error('no disk')));
    const second = other.share('a', numbers);
    await expect(failed).rejects.toThrow('no disk');
    expect(await second).toEqual(await numbers());
    expect(await one.share('a', never as typeof numbers)).toEqual(await numbers());
    await expect(one.share('c', () => Promise.resolve({ not: () => 'cloneable' }))).rejects.toThrow('could not be cloned');
    expect(await other.share('c', () => Promise.resolve(1))).toBe(1);
  });

  test('a thread that asks twice gets it twice, and what it has failed to load it may ask for again', async () => {
    const one = thread(new Shares());
    const [first, second] = await Promise.all([one.share('a', numbers), one.share('a', never as typeof numbers)]);
    expect(second).toBe(first);
    const failing = () => Promise.reject(new Error('no disk'));
    for (const { status } of await Promise.allSettled([one.share('b', failing), one.share('b', failing)])) expect(status).toBe('rejected');
    expect(await one.share('b', () => Promise.resolve(1))).toBe(1);
  });

  test('what is neither plain nor an array of numbers is copied whole', async () => {
    const value = { names: new Map([[1, 'one']]), when: new Date(7) };
    const shares = new Shares();
    await thread(shares).share('a', () => Promise.resolve(value));
    expect(await thread(shares).share('a', never as () => Promise<typeof value>)).toEqual(value);
  });

  test('when the loader dies, or one that waits, the turn goes on', async () => {
    const shares = new Shares();
    const [one, other, last] = [thread(shares), thread(shares), thread(shares)];
    let loading = (): void => {};
    const begun = new Promise<void>((resolve) => (loading = resolve));
    void one.share('a', () => new Promise<Awaited<ReturnType<typeof numbers>>>(() => loading()));
    await begun;
    void other.share('a', never as typeof numbers);
    const given = last.share('a', numbers);
    await new Promise((resolve) => setImmediate(resolve));
    other.die();
    one.die();
    expect(await given).toEqual(await numbers());
  });
});
