import { describe, expect, test } from 'vitest';
import { grid } from '../../algorithms/grid.ts';
import { random } from '../../algorithms/random.ts';
import type { RestoreOptions, ResultGrid, Searcher, TuneConfig, TunerOptions } from '../../src/index.ts';
import { gridSearch, uniform, variation } from '../../src/index.ts';
import { checkWhole, configsOf, restore, training, tunerIn } from './restorable.ts';
import { journalOf, temporaryStorage } from './temporary-storage.ts';

const storagePath = temporaryStorage();
let copies = 0;

/** A new experiment, run to its end. */
const begun = (options: TunerOptions, numSamples: number): Promise<ResultGrid> =>
  tunerIn(storagePath, `run-${copies++}`, training(), {
    ...options,
    tuneConfig: { ...options.tuneConfig, numSamples } as TuneConfig,
  }).fit() as Promise<ResultGrid>;

/** The same experiment with more samples. `ran`: the trials that reported. */
async function raised(path: string, numSamples: number, more: object = {}): Promise<{ readonly grid: ResultGrid; readonly ran: number }> {
  const ran = new Set<string>();
  const options = { tuneConfig: { numSamples, ...more } } as RestoreOptions;
  const tuner = await restore(
    path,
    options,
    training((trial) => void ran.add(trial.id)),
  );
  return { grid: (await tuner.fit()) as ResultGrid, ran: ran.size };
}

/** Stops at `limit`, whatever it is asked for: a searcher that is done before the samples are. */
const finite = (limit: number): Searcher => ({
  name: 'finite',
  suggest: ({ index, samples }) =>
    index < Math.min(samples, limit) ? { kind: 'config', config: { x: index / 100 }, ...(index === samples - 1 ? { last: true } : {}) } : { kind: 'done' },
});

describe('numSamples raised on a restore gives what it would have given from the start', () => {
  test.each<[string, TunerOptions]>([
    ['basicVariant', {}],
    ['basicVariant with a grid', { paramSpace: { g: gridSearch([1, 2, 3]), x: uniform(0, 1) } }],
    ['basicVariant with a variation', { paramSpace: { v: variation([1, 2, 3, 4, 5, 6, 7, 8]), x: 0 } }],
    ['grid', { paramSpace: { g: gridSearch([1, 2]), h: gridSearch(['a', 'b']), x: 0 }, tuneConfig: { searchAlg: grid() } }],
    ['random', { tuneConfig: { searchAlg: random() } }],
    ['random without repeating', { paramSpace: { v: variation([1, 2, 3, 4, 5, 6, 7]), x: 0 }, tuneConfig: { searchAlg: random({ unique: true }) } }],
    ['points to evaluate, which replace samples', { tuneConfig: { pointsToEvaluate: [{ x: 0.25 }, {}] } }],
    ['more points than samples at first', { tuneConfig: { pointsToEvaluate: [{ x: 0.25 }, { x: 0.5 }, { x: 0.75 }] } }],
    ['points in a grid', { paramSpace: { g: gridSearch([1, 2]), x: uniform(0, 1) }, tuneConfig: { pointsToEvaluate: [{ x: 0.25 }] } }],
    ['a searcher of your own', { tuneConfig: { searchAlg: finite(99) } }],
  ] as [string, TunerOptions][])('%s, several times over', async (_, options) => {
    const code = options.tuneConfig?.searchAlg?.name === 'finite' ? { searchAlg: finite(99) } : {};
    let at = await begun(options, 2);
    for (const samples of [3, 5, 5, 6]) {
      const before = at.length;
      const { grid: next, ran } = await raised(at.experimentPath, samples, code);
      expect(ran).toBe(next.length - before);
      at = next;
    }
    checkWhole(at, at.length);
    expect(configsOf(at)).toEqual(configsOf(await begun(options, 6)));
  });

  test('also while trials are unfinished', async () => {
    const abort = new AbortController();
    const halting = training((trial) => void (trial.id.endsWith('1') && trial.iteration === 2 && abort.abort()));
    const { experimentPath } = await tunerIn(storagePath, 'unfinished', halting, { tuneConfig: { numSamples: 3 } }).fit({ signal: abort.signal });
    const { grid: all, ran } = await raised(experimentPath, 5);
    expect(ran).toBe(4);
    checkWhole(all, 5);
    expect(configsOf(all)).toEqual(configsOf(await begun({}, 5)));
  });

  test('a searcher that was done is asked again', async () => {
    const { experimentPath } = await begun({ tuneConfig: { searchAlg: finite(2) } as TuneConfig }, 4);
    expect((await raised(experimentPath, 6, { searchAlg: finite(5) })).grid).toHaveLength(5);
  });

  test('without limit, until the time budget or the searcher ends the run', async () => {
    const { experimentPath } = await begun({ tuneConfig: { searchAlg: finite(7) } as TuneConfig }, 2);
    expect((await raised(experimentPath, -1, { searchAlg: finite(7) })).grid).toHaveLength(7);
    expect(journalOf(experimentPath).flatMap((line) => (line.kind === 'opened' ? [line.samples] : []))).toEqual([2, 'unlimited']);
    expect((await (await restore(experimentPath, { tuneConfig: { searchAlg: finite(9) } as TuneConfig })).fit()).length).toBe(7); // it was done
    await expect(raised(experimentPath, 50, { searchAlg: finite(9) })).rejects.toThrow('tuneConfig.numSamples: recorded -1 (no limit), got 50.');
  });
});

test('left out, it is the one that was recorded last; lowered, it is refused with both numbers', async () => {
  const { experimentPath } = await begun({}, 2);
  await raised(experimentPath, 4);
  expect((await (await restore(experimentPath)).fit()).length).toBe(4);
  await expect(raised(experimentPath, 3)).rejects.toThrow('tuneConfig.numSamples: recorded 4, which can only be raised, got 3.');
});
