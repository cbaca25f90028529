import { describe, expect, test } from 'vitest';
import { trialId, trialName } from '../../src/trial/ids.ts';
import { type Happening, hasEnded, LIFECYCLE, nextStatus, STATUSES } from '../../src/trial/lifecycle.ts';

const HAPPENINGS = [...new Set(STATUSES.flatMap((status) => Object.keys(LIFECYCLE[status]) as Happening[]))];

describe('the lifecycle', () => {
  test.each(STATUSES)('allows in %s exactly what its table says', (status) => {
    for (const happening of HAPPENINGS) {
      const to = (LIFECYCLE[status] as Partial<Record<Happening, string>>)[happening];
      if (to !== undefined) expect(nextStatus(trialId(1), status, happening)).toBe(to);
      else expect(() => nextStatus(trialId(1), status, happening)).toThrow(expect.objectContaining({ code: 'TRIAL_TRANSITION' }));
    }
  });

  test('leads from PENDING to every status', () => {
    const seen = new Set<string>(['PENDING']);
    for (const status of seen) for (const to of Object.values(LIFECYCLE[status as keyof typeof LIFECYCLE])) seen.add(to as string);
    expect([...seen].sort()).toEqual([...STATUSES].sort());
  });

  test('leaves no way out of TERMINATED, and only a retry out of ERROR', () => {
    expect(LIFECYCLE.TERMINATED).toEqual({});
    expect(Object.keys(LIFECYCLE.ERROR)).toEqual(['retried']);
    expect(STATUSES.filter(hasEnded)).toEqual(['TERMINATED', 'ERROR']);
  });

  test('says what is allowed when something is not', () => {
    expect(() => nextStatus(trialId(3), 'TERMINATED', 'reported')).toThrow('Trial 3 is TERMINATED; it cannot be "reported". Allowed: nothing (it is final).');
  });
});

describe('trialName', () => {
  test('is five hex digits of the seed and the counter', () => {
    expect(trialName(7, trialId(3))).toMatch(/^[0-9a-f]{5}_00003$/);
    expect(trialName(7, trialId(123456))).toMatch(/_123456$/);
  });

  test('has one prefix per seed', () => {
    const prefix = (seed: number) => trialName(seed, trialId(0)).slice(0, 5);
    expect(prefix(7)).toBe(prefix(7));
    expect(prefix(7)).not.toBe(prefix(8));
  });
});
