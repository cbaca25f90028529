import { test } from 'node:test';
import { schedulerLaws } from 'attune/testing';
import { halving } from './mended-scheduler.ts';

const make = () => halving({ rung: 2 });

for (const { name, law, run, skipped } of schedulerLaws(make, { family: 'other', pauses: true })) {
  test(`${name}: ${law}`, { skip: skipped ?? false }, () => run());
}

test('A5: No deadlock: the run ends with every configuration tried and every trial ended; only where that is declared may trials be left paused.', async () => {
  for (const { run } of schedulerLaws(make, { family: 'other', pauses: true, only: ['A5'] })) {
    await run({
      trials: [
        [],
        [0, 0],
      ],
    });
  }
});
