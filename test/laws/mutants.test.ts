import { describe, expect, test } from 'vitest';
import { lawsOf, schedulerLaws } from '../../src/testing/laws/scheduler-laws.ts';
import { MUTANTS, REFERENCES } from './mutants.ts';

const SEEDS = Array.from({ length: 10 }, (_, i) => 1000 + i);

const breaks = async (run: () => Promise<void>): Promise<boolean> =>
  run().then(
    () => false,
    (error: { code?: unknown }) => {
      if (error.code !== 'LAW_BROKEN') throw error;
      return true;
    },
  );

test('there are enough of them, of every family, and the laws for them are different', () => {
  expect(MUTANTS.length).toBeGreaterThanOrEqual(15);
  expect(new Set(MUTANTS.map(({ options }) => options.family))).toEqual(new Set(['asha', 'hyperband', 'median', 'pbt', 'other']));
  expect(new Set(MUTANTS.map(({ killedBy }) => killedBy)).size).toBeGreaterThanOrEqual(30);
});

describe.each(MUTANTS)('$name', ({ make, options, killedBy, breaks: more }) => {
  test(`is killed by ${killedBy} within the default number of runs, whatever the seed`, async () => {
    const survived: number[] = [];
    for (const seed of SEEDS) {
      const [check] = schedulerLaws(make, { ...options, seed, shrink: false, only: [killedBy] });
      if (check === undefined || !(await breaks(() => check.run()))) survived.push(seed);
    }
    expect(survived).toEqual([]);
  });

  test('keeps the laws that are not in its list', async () => {
    const broken: string[] = [];
    for (const { name, skipped, run } of schedulerLaws(make, { ...options, shrink: false, numRuns: 50 })) {
      if (skipped === undefined && name !== killedBy && !more.includes(name) && (await breaks(() => run()))) broken.push(name);
    }
    expect(broken).toEqual([]);
  });
});

test('the list of a mutant names laws that there are', () => {
  const unknown = MUTANTS.flatMap(({ name, options, killedBy, breaks: more }) => {
    const names = lawsOf(options.family).map((law) => law.name);
    return [killedBy, ...more].filter((law) => !names.includes(law)).map((law) => `${name}: ${law}`);
  });
  expect(unknown).toEqual([]);
});

describe.each(REFERENCES)('$name, of which they are made, breaks nothing', ({ make, options }) => {
  for (const { name, law, run, skipped } of schedulerLaws(make, { ...options, numRuns: 200 })) {
    test.skipIf(skipped !== undefined)(`${name}: ${law}${skipped === undefined ? '' : ` (skipped: ${skipped})`}`, () => run());
  }
});
