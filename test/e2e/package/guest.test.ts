import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runNode } from '../run-node.ts';

const script = join(import.meta.dirname, 'scripts/guest.mjs');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-guest-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Left {
  readonly before: State;
  readonly after: State;
  readonly trials: readonly number[];
}
interface State {
  /** Emitter and event → how many. */
  readonly listeners: Readonly<Record<string, number>>;
  /** What keeps the process alive. */
  readonly resources: readonly string[];
}

/** Uses `fit()` in a process of its own, which has to end by itself. @returns what that left in the process */
async function used(way: string, executor: string): Promise<Left> {
  const { stdout } = await runNode([script, way, executor, await mkdtemp(join(folder, 'results-'))]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Left;
}

describe.each(['inline', 'threads', 'processes'])('with %s, when fit() has ended the process is as it was, and ends:', (executor) => {
  test.each([
    ['once', [4]],
    ['in turn', [4, 4]],
    ['side by side', [4, 4]],
    ['a dozen side by side', Array(12).fill(4)],
    ['trials that fail', [4]],
    ['aborted at the first report', expect.anything()],
    ['out of time', expect.anything()],
    ['a searcher that throws', []],
    ['a name that is taken', [4]],
  ] as const)('%s', async (way, expected) => {
    const { before, after, trials } = await used(way, executor);
    expect(trials).toEqual(expected);
    expect(after).toEqual(before);
  });
});

test('an experiment driven by ask and tell leaves nothing either', async () => {
  const { before, after, trials } = await used('asked and told to the end', 'inline');
  expect(trials).toEqual([2]);
  expect(after).toEqual(before);
});

test('one that was left in the middle does not keep the process alive', async () => {
  expect((await used('asked, and left there', 'inline')).trials).toEqual([1]);
});
