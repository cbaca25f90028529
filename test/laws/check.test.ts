import { describe, expect, test } from 'vitest';
import { fifo } from '../../schedulers/index.ts';
import type { AttuneError } from '../../src/base/errors.ts';
import { schedulerLaws } from '../../src/testing/laws/scheduler-laws.ts';
import { halving } from './reference/halving.ts';

const brokenBy = async (run: () => Promise<void>): Promise<AttuneError> =>
  run().then(
    () => {
      throw new Error('it holds');
    },
    (error: AttuneError) => error,
  );

const tiesStop = () => halving('ties stop');

describe('a broken law', () => {
  test('comes with the smallest world, what happened in it, and a test of it', async () => {
    const [check] = schedulerLaws(tiesStop, { family: 'asha', only: ['D9'] });
    const { code, message } = await brokenBy(() => check!.run());
    expect(code).toBe('LAW_BROKEN');
    expect(message.replace(/seed 0, run \d+ of 100/, 'seed 0, run n of 100')).toBe(
      `halving, law D9, "The best so far at a rung is not stopped there.": expected trial 1, the best at rung 1, to go on, got stop of trial 1 (rank 1 of 2).

The smallest world found in which it is broken (seed 0, run n of 100):

  trial 0 reported 0 at step 1
  trial 0 completed
  exhausted
  trial 1 reported 0 at step 1
    -> stop of trial 1 (rank 1 of 2)
  trial 1 stopped

As a test:

test('D9: The best so far at a rung is not stopped there.', async () => {
  for (const { run } of schedulerLaws(make, { family: 'asha', only: ['D9'] })) {
    await run({
      trials: [
        [0],
        [0],
      ],
    });
  }
});

 Hint: Mend the scheduler or searcher; docs/laws.md says what the law is for. [LAW_BROKEN]`,
    );
  });

  test.each(['ties stop', 'comparison flipped', 'a restart is a new trial', 'goes on past maxT', 'NaN forgotten'] as const)(
    'is broken by the test that is printed too, and kept there by the mended scheduler: %s',
    async (flaw) => {
      const options = { family: 'asha' } as const;
      for (const { run, skipped } of schedulerLaws(() => halving(flaw), options)) {
        const error =
          skipped === undefined
            ? await run().then(
                () => undefined,
                (problem: AttuneError) => problem,
              )
            : undefined;
        const pasted = /As a test:\n\n([\s\S]*?\n\}\);)\n/.exec(error?.message ?? '')?.[1];
        if (pasted === undefined) continue;
        await expect(pastedTest(pasted, () => halving(flaw))).rejects.toMatchObject({ code: 'LAW_BROKEN' });
        await expect(pastedTest(pasted, () => halving())).resolves.toBeUndefined();
      }
    },
  );

  /** Runs the text of a test, as if it stood in a file. */
  async function pastedTest(text: string, make: () => unknown): Promise<void> {
    let body: (() => Promise<void>) | undefined;
    const declare = (_name: string, act: () => Promise<void>): void => void (body = act);
    new Function('test', 'schedulerLaws', 'make', text)(declare, schedulerLaws, make);
    return body?.();
  }

  test('is found again in the world that was printed, with nothing generated', async () => {
    const [check] = schedulerLaws(tiesStop, { family: 'asha', only: ['D9'] });
    await expect(check!.run({ trials: [[1], [2]] })).resolves.toBeUndefined();
    await expect(check!.run({ trials: [[1], [1]] })).rejects.toMatchObject({ code: 'LAW_BROKEN' });
  });
});

describe('a law that does not apply', () => {
  const check = schedulerLaws(fifo, { family: 'other' }).find(({ name }) => name === 'A9');

  test('says why, and refuses to run', async () => {
    expect(check?.skipped).toBe('its options have no maxT');
    await expect(check?.run()).rejects.toMatchObject({ code: 'LAW_SKIPPED' });
  });

  test('is there all the same: the laws of a family come all', () => {
    const names = (family: 'asha' | 'other') => schedulerLaws(() => halving(), { family }).map(({ name }) => name);
    expect(names('asha').slice(0, 14)).toEqual(Array.from({ length: 14 }, (_, i) => `A${i + 1}`));
    expect(names('asha')).toEqual(expect.arrayContaining([...names('other'), 'B2', 'D1', 'D2', 'D3', 'D4', 'D5', 'D6', 'D7', 'D8', 'D9']));
  });
});

describe('options', () => {
  test.each([
    [{ family: 'sha' }, 'OPTION_RANGE'],
    [{ family: 'asha', numRuns: 0 }, 'OPTION_RANGE'],
    [{ family: 'asha', seed: 0.5 }, 'OPTION_RANGE'],
    [{ family: 'asha', only: ['D99'] }, 'OPTION_RANGE'],
    [{ family: 'asha', runs: 5 }, 'OPTION_UNKNOWN'],
  ])('%j is refused', (options, code) => {
    expect(() => schedulerLaws(() => halving(), options as never)).toThrow(expect.objectContaining({ code }));
  });

  test('the same seed tries the same worlds', async () => {
    const found = async (seed: number): Promise<string> => {
      const [check] = schedulerLaws(tiesStop, { family: 'asha', only: ['D1'], shrink: false, seed });
      return (await brokenBy(() => check!.run())).message;
    };
    expect(await found(3)).toBe(await found(3));
    expect(await found(3)).not.toBe(await found(4));
  });
});
