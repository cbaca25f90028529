import { expect, test } from 'vitest';
import { AttuneError, ERROR_CODES } from '../../src/base/errors.ts';

test('a message says where, what was expected, what came, what to do, and the code', () => {
  const error = new AttuneError('SPACE_BOUNDS', 'uniform: expected lower < upper, got 2 and 1.');
  expect(error.message).toBe(
    'uniform: expected lower < upper, got 2 and 1. Hint: Give finite bounds with lower < upper, in the units of the parameter. [SPACE_BOUNDS]',
  );
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: 'AttuneError', code: 'SPACE_BOUNDS', remedy: 'fix' });
  expect('cause' in error).toBe(false);
});

test('a hint of its own, and a cause, even undefined', () => {
  const cause = new TypeError('x');
  expect(new AttuneError('WORKER_DIED', 'trial 3: gone.', { hint: 'Try again.', cause })).toMatchObject({
    message: 'trial 3: gone. Hint: Try again. [WORKER_DIED]',
    hint: 'Try again.',
    cause,
    remedy: 'retry',
  });
  expect('cause' in new AttuneError('WORKER_DIED', 'threw.', { cause: undefined })).toBe(true);
});

test.each(ERROR_CODES)('%s has advice and somebody who acts', (code) => {
  const error = new AttuneError(code, 'x: expected y, got z.');
  expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
  expect(error.hint).toMatch(/^[A-Z].*\.$/s);
  expect(['fix', 'retry', 'report']).toContain(error.remedy);
});
