import { test } from 'node:test';
import { schedulerLaws } from 'attune/testing';
import { halving } from './mended-scheduler.ts';

const make = () => halving({ rung: 2 });

for (const { name, law, run, skipped } of schedulerLaws(make, { family: 'other', pauses: true })) {
  test(`${name}: ${law}`, { skip: skipped ?? false }, () => run());
}

test('A14: A failure says no more than that the trial reports no more: others fare as if it had been complete there.', async () => {
  for (const { run } of schedulerLaws(make, { family: 'other', pauses: true, only: ['A14'] })) {
    await run({
      trials: [
        [0, 0, 0],
        [0, 0],
      ],
    });
  }
});
