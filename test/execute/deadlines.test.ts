import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deadlines, type Limits } from '../../src/execute/deadlines.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A run that began now, and a list of what has fired, when (in seconds). */
function watch(limits: Limits): { readonly deadlines: Deadlines; readonly fired: readonly unknown[] } {
  const began = Date.now();
  const fired: unknown[] = [];
  const deadlines = new Deadlines(
    limits,
    () => began,
    (why) => fired.push([why, (Date.now() - began) / 1000]),
  );
  return { deadlines, fired };
}
const pass = (s: number): unknown => vi.advanceTimersByTime(s * 1000);

test('a run has its whole time; once it is told to end, only its grace', () => {
  const { deadlines, fired } = watch({ stopGraceS: 5, trialTimeoutS: 10 });
  pass(9);
  deadlines.told();
  pass(2);
  deadlines.told(); // no second grace
  pass(60);
  expect(fired).toEqual([['grace', 14]]);
});

test('a run that is not told to end may save for the rest of its whole time', () => {
  const { deadlines, fired } = watch({ stopGraceS: 5, trialTimeoutS: 100 });
  deadlines.saving(true);
  pass(200);
  expect(fired).toEqual([['timeout', 100]]);
});

test.each([
  ['before', 5, 50],
  ['before', 1, 30],
  ['while', 5, 50],
])('told %s it saves, with a grace of %d s, a saver that hangs is ended after %d s', (when, stopGraceS, end) => {
  const { deadlines, fired } = watch({ stopGraceS });
  if (when === 'before') deadlines.told();
  deadlines.saving(true);
  deadlines.told();
  expect(deadlines.graceInWords).toContain(`${end} s (while saving`);
  pass(1000);
  expect(fired).toEqual([['grace', end]]);
});

test('once it has saved, the grace begins anew', () => {
  const { deadlines, fired } = watch({ stopGraceS: 5 });
  deadlines.told();
  deadlines.saving(true);
  pass(40);
  deadlines.saving(false);
  pass(1000);
  expect(deadlines.graceInWords).toBe('5 s (stopGraceS)');
  expect(fired).toEqual([['grace', 45]]);
});

test('one that has ended is watched no more', () => {
  const { deadlines, fired } = watch({ stopGraceS: 5, trialTimeoutS: 1 });
  deadlines.told();
  deadlines[Symbol.dispose]();
  pass(1000);
  expect(fired).toEqual([]);
});
