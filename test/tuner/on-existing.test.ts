import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunConfig, TrialContext, TuneConfig } from '../../src/index.ts';
import { inline, Tuner, uniform } from '../../src/index.ts';
import { journalOf, temporaryStorage } from './temporary-storage.ts';

const storagePath = temporaryStorage();

const train = async ({ x }: { x: number }, trial: TrialContext): Promise<void> => {
  while (trial.iteration < 3) await trial.report({ loss: x + trial.iteration }, { checkpoint: () => {} });
};

/** The script, which is run again and again. */
const script = (name: string, { tune = {}, run = {} }: { readonly tune?: object; readonly run?: Partial<RunConfig> } = {}) =>
  new Tuner(train, {
    paramSpace: { x: uniform(0, 1) },
    tuneConfig: { metric: 'loss', mode: 'min', numSamples: 3, ...tune } as TuneConfig,
    runConfig: { storagePath, name, onExisting: 'resume', verbose: 0, executor: inline(), ...run },
  });

const kinds = (path: string): readonly string[] => journalOf(path).map(({ kind }) => kind);
const finished = Array.from({ length: 3 }, () => ['TERMINATED', 3]);
const states = (grid: Iterable<{ status: string; metrics: { training_iteration: number } }>): readonly unknown[] =>
  [...grid].map(({ status, metrics }) => [status, metrics.training_iteration]);

/** The script ends after its first report that is not `before`. */
async function cutShort(name: string): Promise<string> {
  const abort = new AbortController();
  const aborting = { name: 'aborting', onEvent: ({ kind }: { kind: string }) => void (kind === 'completed' && abort.abort()) };
  const grid = await script(name, { run: { callbacks: [aborting] } }).fit({ signal: abort.signal });
  expect(grid.interrupted).toBe('signal');
  expect(grid.numTerminated).toBe(1);
  return grid.experimentPath;
}

