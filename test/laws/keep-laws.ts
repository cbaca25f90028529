import { describe, test } from 'vitest';
import { schedulerLaws } from '../../src/testing/laws/scheduler-laws.ts';
import { type OwnScheduler, runsOf } from './own-schedulers.ts';

const SEED = 1;

/** A test for each law of each scheduler. */
export function keepLaws(schedulers: readonly OwnScheduler[]): void {
  describe.each(schedulers)('$name', (own) => {
    const { make, options } = own;
    const applying = schedulerLaws(make, options).filter(({ skipped }) => skipped === undefined).length;
    for (const { name, law, run, skipped } of schedulerLaws(make, { ...options, numRuns: Math.ceil(runsOf(own) / applying), seed: SEED })) {
      test.skipIf(skipped !== undefined)(`${name}: ${law}${skipped === undefined ? '' : ` (skipped: ${skipped})`}`, () => run());
    }
  });
}
