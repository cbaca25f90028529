import { describe, expect, test } from 'vitest';
import type { Answer, ExecutorEvent, Run } from '../../src/execute/executor.ts';
import { inline } from '../../src/execute/inline.ts';
import type { Config } from '../../src/space/config.ts';
import { toTrainableRef } from '../../src/trainable/bare.ts';
import type { TrainableFunction } from '../../src/trainable/trainable-ref.ts';
import { runId, trialId } from '../../src/trial/ids.ts';

interface Scene {
  readonly runs: number;
  readonly workers?: number;
  readonly stopGraceS?: number;
  readonly trialTimeoutS?: number;
  readonly answer?: (event: ExecutorEvent & { kind: 'reported' | 'checkpointed' }) => Answer;
  /** Aborts the run of such an event. */
  readonly abortOn?: (event: ExecutorEvent) => boolean;
}

/** A loop without an experiment: starts `runs` runs, answers reports, until each has ended. */
async function play(
  trainable: TrainableFunction<Config>,
  scene: Scene,
): Promise<{ readonly events: readonly ExecutorEvent[]; readonly warnings: readonly string[] }> {
  const { runs, workers = 1, stopGraceS = 5, trialTimeoutS, answer = () => ({ then: 'continue' }), abortOn = () => false } = scene;
  const ref = toTrainableRef(trainable);
  const warnings: string[] = [];
  const events: ExecutorEvent[] = [];
  await using executor = inline({ workers });
  await executor.open({ trainable: ref, stopGraceS, ...(trialTimeoutS === undefined ? {} : { trialTimeoutS }), warn: (message) => warnings.push(message) });
  const controllers = Array.from({ length: runs }, () => new AbortController());
  let next = 0;
  let running = 0;
  const fill = (): void => {
    for (; running < executor.slots && next < runs; running++, next++) executor.start(runOf(next, ref), controllers[next]?.signal ?? AbortSignal.abort());
  };
  fill();
  for await (const batch of executor.batches()) {
    for (const event of batch) {
      events.push(event);
      if (abortOn(event)) controllers[event.run]?.abort(new Error('by the test'));
      if (event.kind === 'reported' || event.kind === 'checkpointed') executor.answer(event.run, answer(event));
      if (event.kind === 'ended') running -= 1;
    }
    fill();
    if (running === 0) break;
  }
  return { events, warnings };
}

const runOf = (n: number, trainable: Run['trainable']): Run => ({
  run: runId(n),
  trial: trialId(n),
  id: `abc_${n}`,
  name: `test_abc_${n}`,
  trainable,
  config: { n },
  dir: `/nowhere/${n}`,
  step: 0,
  seed: n,
  resources: {},
});
const endings = (events: readonly ExecutorEvent[]): readonly unknown[] =>
  events.filter(({ kind }) => kind === 'ended').map((event) => [event.run, (event as { how: string }).how]);

describe('the inline executor', () => {
  test('starts, then its reports, then exactly one end: for each run, whatever becomes of it', async () => {
    const { events } = await play(
      async ({ n }, trial) => {
        await trial.report({ loss: n });
        if (n === 1) throw new Error('mine');
        await trial.report({ loss: 0 });
      },
      { runs: 4, workers: 2, answer: ({ run }) => ({ then: run === 2 ? 'stop' : run === 3 ? 'pause' : 'continue' }) },
    );
    expect([...endings(events)].sort()).toEqual([
      [0, 'completed'],
      [1, 'failed'],
      [2, 'stopped'],
      [3, 'paused'],
    ]);
    for (const run of [0, 1, 2, 3]) {
      const own = events.filter((event) => event.run === run).map(({ kind }) => kind);
      expect([own[0], own.at(-1), own.filter((kind) => kind === 'ended').length]).toEqual(['started', 'ended', 1]);
    }
  });

  test('trials take turns', async () => {
    const order: number[] = [];
    await play(
      async ({ n }, trial) => {
        for (let i = 0; i < 2; i++) {
          order.push(n as number);
          await trial.report({ loss: i });
        }
      },
      { runs: 2, workers: 2 },
    );
    expect(order).toEqual([0, 1, 0, 1]);
  });

  test('what is ready at one instant is one batch, and the event loop turns between batches', async () => {
    let timer = false;
    const { events } = await play(
      async (_, trial) => {
        setTimeout(() => (timer = true));
        while (!timer) await trial.report({ loss: 1 }); // for ever, if only microtasks ran
      },
      { runs: 1 },
    );
    expect(endings(events)).toEqual([[0, 'completed']]);
  });

  test('an abort reaches a trial that waits', async () => {
    const { events } = await play(
      (_, trial) => new Promise((_resolve, reject) => trial.signal.addEventListener('abort', () => reject(trial.signal.reason as Error))),
      {
        runs: 1,
        abortOn: ({ kind }) => kind === 'started',
      },
    );
    expect(endings(events)).toEqual([[0, 'stopped']]);
  });

  test('one that does not end after its stop is left to itself, and the user told', async () => {
    const { events } = await play(() => new Promise(() => {}), { runs: 2, stopGraceS: 0.01, abortOn: ({ kind }) => kind === 'started' });
    expect(endings(events)).toEqual([
      [0, 'stopped'],
      [1, 'stopped'],
    ]);
    expect(events.filter(({ kind }) => kind === 'warned')).toMatchObject([{ run: 0, message: expect.stringContaining('TRIAL_UNRESPONSIVE') }, { run: 1 }]);
  });

  test('one that passes its time limit has failed, unless it blocks, as a warning at the start says', async () => {
    const { events, warnings } = await play(() => new Promise(() => {}), { runs: 1, trialTimeoutS: 0.01 });
    expect(events.at(-1)).toMatchObject({ kind: 'ended', how: 'failed', error: { code: 'TRIAL_TIMEOUT' } });
    expect(warnings).toEqual([expect.stringContaining('cannot end a function that blocks the event loop')]);
  });

  test('a grace period of its own gives the same warning; the default gives none', async () => {
    const warningsOf = async (scene: Partial<Scene>): Promise<unknown> => (await play(() => 1, { runs: 1, ...scene })).warnings;
    expect(await warningsOf({ stopGraceS: 2 })).toEqual([expect.stringContaining('cannot end a function that blocks the event loop')]);
    expect(await warningsOf({})).toEqual([]);
  });

  test('its options are checked', () => {
    expect(() => inline({ workers: 0 })).toThrow(/OPTION_RANGE/);
    expect(() => inline({ worker: 1 } as never)).toThrow(/OPTION_UNKNOWN/);
  });
});
