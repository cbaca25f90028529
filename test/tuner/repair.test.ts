import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asha } from '../../schedulers/asha.ts';
import { rng } from '../../src/base/rng.ts';
import { attune } from '../../src/cli/attune.ts';
import type { World } from '../../src/execute/simulated.ts';
import { simulated } from '../../src/execute/simulated.ts';
import type { Config, RestoreOptions, RunConfig, TrialContext } from '../../src/index.ts';
import { inline, Tuner, uniform } from '../../src/index.ts';
import { repairExperiment } from '../../src/tuner/repair.ts';
import { quiet, restore, training, tunerIn } from './restorable.ts';
import { temporaryStorage } from './temporary-storage.ts';

const storagePath = temporaryStorage();
const DERIVED = /(^|\/)(experiment\.json|params\.json|result\.json|progress\.csv|error\.txt|events\.out\.tfevents\.\d+\.attune)$/;

/** Every file of a directory, by its path in it. */
const filesIn = (dir: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(dir, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(dir, name)).isFile())
      .sort()
      .map((name) => [name, readFileSync(join(dir, name), 'base64')]),
  );

const derivedIn = (dir: string): readonly string[] => Object.keys(filesIn(dir)).filter((name) => DERIVED.test(name));

/** Deletes every file that follows from the journal, repairs, and compares all bytes. */
async function checkRepaired(path: string): Promise<void> {
  const before = filesIn(path);
  for (const name of derivedIn(path)) rmSync(join(path, name));
  await repairExperiment(path);
  expect(filesIn(path)).toEqual(before);
}

/** Each trial does something else that a log has to cope with. */
let broken = true;
async function eventful({ x }: Config, trial: TrialContext): Promise<object | undefined> {
  const kind = Number(trial.id.slice(-1));
  while (trial.iteration < 5) {
    const step = trial.iteration + 1;
    const late = step > 2 && kind === 1 ? { [`late "${step}", a`]: [step], nested: { deep: step } } : {};
    const loss = [x, Number.NaN, Infinity, -Infinity, -0][(step + kind) % 5] as number;
    if (step === 4 && kind === 2 && broken) throw new Error(`not yet\nat all`, { cause: new TypeError('why') });
    if (step === 4 && kind === 3) return { loss, returned: true };
    const done = step === 3 && kind === 4;
    await trial.report(
      { loss, ...late, ...(done ? { done } : {}), timesteps_this_iter: 10 },
      step % 2 === 0 ? { checkpoint: (dir) => writeFileSync(join(dir, 'state'), '') } : {},
    );
  }
  return undefined;
}

describe('repair writes what follows from the journal anew, byte for byte', () => {
  const options = { tuneConfig: { numSamples: 6 }, runConfig: { stop: 'training_iteration >= 5' } } as unknown as RestoreOptions;

  test('of a run with checkpoints, failures, retries, infinities and columns that come late; and of its restore', async () => {
    broken = true;
    const { experimentPath: path } = await tunerIn(
      storagePath,
      'eventful',
      eventful as never,
      { ...options, runConfig: { ...options.runConfig, failureConfig: { maxFailures: 1 } } as RunConfig },
      2,
    ).fit();
    expect(derivedIn(path)).toHaveLength(1 + 6 * 4 + 1);
    await checkRepaired(path);

    broken = false;
    const grid = await (await restore(path, { resumeErrored: true, tuneConfig: { numSamples: 8 } } as never, eventful as never)).fit();
    expect([grid.length, grid.numErrors]).toEqual([8, 0]);
    await checkRepaired(path);
  });

  test('of one that was killed while a report was being saved', async () => {
    const { experimentPath: path } = await tunerIn(storagePath, 'killed', training(), { tuneConfig: { numSamples: 2 } } as never).fit();
    const journal = join(path, 'journal.jsonl');
    const text = readFileSync(journal, 'utf8');
    const saving = text.lastIndexOf('"save":"checkpoint_000003"');
    truncateSync(journal, Buffer.byteLength(text.slice(0, text.indexOf('\n', saving) + 20))); // torn in the line behind it
    await repairExperiment(path);
    const trial = readdirSync(path).filter((name) => name.includes('_00001_'))[0] as string;
    expect(
      readFileSync(join(path, trial, 'result.json'), 'utf8')
        .trim()
        .split('\n'),
    ).toHaveLength(3);
    await (await restore(path)).fit();
    await checkRepaired(path);
  });

  test('and leaves alone what is not: the journal, checkpoints, and files of the trial', async () => {
    const { experimentPath: path } = await tunerIn(storagePath, 'alone', training(), { tuneConfig: { numSamples: 1 } } as never).fit();
    const trial = join(path, readdirSync(path).find((name) => name.startsWith('train_')) as string);
    for (const name of ['stdout', 'mine.json', 'events.out.tfevents.17.mine']) appendFileSync(join(trial, name), 'mine');
    for (const name of ['result.json', 'progress.csv']) writeFileSync(join(trial, name), 'damaged');
    const before = filesIn(path);
    expect(await repairExperiment(path)).toBe(1);
    const after = filesIn(path);
    expect(Object.keys(after)).toEqual(Object.keys(before));
    const changed = Object.keys(after).filter((name) => after[name] !== before[name]);
    expect(changed.map((name) => name.slice(name.lastIndexOf('/') + 1))).toEqual(['progress.csv', 'result.json']);
  });
});

