import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { asha } from '../../schedulers/asha.ts';
import { AttuneError, Checkpoint, hooks, ResultGrid, Tuner, uniform } from '../../src/index.ts';
import { trialId } from '../../src/trial/ids.ts';
import { checkpointed, reported, Story, temporaryDirectory } from '../watch/story.ts';

/** Three trials, one of each end, with nothing on disk. */
async function experiment(path = '/data/mnist'): Promise<Story> {
  const told = new Story(path, { objectives: [{ metric: 'mean_accuracy', mode: 'max' }], callbacks: [] });
  await told.runs({ lr: 0.05, optimizer: { kind: 'sgd', momentum: 0.9 } }, [{ mean_accuracy: 0.8 }, { mean_accuracy: 0.93, loss: 0.2, eval: { f1: 0.75 } }]);
  await told.starts({ lr: 0.5 });
  await told.happens(reported(1, 1, { mean_accuracy: 0.1 }, 'checkpoint_000000'));
  await told.happens(checkpointed(1, 1, 'checkpoint_000000'));
  await told.happens(reported(1, 2, { mean_accuracy: 0.12 }, 'checkpoint_000001'));
  await told.happens(checkpointed(1, 2, 'checkpoint_000001'));
  await told.happens({ kind: 'stopped', trial: trialId(1), by: 'asha', reason: 'rung 2: rank 2 of 2, only the best 1 go on' });
  await told.starts({ lr: 5 });
  await told.happens({
    kind: 'failed',
    trial: trialId(2),
    error: { name: 'RangeError', message: 'the loss is gone\nfor good', stack: 'RangeError\n    at x' },
  });
  return told;
}

const plain = (value: unknown, options: object = {}): string => inspect(value, { colors: false, ...options });

