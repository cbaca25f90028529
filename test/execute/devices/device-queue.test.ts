import { expect, test } from 'vitest';
import { DeviceQueue } from '../../../src/execute/devices/device-queue.ts';
import type { Run } from '../../../src/execute/executor.ts';
import { toTrainableRef } from '../../../src/trainable/bare.ts';
import { runId, trialId } from '../../../src/trial/ids.ts';

const trainable = toTrainableRef(() => ({ loss: 1 }));
const runOf = (id: number, alone?: true): Run => ({
  ...{ run: runId(id), trial: trialId(id), id: `abc_${id}`, name: `t_${id}`, trainable, config: {}, dir: '/nowhere', step: 0, seed: 0, resources: {} },
  ...(alone ? { alone } : {}),
});

/** A queue for one device, which two share; what it did is in `done`. */
function queueOf() {
  const done: string[] = [];
  const queue = new DeviceQueue(
    { devices: [{ id: 'cuda:0', name: 'one', cuda: '0' }], demand: { gpu: 0.5 } },
    {
      launch: ({ run }, _, devices) => void done.push(`launch ${run} on ${devices.map(({ id }) => id).join()}`),
      cancel: (run) => void done.push(`cancel ${run}`),
    },
  );
  const start = (id: number, alone?: true): AbortController => {
    const stop = new AbortController();
    queue.start(runOf(id, alone), stop.signal);
    return stop;
  };
  return { queue, start, done };
}

test('a run begins when there is room, in the order of arrival; one that is to be alone waits for all others, and the next for it', () => {
  const { queue, start, done } = queueOf();
  start(0);
  start(1);
  start(2, true);
  start(3);
  queue.end(runId(0));
  expect(done).toEqual(['launch 0 on cuda:0', 'launch 1 on cuda:0']);
  queue.end(runId(1));
  expect(done.slice(2)).toEqual(['launch 2 on cuda:0']);
  queue.end(runId(2));
  expect(done.slice(3)).toEqual(['launch 3 on cuda:0']);
});

test('one that is stopped while it waits, or before, ends there, and those behind it move up', () => {
  const { queue, start, done } = queueOf();
  start(0);
  const alone = start(1, true);
  start(2);
  alone.abort();
  expect(done).toEqual(['launch 0 on cuda:0', 'launch 2 on cuda:0', 'cancel 1']);
  alone.abort();
  queue.start(runOf(3), AbortSignal.abort());
  expect(done.slice(3)).toEqual(['cancel 3']);
});

test('once begun, its signal is no business of the queue, and after the end nobody begins', () => {
  const { queue, start, done } = queueOf();
  start(0).abort();
  start(1);
  start(2);
  queue.close();
  queue.end(runId(0));
  expect(done).toEqual(['launch 0 on cuda:0', 'launch 1 on cuda:0']);
});
