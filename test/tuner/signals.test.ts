import { afterEach, expect, test } from 'vitest';
import type { RunConfig, TrialContext } from '../../src/index.ts';
import { Tuner } from '../../src/index.ts';
import { temporaryStorage } from './temporary-storage.ts';

const storagePath = temporaryStorage();
afterEach(() => {
  process.exitCode = undefined; // that of the tests
});

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const listening = (): readonly number[] => SIGNALS.map((signal) => process.listenerCount(signal));

/** Two reports; before the second something happens. */
async function tune(happens: () => void, runConfig: RunConfig = {}) {
  const train = async (_: object, trial: TrialContext): Promise<void> => {
    await trial.report({ loss: 1 });
    if (trial.iteration === 1) happens();
    await trial.report({ loss: 2 }, { checkpoint: () => {} });
  };
  return new Tuner(train, { tuneConfig: { metric: 'loss', mode: 'min', numSamples: 2 }, runConfig: { storagePath, verbose: 0, ...runConfig } }).fit();
}

test('handlers are there while fit() runs, and with handleSignals: false not even then', async () => {
  const before = listening();
  let during: readonly number[] = [];
  const look = (): void => void (during = listening());
  await tune(look);
  expect(during).toEqual(before.map((count) => count + 1));
  await tune(look, { handleSignals: false });
  expect(during).toEqual(before);
  expect(listening()).toEqual(before);
  expect(process.exitCode).toBeUndefined();
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s: fit() resolves with the grid so far, which says why, and so does its directory; the exit code is %i', async (signal, exitCode) => {
  const grid = await tune(() => void process.emit(signal, signal));
  expect(grid.interrupted).toBe(signal);
  expect([...grid].map(({ status, metrics, checkpoint }) => [status, metrics.loss, checkpoint !== undefined])).toEqual([['RUNNING', 2, true]]);
  expect(process.exitCode).toBe(exitCode);
  const tuner = await Tuner.restore(grid.experimentPath, () => 1, { runConfig: { verbose: 0 } });
  expect((await tuner.getResults()).interrupted).toBe(signal);
});

test('an exit code that is set stays', async () => {
  process.exitCode = 3;
  expect((await tune(() => void process.emit('SIGINT', 'SIGINT'))).interrupted).toBe('SIGINT');
  expect(process.exitCode).toBe(3);
});

test('what was interrupted is so no longer once it has gone on to its end', async () => {
  const train = async (_: object, trial: TrialContext): Promise<void> => {
    while (trial.iteration < 2) await trial.report({ loss: 1 }, { checkpoint: () => {} });
  };
  const options = { tuneConfig: { metric: 'loss', mode: 'min', numSamples: 2 }, runConfig: { storagePath, verbose: 0 } } as const;
  const first = await new Tuner(train, options).fit({ signal: AbortSignal.abort() });
  expect(first.interrupted).toBe('signal');
  const grid = await (await Tuner.restore(first.experimentPath, train, options)).fit();
  expect([grid.interrupted, grid.numTerminated]).toEqual([undefined, 2]);
  expect((await (await Tuner.restore(first.experimentPath, train)).getResults()).interrupted).toBeUndefined();
});
