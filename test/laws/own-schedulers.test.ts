import { describe, expect, test } from 'vitest';
import * as schedulers from '../../schedulers/index.ts';
import { schedulerLaws } from '../../src/testing/laws/scheduler-laws.ts';
import { OWN, RUNS } from './own-schedulers.ts';

const SEED = 1;

test('every scheduler of ours is on trial', () => {
  const tried = new Set(OWN.map(({ make }) => make({ metric: 'value', mode: 'min' }).name));
  expect(Object.keys(schedulers).filter((name) => !tried.has(name))).toEqual([]);
});

describe.each(OWN)('$name', ({ make, options }) => {
  const applying = schedulerLaws(make, options).filter(({ skipped }) => skipped === undefined).length;
  for (const { name, law, run, skipped } of schedulerLaws(make, { ...options, numRuns: Math.ceil(RUNS / applying), seed: SEED })) {
    test.skipIf(skipped !== undefined)(`${name}: ${law}`, () => run());
  }
});
