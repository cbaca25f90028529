import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pythonWith } from './python-with.ts';

const exec = promisify(execFile);
const scripts = join(import.meta.dirname, 'scripts');
const folder = mkdtempSync(join(tmpdir(), 'attune-e2e-optuna-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Config = Readonly<Record<string, unknown>> & { readonly net: Readonly<Record<string, number | string>> };

interface Trial {
  readonly id: string;
  readonly config: Config;
  readonly status: string;
  readonly reason?: string;
  readonly violation?: number;
  readonly values: readonly string[];
  readonly curve: readonly (readonly [number, string])[];
}

interface Loaded {
  readonly directions: readonly string[];
  readonly best: readonly number[];
  readonly asked: number;
  readonly trials: readonly {
    readonly number: number;
    readonly state: string;
    readonly values: readonly string[];
    readonly params: Readonly<Record<string, unknown>>;
    readonly distributions: Readonly<Record<string, string>>;
    readonly contains: boolean;
    readonly curve: readonly (readonly [number, string])[];
    readonly id: string;
    readonly config: unknown;
    readonly constraints: readonly number[];
    readonly times: readonly boolean[];
  }[];
}

const asNumbers = (texts: readonly string[]): readonly number[] => texts.map(Number);

describe('the Optuna journal of an experiment, loaded by Optuna', () => {
  let python: string | undefined;
  let reason = '';
  let experiments: readonly { readonly name: string; readonly trials: readonly Trial[] }[] = [];

  beforeAll(async () => {
    ({ python, reason } = await pythonWith('attune-optuna-5', ['optuna==5.0.*']));
    experiments = JSON.parse((await exec(process.execPath, [join(scripts, 'optuna-experiments.mjs'), folder])).stdout) as typeof experiments;
  }, 900_000);

  const load = async (name: string): Promise<Loaded> => {
    const copy = join(folder, `copy of ${name}.log`); // Optuna goes on in it
    copyFileSync(join(folder, `${name}.log`), copy);
    return JSON.parse((await exec(python as string, [join(scripts, 'read_optuna.py'), copy, name])).stdout) as Loaded;
  };

  test('has the same trials, values, curves and states', async (context) => {
    if (python === undefined) context.skip(reason);
    const { trials = [] } = experiments[0] ?? {};
    const study = await load('one');
    expect(study.directions).toEqual(['MINIMIZE']);
    expect(study.trials.map(({ number, id, config }) => [number, id, config])).toEqual(trials.map(({ id, config }, i) => [i, id, config]));
    for (const [i, { status, reason: why, values, curve, violation }] of trials.entries()) {
      const loaded = study.trials[i];
      const isWhole = status === 'TERMINATED' && values[0] !== 'NaN';
      expect(loaded?.state, why).toBe(isWhole ? (/^(completed$|reached maxT|good 1 >= 1)/.test(why ?? '') ? 'COMPLETE' : 'PRUNED') : 'FAIL');
      expect(asNumbers(loaded?.values ?? [])).toEqual(isWhole ? asNumbers(values) : []);
      expect(loaded?.curve.map(([step, value]) => [step, Number(value)])).toEqual(curve.map(([step, value]) => [step, Number(value)]));
      expect([loaded?.constraints, loaded?.times, loaded?.contains]).toEqual([[violation], [true, true], true]);
    }
    expect(new Set(study.trials.map(({ state }) => state))).toEqual(new Set(['COMPLETE', 'PRUNED', 'FAIL']));
    expect(trials.map(({ reason: why }) => why)).toEqual(expect.arrayContaining(['good 1 >= 1', 'reached maxT 8']));
    expect(study.asked).toBeGreaterThanOrEqual(trials.length);
  });

  test('has the parameters with their distributions', async (context) => {
    if (python === undefined) context.skip(reason);
    const study = await load('one');
    for (const { params, config, distributions } of study.trials) {
      const { net, fixed, ...rest } = config as Config;
      const { net: choice, ...others } = params;
      const own = Object.fromEntries(Object.entries(others).map(([name, value]) => [name.replace(/^net\[\d\]\//, 'net/'), value]));
      const { kind, ...sizes } = net;
      expect(own).toEqual({ ...rest, ...Object.fromEntries(Object.entries(sizes).map(([key, value]) => [`net/${key}`, value])) });
      expect([JSON.parse(String(choice)), fixed]).toEqual([expect.objectContaining({ kind }), 7]);
      expect(distributions).toMatchObject({
        lr: 'FloatDistribution(high=0.1, log=True, low=1e-05, step=None)',
        drop: 'FloatDistribution(high=0.5, log=False, low=0.0, step=0.1)',
        decay: 'FloatDistribution(high=1.0, log=True, low=0.01, step=None)',
        width: 'IntDistribution(high=999, log=True, low=1, step=1)',
        act: "CategoricalDistribution(choices=('relu', None, 3, True))",
        ...(kind === 'mlp'
          ? { 'net[0]/units': 'IntDistribution(high=63, log=False, low=8, step=1)' }
          : { 'net[1]/filters': 'IntDistribution(high=32, log=False, low=8, step=8)' }),
      });
    }
    expect(new Set(study.trials.map(({ config }) => (config as Config).net['kind']))).toEqual(new Set(['mlp', 'cnn']));
  });

  test('has every value of several objectives', async (context) => {
    if (python === undefined) context.skip(reason);
    const { trials = [] } = experiments[1] ?? {};
    const study = await load('two');
    expect(study.directions).toEqual(['MINIMIZE', 'MAXIMIZE']);
    expect(study.trials.map(({ state, values }) => [state, asNumbers(values)])).toEqual(trials.map(({ values }) => ['COMPLETE', asNumbers(values)]));
    expect(study.best.length).toBeGreaterThan(0);
  });
});