describe("onExisting: 'resume'", () => {
  test('begins an experiment when there is none, goes on with one that is there, and gives the results of one that has ended', async () => {
    const path = await cutShort('again');
    const seeds = (): readonly unknown[] => journalOf(path).flatMap((line) => (line.kind === 'created' ? [line['seed']] : []));
    expect(seeds()).toHaveLength(1); // drawn, and not given by the script
    const grid = await script('again').fit();
    expect(grid.experimentPath).toBe(path);
    expect(states(grid)).toEqual(finished);
    expect(grid.interrupted).toBeUndefined();
    expect(seeds()).toHaveLength(1);
    const before = readFileSync(join(path, 'journal.jsonl'), 'utf8');
    const once = await script('AGAIN').fit();
    expect(states(once)).toEqual(finished);
    expect([...once].map(({ config }) => config)).toEqual([...grid].map(({ config }) => config));
    expect(readFileSync(join(path, 'journal.jsonl'), 'utf8')).toBe(before);
  });

  test('reads the results of what is there, without running it', async () => {
    await expect(script('read').getResults()).rejects.toMatchObject({ code: 'NOT_RUN' });
    const path = await cutShort('read');
    const before = readFileSync(join(path, 'journal.jsonl'), 'utf8');
    const tuner = script('read');
    expect((await tuner.getResults()).interrupted).toBe('signal');
    expect(readFileSync(join(path, 'journal.jsonl'), 'utf8')).toBe(before);
    expect(states(await tuner.fit())).toEqual(finished);
    expect(states(await tuner.getResults())).toEqual(finished);
  });

  test('with more samples runs those that are missing', async () => {
    await script('more').fit();
    expect((await script('more', { tune: { numSamples: 5 } }).fit()).numTerminated).toBe(5);
  });

  test('goes on with the number of samples that another call has raised it to, whatever the script said when it began', async () => {
    const { experimentPath } = await script('raised').fit();
    const raising = await Tuner.restore(experimentPath, train, { tuneConfig: { numSamples: 5 } as never, runConfig: { verbose: 0 } });
    expect((await raising.fit()).numTerminated).toBe(5);
    const before = readFileSync(join(experimentPath, 'journal.jsonl'), 'utf8');
    expect((await script('raised').fit()).length).toBe(5);
    expect((await script('raised', { tune: { numSamples: 4 } }).fit()).length).toBe(5);
    expect(readFileSync(join(experimentPath, 'journal.jsonl'), 'utf8')).toBe(before);
    expect((await script('raised', { tune: { numSamples: 6 } }).fit()).numTerminated).toBe(6);
  });

  test.each<[string, object, string]>([
    ['seed', { seed: 123 }, 'seed'],
    ['metric', { metric: 'score' }, 'tuneConfig.metric'],
    ['numSamples', { numSamples: 1 }, 'numSamples'],
  ])('refuses another %s, as a restore does', async (name, tune, text) => {
    await script(`mismatch-${name}`, { tune: { seed: 7 } }).fit();
    await expect(script(`mismatch-${name}`, { tune: { seed: 7, ...tune } }).fit()).rejects.toMatchObject({
      code: 'RESTORE_MISMATCH',
      message: expect.stringMatching(`^runConfig.onExisting: 'resume': expected the options of the experiment, got others: .*${text}`),
    });
  });

  test('what the script enqueues is enqueued once', async () => {
    const run = async (...xs: readonly number[]): Promise<readonly number[]> => {
      const tuner = script('enqueued', { tune: { numSamples: 1 } });
      const ids: string[] = [];
      for (const x of xs) ids.push(await tuner.enqueue({ x }));
      const grid = await tuner.fit();
      expect(ids).toEqual([...grid].filter(({ config }) => xs.includes(config.x)).map(({ metrics }) => metrics.trial_id));
      return [...grid].map(({ config }) => config.x);
    };
    const first = await run(0.5, 0.5);
    expect(first.slice(0, 2)).toEqual([0.5, 0.5]);
    expect(await run(0.5, 0.5)).toEqual(first);
    expect(await run(0.5, 0.5, 0.25)).toEqual([...first, 0.25]);
  });

  test('a directory in which none has begun yet is taken, one with something else is not', async () => {
    const begun = join(storagePath, 'about-to');
    mkdirSync(begun);
    writeFileSync(join(begun, 'experiment.json'), '{}');
    writeFileSync(join(begun, 'journal.jsonl'), '{"kind":"crea');
    expect(states(await script('about-to').fit())).toEqual(finished);
    mkdirSync(join(storagePath, 'other'));
    writeFileSync(join(storagePath, 'other', 'thesis.tex'), '');
    await expect(script('other').fit()).rejects.toMatchObject({ code: 'EXPERIMENT_EXISTS', message: expect.stringContaining('files of something else') });
    expect(existsSync(join(storagePath, 'other', 'journal.jsonl'))).toBe(false);
  });

  test.each<[string, (journal: string) => string, string, string]>([
    ['another version', (journal) => journal.replace('"schema":1', '"schema":99'), 'JOURNAL_VERSION', 'expected a journal of schema 1, got schema 99'],
    ['that is damaged', (journal) => journal.replace(/\n.*\n/, '\n{"kind":\n'), 'JOURNAL_INVALID', 'line 2'],
  ])('a journal of %s is refused as such: nothing can go on with it', async (name, damage, code, text) => {
    const path = await cutShort(name);
    const journal = join(path, 'journal.jsonl');
    writeFileSync(journal, damage(readFileSync(journal, 'utf8')));
    await expect(script(name).fit()).rejects.toMatchObject({ code, message: expect.stringContaining(text) });
    await expect(script(name, { run: { onExisting: 'error' } }).fit()).rejects.toMatchObject({
      code: 'EXPERIMENT_EXISTS',
      message: expect.stringMatching(`which holds an experiment that cannot be read: .*${text}`),
      hint: expect.not.stringContaining('Tuner.restore('),
    });
  });

  test('while another process runs it: that is refused', async () => {
    const path = await cutShort('locked');
    writeFileSync(join(path, 'lock'), JSON.stringify({ pid: 1, host: 'elsewhere' }));
    await expect(script('locked').fit()).rejects.toMatchObject({ code: 'EXPERIMENT_LOCKED' });
  });

  test('needs a name', () => {
    expect(() => new Tuner(train, { runConfig: { onExisting: 'resume' }, paramSpace: { x: 1 } })).toThrow(/expected a name with onExisting: 'resume'/);
  });

  test('with ask and tell', async () => {
    const own = () =>
      new Tuner(train, {
        paramSpace: { x: 1 },
        tuneConfig: { metric: 'loss', mode: 'min', numSamples: 2 },
        runConfig: { storagePath, name: 'own', onExisting: 'resume', verbose: 0 },
      });
    const all = async (): Promise<number> => {
      const tuner = own();
      let asked = 0;
      for (let trial = await tuner.ask(); trial; trial = await tuner.ask(), asked++) await tuner.tell(trial.id, 1);
      return asked;
    };
    expect([await all(), await all()]).toEqual([2, 0]);
    expect(kinds(join(storagePath, 'own')).filter((kind) => kind === 'opened')).toHaveLength(2);
  });
});

describe('fit() on a directory that holds an experiment already', () => {
  test('says that it has not ended, and how to go on with it', async () => {
    await cutShort('unfinished');
    await expect(script('unfinished', { run: { onExisting: 'error' } }).fit()).rejects.toMatchObject({
      code: 'EXPERIMENT_EXISTS',
      message: expect.stringMatching(
        /unfinished", which holds an unfinished experiment \(\d trials so far, 1 of them ended; signal interrupted it\)\. Hint: Tuner\.restore\(.*\) continues it, and so does runConfig\.onExisting: 'resume'/,
      ),
    });
  });

  test('or that it runs right now, and where', async () => {
    let refused: unknown;
    const looking = { name: 'looking', onEvent: ({ kind }: { kind: string }) => (kind === 'completed' ? second() : undefined) };
    const second = async (): Promise<void> => {
      refused ??= await script('live', { run: { onExisting: 'error' } })
        .fit()
        .catch((error: unknown) => error);
    };
    expect((await script('live', { run: { callbacks: [looking] } }).fit()).numTerminated).toBe(3);
    expect(refused).toMatchObject({
      code: 'EXPERIMENT_EXISTS',
      message: expect.stringMatching(
        `live", which holds an experiment that runs right now, in process ${process.pid} on .* \\(\\d trials? so far, \\d of them ended\\)\\. Hint: Wait until it has ended; then Tuner`,
      ),
    });
  });

  test('or that there is one', async () => {
    await script('whole').fit();
    await expect(script('whole', { run: { onExisting: 'error' } }).fit()).rejects.toMatchObject({
      code: 'EXPERIMENT_EXISTS',
      message: expect.stringMatching(/which holds an experiment that has ended \(3 trials\)\. Hint: Tuner\.restore/),
    });
  });
});
