import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { asha } from '../../schedulers/asha.ts';
import type { Callback, ExperimentView, JournalLine, Scheduler, TrialContext, TrialRecord } from '../../src/index.ts';
import { hooks, inline, Tuner, uniform } from '../../src/index.ts';
import { trialId } from '../../src/trial/ids.ts';
import { observers } from '../../src/tuner/observers.ts';
import { Story, temporaryDirectory } from '../watch/story.ts';
import { journalOf, temporaryStorage } from './temporary-storage.ts';

const storagePath = temporaryStorage();
const silent: Callback = { name: 'silent', onEvent() {} };

/** A promise that settles after `turns` turns of the microtask queue. */
async function later(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await null;
}

interface Seen {
  readonly line: JournalLine;
  /** As it was when the event came up. */
  readonly trial: TrialRecord | undefined;
}

/** How a callback behaves at its n-th event, over and over. */
type Manner = { readonly kind: 'at once' } | { readonly kind: 'waits' | 'rejects'; readonly turns: number } | { readonly kind: 'throws' };

/** Notes what it is told, and what of it breaks the law. */
class Witness implements Callback {
  readonly name: string;
  readonly seen: Seen[] = [];
  readonly complaints: string[] = [];
  readonly #manners: readonly Manner[];
  #inside = false;
  closed = 0;

  constructor(name: string, manners: readonly Manner[]) {
    this.name = name;
    this.#manners = manners;
  }

  /** The index of the event on which it throws or rejects first. */
  get fails(): number {
    const index = this.#manners.findIndex(({ kind }) => kind === 'throws' || kind === 'rejects');
    return index < 0 ? Infinity : index;
  }

