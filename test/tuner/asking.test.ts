import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { gp } from '../../algorithms/gp.ts';
import { limitConcurrency } from '../../algorithms/limit-concurrency.ts';
import { nsga2 } from '../../algorithms/nsga2.ts';
import { random } from '../../algorithms/random.ts';
import { tpe } from '../../algorithms/tpe.ts';
import { threshold } from '../../schedulers/threshold.ts';
import type { AskedTrial, RunConfig, Searcher, TrialContext, TuneConfig } from '../../src/index.ts';
import { inline, Tuner, uniform } from '../../src/index.ts';
import { FaultyDisk } from '../store/faulty-disk.ts';
import { story } from './small-world.ts';
import { journalOf, temporaryStorage } from './temporary-storage.ts';

const storagePath = temporaryStorage();
/** The ids of an experiment with this seed. */
const [first, second] = ['3af6c_00000', '3af6c_00001'] as const;

interface Config {
  readonly x: number;
}
type Asked = AskedTrial<Config, Record<string, number>>;
interface Loop {
  ask(): Promise<Asked>;
  readonly tuner: Tuner<Config, Record<string, number>>;
  happened(trial?: number): Promise<readonly string[]>;
}

function loop(tuneConfig: TuneConfig = {}, runConfig: RunConfig = {}): Loop {
  const tuner = new Tuner((_: Config) => ({ loss: 1 }) as Record<string, number>, {
    paramSpace: { x: uniform(0, 1) },
    tuneConfig: { metric: 'loss', mode: 'min', numSamples: 2, seed: 7, ...tuneConfig } as TuneConfig<Record<string, number>>,
    runConfig: { storagePath, verbose: 0, ...runConfig },
  });
  return {
    tuner: tuner as never,
    async ask() {
      const trial = await tuner.ask();
      if (trial === undefined) throw new Error('there is no trial any more');
      return trial as Asked;
    },
    happened: async (trial = 0) => story(journalOf((await tuner.getResults()).experimentPath), trial),
  };
}

