import { expect, test } from 'vitest';
import type { ExecutorEvent, Run } from '../../src/execute/executor.ts';
import { manual } from '../../src/execute/manual.ts';
import { toTrainableRef } from '../../src/trainable/bare.ts';
import { runId, trialId } from '../../src/trial/ids.ts';

const trainable = toTrainableRef(() => undefined);
const runOf = (n: number): Run => ({
  run: runId(n),
  trial: trialId(n),
  id: `abc_${n}`,
  name: `t_${n}`,
  trainable,
  config: { n },
  dir: '/nowhere',
  step: 0,
  seed: n,
  resources: {},
});
const going = (): AbortSignal => new AbortController().signal;

test('there is a slot for each trial that is wanted or runs, and no other', async () => {
  let demands = 0;
  const executor = manual(() => void (demands += 1));
  expect(executor.slots).toBe(0);
  const taken = executor.take();
  expect([executor.slots, demands]).toEqual([1, 1]);
  executor.start(runOf(0), going());
  expect((await taken)?.config).toEqual({ n: 0 });
  expect(executor.slots).toBe(1);
  void executor.end(runId(0), { metrics: { loss: 1 } });
  expect(executor.slots).toBe(0);
  await executor[Symbol.asyncDispose]();
});

test('reports are numbered and resolve with the decision; a stop ends the run', async () => {
  await using executor = manual(() => {});
  executor.start(runOf(0), going());
  const events: ExecutorEvent[] = [];
  const reader = executor.batches()[Symbol.asyncIterator]();
  const first = executor.report(runId(0), { loss: 1 });
  events.push(...((await reader.next()).value ?? []));
  executor.answer(runId(0), { then: 'continue' });
  expect(await first).toEqual({ then: 'continue' });
  const second = executor.report(runId(0), { loss: 2 });
  executor.answer(runId(0), { then: 'stop', reason: 'enough' });
  executor.endWritten(runId(0));
  expect(await second).toEqual({ then: 'stop', reason: 'enough' });
  expect(await executor.report(runId(0), { loss: 3 })).toMatchObject({ then: 'stop' });
  expect(await executor.end(runId(0), { error: new Error('too late') })).toBe(true);
  events.push(...((await reader.next()).value ?? []));
  expect(events).toMatchObject([{ kind: 'started' }, { kind: 'reported', step: 1 }, { kind: 'reported', step: 2 }, { kind: 'ended', how: 'stopped' }]);
});

test('a run that is told to stop has its next report taken, and is answered then', async () => {
  await using executor = manual(() => {});
  const stop = new AbortController();
  executor.start(runOf(0), stop.signal);
  stop.abort(new Error('halted'));
  const open = executor.report(runId(0), { loss: 1 });
  executor.answer(runId(0), { then: 'stop', reason: 'halted' });
  executor.endWritten(runId(0));
  expect(await open).toEqual({ then: 'stop', reason: 'halted' });
  expect(executor.slots).toBe(0);
});

test('one that reports nothing any more ends when its grace is over', async () => {
  await using executor = manual(() => {});
  await executor.open({ trainable, stopGraceS: 0, warn: () => {} });
  const stop = new AbortController();
  executor.start(runOf(0), stop.signal);
  stop.abort(new Error('halted'));
  const ended: ExecutorEvent[] = [];
  for await (const batch of executor.batches()) {
    ended.push(...batch.filter(({ kind }) => kind === 'ended'));
    if (ended.length > 0) break;
  }
  expect(ended).toEqual([{ kind: 'ended', run: 0, how: 'stopped' }]);
  expect(await executor.report(runId(0), { loss: 1 })).toMatchObject({ then: 'stop' });
});

test('who waits for a trial when there is none any more gets undefined', async () => {
  const executor = manual(() => {});
  const taken = executor.take();
  executor.exhaust();
  expect([await taken, await executor.take()]).toEqual([undefined, undefined]);
});

test('who waits for a trial can be refused, and has no slot then', async () => {
  await using executor = manual(() => {});
  const refused = Promise.all([executor.take(), executor.take()]);
  executor.refuse(new Error('no more'));
  await expect(refused).rejects.toThrow('no more');
  expect(executor.slots).toBe(0);
  const taken = executor.take();
  executor.start(runOf(0), going());
  expect((await taken)?.config).toEqual({ n: 0 });
});

