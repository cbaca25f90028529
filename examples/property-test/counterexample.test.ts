import { test } from 'node:test';
import { schedulerLaws } from 'attune/testing';
import { halving } from './buggy-scheduler.ts';

const make = () => halving({ rung: 2 });

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