describe('in the console', () => {
  test('a ResultGrid', async () => {
    expect(plain(new ResultGrid(await experiment()))).toMatchInlineSnapshot(`
      "ResultGrid(
        3 trials: 1 completed, 1 stopped, 1 failed
        best mean_accuracy (max): 0.93 of 3af6c_00000, lr=0.05 optimizer/kind='sgd' optimizer/momentum=0.9
        path=/data/mnist
      )"
    `);
  });

  test('a ResultGrid with several objectives, without trials, or with a metric that is missing', async () => {
    const objectives = [{ metric: 'loss', mode: 'min' } as const, { metric: 'time/s', mode: 'max' } as const];
    const told = new Story('/data/x', { objectives, callbacks: [] });
    const empty = plain(new ResultGrid(told));
    await told.runs({}, [{ loss: 1, time: { s: 3 } }]);
    const one = plain(new ResultGrid(told));
    await told.runs({}, [{ loss: 1 }]);
    expect(
      [empty, one, plain(new ResultGrid(told)), plain(new ResultGrid(new Story('/data/y', { objectives: [], callbacks: [] })))].join('\n'),
    ).toMatchInlineSnapshot(`
      "ResultGrid(
        0 trials
        best loss (min): none
        best time/s (max): none
        path=/data/x
      )
      ResultGrid(
        1 trial: 1 completed
        best loss (min): 1 of 3af6c_00000, no parameters
        best time/s (max): 3 of 3af6c_00000, no parameters
        path=/data/x
      )
      ResultGrid(
        2 trials: 2 completed
        best loss (min): 1 of 3af6c_00000, no parameters
        best time/s (max): some last reports lack it, see getBestResult()
        path=/data/x
      )
      ResultGrid(0 trials; path=/data/y)"
    `);
  });

  test('Results', async () => {
    const told = await experiment();
    await told.starts();
    expect([...new ResultGrid(told)].map((result) => plain(result)).join('\n')).toMatchInlineSnapshot(`
      "Result(
        3af6c_00000 TERMINATED (completed)
        metrics: mean_accuracy=0.93 training_iteration=2 time_total_s=2 loss=0.2 eval/f1=0.75
        config: lr=0.05 optimizer/kind='sgd' optimizer/momentum=0.9
        path=/data/mnist/train_3af6c_00000_0_lr=0.0500,kind=sgd,momentum=0.9000
      )
      Result(
        3af6c_00001 TERMINATED (asha: rung 2: rank 2 of 2, only the best 1 go on)
        metrics: mean_accuracy=0.12 training_iteration=2 time_total_s=2
        config: lr=0.5
        checkpoint: checkpoint_000001, the newest of 2
        path=/data/mnist/train_3af6c_00001_1_lr=0.5000
      )
      Result(
        3af6c_00002 ERROR
        metrics: none reported
        config: lr=5
        error: RangeError: the loss is gone\\nfor good
        path=/data/mnist/train_3af6c_00002_2_lr=5
      )
      Result(
        3af6c_00003 RUNNING
        metrics: none reported
        path=/data/mnist/train_3af6c_00003_3
      )"
    `);
  });

  test('a Checkpoint', () => {
    const path = join(temporaryDirectory(onTestFinished), 'checkpoint_000099');
    mkdirSync(path);
    expect(plain(Checkpoint.fromDirectory(path))).toBe(`Checkpoint(path=${path})`);
  });

  test('a Tuner: before, after, restored, and when it could not begin', async () => {
    const storagePath = temporaryDirectory(onTestFinished);
    const options = {
      paramSpace: { lr: uniform(0, 1) },
      tuneConfig: { metric: 'loss', mode: 'min', numSamples: 2, scheduler: asha({ maxT: 9 }), seed: 7 },
      runConfig: { storagePath, name: 'shown', verbose: 0, onExisting: 'error' },
    } as const;
    const train = ({ lr }: { lr: number }) => lr;
    const watching = hooks({ onTrialStart: ({ id }) => id === 1 && shown.push(plain(tuner)) });
    const tuner: Tuner<{ lr: number }> = new Tuner(train, { ...options, runConfig: { ...options.runConfig, callbacks: [watching] } });
    const shown = [plain(tuner)];
    await tuner.fit();
    shown.push(plain(tuner));
    const again = new Tuner(train, options);
    await again.fit().catch(() => {});
    shown.push(plain(again), plain(await Tuner.restore(join(storagePath, 'shown'), train, {})));
    expect(shown.join('\n').replaceAll(storagePath, '/data')).toMatchInlineSnapshot(`
      "Tuner(
        train, loss (min)
        searcher=basicVariant, scheduler=asha, samples=2
        not run
      )
      Tuner(
        train, loss (min)
        searcher=basicVariant, scheduler=asha, samples=2
        running, 2 trials: 1 completed, 1 running, path=/data/shown
      )
      Tuner(
        train, loss (min)
        searcher=basicVariant, scheduler=asha, samples=2
        over, 2 trials: 2 completed, path=/data/shown
      )
      Tuner(
        train, loss (min)
        searcher=basicVariant, scheduler=asha, samples=2
        failed before it had a directory
      )
      Tuner(
        train, loss (min)
        searcher=basicVariant, scheduler=asha
        restored, 2 trials: 2 completed, path=/data/shown
      )"
    `);
  });

  test('an AttuneError: everything once, the stack and the cause too', () => {
    const error = new AttuneError('PLUGIN_FAILED', 'mine threw: no model yet.', { cause: new AttuneError('OPTION_RANGE', 'tpe: expected this, got that.') });
    error.stack = `Error: ${error.message}\n    at fit (file:///app/tune.ts:3:5)\n    at main (file:///app/tune.ts:9:1)`;
    (error.cause as Error).stack = `Error: ${(error.cause as Error).message}\n    at tpe (file:///app/tpe.ts:1:1)`;
    expect(plain(error)).toMatchInlineSnapshot(`
      "AttuneError [PLUGIN_FAILED]: mine threw: no model yet.
        Hint: Mend the plug-in that the message names, then continue with Tuner.restore.
          at fit (file:///app/tune.ts:3:5)
          at main (file:///app/tune.ts:9:1)
        [cause]: AttuneError [OPTION_RANGE]: tpe: expected this, got that.
          Hint: See the option in the documentation of this function.
            at tpe (file:///app/tpe.ts:1:1)"
    `);
    expect(plain({ error })).toMatchInlineSnapshot(`
      "{
        error: AttuneError [PLUGIN_FAILED]: mine threw: no model yet.
          Hint: Mend the plug-in that the message names, then continue with Tuner.restore.
            at fit (file:///app/tune.ts:3:5)
            at main (file:///app/tune.ts:9:1)
          [cause]: AttuneError [OPTION_RANGE]: tpe: expected this, got that.
            Hint: See the option in the documentation of this function.
              at tpe (file:///app/tpe.ts:1:1)
      }"
    `);
  });

  test('an AttuneError has the stack of the place where it was thrown, and may be its own cause', () => {
    const error = new AttuneError('OPTION_RANGE', 'asha: expected this, got that.');
    expect(plain(error)).toContain('inspect.test.ts');
    Object.assign(error, { cause: { of: error } });
    expect(plain(error, { depth: null }).length).toBeLessThan(100_000);
    expect(plain(new AttuneError('PLUGIN_FAILED', 'threw.', { cause: undefined }))).toContain('\n  [cause]: undefined');
  });
});

