import { asha, fifo } from 'attune/schedulers';
import { schedulerLaws } from 'attune/testing';

// The same file for vitest (with globals), Jest and node:test.
const { test } = 'test' in globalThis ? globalThis : await import('node:test');

const checks = [
  ...schedulerLaws(fifo, { family: 'other', numRuns: 10 }),
  ...schedulerLaws(() => asha({ maxT: 9, reductionFactor: 3 }), { family: 'asha', numRuns: 10 }),
];
for (const { name, law, run, skipped } of checks) {
  const declare = skipped === undefined ? test : test.skip;
  declare(`${name}: ${law}${skipped === undefined ? '' : ` (skipped: ${skipped})`}`, () => run());
}
