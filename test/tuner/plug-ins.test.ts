import { describe, expect, test } from 'vitest';
import { random } from '../../algorithms/random.ts';
import type { Scheduler } from '../../src/schedule/scheduler.ts';
import type { Searcher } from '../../src/search/searcher.ts';
import { choice, uniform, variation } from '../../src/space/domains.ts';
import { Tuner } from '../../src/tuner/tuner.ts';
import { temporaryStorage } from './temporary-storage.ts';

const storage = temporaryStorage();
const metric = { metric: 'loss', mode: 'min' } as const;
const quiet = () => ({ storagePath: storage, verbose: 0 }) as const;
const searcher = (answer: unknown): Searcher => ({ name: 'mine', suggest: () => answer as never });

describe('the first mistakes of a plug-in author are named', () => {
  test.each([[undefined], [null], ['x'], [{ x: 1 }]])('a searcher that suggests %j', async (answer) => {
    const tuner = new Tuner(() => 1, { tuneConfig: { ...metric, searchAlg: searcher(answer) }, runConfig: quiet() });
    await expect(tuner.fit()).rejects.toThrow(/mine\.suggest at index 0: expected \{ kind: 'config' \| 'wait' \| 'done' \}/);
  });

  test('a scheduler that decides nothing at all', async () => {
    const scheduler: Scheduler = { name: 'mine', uses: [], init: () => null, decide: () => undefined as never };
    const tuner = new Tuner(() => 1, { tuneConfig: { ...metric, scheduler }, runConfig: quiet() });
    await expect(tuner.fit()).rejects.toThrow(/expected decide\(\) to return \{ state, decisions \}, got undefined/);
  });

  test('a trialDirName that gives no string, not the searcher', async () => {
    const tuner = new Tuner(() => 1, { tuneConfig: metric, runConfig: { ...quiet(), trialDirName: () => 5 as never } });
    await expect(tuner.fit()).rejects.toMatchObject({
      code: 'PLUGIN_FAILED',
      message: expect.stringMatching(/^runConfig\.trialDirName of trial \w+_00000: expected a string, got 5\. Hint: Mend the plug-in/),
    });
  });
});

test('a trial never takes the name of a file of the experiment', async () => {
  const tuner = new Tuner(() => 1, { tuneConfig: metric, runConfig: { ...quiet(), trialDirName: () => 'journal.jsonl' } });
  const grid = await tuner.fit();
  expect(grid.at(0)?.path).toMatch(/journal\.jsonl_[0-9a-f]{5}_00000$/);
  expect(grid.getBestResult().metricsDataFrame().numRows()).toBe(1);
});

test('an automatic key may be the metric', async () => {
  const tuner = new Tuner(({ x }: { x: number }) => ({ score: x }), {
    paramSpace: { x: uniform(0, 1) },
    tuneConfig: { metric: 'time_total_s', mode: 'min', numSamples: 3 },
    runConfig: quiet(),
  });
  expect((await tuner.fit()).numTerminated).toBe(3);
});

describe('numSamples -1 is fine with a searcher that runs out', () => {
  test('random without replacement', async () => {
    const tuneConfig = { ...metric, numSamples: -1, searchAlg: random({ unique: true }) };
    const grid = await new Tuner(({ a }: { a: number }) => a, { paramSpace: { a: choice([1, 2, 3]) }, tuneConfig, runConfig: quiet() }).fit();
    expect([...grid].map(({ config }) => config.a).sort()).toEqual([1, 2, 3]);
  });

  test('a finite space with a variation', async () => {
    const tuneConfig = { ...metric, numSamples: -1 };
    const grid = await new Tuner(({ a }: { a: number }) => a, { paramSpace: { a: variation([1, 2]) }, tuneConfig, runConfig: quiet() }).fit();
    expect(grid.length).toBe(2);
  });
});

test('enqueue after the run is refused, not lost', async () => {
  const tuner = new Tuner(({ a }: { a: number }) => a, { paramSpace: { a: choice([1, 2]) }, tuneConfig: metric, runConfig: quiet() });
  await tuner.fit();
  await expect(tuner.enqueue({ a: 1 })).rejects.toMatchObject({ code: 'NOT_RUN' });
});