test('a stop, a pause and an end are told once they are written, or when nobody will write them any more', async () => {
  const executor = manual(() => {});
  const settled: unknown[] = [];
  for (const n of [0, 1]) executor.start(runOf(n), going());
  void executor.report(runId(0), { loss: 1 }).then(({ then }) => settled.push(then));
  executor.answer(runId(0), { then: 'stop' });
  void executor.end(runId(0), {}).then((isWritten) => settled.push(isWritten));
  void executor.end(runId(1), {}).then((isWritten) => settled.push(isWritten));
  await Promise.resolve();
  expect(settled).toEqual([]);
  executor.endWritten(runId(0));
  await Promise.resolve();
  expect(settled).toEqual(['stop', true]);
  await executor[Symbol.asyncDispose]();
  expect(settled).toEqual(['stop', true, false]);
});

test('a violation goes with the metrics that it is of', async () => {
  await using executor = manual(() => {});
  executor.start(runOf(0), going());
  void executor.report(runId(0), { loss: 1 }, { violation: 2 });
  executor.answer(runId(0), { then: 'continue' });
  void executor.end(runId(0), { metrics: { loss: 3 }, violation: 0 });
  const { value } = await executor.batches()[Symbol.asyncIterator]().next();
  expect(value).toMatchObject([{ kind: 'started' }, { violation: 2 }, { kind: 'ended', metrics: { loss: 3 }, step: 2, violation: 0 }]);
});

test('reports made at once are queued: each is sent when the one before is answered', async () => {
  await using executor = manual(() => {});
  executor.start(runOf(0), going());
  const reports = [1, 2, 3].map((loss) => executor.report(runId(0), { loss }));
  const sent: unknown[] = [];
  for await (const batch of executor.batches()) {
    for (const event of batch) {
      if (event.kind !== 'reported') continue;
      sent.push([event.step, event.metrics['loss']]);
      executor.answer(runId(0), { then: 'continue' });
    }
    if (sent.length === 3) break;
  }
  expect(sent).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
  expect(await Promise.all(reports)).toEqual([{ then: 'continue' }, { then: 'continue' }, { then: 'continue' }]);
});

test.each(['stop', 'pause'] as const)('a %s settles the reports that wait, and goes before an end that waits', async (then) => {
  await using executor = manual(() => {});
  executor.start(runOf(0), going());
  const [open, waiting] = [executor.report(runId(0), { loss: 1 }), executor.report(runId(0), { loss: 2 })];
  const ended = executor.end(runId(0), { metrics: { loss: 3 } });
  executor.answer(runId(0), { then });
  executor.endWritten(runId(0));
  expect(await ended).toBe(true);
  expect(await Promise.all([open, waiting])).toEqual([{ then }, { then: 'stop', reason: 'the trial has ended' }]);
  const { value } = await executor.batches()[Symbol.asyncIterator]().next();
  expect(value).toMatchObject([{ kind: 'started' }, { kind: 'reported' }, { kind: 'ended', how: then === 'stop' ? 'stopped' : 'paused' }]);
});

test.each([
  ['metrics', { metrics: { loss: 3 } }, { how: 'completed', metrics: { loss: 3 }, step: 3 }],
  ['an error', { error: new Error('mine') }, { how: 'failed' }],
])('an end with %s waits for the reports that nobody awaited; no report comes after it', async (_, result, ended) => {
  await using executor = manual(() => {});
  executor.start(runOf(0), going());
  const reports = [executor.report(runId(0), { loss: 1 }), executor.report(runId(0), { loss: 2 })];
  const ends = [executor.end(runId(0), result), executor.end(runId(0), {})]; // one is enough
  expect(await executor.report(runId(0), { loss: 4 })).toEqual({ then: 'stop', reason: 'the trial has ended' });
  expect(executor.slots).toBe(1);
  executor.answer(runId(0), { then: 'continue' });
  expect(executor.slots).toBe(1);
  executor.answer(runId(0), { then: 'continue' });
  expect(executor.slots).toBe(0);
  executor.endWritten(runId(0));
  expect(await Promise.all(ends)).toEqual([true, true]);
  expect(await Promise.all(reports)).toEqual([{ then: 'continue' }, { then: 'continue' }]);
  const { value } = await executor.batches()[Symbol.asyncIterator]().next();
  expect(value).toMatchObject([{ kind: 'started' }, { step: 1 }, { step: 2 }, { kind: 'ended', ...ended }]);
});

test('whoever waits for an answer when the experiment is over gets one', async () => {
  const executor = manual(() => {});
  executor.start(runOf(0), going());
  const reports = [executor.report(runId(0), { loss: 1 }), executor.report(runId(0), { loss: 2 })];
  await executor[Symbol.asyncDispose]();
  expect(await Promise.all(reports)).toMatchObject([{ then: 'stop' }, { then: 'stop' }]);
  expect(await executor.report(runId(0), { loss: 3 })).toMatchObject({ then: 'stop' });
});
