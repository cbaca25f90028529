import { test } from 'node:test';
import { schedulerLaws } from 'attune/testing';
import { halving } from './buggy-scheduler.ts';

const make = () => halving({ rung: 2 });

for (const { name, law, run, skipped } of schedulerLaws(make, { family: 'other', pauses: true })) {
  test(`${name}: ${law}`, { skip: skipped ?? false }, () => run());
}
