import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { asha } from '../../schedulers/asha.ts';
import type { Config, TrialContext } from '../../src/index.ts';
import { inline, Trainable, Tuner, uniform } from '../../src/index.ts';
import { checkFiles, checkTrials, checkUntouched, decisionsByTrial, decisionsOf, finishedTrials, linesOf } from '../journal-story.ts';
import { temporaryStorage } from './temporary-storage.ts';

/*
 * A journal cut at any byte, with all other files as the finished experiment left them: no crash leaves them so far ahead of their
 * journal, which makes it the hardest case. The experiments are larger than those that test/e2e/crash kills.
 */

const storagePath = temporaryStorage();
const STEPS = 6;
const SAMPLES = 16;

interface State {
  readonly step: number;
  readonly weights: number;
}
const FRESH: State = { step: 0, weights: 0 };
const trained = ({ step, weights }: State, { x }: Config): State => ({ step: step + 1, weights: weights * 0.7 + (x as number) });
const reportOf = ({ step, weights }: State) => ({ loss: Math.abs(weights - 1) + 1 / step, weights });
const save = (dir: string, state: State): void => writeFileSync(join(dir, 'state.json'), JSON.stringify(state));
const load = (dir: string): State => JSON.parse(readFileSync(join(dir, 'state.json'), 'utf8')) as State;

function stumble({ id }: TrialContext, { step }: State): void {
  if (Number(id.slice(-1)) % 4 === 3 && step === 3) throw new Error('the fourth step fails');
}

/** Saves with some of its reports, and ends with what it returns. */
async function byFunction(config: Config, trial: TrialContext): Promise<object> {
  let state = trial.checkpoint ? load(trial.checkpoint.path) : FRESH;
  expect(state.step).toBe(trial.iteration);
  for (;;) {
    stumble(trial, state);
    const next = trained(state, config);
    state = next;
    if (state.step === STEPS) return reportOf(state);
    await trial.report(reportOf(state), state.step % 3 === 1 ? {} : { checkpoint: (dir) => save(dir, next) });
  }
}

class ByClass extends Trainable<Config> {
  #config: Config = {};
  #trial: TrialContext | undefined;
  #state = FRESH;

  setup(config: Config, trial: TrialContext): void {
    this.#config = config;
    this.#trial = trial;
  }
  step(): object & { readonly done: boolean } {
    if (this.#trial) stumble(this.#trial, this.#state);
    this.#state = trained(this.#state, this.#config);
    return { ...reportOf(this.#state), done: this.#state.step === STEPS };
  }
  save(dir: string): void {
    save(dir, this.#state);
  }
  restore(dir: string): void {
    this.#state = load(dir);
    expect(this.#state.step).toBe(this.#trial?.iteration);
  }
}

const quiet = { verbose: 0 } as const;
const atOnce = { ...quiet, failureConfig: { backoffS: 0 } } as const;
const ranked = () => asha({ maxT: STEPS, gracePeriod: 1, reductionFactor: 2 });

/** Each uninterrupted, one trial at a time. `compared`: which trials end early depends on who came first. */
const EXPERIMENTS = await Promise.all(
  [
    { name: 'fifo-function', trainable: byFunction, compared: false, tune: {}, run: {} },
    { name: 'fifo-class', trainable: ByClass, compared: false, tune: {}, run: { checkpointConfig: { frequency: 4 } } },
    { name: 'asha-function', trainable: byFunction, compared: true, tune: { scheduler: ranked() }, run: {} },
    { name: 'asha-class', trainable: ByClass, compared: true, tune: { scheduler: ranked() }, run: { checkpointConfig: { frequency: 2 } } },
  ].map(async ({ name, trainable, compared, tune, run }) => {
    const { experimentPath: path } = await new Tuner(trainable as never, {
      paramSpace: { x: uniform(0, 1) },
      tuneConfig: { metric: 'loss', mode: 'min', seed: 5, numSamples: SAMPLES, pointsToEvaluate: [{ x: 0.5 }], ...tune } as never,
      runConfig: { ...quiet, ...run, name, storagePath, failureConfig: { maxFailures: 1, backoffS: 0 }, executor: inline() },
    }).fit();
    const journal = readFileSync(join(path, 'journal.jsonl'));
    return { name, trainable, compared, path, journal, lines: linesOf(path), begun: journal.indexOf('"kind":"queued"') };
  }),
);

let copies = 0;
const copyOf = (path: string): string => {
  const copy = join(storagePath, `cut-${copies++}`);
  cpSync(path, copy, { recursive: true });
  return copy;
};

test.each(EXPERIMENTS)('$name: cut at any byte of its journal, it goes on and loses nothing', { timeout: 240_000 }, async (experiment) => {
  const { path, journal, lines: whole, trainable, compared, begun } = experiment;
  checkTrials(whole, SAMPLES);
  checkFiles(path, whole);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: begun, max: journal.length }), fc.integer({ min: 1, max: 3 }), async (cut, workers) => {
      const copy = copyOf(path);
      truncateSync(join(copy, 'journal.jsonl'), cut);
      const kept = journal.subarray(0, journal.lastIndexOf('\n', cut - 1) + 1).toString();
      writeFileSync(join(storagePath, 'journal.jsonl'), kept);
      const before = linesOf(storagePath);
      const finished = finishedTrials(copy, before);
      await (await Tuner.restore(copy, trainable as never, { runConfig: { ...atOnce, executor: inline({ workers }) } })).fit();
      const lines = linesOf(copy);
      expect(lines.slice(0, before.length)).toEqual(before);
      checkTrials(lines, SAMPLES);
      checkFiles(copy, lines);
      checkUntouched(finished);
      if (workers === 1) expect(decisionsOf(lines)).toEqual(decisionsOf(whole));
      else if (!compared) expect(decisionsByTrial(lines)).toEqual(decisionsByTrial(whole));
      rmSync(copy, { recursive: true });
    }),
    { numRuns: 55 },
  );
});

test('cut before its first trial is queued, it is refused or whole: its samples and presets are there, or it has not begun', async () => {
  const [{ path, journal, begun }] = EXPERIMENTS as [(typeof EXPERIMENTS)[number]];
  const copy = copyOf(path);
  const ends = [...journal.subarray(0, begun).toString().matchAll(/\n/g)].map(({ index }) => index);
  for (let cut = 0; cut < begun; cut++) {
    if (cut % 17 !== 0 && ends.every((end) => Math.abs(cut - end) > 2)) continue; // every byte around the end of a line
    cpSync(join(path, 'journal.jsonl'), join(copy, 'journal.jsonl'));
    truncateSync(join(copy, 'journal.jsonl'), cut);
    const outcome = await Tuner.restore(copy, byFunction as never, { runConfig: { ...atOnce, executor: inline() } })
      .then((tuner) => tuner.fit())
      .then(
        (grid) => `${grid.length}, first ${grid.at(0)?.config['x']}`,
        (error: { code?: string }) => error.code,
      );
    const hasBegun = cut > journal.indexOf('\n'); // its first line says how many samples and which presets it has
    expect(outcome, `cut at byte ${cut}`).toBe(hasBegun ? `${SAMPLES}, first 0.5` : 'EXPERIMENT_NOT_FOUND');
  }
});

afterAll(() => expect(copies).toBeGreaterThanOrEqual(200));
