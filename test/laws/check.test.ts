import { describe, expect, test } from 'vitest';
import { fifo, hyperband } from '../../schedulers/index.ts';
import type { AttuneError } from '../../src/base/errors.ts';
import type { Scheduler, SchedulerEvent } from '../../src/schedule/scheduler.ts';
import { randint, sampleFrom } from '../../src/space/domains.ts';
import { type SchedulerLawsOptions, schedulerLaws } from '../../src/testing/laws/scheduler-laws.ts';
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

  describe('that needs more than the family', () => {
    const throwing = (name: string, isBad: (event: SchedulerEvent) => boolean) => (): Scheduler<null> => ({
      name,
      uses: [],
      check({ objectives }) {
        if (name === 'pair' && objectives !== 2) throw new Error(`expected two objectives, got ${objectives}`);
      },
      init: () => null,
      decide(state, event) {
        if (isBad(event)) throw new Error('boom');
        return { state, decisions: [] };
      },
    });
    const pair = throwing('pair', (event) => event.kind === 'reported' && (event.losses[1] ?? 0) > 5);
    const deep = throwing('deep', (event) => event.kind === 'queued' && Number(event.config['depth']) > 2);

    async function messageOf(make: () => Scheduler, options: Partial<SchedulerLawsOptions>): Promise<string> {
      const [check] = schedulerLaws(make, { family: 'other', ...options, only: ['A12'] });
      return (await brokenBy(() => check!.run())).message;
    }
    const pasted = (message: string): string => /As a test:\n\n([\s\S]*?\n\}\);)\n/.exec(message)?.[1] ?? '';

    test('is printed with its objectives, and the event on which decide threw', async () => {
      const message = await messageOf(pair, { objectives: 2 });
      expect(message).toContain("{ family: 'other', objectives: 2, only: ['A12'] }");
      expect(message).toMatch(/\n\n {2}trial 0 reported -\d+, \d+ at step 1\n {2}pair\.decide on "reported" of trial 0 threw: boom\.\n\n/);
      await expect(pastedTest(pasted(message), pair)).rejects.toMatchObject({ code: 'LAW_BROKEN' });
    });

    test('is printed with its space', async () => {
      const message = await messageOf(deep, { paramSpace: { depth: randint(0, 9) } });
      expect(message).toContain("paramSpace: { depth: { $domain: 'randint', lower: 0, upper: 9 } }");
      expect(message).toContain('\n\n  trial 0 queued\n  deep.decide on "queued" of trial 0 threw: boom.\n\n');
      await expect(pastedTest(pasted(message), deep)).rejects.toMatchObject({ code: 'LAW_BROKEN' });
    });

    test('names a space that has functions in it', async () => {
      const paramSpace = { half: randint(0, 9), depth: sampleFrom((config) => 2 * Number(config['half'])) };
      const message = await messageOf(deep, { paramSpace });
      expect(message).toContain("{ family: 'other', only: ['A12'], paramSpace }");
      await expect(pastedTest(pasted(message), deep, paramSpace)).rejects.toMatchObject({ code: 'LAW_BROKEN' });
    });
  });

  test('on a decision that is none says what it was', async () => {
    const wrong = { name: 'wrong', uses: [], init: () => null, decide: () => ({ state: null, decisions: [null] }) } as unknown as Scheduler;
    const [check] = schedulerLaws(() => wrong, { family: 'other', only: ['A12'] });
    expect((await brokenBy(() => check!.run())).message).toContain(
      '\n  trial 0 queued\n    -> null\n  wrong.decide on "queued" of trial 0: expected decisions',
    );
  });

  /** Runs the text of a test, as if it stood in a file. */
  async function pastedTest(text: string, make: () => unknown, paramSpace?: unknown): Promise<void> {
    let body: (() => Promise<void>) | undefined;
    const declare = (_name: string, act: () => Promise<void>): void => void (body = act);
    new Function('test', 'schedulerLaws', 'make', 'paramSpace', text)(declare, schedulerLaws, make, paramSpace);
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

  test('is left out where milestones lie closer than one step', () => {
    const checks = schedulerLaws(() => hyperband({ maxT: 4, reductionFactor: 1.3 }), { family: 'hyperband', pauses: true });
    const skipped = checks.filter((one) => one.skipped === 'its milestones lie closer than one step').map(({ name }) => name);
    expect(skipped).toEqual(['C1', 'C2', 'C3', 'C5', 'C6', 'C7', 'C8', 'C10']);
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
    [{ family: 'asha', only: [] }, 'OPTION_RANGE'],
    [{ family: 'asha', only: 'D9' }, 'OPTION_RANGE'],
    [{ family: 'asha', pauses: 'yes' }, 'OPTION_RANGE'],
    [{ family: 'asha', leavesPaused: 1 }, 'OPTION_RANGE'],
    [{ family: 'asha', timeAttr: 3 }, 'OPTION_RANGE'],
    [{}, 'OPTION_RANGE'],
    [undefined, 'OPTION_RANGE'],
  ])('%j is refused', (options, code) => {
    expect(() => schedulerLaws(() => halving(), options as never)).toThrow(expect.objectContaining({ code }));
  });

  test.each([
    [undefined, 'schedulerLaws: expected make to be a function, got undefined.'],
    [halving(), 'schedulerLaws: expected make to be a function, got an object with the keys name, options, uses, init, decide.'],
    [() => undefined, 'schedulerLaws: make(): expected a scheduler, got undefined.'],
    [() => halving, 'schedulerLaws: make(): expected a scheduler, got the function halving.'],
  ])('what makes no scheduler is refused (%#)', (make, message) => {
    expect(() => schedulerLaws(make as never, { family: 'asha' })).toThrow(message);
  });

  test.each([
    [[[1, 2]], 'run(world): expected a world, such as { trials: [[0.3, 0.2], [0.5]] }, got an array of 1.'],
    [{ trials: 'x' }, 'run(world): expected trials to be a list with one list of reports each, got "x".'],
    [{ trials: [1] }, 'run(world): trial 0: expected a list of reports, got 1.'],
    [{ trials: [[1], ['a']] }, 'run(world): trial 1: expected a number or { value }, got "a".'],
    [{ trials: [[{ value: 'a' }]] }, 'run(world): trial 0: expected value to be a number, got "a".'],
    [{ trials: [[{ value: 1, seconds: -1 }]] }, 'run(world): trial 0: expected seconds to be a finite number >= 0, got -1.'],
    [{ trials: [[{ value: 1, second: 1 }]] }, 'got "second". Hint: Did you mean "seconds"?'],
    [{ trials: [[1]], workers: 0 }, 'run(world): expected workers to be an integer >= 1, got 0.'],
    [{ trials: [[1]], mode: 'least' }, 'run(world): expected mode to be "min" or "max", got "least".'],
  ])('the world %j is refused', async (world, message) => {
    const [check] = schedulerLaws(() => halving(), { family: 'asha', only: ['A1'] });
    await expect(check!.run(world as never)).rejects.toThrow(message);
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