interface Given {
  readonly seed: number;
  readonly workers: number;
  readonly scheduler: 'fifo' | 'asha';
  readonly failing: number;
  readonly cut: number;
}

/** Reports of all kinds in virtual time; a saver that is there now and then. */
const worldOf = ({ seed, failing }: Given): World => {
  let attempts = 0;
  return {
    report(run, step) {
      const draw = rng(seed).fork('world', run.trial, step);
      if (step > 1 + rng(seed).fork('length', run.trial).int(5)) return undefined;
      attempts += 1;
      const seconds = 1 + draw.fork('seconds').int(2);
      if (draw.fork('fails').int(10) < failing && attempts % 2 === 0) return { seconds, fails: 'boom' };
      const loss = [Number.NaN, Infinity, draw.fork('loss').next()][draw.fork('kind').int(3)] as number;
      const more = draw.fork('late').int(4) === 0 ? { [`late_${step}`]: step } : {};
      return { seconds, metrics: { loss, ...more, ...(draw.fork('done').int(9) === 0 ? { done: true } : {}) }, canSave: draw.fork('saves').int(2) === 0 };
    },
  };
};

test('law: whatever happened, and wherever it was interrupted, repaired files are those that were written', async () => {
  const given: fc.Arbitrary<Given> = fc.record({
    seed: fc.nat(1000),
    workers: fc.integer({ min: 1, max: 3 }),
    scheduler: fc.constantFrom('fifo', 'asha'),
    failing: fc.integer({ min: 0, max: 3 }),
    cut: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(given, async (g) => {
      const name = `law-${runs++}`;
      const tuneConfig = {
        metric: 'loss',
        mode: 'min',
        numSamples: 4,
        seed: g.seed,
        ...(g.scheduler === 'asha' ? { scheduler: asha({ maxT: 4, gracePeriod: 1, reductionFactor: 2 }) } : {}),
      };
      const runConfig = () => ({
        ...quiet,
        storagePath,
        executor: simulated({ world: worldOf(g), workers: g.workers }),
        failureConfig: { maxFailures: 1 },
        stop: { training_iteration: 4 },
      });
      const options = (more: object = {}) => ({ paramSpace: { x: uniform(0, 1) }, tuneConfig, runConfig: { ...runConfig(), ...more } }) as never;
      const { experimentPath: path } = await new Tuner(training() as never, options({ name })).fit();
      await checkRepaired(path);
      const journal = join(path, 'journal.jsonl');
      const begun = readFileSync(journal).indexOf('"kind":"queued"');
      truncateSync(journal, Math.floor(begun + g.cut * (statSync(journal).size - begun)));
      await (await Tuner.restore(path, training() as never, { ...(options() as object), resumeErrored: true } as never)).fit();
      await checkRepaired(path);
    }),
    { numRuns: 40 },
  );
});

describe('attune repair', () => {
  const run = (...args: readonly string[]) => attune(['repair', ...args], '1.2.3');

  test('says how many trials it was about', async () => {
    const { experimentPath: path } = await tunerIn(storagePath, 'by-command', training(), { tuneConfig: { numSamples: 2 } } as never).fit();
    expect(await run(path)).toEqual({ exitCode: 0, stdout: `Wrote the files of 2 trials anew in ${path}\n` });
  });

  test('refuses an experiment that runs', async () => {
    let refusal: Awaited<ReturnType<typeof run>> | undefined;
    const path = join(storagePath, 'live');
    const train = async (_: Config, trial: TrialContext): Promise<void> => {
      refusal ??= await run(path);
      await trial.report({ loss: 1 });
    };
    await tunerIn(storagePath, 'live', train as never, { tuneConfig: { numSamples: 1 }, runConfig: { executor: inline() } } as never).fit();
    expect(refusal).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^attune repair: .*live: expected nobody to run this experiment.* \[EXPERIMENT_LOCKED\]\n$/),
    });
  });

  test('refuses what is no experiment, and leaves nothing there', async () => {
    const empty = join(storagePath, 'no-experiment');
    mkdirSync(empty);
    expect(await run(empty)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('[EXPERIMENT_NOT_FOUND]') });
    expect(readdirSync(empty)).toEqual([]);
  });

  test('names a file that cannot be written, and writes the others', async () => {
    const { experimentPath: path } = await tunerIn(storagePath, 'unwritable', training(), { tuneConfig: { numSamples: 2 } } as never).fit();
    const [first, second] = readdirSync(path).filter((name) => name.startsWith('train_'));
    rmSync(join(path, second as string, 'result.json'));
    rmSync(join(path, first as string), { recursive: true });
    writeFileSync(join(path, first as string), 'a file where a folder should be');
    const { exitCode, stderr } = await run(path);
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/^attune repair: .*train_.*\[STORAGE_UNWRITABLE\]\n$/)]);
    expect(derivedIn(path)).toContain(join(second as string, 'result.json'));
  });

  test('prints its help, and says when it is called wrongly', async () => {
    expect(await run('--help')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Usage: attune repair <dir>') });
    expect(await run()).toEqual({ exitCode: 2, stderr: 'attune repair: expected one directory, got 0.\nTry: attune repair --help\n' });
    expect(await run('a', 'b')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('got 2') });
    expect(await run('a', '--force')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("'--force'") });
    expect((await attune(['--help'], '1.2.3')).stdout).toContain('\n  repair         write the files of an experiment anew');
  });
});
