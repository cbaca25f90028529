import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Config } from '../../src/space/config.ts';
import { isTold } from '../../src/trainable/dialogue.ts';
import type { TrainableFunction } from '../../src/trainable/trainable-ref.ts';
import type { TrialContext } from '../../src/trainable/trial-context.ts';
import { kinds, play, type Scene } from './world.ts';

const run = (trainable: TrainableFunction<Config>, scene?: Scene): ReturnType<typeof play> => play(trainable, 'function', scene);
const catching = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

const folders: string[] = [];
const folder = async (): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'attune-driver-'));
  folders.push(path);
  return path;
};
afterEach(async () => {
  for (const path of folders.splice(0)) await rm(path, { recursive: true, force: true });
});

describe('a function that reports', () => {
  test('its reports are numbered from the step it started at, timed, and settled one by one', async () => {
    const seen: number[] = [];
    const { events, ending } = await run(
      async (_config, trial) => {
        for (let i = trial.iteration; i < 5; i++) {
          await trial.report({ loss: i });
          seen.push(trial.iteration);
        }
      },
      { trial: { step: 3 } },
    );
    expect(events).toEqual([
      { kind: 'reported', step: 4, metrics: { loss: 3 }, seconds: 0, canSave: false },
      { kind: 'reported', step: 5, metrics: { loss: 4 }, seconds: 1, canSave: false },
    ]);
    expect(seen).toEqual([4, 5]);
    expect(ending).toEqual({ how: 'completed' });
  });

  test('what it returns is its last report; a number, the metric of the experiment', async () => {
    expect((await run(() => ({ loss: 2 }))).ending).toEqual({ how: 'completed', metrics: { loss: 2 }, step: 1, seconds: 0 });
    expect((await run(() => 3, { trial: { metric: 'acc' } })).ending).toMatchObject({ metrics: { acc: 3 } });
    expect((await run(async (_, trial) => trial.report(4), { trial: { metric: 'acc' } })).events).toMatchObject([{ metrics: { acc: 4 } }]);
    expect((await run(() => 3)).ending).toMatchObject({
      how: 'failed',
      error: { code: 'METRIC_NOT_JSON', message: expect.stringContaining('exactly one metric') },
    });
  });

  test('a report after its end is refused, awaited or not', async () => {
    for (const end of [() => 1, () => Promise.reject(new Error('mine'))]) {
      let late: TrialContext | undefined;
      const { events } = await run(
        (_, trial) => {
          late = trial;
          return end();
        },
        { trial: { metric: 'acc' } },
      );
      void late?.report({ acc: 1 }); // would end this process, were it an unhandled rejection
      const error = await catching(late?.report({ acc: 2 }) ?? Promise.resolve());
      expect(error).toMatchObject({ message: 'the trial has ended' });
      expect(isTold(error)).toBe(true);
      expect(events).toEqual([]);
    }
  });

  test('it may change its config and its metrics afterwards; trial.config is frozen', async () => {
    const config = { x: 1, deep: { y: [2] } };
    let frozen: Config = {};
    const { events } = await run(
      async (own, trial) => {
        const metrics = { loss: own['x'] as number };
        const report = trial.report(metrics);
        metrics.loss = 99;
        (own as { x: number }).x = 98;
        await report;
        frozen = trial.config;
      },
      { trial: { config } },
    );
    expect(events).toMatchObject([{ metrics: { loss: 1 } }]);
    expect(config.x).toBe(1);
    expect(frozen).toEqual(config);
    expect(Object.isFrozen((frozen['deep'] as { y: unknown }).y)).toBe(true);
  });

  test('constraints become one violation: the sum of the positive ones', async () => {
    const { events } = await run(async (_, trial) => trial.report({ loss: 1 }, { constraints: [-1, 2, 0, 0.5] }));
    expect(events).toMatchObject([{ violation: 2.5 }]);
    expect((await run(async (_, trial) => trial.report({ loss: 1 }, { constraints: [Number.NaN] }))).ending).toMatchObject({
      how: 'failed',
      error: { code: 'OPTION_RANGE' },
    });
  });

  test('an option of a report that nobody reads is refused, with the one that was meant', async () => {
    const wrong = (options: unknown) => run(async (_, trial) => trial.report({ loss: 1 }, options as never));
    expect((await wrong({ constraint: [1] })).ending).toMatchObject({
      how: 'failed',
      error: { code: 'OPTION_UNKNOWN', message: expect.stringContaining('report: expected options among checkpoint, constraints, got "constraint".') },
    });
    expect((await wrong(() => {})).ending).toMatchObject({ how: 'failed', error: { code: 'OPTION_RANGE' } });
  });

  test('the trial directory is made when it is first looked at', async () => {
    const dir = join(await folder(), 'trial');
    await run(() => undefined, { trial: { dir } });
    expect(existsSync(dir)).toBe(false);
    await run((_, trial) => writeFile(join(trial.dir, 'a'), ''), { trial: { dir } });
    expect(existsSync(join(dir, 'a'))).toBe(true);
  });
});

