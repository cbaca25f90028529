import { afterEach, expect, test } from 'vitest';
import { setWorkerMark, type WorkerMark } from '../../src/trainable/worker-global.ts';
import { isTrialWorker, openingRefused } from '../../src/trainable/worker-mark.ts';

const KEY = Symbol.for('attune.worker');
afterEach(() => {
  delete (globalThis as { [KEY]?: unknown })[KEY];
});

const mark = (state: { running: boolean; loading: boolean }): { readonly parked: () => number } => {
  let parked = 0;
  setWorkerMark({ ...state, defined: () => {}, parked: () => void (parked += 1) } satisfies WorkerMark);
  return { parked: () => parked };
};

test('a program of the user opens what it likes', () => {
  expect(isTrialWorker).toBe(false);
  expect(openingRefused('fit()')).toBeUndefined();
});

test('a module that loads in a worker of ours waits there, and the worker knows', () => {
  const { parked } = mark({ running: false, loading: true });
  expect(openingRefused('fit()')).toBeInstanceOf(Promise);
  expect(parked()).toBe(1);
});

test('also while a trial runs already, since its name was defined above', () => {
  mark({ running: true, loading: true });
  expect(openingRefused('fit()')).toBeInstanceOf(Promise);
});

test('inside a running trial it is an error', () => {
  mark({ running: true, loading: false });
  expect(() => openingRefused('fit()')).toThrow(/NESTED_FIT/);
});
