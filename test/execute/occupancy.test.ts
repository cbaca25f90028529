import { expect, test } from 'vitest';
import type { Executor, ExecutorSession } from '../../src/execute/executor.ts';
import { inline } from '../../src/execute/inline.ts';
import { threads } from '../../src/execute/threads.ts';
import { toTrainableRef } from '../../src/trainable/bare.ts';
import { runId, trialId } from '../../src/trial/ids.ts';

const session: ExecutorSession = { trainable: toTrainableRef(() => ({ loss: 1 })), stopGraceS: 5, warn: () => {} };
/** How a Tuner uses one: what it was given is disposed of, whatever becomes of `open`. */
async function refused(executor: Executor): Promise<unknown> {
  await using owned = executor;
  try {
    return await owned.open(session);
  } catch (error) {
    return error;
  }
}
const inUse = { code: 'OPTION_RANGE', message: expect.stringContaining('expected an executor that is not in use, got one that runs another experiment') };

test('a second experiment on an inline executor is refused, and the first goes on', async () => {
  const executor = inline();
  await executor.open(session);
  expect(await refused(executor)).toMatchObject(inUse);
  const { trainable } = session;
  const run = { run: runId(0), trial: trialId(0), id: 'abc_0', name: 't_0', trainable, config: {}, dir: '/nowhere', step: 0, seed: 0, resources: {} };
  executor.start(run, new AbortController().signal);
  const how: unknown[] = [];
  for await (const batch of executor.batches()) {
    for (const event of batch) if (event.kind === 'ended') how.push(event.how);
    if (how.length > 0) break;
  }
  expect(how).toEqual(['completed']);
  await executor[Symbol.asyncDispose]();
});

test('one after the other is fine, even while the first still closes', async () => {
  const executor = inline();
  await executor.open(session);
  const closing = executor[Symbol.asyncDispose]();
  void executor.open(session);
  await closing;
  expect(() => executor.batches()).not.toThrow();
  await executor[Symbol.asyncDispose]();
});

test('the same goes for threads, from the moment it opens', async () => {
  const executor = threads({ workers: 1 });
  const first = Promise.resolve(executor.open(session)).catch((error: unknown) => error); // it has no module, so it cannot run; but it is the first
  expect(await refused(executor)).toMatchObject(inUse);
  expect(await first).toMatchObject({ code: 'TRAINABLE_UNREACHABLE' });
  await executor[Symbol.asyncDispose]();
  expect(await refused(executor)).toMatchObject({ code: 'TRAINABLE_UNREACHABLE' });
});