describe('wherever it stands', () => {
  test('in arrays and objects it is the same block, indented; below the depth that was asked for it is a name', async () => {
    const grid = new ResultGrid(await experiment());
    const whole = plain(grid);
    expect(plain([grid])).toBe(`[\n  ${whole.replaceAll('\n', '\n  ')}\n]`);
    expect(plain({ grid })).toContain(whole.replaceAll('\n', '\n  '));
    const checkpoint = Checkpoint.fromDirectory(temporaryDirectory(onTestFinished));
    const tuner = new Tuner(() => 1);
    const error = new AttuneError('NOT_RUN', 'x.');
    const deep = plain({ a: { b: [grid, grid.get(0), checkpoint, tuner, error] } }, { depth: 2, breakLength: Infinity });
    expect(deep).toContain('[ [ResultGrid], [Result], [Checkpoint], [Tuner], [AttuneError: NOT_RUN] ]');
  });

  test('colours are those of the console, and change no word', async () => {
    const grid = new ResultGrid(await experiment());
    const coloured = inspect(grid, { colors: true });
    expect(coloured).toContain('\u001b[33m0.93\u001b[39m');
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(plain(grid));
  });

  test('it is short, whatever users report: no value of theirs breaks a line, or makes it long', async () => {
    const long = 'x'.repeat(1e6);
    const told = new Story('/data/long', { objectives: [{ metric: `a\n${long}`, mode: 'max' }], callbacks: [] });
    const config = {
      text: `${long}\n`,
      list: Array.from({ length: 1e4 }, (_, i) => i),
      '\u001b[2J\n': 1,
      ...Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, i])),
    };
    await told.runs(config, [{ [`a\n${long}`]: 1, note: `\u001b[2J${long}`, deep: { er: { still: 1 } } }]);
    await told.starts();
    await told.happens({ kind: 'failed', trial: trialId(1), error: { name: 'Error', message: `no\n${long}` } });
    const grid = new ResultGrid(told);
    for (const [shown, lines] of [
      [plain(grid), 5],
      [plain(grid.get(0)), 6],
      [plain(grid.get(1)), 6],
      [plain(new AttuneError('PLUGIN_FAILED', `mine threw: ${long}.`)), 15],
    ] as const) {
      expect(shown.length).toBeLessThan(4000);
      expect(shown.split('\n').length).toBeLessThanOrEqual(lines);
      expect(shown).not.toMatch(/\u001b/);
    }
  });
});
