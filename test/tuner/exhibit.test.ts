import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { asha } from '../../schedulers/asha.ts';
import type { Callback, ResultGrid, TrialContext } from '../../src/index.ts';
import { choice, inline, Tuner, uniform } from '../../src/index.ts';
import { temporaryStorage } from './temporary-storage.ts';

const storagePath = temporaryStorage();

/** Sets a property in sloppy mode, where a write to what is frozen is ignored. */
const sloppily = new Function('target', 'key', 'value', 'target[key] = value') as (target: object, key: PropertyKey, value: unknown) => void;

function strictly(target: object, key: PropertyKey, value: unknown): void {
  'use strict';
  (target as Record<PropertyKey, unknown>)[key] = value;
}

/** Writes to, deletes and adds everything that can be reached from `value`. */
function vandalise(value: unknown, write: typeof strictly, seen: WeakSet<object>): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  const attempt = (act: () => void): void => {
    try {
      act();
    } catch {
      // the next one
    }
  };
  const own = Reflect.ownKeys(value);
  const inherited = Object.getPrototypeOf(value) as object | null;
  if (inherited !== null && inherited !== Object.prototype && inherited !== Array.prototype) vandalise(inherited, write, seen);
  for (const key of own) vandalise((value as Record<PropertyKey, unknown>)[key], write, seen);
  for (const key of [...own, 'added', 'trials', 'trial', 'loss', 'last']) {
    attempt(() => write(value, key, -100));
    attempt(() => Object.defineProperty(value, key, { value: -100 }));
    attempt(() => Reflect.deleteProperty(value, key));
  }
  attempt(() => Array.isArray(value) && value.push('HACK'));
}

/** One that writes to everything: at once, and once more when the run has gone on. */
const hostile = (name: string, write: typeof strictly, seen = new WeakSet<object>()): Callback => ({
  name,
  async onEvent(event, view) {
    const wreck = (): void => {
      const trial = 'trial' in event ? view.trial(event.trial) : undefined;
      for (const value of [trial, view.trials, view.trial(0 as never), view, event]) vandalise(value, write, seen);
    };
    wreck();
    await null;
    wreck();
  },
  forget(trial, view) {
    for (const value of [trial, view.trials, view]) vandalise(value, write, seen);
  },
});

async function train(config: { nest: { y: number }; kind: { lr: number } }, trial: TrialContext): Promise<void> {
  for (let step = trial.iteration + 1; step <= 4; step++) {
    if (config.nest.y < 0.2 && step === 3) throw new Error('this trial fails');
    const metrics = { loss: config.nest.y / step, eval: { per: [step, { lr: config.kind.lr }] } };
    await trial.report(metrics, step % 2 === 0 ? { checkpoint: () => {} } : {});
    metrics.eval.per.push(config.nest.y); // it is still the trial's own
    config.kind.lr += 1;
  }
}

const CHANGING = new Set(['at', 'pid', 'seconds', 'date', 'timestamp', 'name', 'stack', 'dir', 'experiment_tag', 'commit', 'code', 'callbacks']);
const plain = (text: string): unknown =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line, (key, value: unknown) => (CHANGING.has(key) || /^time_/.test(key) ? undefined : value)) as unknown);

/** Everything that an experiment leaves behind, but for times and the names that follow from them. */
function traces(grid: ResultGrid): unknown {
  const files = [...grid].map(({ path }) => readdirSync(path).includes('result.json') && plain(readFileSync(join(path, 'result.json'), 'utf8')));
  const results = [...grid].map(({ config, status, reason, metrics, bestCheckpoints }) => [config, status, reason, metrics['loss'], bestCheckpoints.length]);
  return { journal: plain(readFileSync(join(grid.experimentPath, 'journal.jsonl'), 'utf8')), files, results };
}

describe('what callbacks are shown', () => {
  test('a law: one that writes to everything changes nothing', { timeout: 60_000 }, async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    onTestFinished(() => warned.mockRestore());
    const point = { nest: { y: 0.5 } };
    const options = { seed: 1, nested: { list: [1] } };
    const kinds = [{ lr: 1 }, { lr: 2 }];
    const tuner = (seed: number, callbacks: readonly Callback[]) => ({
      paramSpace: { nest: { y: uniform(0, 1) }, kind: choice(kinds) },
      tuneConfig: { metric: 'loss', mode: 'min', numSamples: 4, seed, scheduler: asha({ maxT: 4, reductionFactor: 2 }), pointsToEvaluate: [point] } as const,
      runConfig: {
        ...({ storagePath, verbose: 0, executor: inline(), callbacks, resources: { cpu: 1, own: options } } as const),
        failureConfig: { maxFailures: 1 },
      },
    });
    const given = fc.nat(1000);
    await fc.assert(
      fc.asyncProperty(given, async (seed) => {
        const alone = await new Tuner(train as never, tuner(seed, []) as never).fit();
        const vandals = [hostile('strict', strictly), hostile('sloppy', sloppily)];
        const beset = await new Tuner(train as never, tuner(seed, vandals) as never).fit();
        expect(traces(beset)).toEqual(traces(alone));
        const more = { tuneConfig: { numSamples: 5, scheduler: asha({ maxT: 4, reductionFactor: 2 }) } };
        const again = async (grid: ResultGrid, callbacks: readonly Callback[]) =>
          (await Tuner.restore(grid.experimentPath, train as never, { ...more, runConfig: tuner(seed, callbacks).runConfig } as never)).fit();
        expect(traces(await again(beset as never, vandals))).toEqual(traces(await again(alone as never, [])));
      }),
      { numRuns: 8 },
    );
    // What is the user's is as it was, and can still be written to.
    expect([point, options, kinds]).toEqual([{ nest: { y: 0.5 } }, { seed: 1, nested: { list: [1] } }, [{ lr: 1 }, { lr: 2 }]]);
    for (const own of [point, point.nest, options, options.nested, kinds, kinds[0]]) expect(Object.isFrozen(own)).toBe(false);
  });

  test('results may be written to: they are nobody else’s', async () => {
    const grid = await new Tuner(({ x }: { x: number }) => x, {
      paramSpace: { x: uniform(0, 1) },
      tuneConfig: { metric: 'loss', mode: 'min' },
      runConfig: { storagePath, verbose: 0 },
    }).fit();
    const { config, metrics } = grid.get(0);
    const { x } = config;
    Object.assign(config, { x: 7 });
    Object.assign(metrics, { loss: 7 });
    expect(grid.observations()).toEqual([{ config: { x }, losses: [x] }]);
  });
});