describe('tell', () => {
  test('resolves once the end of the trial is in the journal and in the results', async () => {
    const { tuner, ask, happened } = loop();
    const trial = await ask();
    await trial.report(3);
    await tuner.tell(trial.id, { loss: 2 });
    expect(await happened()).toEqual(['started 0', 'reported 1', 'reported 2', 'completed']);
    expect((await tuner.getResults()).at(0)).toMatchObject({ status: 'TERMINATED', metrics: { loss: 2, done: true } });
    const other = await ask();
    await tuner.tell(other.id, new Error('no luck'));
    expect(await happened(1)).toEqual(['started 0', 'failed']);
    expect((await tuner.getResults()).at(1)).toMatchObject({ status: 'ERROR', error: { message: 'no luck' } });
    expect(await tuner.ask()).toBeUndefined();
  });

  test('waits for the reports that nobody awaited', async () => {
    const { tuner, ask, happened } = loop();
    const trial = await ask();
    void trial.report(3);
    void trial.report(2);
    await tuner.tell(trial.id, 1);
    expect(await happened()).toEqual(['started 0', 'reported 1', 'reported 2', 'reported 3', 'completed']);
    await tuner.stop();
  });

  test('of an attempt that is tried again: then ask gives the trial once more', async () => {
    const { tuner, ask, happened } = loop({ numSamples: 1 }, { failureConfig: { maxFailures: 1, backoffS: 0 } });
    const trial = await ask();
    await tuner.tell(trial.id, new Error('no luck'));
    expect(await happened()).toEqual(['started 0', 'retried']);
    const again = await ask();
    expect(again.id).toBe(trial.id);
    await tuner.tell(again.id, 1);
    expect(await happened()).toEqual(['started 0', 'retried', 'started 0', 'reported 1', 'completed']);
    expect(await tuner.ask()).toBeUndefined();
  });

  test('is for every trial once: the second is refused, and says what became of the trial', async () => {
    const { tuner, ask, happened } = loop({ numSamples: 3, scheduler: threshold({ metric: 'loss', upper: 5 }) });
    const refusal = (became: RegExp) => ({ code: 'NOT_RUN', message: expect.stringMatching(became) });
    const [one, two, three] = [await ask(), await ask(), await ask()];
    const telling = tuner.tell(one.id, 1);
    await expect(tuner.tell(one.id, 2)).rejects.toMatchObject(refusal(/got "3af6c_00000", which was, and is RUNNING\./));
    await telling;
    await expect(tuner.tell(one.id, 2)).rejects.toMatchObject(refusal(/was not told yet, got "3af6c_00000", which was, and is TERMINATED \(completed\)\./));
    await tuner.tell(two.id, new Error('no luck'));
    await expect(tuner.tell(two.id, undefined)).rejects.toMatchObject(refusal(/is ERROR \(no luck\)\. Hint: A trial is told once/));
    expect(await three.report(9)).toBe('stop');
    await tuner.tell(three.id, undefined); // the loop need not look
    await expect(tuner.tell(three.id, 1)).rejects.toMatchObject(refusal(/is TERMINATED \(threshold: .+\)\./));
    expect([await happened(0), await happened(1), await happened(2)]).toEqual([
      ['started 0', 'reported 1', 'completed'],
      ['started 0', 'failed'],
      ['started 0', 'reported 1', 'stopped'],
    ]);
  });

  test('what it refuses leaves the trial open', async () => {
    const { tuner, ask, happened } = loop({ numSamples: 1 });
    await expect(tuner.tell(first, 1)).rejects.toMatchObject({ code: 'NOT_RUN', message: expect.stringContaining('Call ask() first') });
    const { id } = await ask();
    await expect(tuner.tell('a', 1)).rejects.toMatchObject({ code: 'NOT_RUN', message: expect.stringContaining('got "a"') });
    await expect(tuner.tell(id, { loss: 1n as never })).rejects.toMatchObject({ code: 'METRIC_NOT_JSON' });
    await expect(tuner.tell(id, 1, { constraint: [1] } as never)).rejects.toMatchObject({
      code: 'OPTION_UNKNOWN',
      message: expect.stringContaining('tell: expected options among constraints, got "constraint". Hint: Did you mean "constraints"?'),
    });
    for (const constraints of [[Number.NaN], 1, ['1']]) {
      await expect(tuner.tell(id, 1, { constraints } as never)).rejects.toMatchObject({ code: 'OPTION_RANGE' });
    }
    for (const result of [undefined, new Error('no luck')]) {
      await expect(tuner.tell(id, result, { constraints: [1] })).rejects.toMatchObject({
        code: 'OPTION_RANGE',
        message: expect.stringContaining('expected metrics beside constraints'),
      });
    }
    await tuner.tell(id, 1);
    expect(await happened()).toEqual(['started 0', 'reported 1', 'completed']);
    expect(await tuner.ask()).toBeUndefined();
  });

  test('rejects with what ended the run when that came first', async () => {
    using disk = new FaultyDisk(storagePath);
    const { tuner, ask } = loop({}, { loggers: [] });
    const { id } = await ask();
    disk.fails = ({ what }) => (what === 'write' ? 'ENOSPC' : undefined);
    await expect(tuner.tell(id, 1)).rejects.toMatchObject({ code: 'STORAGE_UNWRITABLE' });
    await expect(tuner.ask()).rejects.toMatchObject({ code: 'STORAGE_UNWRITABLE' });
  });

  test('a searcher that fails afterwards takes nothing from it', async () => {
    const { suggest } = random();
    const failing: Searcher = {
      name: 'failing',
      suggest(ask) {
        if (ask.history.ended.length > 0) throw new Error('it broke');
        return suggest(ask);
      },
    };
    const { tuner, ask } = loop({ searchAlg: failing });
    const { id } = await ask();
    await tuner.tell(id, 1);
    expect((await tuner.getResults()).at(0)?.status).toBe('TERMINATED');
    await expect(tuner.ask()).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
  });
});

describe('report', () => {
  test('a stop is in the journal and in the results when it resolves', async () => {
    const { tuner, ask, happened } = loop({ scheduler: threshold({ metric: 'loss', upper: 5 }) });
    const trial = await ask();
    expect(await trial.report(4)).toBe('continue');
    expect(await trial.report(6)).toBe('stop');
    expect(await happened()).toEqual(['started 0', 'reported 1', 'reported 2', 'stopped']);
    expect((await tuner.getResults()).at(0)?.status).toBe('TERMINATED');
    expect(await trial.report(1)).toBe('stop'); // it is too late
    expect((await tuner.getResults()).at(0)?.metrics).toMatchObject({ loss: 6 });
    await tuner.stop();
  });

  test('what it refuses leaves the trial open, and is no report', async () => {
    const { tuner, ask, happened } = loop();
    const trial = await ask();
    await expect(trial.report({ loss: 1n as never })).rejects.toMatchObject({ code: 'METRIC_NOT_JSON' });
    await expect(trial.report(1, { checkpoint: () => {} } as never)).rejects.toMatchObject({
      code: 'OPTION_UNKNOWN',
      message: expect.stringContaining('report: expected options among constraints, got "checkpoint".'),
    });
    await expect(trial.report(1, { constraints: [Number.NaN] })).rejects.toMatchObject({ code: 'OPTION_RANGE' });
    expect(await trial.report(1)).toBe('continue');
    expect(await happened()).toEqual(['started 0', 'reported 1']);
    await tuner.stop();
  });
});

