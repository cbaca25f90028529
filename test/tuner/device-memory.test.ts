import { describe, expect, test } from 'vitest';
import { AttuneError } from '../../src/base/errors.ts';
import type { Executor, Run } from '../../src/execute/executor.ts';
import { inline } from '../../src/execute/inline.ts';
import { gridSearch, Tuner } from '../../src/index.ts';
import { journalOf, temporaryStorage } from './temporary-storage.ts';

const storagePath = temporaryStorage();

/** Inline, with a note of each start. */
function noting(starts: Pick<Run, 'trial' | 'alone'>[]): Executor {
  const inner = inline();
  return {
    ...inner,
    start(run, signal) {
      starts.push({ trial: run.trial, ...(run.alone ? { alone: run.alone } : {}) });
      inner.start(run, signal);
    },
  };
}

const full = () => new AttuneError('DEVICE_OUT_OF_MEMORY', 'the device is full.');

async function tune(train: (config: { i: number }, start: number) => number, failureConfig: { maxFailures?: number; backoffS?: number } = {}) {
  const starts: Pick<Run, 'trial' | 'alone'>[] = [];
  const runConfig = { storagePath, verbose: 0, executor: noting(starts), failureConfig } as const;
  const tuner = new Tuner((config: { i: number }) => train(config, starts.length), {
    paramSpace: { i: gridSearch([0, 1]) },
    tuneConfig: { metric: 'loss', mode: 'min', seed: 1 },
    runConfig,
  });
  const grid = await tuner.fit();
  return { grid, starts, retried: journalOf(grid.experimentPath).filter(({ kind }) => kind === 'retried') };
}

describe('a trial that finds its device full', () => {
  test('starts once more, and is to be alone: that is no failure, and needs no wait', async () => {
    const { grid, starts, retried } = await tune(
      ({ i }, start) => {
        if (i === 0 && start === 1) throw full();
        return i;
      },
      { backoffS: 1e6 },
    );
    expect([...grid].map(({ status }) => status)).toEqual(['TERMINATED', 'TERMINATED']);
    expect(starts).toEqual([{ trial: 0 }, { trial: 0, alone: true }, { trial: 1 }]);
    expect(retried).toMatchObject([{ trial: 0, alone: true, error: { code: 'DEVICE_OUT_OF_MEMORY' } }]);
  });

  test('fails for good when it does so again, however many failures are allowed', async () => {
    const { grid, starts, retried } = await tune(
      ({ i }) => {
        if (i === 0) throw full();
        return i;
      },
      { maxFailures: -1 },
    );
    expect(starts).toEqual([{ trial: 0 }, { trial: 0, alone: true }, { trial: 1 }]);
    expect(retried).toHaveLength(1);
    expect(grid.get(0)).toMatchObject({ status: 'ERROR', error: { code: 'DEVICE_OUT_OF_MEMORY' } });
  });

  test('is alone from then on, also in tries after other failures, which count as ever', async () => {
    const { grid, starts } = await tune(
      ({ i }, start) => {
        if (i === 0 && start === 1) throw full();
        if (i === 0 && start === 2) throw new Error('something else');
        return i;
      },
      { maxFailures: 1, backoffS: 0 },
    );
    expect(starts.filter(({ trial }) => trial === 0)).toEqual([{ trial: 0 }, { trial: 0, alone: true }, { trial: 0, alone: true }]);
    expect(grid.hasErrors).toBe(false);
  });

  test('and has failed for good is tried again by a restore, still alone', async () => {
    const { grid } = await tune(({ i }) => {
      if (i === 0) throw full();
      return i;
    });
    const starts: Pick<Run, 'trial' | 'alone'>[] = [];
    const again = await Tuner.restore(grid.experimentPath, (({ i }: { i: number }) => i) as never, {
      resumeErrored: true,
      runConfig: { executor: noting(starts), verbose: 0 },
    });
    expect((await again.fit()).hasErrors).toBe(false);
    expect(starts).toEqual([{ trial: 0, alone: true }]);
  });
});
