import { describe, expect, test } from 'vitest';
import { Leaks } from '../../src/execute/leaks.ts';

const MB = 2 ** 20;
const held = (count: number, bytes = 0) => ({ count, bytes });

describe('Leaks', () => {
  test('says nothing of a trial that leaves what it found, or less', () => {
    const leaks = new Leaks();
    expect(leaks.add(held(5, 100), held(5, 100))).toBeUndefined();
    expect(leaks.add(held(5, 100), held(2, 50))).toBeUndefined();
    expect(leaks.worn).toBe(false);
  });

  test('takes what the first trial makes when it loads tfjs for what all trials use', () => {
    expect(new Leaks().add(undefined, held(4000, 100 * MB))).toBeUndefined();
    expect(new Leaks().add(undefined, undefined)).toBeUndefined();
  });

  test('tells how many tensors, and how much that is', () => {
    expect(new Leaks().add(held(0), held(1, 12))).toMatch(/^it left 1 tensor in memory \(12 bytes\)\./);
    expect(new Leaks().add(held(7, 1000), held(10, 3500))).toMatch(/^it left 3 tensors in memory \(2\.5 kB\)\./);
    expect(new Leaks().add(held(0, 9e6), held(2, 1e7))).toMatch(/^it left 2 tensors in memory \(1\.0 MB\)\./);
  });

  test('one trial that gives back what another one left does not hide a third', () => {
    const leaks = new Leaks();
    leaks.add(held(0), held(900));
    leaks.add(held(900), held(0));
    expect(leaks.add(held(0), held(101))).toContain('have left 1001 by now, is replaced');
    expect(leaks.worn).toBe(true);
  });

  test('the worker is worn with more than 1,000 tensors, or 64 MB', () => {
    const many = new Leaks();
    many.add(held(0), held(1000));
    expect(many.worn).toBe(false);
    many.add(held(1000), held(1001));
    expect(many.worn).toBe(true);
    const large = new Leaks();
    large.add(held(0, 0), held(1, 64 * MB));
    expect(large.worn).toBe(false);
    large.add(held(1, 64 * MB), held(2, 64 * MB + 1));
    expect(large.worn).toBe(true);
  });
});