describe('being told to stop or pause', () => {
  test('the report rejects with a reason that says why, which unwinds the function', async () => {
    let reason: unknown;
    const { ending } = await run(
      async (_, trial) => {
        reason = await catching(trial.report({ loss: 1 }));
        expect(trial.signal.aborted).toBe(true);
        throw reason;
      },
      { replies: [{ then: 'stop', reason: 'rung 9: rank 5 of 6' }] },
    );
    expect(reason).toMatchObject({ name: 'TrialStopped', message: 'rung 9: rank 5 of 6' });
    expect(isTold(reason)).toBe(true);
    expect(ending).toEqual({ how: 'stopped' });
  });

  test('a pause likewise', async () => {
    expect((await run(async (_, trial) => trial.report({ loss: 1 }), { replies: [{ then: 'pause' }] })).ending).toEqual({ how: 'paused' });
  });

  test('whatever it throws, or returns, after that is the stop', async () => {
    const scene: Scene = { replies: [{ then: 'stop' }] };
    const stopped = { how: 'stopped' };
    expect(
      (
        await run(async (_, trial) => {
          await catching(trial.report({ loss: 1 }));
          throw new Error('mine');
        }, scene)
      ).ending,
    ).toEqual(stopped);
    expect(
      (
        await run(async (_, trial) => {
          await catching(trial.report({ loss: 1 }));
          return { loss: 0 };
        }, scene)
      ).ending,
    ).toEqual(stopped);
  });

  test('further reports reject at once and are not sent', async () => {
    const { events } = await run(
      async (_, trial) => {
        for (let i = 0; i < 5; i++) await catching(trial.report({ loss: i }));
      },
      { replies: [{ then: 'stop' }] },
    );
    expect(events).toHaveLength(1);
  });

  test('without a report, through the signal', async () => {
    const { ending } = await run(
      async (_, trial) => {
        await trial.report({ loss: 1 });
        await new Promise((_resolve, reject) => trial.signal.addEventListener('abort', () => reject(new Error('mine'))));
      },
      { stopAfter: 1 },
    );
    expect(ending).toEqual({ how: 'stopped' });
  });

  test('between two reports: the next one is taken all the same, saves if it has to, and is the last', async () => {
    const path = join(await folder(), 'checkpoint_000000');
    const caught: unknown[] = [];
    const { events, ending } = await run(
      async (_, trial) => {
        await catching(new Promise((_resolve, reject) => trial.signal.addEventListener('abort', reject)));
        for (let i = 1; i <= 3; i++) caught.push(await catching(trial.report({ loss: i }, { checkpoint: () => {} })));
      },
      {
        stopLater: true,
        replies: [
          { save: path, then: 'continue' },
          { then: 'stop', reason: 'the time is up' },
        ],
      },
    );
    expect(kinds(events)).toEqual(['reported', 'checkpointed']);
    expect(caught).toMatchObject([{ message: 'by the test' }, { message: 'by the test' }, { message: 'by the test' }]);
    expect(ending).toEqual({ how: 'stopped' });
  });

  test('between two reports: what it returns is a report, and nothing is none', async () => {
    const returning = (value: unknown) =>
      run(
        async (_, trial) => {
          await catching(new Promise((_resolve, reject) => trial.signal.addEventListener('abort', reject)));
          return value as never;
        },
        { stopLater: true },
      );
    const { events, ending } = await returning({ loss: 3 });
    expect(events).toMatchObject([{ kind: 'reported', step: 1, metrics: { loss: 3 }, canSave: false }]);
    expect(ending).toEqual({ how: 'stopped' });
    expect(await returning(undefined)).toEqual({ events: [], ending: { how: 'stopped' } });
  });

  test('before it began, so that user code is not run at all', async () => {
    let ran = false;
    const { ending } = await run(() => void (ran = true), { stopAfter: 0 });
    expect([ending, ran]).toEqual([{ how: 'stopped' }, false]);
  });
});