describe('constraints', () => {
  const lossOf = ({ x }: Config): number => (x - 0.2) ** 2;
  const constraintsOf = ({ x }: Config): readonly number[] => [0.6 - x, -1];

  test('of a report and of the last metrics are in the journal and in the results', async () => {
    const { tuner, ask } = loop();
    const [one, two] = [await ask(), await ask()];
    await one.report(1, { constraints: [-1, 2, 0.5] });
    await tuner.tell(one.id, undefined);
    await tuner.tell(two.id, { loss: 3 }, { constraints: [-1] });
    expect(await tuner.ask()).toBeUndefined();
    const grid = await tuner.getResults();
    expect([...grid].map(({ metrics }) => metrics['constraint_violation'])).toEqual([2.5, 0]);
    expect(grid.getBestResult().metrics.trial_id).toBe(second); // the other one is infeasible
    const restored = await Tuner.restore(grid.experimentPath, (_: Config) => 1);
    expect([...(await restored.getResults())].map(({ metrics }) => metrics['constraint_violation'])).toEqual([2.5, 0]);
  });

  const searchers = [tpe({ startupTrials: 4 }), gp({ startupTrials: 4 }), nsga2({ populationSize: 4 })].map((searcher) => [searcher.name, searcher] as const);

  test.each(searchers)('%s learns from them what it learns in fit', async (_, searchAlg) => {
    const tuneConfig = { metric: 'loss', mode: 'min', numSamples: 16, seed: 7, searchAlg } as const;
    const byHand = async (tells: boolean, isConstrained: boolean): Promise<readonly number[]> => {
      const { tuner } = loop(tuneConfig);
      for (let trial = await tuner.ask(); trial !== undefined; trial = await tuner.ask()) {
        const options = isConstrained ? { constraints: constraintsOf(trial.config) } : {};
        if (tells) await tuner.tell(trial.id, lossOf(trial.config), options);
        else await trial.report(lossOf(trial.config), options).then(() => tuner.tell(trial?.id ?? '', undefined));
      }
      return [...(await tuner.getResults())].map(({ config }) => config.x);
    };
    const train = async (config: Config, trial: TrialContext): Promise<void> => trial.report({ loss: lossOf(config) }, { constraints: constraintsOf(config) });
    const grid = await new Tuner(train, {
      paramSpace: { x: uniform(0, 1) },
      tuneConfig,
      runConfig: { storagePath, verbose: 0, executor: inline({ workers: 1 }) },
    }).fit();
    const inFit = [...grid].map(({ config }) => config.x);
    expect(await byHand(true, true)).toEqual(inFit);
    expect(await byHand(false, true)).toEqual(inFit);
    expect(await byHand(true, false)).not.toEqual(inFit);
  });
});

describe('an ask that has to wait', () => {
  test('is answered when an open trial is told', async () => {
    const { tuner, ask } = loop({ searchAlg: limitConcurrency(random(), 1) });
    const { id } = await ask();
    const waiting = ask();
    await tuner.tell(id, 1);
    const next = await waiting;
    expect(next.id).toBe(second);
    await tuner.tell(next.id, 1);
    expect(await tuner.ask()).toBeUndefined();
  });

  test('several loops in one program share the trials, and all hear of the end', async () => {
    const { tuner } = loop({ numSamples: 20, searchAlg: limitConcurrency(tpe(), 2) });
    const worker = async (): Promise<number> => {
      let told = 0;
      for (let trial = await tuner.ask(); trial !== undefined; trial = await tuner.ask(), told++) await tuner.tell(trial.id, trial.config.x);
      return told;
    };
    const told = await Promise.all([worker(), worker(), worker(), worker()]);
    expect(told.reduce((sum, n) => sum + n)).toBe(20);
    expect((await tuner.getResults()).numTerminated).toBe(20);
    expect(process.listenerCount('beforeExit')).toBe(0);
  });

  const script = fileURLToPath(new URL('./scripts/ask-and-wait.ts', import.meta.url));
  const ends = (way: string) => promisify(execFile)(process.execPath, ['--import', 'tsx', script, storagePath, way]);
  const refusal =
    'ask(): expected a tell() of an open trial, without which there is no other, got a program that does nothing else; open: 3af6c_00000. ' +
    'Hint: Tell open trials before you ask again, or while you wait. [NOT_RUN]';

  test('ends the program with an error that names the open trials, when nothing is left in it that could tell them', async () => {
    await expect(ends('')).rejects.toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(refusal) });
  });

  test('or, when that is caught, goes on: each such ask is refused, and an answer comes once a trial is told', async () => {
    expect(await ends('caught')).toEqual({ stdout: `${`${refusal}\n`.repeat(22)}${second}\n`, stderr: '' });
  });

  test('names eight of many', async () => {
    expect((await ends('many')).stdout).toContain(
      'open: 3af6c_00000, 3af6c_00001, 3af6c_00002, 3af6c_00003, 3af6c_00004, 3af6c_00005, 3af6c_00006, 3af6c_00007 and 2 more.',
    );
  });

  test('waits as long as there is something that may tell them: a timer, for instance', async () => {
    expect(await ends('told')).toEqual({ stdout: `${second}\n`, stderr: '' });
  });
});