  onEvent(line: JournalLine, view: ExperimentView): void | Promise<void> {
    if (this.#inside || this.closed > 0) this.complaints.push(`${line.kind} came too early or too late`);
    const index = this.seen.length;
    if (linesIn(view.path) <= index) this.complaints.push(`${line.kind} came before it was written`);
    const trial = 'trial' in line ? view.trial(line.trial) : undefined;
    this.seen.push({ line, trial: structuredClone(trial) });
    const manner = this.#manners[index % this.#manners.length] as Manner;
    if (manner.kind === 'throws') throw new Error('on purpose');
    if (manner.kind === 'at once') return;
    this.#inside = true;
    return later(manner.turns).then(() => {
      this.#inside = false;
      if (trial && !isSame(trial, this.seen[index]?.trial)) this.complaints.push(`the trial of ${line.kind} changed`);
      if (manner.kind === 'rejects') throw new Error('on purpose');
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (this.#inside) this.complaints.push('closed in the middle of an event');
    this.closed += 1;
    return later(3);
  }
}

const linesIn = (experiment: string): number => readFileSync(join(experiment, 'journal.jsonl'), 'utf8').split('\n').length - 1;

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const manner: fc.Arbitrary<Manner> = fc.oneof(
  fc.constant({ kind: 'at once' } as const),
  fc.record({ kind: fc.constantFrom('waits' as const, 'rejects' as const), turns: fc.nat(60) }),
  fc.constant({ kind: 'throws' } as const),
);

/** Reports `length` times, saving at every second one; some trials fail on the way. */
async function curve({ x }: { x: number }, trial: TrialContext): Promise<void> {
  for (let step = trial.iteration + 1; step <= 4; step++) {
    if (x < 0.2 && step === 3) throw new Error('this trial fails');
    await trial.report({ loss: x / step }, step % 2 === 0 ? { checkpoint: () => {} } : {});
  }
}

test('a law: every callback sees the lines of the journal, in order, written, one at a time, and all of them before fit() resolves, up to the one on which it throws', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  onTestFinished(() => warned.mockRestore());
  const given = fc.record({
    manners: fc.array(fc.array(manner, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 }),
    seed: fc.nat(1000),
    workers: fc.integer({ min: 1, max: 3 }),
    stops: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(given, async ({ manners, seed, workers, stops }) => {
      const prompt = new Witness('prompt', [{ kind: 'at once' }]);
      const witnesses = [prompt, ...manners.map((each, i) => new Witness(`witness ${i}`, each))];
      const grid = await new Tuner(curve, {
        paramSpace: { x: uniform(0, 1) },
        tuneConfig: { metric: 'loss', mode: 'min', numSamples: 4, seed, ...(stops ? { scheduler: asha({ maxT: 4, reductionFactor: 2 }) } : {}) },
        runConfig: { storagePath, verbose: 0, executor: inline({ workers }), failureConfig: { maxFailures: 1, backoffS: 0 }, callbacks: witnesses },
      }).fit();
      const journal = journalOf(grid.experimentPath);
      for (const { seen, complaints, closed, fails, name } of witnesses) {
        expect(complaints).toEqual([]);
        expect(closed).toBe(1);
        expect(seen.length).toBe(Math.min(fails + 1, journal.length));
        expect(seen).toEqual(prompt.seen.slice(0, seen.length)); // who is told later is shown the same
        const muted = journal.filter((line) => line.kind === 'muted' && line.callback === name);
        if (seen.length > fails)
          expect(muted.length).toBeLessThanOrEqual(1); // none when it fails after the end
        else expect(muted).toEqual([]);
      }
      expect(prompt.seen.map(({ line }) => line)).toEqual(journal);
    }),
    { numRuns: 30 },
  );
}, 60_000);

test('a tracker that is as slow as can be delays no report', async () => {
  const order: string[] = [];
  let release = (): void => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const slow = hooks({
    name: 'slow',
    onTrialReport: async (trial, row) => {
      await held;
      order.push(`told ${trial.name.slice(-1)}:${row['training_iteration']}`);
    },
    onExperimentEnd: () => order.push('end'),
  });
  const train = async (_: object, trial: TrialContext): Promise<void> => {
    for (let step = 1; step <= 3; step++) await trial.report({ loss: step });
    order.push('trained');
    if (order.length === 2) release();
  };
  await new Tuner(train, {
    tuneConfig: { metric: 'loss', mode: 'min', numSamples: 2 },
    runConfig: { storagePath, verbose: 0, callbacks: [slow], executor: inline({ workers: 1 }) },
  }).fit();
  expect(order).toEqual(['trained', 'trained', 'told 0:1', 'told 0:2', 'told 0:3', 'told 1:1', 'told 1:2', 'told 1:3', 'end']);
});

/** Events of one trial that reports without end, told to callbacks; nothing is on disk. */
function telling(...callbacks: readonly Callback[]) {
  const warnings: string[] = [];
  const muted: unknown[] = [];
  const timers: { readonly seconds: number; readonly act: () => void; disposed: boolean }[] = [];
  const watching = observers(callbacks, {
    warn: (message) => void warnings.push(message),
    mute: (event) => void muted.push(event),
    after(seconds, act) {
      const timer = { seconds, act, disposed: false };
      timers.push(timer);
      return { [Symbol.dispose]: () => void (timer.disposed = true) };
    },
  });
  const told = new Story('/nowhere', { callbacks: [{ name: 'the observers', onEvent: (line, view) => watching.observe(line, view) }] });
  const reports = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) await told.happens({ kind: 'reported', trial: trialId(0), step: ++step, metrics: { score: step }, seconds: 1 });
  };
  let step = 0;
  return { told, reports, watching, warnings, muted, timers };
}

/** A callback that handles nothing before `release` is called. */
function holding(name: string) {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const steps: number[] = [];
  const callback = hooks({
    name,
    onTrialReport: async (trial) => {
      await held;
      steps.push(trial.step);
    },
  });
  return { callback, steps, release: () => release() };
}

describe('a callback that is behind', () => {
  test('sees the trial of each event as it was, and all trials as they are', async () => {
    const seen: unknown[] = [];
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const slow = hooks({
      onTrialStart: () => held,
      onTrialReport: (trial, row, view) => seen.push([trial.step, row['score'], view.trial(trial.id)?.step, view.trials[0]?.step]),
    });
    const { told, reports, watching } = telling(slow);
    await told.starts();
    await reports(3);
    release();
    await watching[Symbol.asyncDispose]();
    expect(seen).toEqual([
      [1, 1, 1, 3],
      [2, 2, 2, 3],
      [3, 3, 3, 3],
    ]);
  });

  test('does not hold up the others', async () => {
    const { callback, release } = holding('slow');
    const prompt: number[] = [];
    const { told, reports, watching } = telling(callback, hooks({ onTrialReport: (trial) => prompt.push(trial.step) }));
    await told.starts();
    await reports(3);
    expect(prompt).toEqual([1, 2, 3]);
    release();
    await watching[Symbol.asyncDispose]();
  });

  test('by 10,000 events is a warning, once', async () => {
    const { callback, steps, release } = holding('slow');
    const { told, reports, watching, warnings } = telling(callback, silent);
    await told.starts();
    await reports(10_000);
    expect(warnings).toEqual([]);
    await reports(5_000);
    expect(warnings).toEqual(['callback "slow" is 10000 events behind; they wait in memory, and the end of the run waits for them.']);
    release();
    await watching[Symbol.asyncDispose]();
    expect(steps).toEqual(Array.from({ length: 15_000 }, (_, i) => i + 1));
    expect(warnings).toHaveLength(1);
  });

  test('is named when the end of the run waits for it for 5 s, with what it has to do', async () => {
    const { callback, release } = holding('slow');
    const rest = 'The trials are over: should it never settle, (await Tuner.restore(dir, trainable)).getResults() has the results.';
    const closing = { ...silent, name: 'closing', [Symbol.asyncDispose]: () => closed };
    let close = (): void => {};
    const closed = new Promise<void>((resolve) => (close = resolve));
    const { told, reports, watching, warnings, timers } = telling(callback, silent, closing);
    await told.starts();
    await reports(8);
    expect(timers).toEqual([]);
    const over = watching[Symbol.asyncDispose]();
    await later(20);
    expect(timers).toMatchObject([{ seconds: 5, disposed: false }]);
    timers[0]?.act();
    expect(warnings).toEqual([
      `the run has waited 5 s for callback "slow", which has 7 more events to handle. ${rest}`,
      `the run has waited 5 s for callback "closing". ${rest}`,
    ]);
    release();
    close();
    await over;
    expect(timers).toMatchObject([{ disposed: true }]);
  });
});

describe('what a callback throws', () => {
  const nothing = Object.create(null) as object;
  const unreadable = Object.defineProperty(new Error(), 'message', {
    get(): never {
      throw new Error('no');
    },
  });

  test.each<[string, unknown, string]>([
    ['an error', new Error('no disk'), 'no disk'],
    ['an error without a message', new TypeError(), 'TypeError'],
    [
      'an error with its causes',
      new TypeError('fetch failed', { cause: Object.assign(new Error(''), { code: 'ECONNREFUSED' }) }),
      'fetch failed (ECONNREFUSED)',
    ],
    ['undefined', undefined, 'undefined was thrown'],
    ['null', null, 'null was thrown'],
    ['a string', 'boom', '"boom" was thrown'],
    ['a symbol', Symbol('s'), 'Symbol(s) was thrown'],
    ['an object without a prototype', nothing, 'the object {} was thrown'],
    ['an error that cannot be read', unreadable, 'something was thrown that cannot be read'],
    ['a million characters', new Error('x'.repeat(1e6)), 'x'.repeat(500)],
  ])('%s is one warning, and it is told nothing more, but closed', async (_, thrown, expected) => {
    const throwing = (rejects: boolean, seen: number[]): Callback => ({
      name: 'throwing',
      onEvent(line) {
        if (line.kind !== 'reported') return undefined;
        seen.push(line.step);
        if (rejects) return Promise.reject(thrown);
        throw thrown;
      },
      [Symbol.asyncDispose]: () => Promise.reject(thrown),
    });
    for (const rejects of [true, false]) {
      const seen: number[] = [];
      const { told, reports, watching, warnings, muted } = telling(throwing(rejects, seen));
      await told.starts();
      await reports(50);
      await watching[Symbol.asyncDispose]();
      expect(seen).toEqual([1]);
      expect(warnings).toEqual([
        expect.stringMatching(/^callback "throwing"\.onEvent on "reported" of trial \w+_00000 threw: .*; it is switched off, and the run goes on\.$/s),
      ]);
      expect(warnings[0]).toContain(expected);
      expect(warnings[0]?.length).toBeLessThan(700);
      expect(muted).toMatchObject([{ kind: 'muted', callback: 'throwing', since: told.lines.find(({ kind }) => kind === 'reported')?.at }]);
    }
  });

  test('names the hook, as its author knows it', async () => {
    const NAMES = [
      'onExperimentStart',
      'onTrialStart',
      'onTrialReport',
      'onTrialCheckpoint',
      'onTrialPause',
      'onTrialComplete',
      'onTrialRetry',
      'onTrialError',
    ];
    for (const name of NAMES) {
      const { told, watching, warnings } = telling(hooks({ name: 'mine', [name]: () => fail('no') }));
      const trial = trialId(0);
      const error = { name: 'Error', message: 'bad' };
      await told.happens({ kind: 'opened', pid: 1, host: 'here', samples: 1, slots: 1 });
      await told.starts();
      await told.happens({ kind: 'reported', trial, step: 1, metrics: { score: 1 }, seconds: 1 });
      await told.happens({ kind: 'checkpointed', trial, step: 1, checkpoint: 'checkpoint_000000' });
      await told.happens({ kind: 'retried', trial, error });
      await told.happens({ kind: 'started', trial, run: 1 as never, step: 1 });
      await told.happens({ kind: 'paused', trial, by: 'me', reason: 'so' });
      if (name === 'onTrialError') {
        await told.happens({ kind: 'started', trial, run: 2 as never, step: 1 });
        await told.happens({ kind: 'failed', trial, error });
      } else await told.happens({ kind: 'stopped', trial, by: 'me', reason: 'so' });
      await watching[Symbol.asyncDispose]();
      expect(warnings).toEqual([expect.stringMatching(new RegExp(`^callback "mine"\\.${name} on "\\w+"( of trial \\w+)? threw: no; it is`))]);
    }
  });

  test('one that awaits is told nothing of what has waited', async () => {
    const seen: number[] = [];
    const slow = hooks({
      onTrialReport: async (trial) => {
        seen.push(trial.step);
        await later(5);
        if (trial.step === 2) throw new Error('lost');
      },
    });
    const { told, reports, watching, warnings } = telling(slow);
    await told.starts();
    await reports(10);
    await watching[Symbol.asyncDispose]();
    expect(seen).toEqual([1, 2]);
    expect(warnings).toHaveLength(1);
  });

  test('comes with the stack, also when the run is silent', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const error = new Error('at the end');
    const throwing = hooks({
      onExperimentEnd: () => {
        throw error;
      },
    });
    await new Tuner(() => 1, { tuneConfig: { metric: 'loss', mode: 'min' }, runConfig: { storagePath, verbose: 0, callbacks: [throwing] } }).fit();
    expect(warned.mock.calls).toEqual([
      [
        'callback "hooks".onExperimentEnd on "closed" threw: at the end; it is switched off, and the run goes on.',
        { type: 'AttuneWarning', detail: error.stack },
      ],
    ]);
    warned.mockRestore();
  });

  test('while it is closed keeps no other from being closed, nor does one that never ends', async () => {
    const closed: string[] = [];
    const closing = (name: string, close: () => void | Promise<void>): Callback => ({
      ...silent,
      name,
      async [Symbol.asyncDispose]() {
        closed.push(name);
        await close();
      },
    });
    const { watching, warnings } = telling(
      closing('a', () => {
        throw new Error('first');
      }),
      { ...silent, [Symbol.asyncDispose]: () => fail('at once') },
      closing('b', () => new Promise(() => {})),
      closing('c', () => {}),
    );
    void watching[Symbol.asyncDispose]();
    await later(20);
    expect(closed).toEqual(['a', 'b', 'c']);
    expect(warnings.sort()).toEqual(['callback "a" threw when it was closed: first.', 'callback "silent" threw when it was closed: at once.']);
  });
});

describe('callbacks are closed, once, when fit() fails', () => {
  const closing = () => {
    const told: string[] = [];
    const callback: Callback = {
      name: 'closing',
      onEvent: (line) => later(30).then(() => void told.push(line.kind)),
      [Symbol.asyncDispose]: () => Promise.resolve(void told.push('disposed')),
    };
    return { told, callback };
  };
  const options = (callback: Callback, run: object = {}, tune: object = {}) => ({
    tuneConfig: { metric: 'loss', mode: 'min', ...tune } as const,
    runConfig: { storagePath, verbose: 0, callbacks: [callback], ...run } as const,
  });

  test('because a plug-in threw: they have seen the end', async () => {
    const { told, callback } = closing();
    const scheduler: Scheduler<null> = { name: 'mine', uses: [], init: () => null, decide: () => fail('not yet written') };
    await expect(new Tuner(() => 1, options(callback, {}, { scheduler })).fit()).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
    expect(told.slice(-2)).toEqual(['closed', 'disposed']);
    expect(told.filter((what) => what === 'disposed')).toHaveLength(1);
  });

  test('because the storage cannot be written: they have seen nothing', async () => {
    const { told, callback } = closing();
    const file = join(temporaryDirectory(onTestFinished), 'file');
    await expect(new Tuner(() => 1, options(callback, { storagePath: join('/dev/null', file) })).fit()).rejects.toMatchObject({ code: 'STORAGE_UNWRITABLE' });
    expect(told).toEqual(['disposed']);
  });

  test('because the storage breaks in the middle: they have seen what was written', async () => {
    const { told, callback } = closing();
    const tuner = new Tuner(() => 1, options(callback, { trialDirName: () => fail('cannot name it') }, { numSamples: 2 }));
    await expect(tuner.fit()).rejects.toThrow('cannot name it');
    const { experimentPath } = await tuner.getResults();
    expect(existsSync(experimentPath)).toBe(true);
    expect(told).toEqual([...journalOf(experimentPath).map(({ kind }) => kind), 'disposed']);
    expect(readFileSync(join(experimentPath, 'journal.jsonl'), 'utf8')).not.toBe('');
  });
});

function fail(message: string): never {
  throw new Error(message);
}
