import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Run } from '../../src/execute/executor.ts';
import { Tuner } from '../../src/index.ts';
import { backOffS } from '../../src/tuner/back-off.ts';
import { simulate } from '../../src/tuner/simulate.ts';
import { deciding, decision, simulation, when } from './small-world.ts';
import { journalOf, temporaryStorage } from './temporary-storage.ts';

const storagePath = temporaryStorage();

test('a law: the wait is doubled with each failure, never above 30 s, and 0 is none', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 100, noNaN: true }), fc.integer({ min: 1, max: 5000 }), (first, failures) => {
      const wait = backOffS(first, failures);
      expect(wait).toBe(Math.min(30, first === 0 ? 0 : first * 2 ** (failures - 1)));
      expect(backOffS(first, failures + 1)).toBe(Math.min(30, 2 * wait));
    }),
  );
});

/** Trial 0 fails at its second report until it has failed `times` times; a report takes a second. */
const failing = (times: number, steps = 3) => {
  let failures = 0;
  return {
    report({ trial }: Run, step: number) {
      if (trial === 0 && step === 2 && failures++ < times) return { seconds: 1, fails: 'out of luck' };
      return step > steps ? undefined : { seconds: 1, metrics: { loss: step } };
    },
  };
};
/** When each run of a trial started, in seconds of virtual time. */
const startsOf = (lines: readonly { readonly kind: string; readonly at: number; readonly trial?: number }[], trial: number): readonly number[] =>
  lines.filter((line) => line.kind === 'started' && line.trial === trial).map(({ at }) => at / 1000);

describe('a trial that has failed', () => {
  test('waits before it starts again, longer each time', async () => {
    const { lines, experiment } = await simulate(simulation({ world: failing(4), maxFailures: -1, backoffS: 10 }));
    expect(startsOf(lines, 0)).toEqual([0, 2 + 10, 14 + 20, 36 + 30, 68 + 30]);
    expect(experiment.rows[0]).toMatchObject({ status: 'TERMINATED', failures: 4 });
  });

  test('keeps its slot, so that the order of what runs does not depend on the wait; the other slots go on', async () => {
    const order = async (backoffS: number, workers: number) => {
      const { lines } = await simulate(simulation({ world: failing(2), maxFailures: 2, backoffS, samples: 4, workers }));
      return lines.flatMap((line) => (line.kind === 'started' ? [line.trial] : []));
    };
    expect(await order(0, 1)).toEqual([0, 0, 0, 1, 2, 3]);
    expect(await order(5, 1)).toEqual([0, 0, 0, 1, 2, 3]);
    expect(await order(5, 2)).toEqual([0, 1, 2, 3, 0, 0]);
  });

  test('does not hold up the end of a run, nor its own', async () => {
    const ended = await simulate(simulation({ world: failing(1), maxFailures: 1, backoffS: 10, samples: 2, workers: 2, timeBudgetS: 3 }));
    expect(ended.lines.at(-1)).toMatchObject({ kind: 'closed', at: 3000 });
    expect(ended.experiment.rows[0]).toMatchObject({ status: 'PENDING', failures: 1 });
    const scheduler = deciding((event) => (when(event, 'reported', 1, 3) ? [decision('stop', 0)] : []));
    const stopped = await simulate(simulation({ world: failing(1), maxFailures: 1, backoffS: 10, samples: 2, workers: 2, scheduler }));
    expect(stopped.lines.find(({ kind }) => kind === 'stopped')).toMatchObject({ trial: 0, at: 3000 });
    expect(stopped.lines.at(-1)?.at).toBeLessThan(10_000);
  });

  test('and whose experiment goes on later starts at once: the time between two sessions is wait enough', async () => {
    const { lines } = await simulate(simulation({ world: failing(1), maxFailures: 1, backoffS: 10, samples: 2, workers: 2, timeBudgetS: 3 }));
    const restored = await simulate(simulation({ world: failing(0), maxFailures: 1, backoffS: 10, samples: 2, workers: 2 }), lines);
    expect(startsOf(restored.lines, 0)).toEqual([0, 0]);
  });
});

test('in real time: a timer, which fit() does not leave behind', async () => {
  const timers = vi.spyOn(globalThis, 'setTimeout');
  onTestFinished(() => timers.mockRestore());
  let attempts = 0;
  const train = (): number => {
    if (attempts++ < 2) throw new Error('again');
    return 1;
  };
  const runConfig = { storagePath, verbose: 0, failureConfig: { maxFailures: 2, backoffS: 0.007 } } as const;
  const grid = await new Tuner(train, { tuneConfig: { metric: 'loss', mode: 'min' }, runConfig }).fit();
  expect(journalOf(grid.experimentPath).map(({ kind }) => kind)).toContain('retried');
  expect(timers.mock.calls.map(([, ms]) => ms).filter((ms) => ms === 7 || ms === 14)).toEqual([7, 14]);
});

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY, '1'])('backoffS: %s is refused', (backoffS) => {
  const runConfig = { storagePath, failureConfig: { backoffS: backoffS as number } };
  expect(() => new Tuner(() => 1, { tuneConfig: { metric: 'loss', mode: 'min' }, runConfig })).toThrow(
    /failureConfig: expected backoffS to be a finite number >= 0/,
  );
});