describe('saving', () => {
  const report = async (_: Config, trial: TrialContext): Promise<void> => {
    await trial.report({ loss: 1 }, { checkpoint: (dir) => writeFile(join(dir, 'weights'), 'w') });
    await trial.report({ loss: 2 });
  };

  test('happens where the answer says, before the report resolves, and costs one more answer', async () => {
    const path = join(await folder(), 'trial', 'checkpoint_000000');
    const { events, ending } = await run(report, { replies: [{ save: path, then: 'continue' }] });
    expect(kinds(events)).toEqual(['reported', 'checkpointed', 'reported']);
    expect(events).toMatchObject([{ canSave: true }, { checkpoint: path }, { canSave: false }]);
    expect(await readFile(join(path, 'weights'), 'utf8')).toBe('w');
    expect(ending.how).toBe('completed');
  });

  test('and then the stop or pause of the second answer', async () => {
    const path = join(await folder(), 'checkpoint_000000');
    const { events, ending } = await run(report, { replies: [{ save: path, then: 'continue' }, { then: 'pause' }] });
    expect(kinds(events)).toEqual(['reported', 'checkpointed']);
    expect(ending).toEqual({ how: 'paused' });
  });

  test('a saver that throws fails the trial, caught or not', async () => {
    const path = join(await folder(), 'checkpoint_000000');
    const { ending } = await run(
      async (_, trial) => {
        await catching(
          trial.report(
            { loss: 1 },
            {
              checkpoint: () => {
                throw new Error('no space');
              },
            },
          ),
        );
        await catching(trial.report({ loss: 2 }));
      },
      { replies: [{ save: path, then: 'continue' }] },
    );
    expect(ending).toMatchObject({ how: 'failed', error: { message: 'no space' } });
    expect(existsSync(path)).toBe(false);
  });

  test('a checkpoint to go on from is in the context; one that is gone ends the run before it begins', async () => {
    const dir = await folder();
    let path: string | undefined;
    await run((_, trial) => void (path = trial.checkpoint?.path), { trial: { checkpoint: dir } });
    expect(path).toBe(dir);
    let began = false;
    const { ending } = await run(() => void (began = true), { trial: { checkpoint: join(dir, 'gone') } });
    expect(ending).toMatchObject({ how: 'damaged', error: { code: 'CHECKPOINT_DAMAGED' } });
    expect(began).toBe(false);
  });
});

describe('misuse', () => {
  test('reports that nobody awaits are queued in order, waited for, and warned about once', async () => {
    const { events, ending } = await run((_, trial) => {
      for (let i = 0; i < 3; i++) void trial.report({ loss: i });
    });
    expect(kinds(events)).toEqual(['warned', 'reported', 'reported', 'reported']);
    expect(events.slice(1)).toMatchObject([
      { step: 1, metrics: { loss: 0 } },
      { step: 2, metrics: { loss: 1 } },
      { step: 3, metrics: { loss: 2 } },
    ]);
    expect(ending).toEqual({ how: 'completed' });
  });

  test('a single one too; and a stop on one of them is the end of all', async () => {
    const { events, ending } = await run(
      (_, trial) => {
        for (let i = 0; i < 3; i++) void trial.report({ loss: i });
      },
      { replies: [{ then: 'continue' }, { then: 'stop' }] },
    );
    expect(kinds(events)).toEqual(['warned', 'reported', 'reported']);
    expect(ending).toEqual({ how: 'stopped' });
    expect(kinds((await run((_, trial) => void trial.report({ loss: 1 }))).events)).toEqual(['reported', 'warned']);
  });

  test('an error beside queued reports waits for them', async () => {
    const { events, ending } = await run((_, trial) => {
      void trial.report({ loss: 1 });
      throw new Error('mine');
    });
    expect(kinds(events)).toContain('reported');
    expect(ending).toMatchObject({ how: 'failed', error: { message: 'mine' } });
  });

  test('a report that is not JSON fails the trial, awaited or not, caught or not', async () => {
    const bad = { when: new Date(0) };
    const failed = { how: 'failed', error: { code: 'METRIC_NOT_JSON', message: expect.stringMatching(/"when", got a Date.*toISOString/) } };
    expect((await run(async (_, trial) => trial.report(bad))).ending).toMatchObject(failed);
    expect((await run((_, trial) => void trial.report(bad))).ending).toMatchObject(failed);
    expect((await run(async (_, trial) => void (await catching(trial.report(bad))))).ending).toMatchObject(failed);
    expect((await run(() => bad)).ending).toMatchObject(failed);
  });

  test('anything may be thrown', async () => {
    const cause = new Error('why');
    const thrown = async (value: unknown): Promise<unknown> =>
      (
        await run(() => {
          throw value;
        })
      ).ending;
    expect(await thrown('words')).toMatchObject({ how: 'failed', error: { name: 'NonError', message: expect.stringContaining('"words"') } });
    expect(await thrown(undefined)).toMatchObject({ error: { message: expect.stringContaining('undefined was thrown') } });
    expect(await thrown(new TypeError('outer', { cause }))).toMatchObject({
      error: { name: 'TypeError', message: 'outer', stack: expect.any(String), cause: { message: 'why' } },
    });
  });
});
