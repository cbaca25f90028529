import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { asha } from '../../schedulers/asha.ts';
import { fifo } from '../../schedulers/fifo.ts';
import type { ErrorCode } from '../../src/base/errors.ts';
import type { Scheduler, Searcher } from '../../src/index.ts';
import { AttuneError, choice, hooks, loguniform, qrandint, quniform, randint, run, Tuner, threads, uniform } from '../../src/index.ts';
import { temporaryStorage } from './temporary-storage.ts';

/** Nothing may ever be in it. */
const storagePath = temporaryStorage();
const temporary = temporaryStorage();
const train = (): number => 1;
const objective = { metric: 'loss', mode: 'min' } as const;

/** A Tuner with whatever a JavaScript user may write. */
function tune(options: { readonly paramSpace?: object; readonly tuneConfig?: object; readonly runConfig?: object } = {}, trainable: unknown = train): Tuner {
  const { paramSpace = { x: uniform(0, 1) }, tuneConfig = objective, runConfig = {} } = options;
  return new Tuner(trainable as never, { paramSpace, tuneConfig, runConfig: { storagePath, verbose: 0, ...runConfig } } as never);
}

/** What a call throws or rejects with: an AttuneError with this code, whose message has all of these. Nothing may be on disk then. */
async function refused(call: () => unknown, code: ErrorCode, ...texts: readonly string[]): Promise<void> {
  const error: unknown = await Promise.resolve()
    .then(call)
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  expect(error).toBeInstanceOf(AttuneError);
  const { code: got, message, hint } = error as AttuneError;
  expect(got).toBe(code);
  for (const text of texts) expect(message).toContain(text);
  expect(hint).not.toBe('');
  expect(readdirSync(storagePath)).toEqual([]);
}

describe('a space', () => {
  test.each<[string, () => object, ErrorCode, readonly string[]]>([
    ['reversed bounds', () => ({ x: uniform(1, 0) }), 'SPACE_BOUNDS', ['uniform', '1', '0']],
    ['equal bounds', () => ({ x: uniform(1, 1) }), 'SPACE_BOUNDS', ['uniform', '1']],
    ['a bound that is not finite', () => ({ x: uniform(0, Number.POSITIVE_INFINITY) }), 'SPACE_BOUNDS', ['Infinity']],
    ['a bound that is NaN', () => ({ x: randint(Number.NaN, 4) }), 'SPACE_BOUNDS', ['NaN']],
    ['a log domain that touches 0', () => ({ x: loguniform(0, 1) }), 'SPACE_BOUNDS', ['loguniform', '0']],
    ['a choice without options', () => ({ x: choice([]) }), 'SPACE_INVALID', ['choice']],
    ['a q that does not fit', () => ({ x: quniform(0, 1, 0.3) }), 'SPACE_QUANTUM', ['0.3', '0.9']],
    ['a q that does not fit integers', () => ({ x: qrandint(0, 10, 4) }), 'SPACE_QUANTUM', ['8', '12']],
    ['a value that is not JSON', () => ({ x: new Date(0) }), 'SPACE_INVALID', ['x', 'Date']],
    ['a function', () => ({ x: () => 1 }), 'SPACE_INVALID', ['x', 'function']],
    ['an option that is not JSON', () => ({ x: choice([new Map()]) }), 'SPACE_INVALID', ['Map']],
  ])('%s', (_, paramSpace, code, texts) => refused(() => tune({ paramSpace: paramSpace() }), code, ...texts));

  test('that is no object', () => refused(() => tune({ paramSpace: [uniform(0, 1)] as never }), 'SPACE_INVALID', 'array'));
});

describe('an option that nobody reads names the nearest', () => {
  test.each<[string, object, readonly string[]]>([
    ['Tuner', { tuneConfigs: {} }, ['Tuner', '"tuneConfigs"', 'Did you mean "tuneConfig"?']],
    ['tuneConfig', { tuneConfig: { ...objective, numSample: 3 } }, ['tuneConfig', '"numSample"', 'Did you mean "numSamples"?']],
    ['runConfig', { runConfig: { storagepath: 'here' } }, ['runConfig', '"storagepath"', 'Did you mean "storagePath"?']],
    ['failureConfig', { runConfig: { failureConfig: { maxFailure: 1 } } }, ['failureConfig', '"maxFailure"', 'Did you mean "maxFailures"?']],
    ['checkpointConfig', { runConfig: { checkpointConfig: { numTokeep: 1 } } }, ['checkpointConfig', '"numTokeep"', 'Did you mean "numToKeep"?']],
  ])('%s', (_, options, texts) => refused(() => new Tuner(train, options as never), 'OPTION_UNKNOWN', ...texts));

  test('run', () => refused(() => run(train, { paramSpace: {}, storagePath } as never), 'OPTION_UNKNOWN', 'run', '"paramSpace"'));
  test('fit', () => refused(() => tune().fit({ sginal: undefined, abort: 1 } as never), 'OPTION_UNKNOWN', 'fit', '"abort"'));
  test('a group of options that is no object', () => refused(() => tune({ tuneConfig: [objective] }), 'OPTION_RANGE', 'tuneConfig', 'an array of 1'));
});

describe('metric and mode', () => {
  const plugged = (options: object): Scheduler => ({ ...fifo(), name: 'mine', options: options as never });
  const searcher = (options: object): Searcher => ({ name: 'mine', options: options as never, suggest: () => ({ kind: 'done' }) });

  test.each<[string, object, readonly string[]]>([
    ['a metric without a mode', { metric: 'loss' }, ['metric "loss" alone']],
    ['a mode without a metric', { mode: 'max' }, ['mode "max" alone']],
    ['a mode that is none', { metric: 'loss', mode: 'minimize' }, ["'min' or 'max'", '"minimize"']],
    ['a metric that is no name', { metric: 3, mode: 'min' }, ['3']],
    ['no metric in an array', { metric: [], mode: 'min' }, ['empty array']],
    ['the same metric twice', { metric: ['loss', 'time', 'loss'], mode: 'min' }, ['"loss" twice']],
    ['fewer modes than metrics', { metric: ['loss', 'time'], mode: ['min'] }, ['2 metrics and 1 mode']],
    ['another metric in a scheduler', { ...objective, scheduler: plugged({ metric: 'acc' }) }, ['mine', '"loss"', '"acc"']],
    ['another mode in a scheduler', { ...objective, scheduler: plugged({ metric: 'loss', mode: 'max' }) }, ['mine', '"min"', '"max"']],
    ['another metric in a searcher', { ...objective, searchAlg: searcher({ metric: 'acc', mode: 'min' }) }, ['mine', '"loss"', '"acc"']],
    ['a metric in a searcher only', { searchAlg: searcher({ metric: 'acc', mode: 'min' }) }, ['mine', 'none', '"acc"']],
    [
      'the mode of another objective',
      { metric: ['loss', 'acc'], mode: ['min', 'max'], scheduler: plugged({ metric: 'acc', mode: 'min' }) },
      ['"max"', '"min"'],
    ],
    [
      'other metrics in a scheduler',
      { metric: ['loss', 'acc'], mode: 'min', scheduler: plugged({ metric: ['loss', 'f1'] }) },
      ['["loss","acc"]', '["loss","f1"]'],
    ],
  ])('%s', (_, tuneConfig, texts) => refused(() => tune({ tuneConfig }), 'METRIC_INVALID', ...texts));

  test('the same metric in a scheduler is fine', () => {
    expect(() => tune({ tuneConfig: { ...objective, scheduler: plugged({ metric: 'loss', mode: 'min' }) } })).not.toThrow();
    expect(() => tune({ tuneConfig: { metric: ['a', 'b'], mode: 'max', scheduler: plugged({ metric: ['a', 'b'], mode: 'max' }) } })).not.toThrow();
  });

  test('a scheduler that needs a metric says so', () =>
    refused(() => tune({ tuneConfig: { scheduler: asha({ maxT: 9 }) } }), 'METRIC_INVALID', 'asha', 'got 0'));
});

describe('tuneConfig', () => {
  test.each<[string, object, readonly string[]]>([
    ['numSamples 0', { numSamples: 0 }, ['numSamples', 'got 0']],
    ['numSamples with a fraction', { numSamples: 2.5 }, ['numSamples', 'got 2.5']],
    ['numSamples below -1', { numSamples: -2 }, ['numSamples', 'got -2']],
    ['numSamples as text', { numSamples: '3' }, ['numSamples', '"3"']],
    ['numSamples -1 with nothing that ends the run', { numSamples: -1 }, ['numSamples -1', 'timeBudgetS']],
    ['maxConcurrentTrials 0', { maxConcurrentTrials: 0 }, ['maxConcurrentTrials', 'got 0']],
    ['a time budget of 0', { timeBudgetS: 0 }, ['timeBudgetS', 'got 0']],
    ['a time budget without end', { timeBudgetS: Number.POSITIVE_INFINITY }, ['timeBudgetS', 'Infinity']],
    ['a seed with a fraction', { seed: 0.5 }, ['seed', 'got 0.5']],
    ['a searcher that is none', { searchAlg: { name: 'mine' } }, ['searchAlg', 'suggest()']],
    ['a searcher by name', { searchAlg: 'tpe' }, ['searchAlg', '"tpe"', 'import']],
    ['a factory that was not called', { searchAlg: asha }, ['searchAlg', 'asha']],
    ['a scheduler that is none', { scheduler: 'asha' }, ['scheduler', '"asha"']],
    ['a scheduler that does not say what it uses', { scheduler: { name: 'mine', init: () => 0, decide: () => 0 } }, ['scheduler', 'uses']],
    ['a scheduler that needs no list', { scheduler: { ...asha(), needs: 'epoch' } }, ['scheduler', 'uses']],
    ['points that are no array', { pointsToEvaluate: { x: 0 } }, ['pointsToEvaluate', 'an object with the keys x']],
  ])('%s', (_, tuneConfig, texts) => refused(() => tune({ tuneConfig: { ...objective, ...tuneConfig } }), 'OPTION_RANGE', ...texts));

  test.each<[string, object, ErrorCode, readonly string[]]>([
    ['a key the space lacks', { y: 1 }, 'CONFIG_INVALID', ['"y"']],
    ['a value that is not JSON', { x: new Date(0) }, 'CONFIG_INVALID', ['x', 'Date']],
    ['no object', 3 as never, 'CONFIG_INVALID', ['3']],
    ['no number for a numeric domain', { x: 'high' }, 'CONFIG_INVALID', ['configuration/x', '"high"']],
  ])('a point to evaluate, and an enqueued one, with %s', async (_, point, code, texts) => {
    await refused(() => tune({ tuneConfig: { ...objective, pointsToEvaluate: [point] } }), code, ...texts);
    await refused(() => tune().enqueue(point as never), code, ...texts);
  });
});

describe('runConfig', () => {
  test.each<[string, object, readonly string[]]>([
    ['a name that is a path', { name: '../outside' }, ['name', '"../outside"']],
    ['an empty name', { name: '' }, ['name', '""']],
    ['an empty storage path', { storagePath: '' }, ['storagePath', '""']],
    ['onExisting', { onExisting: 'overwrite' }, ['onExisting', '"overwrite"']],
    ['maxFailures', { failureConfig: { maxFailures: -2 } }, ['maxFailures', 'got -2']],
    ['failFast', { failureConfig: { failFast: 'yes' } }, ['failFast', '"yes"']],
    ['numToKeep 0', { checkpointConfig: { numToKeep: 0 } }, ['numToKeep', 'got 0']],
    ['numToKeep with a fraction', { checkpointConfig: { numToKeep: 1.5 } }, ['numToKeep', 'got 1.5']],
    ['frequency', { checkpointConfig: { frequency: -1 } }, ['frequency', 'got -1']],
    ['scoreOrder', { checkpointConfig: { scoreOrder: 'asc' } }, ['scoreOrder', '"asc"']],
    ['scoreAttribute', { checkpointConfig: { scoreAttribute: 3 } }, ['scoreAttribute', 'got 3']],
    ['atEnd of a function', { checkpointConfig: { atEnd: true } }, ['atEnd', 'function']],
    ['atEnd that is neither true nor false', { checkpointConfig: { atEnd: 'yes' } }, ['atEnd', '"yes"']],
    ['trialTimeoutS', { trialTimeoutS: 0 }, ['trialTimeoutS', 'got 0']],
    ['stopGraceS', { stopGraceS: -1 }, ['stopGraceS', 'got -1']],
    ['verbose', { verbose: 3 }, ['verbose', 'got 3']],
    ['resources that are not JSON', { resources: { cpu: () => 1 } }, ['resources', 'function']],
    ['cores that are none', { resources: { cpu: 0 } }, ['resources.cpu', 'a finite number >= 0.01', 'got 0']],
    ['slots without end', { resources: { cpu: 1e-9 } }, ['resources.cpu', 'a finite number >= 0.01', 'got 1e-9']],
    ['a share of no device', { resources: { gpu: -1 } }, ['resources.gpu', 'got -1']],
    ['a device and a half', { resources: { gpu: 1.5 } }, ['resources.gpu', 'a share of a device > 0 and <= 1, or a whole number of devices', 'got 1.5']],
    ['a GPU that is a name', { resources: { gpu: 'cuda:0' } }, ['resources.gpu', '"cuda:0"']],
    ['no memory', { resources: { gpu: 1, gpuMemoryMb: 0 } }, ['resources.gpuMemoryMb', 'got 0']],
    ['memory of no device', { resources: { gpuMemoryMb: 100 } }, ['resources.gpu with resources.gpuMemoryMb', 'got none']],
    ['an executor that is none', { executor: 'threads' }, ['executor', '"threads"']],
    ['callbacks that are no array', { callbacks: { name: 'x', onEvent() {} } }, ['callbacks', 'name, onEvent']],
    ['a callback that is none', { callbacks: [{ onTrialComplete() {} }] }, ['callbacks[0]', 'a name and onEvent()', 'onTrialComplete', 'hooks(']],
    ['a callback without a name', { callbacks: [hooks({}), { onEvent() {} }] }, ['callbacks[1]', 'a name and onEvent()', 'the keys onEvent']],
    ['a callback whose name is empty', { callbacks: [hooks({ name: '' })] }, ['callbacks[0]', 'a name']],
    ['a callback that was left out', { callbacks: [false] }, ['callbacks[0]', 'got false']],
    ['a callback that is a function', { callbacks: [() => {}] }, ['callbacks[0]', 'hooks({ onTrialReport, … }) makes a callback of functions']],
    ['the name of a log alone', { loggers: 'json' }, ["'json', 'csv', 'tensorboard'", 'got "json"', "Write loggers: ['json']."]],
    ['a callback that was not made', { callbacks: [hooks] }, ['callbacks[0]', 'the function hooks', 'Call it: hooks(…)']],
    ['a callback that cannot be closed', { callbacks: [{ ...hooks({}), [Symbol.asyncDispose]: true }] }, ['callbacks[0]', 'asyncDispose']],
    ['a logger that is none', { loggers: [3] }, ['loggers[0]', 'got 3']],
    ['a reporter that is none', { reporter: false }, ['reporter', 'false']],
    ['trialDirName', { trialDirName: 'trial' }, ['trialDirName', '"trial"']],
    ['handleSignals', { handleSignals: 1 }, ['handleSignals', 'got 1']],
    ['a stop rule that is none', { stop: 10 }, ['stop', 'got 10']],
    ['a threshold that is none', { stop: { training_iteration: '10' } }, ['training_iteration', '"10"']],
    ['a nested threshold', { stop: { eval: { loss: 1 } } }, ['eval/loss']],
    ['a stop without its mode', { stop: { metric: 'loss', value: 3 } }, ['loss', 'undefined']],
  ])('%s', (_, runConfig, texts) => refused(() => tune({ runConfig }), 'OPTION_RANGE', ...texts));

  test('a stop expression outside the language', () => refused(() => tune({ runConfig: { stop: 'import("fs")' } }), 'EXPRESSION_INVALID', 'import'));
  test('a scheduler that does more than stop as a stop rule', () =>
    refused(() => tune({ runConfig: { stop: { ...asha({ maxT: 9 }), uses: ['pause'] } } }), 'SCHEDULER_UNSUPPORTED', 'pause'));
});

describe('a trainable', () => {
  test('that is none', () => refused(() => tune({}, 'train.ts'), 'TRAINABLE_INVALID', '"train.ts"'));
  test('that no worker can reach', () =>
    refused(() => tune({ runConfig: { executor: threads({ workers: 1 }) } }).fit(), 'TRAINABLE_UNREACHABLE', 'train', 'defineTrainable'));
});

describe('the directory', () => {
  test('under a file cannot be written', async () => {
    const file = join(temporary, 'file');
    writeFileSync(file, '');
    await refused(() => tune({ runConfig: { storagePath: join(file, 'results') } }).fit(), 'STORAGE_UNWRITABLE', join(file, 'results'));
    await refused(() => tune({ runConfig: { storagePath: file, name: 'x' } }).fit(), 'STORAGE_UNWRITABLE', file);
  });

  test('that exists is refused, and the message names the ways on', async () => {
    mkdirSync(join(temporary, 'taken'));
    const call = () => tune({ runConfig: { storagePath: temporary, name: 'taken' } }).fit();
    await refused(call, 'EXPERIMENT_EXISTS', join(temporary, 'taken'), 'onExisting', 'Tuner.restore', 'another runConfig.name');
  });

  test("that exists gets a number with onExisting: 'new'", async () => {
    const call = () => tune({ runConfig: { storagePath: temporary, name: 'again', onExisting: 'new' } }).fit();
    const paths = [await call(), await call(), await call()].map(({ experimentPath }) => experimentPath);
    expect(paths).toEqual(['again', 'again-2', 'again-3'].map((name) => join(temporary, name)));
  });

  test('without a name is one that never collides', async () => {
    const paths = await Promise.all(Array.from({ length: 5 }, async () => (await tune({ runConfig: { storagePath: temporary } }).fit()).experimentPath));
    expect(new Set(paths).size).toBe(5);
    for (const path of paths) expect(path).toMatch(/\/train_\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d_[a-z0-9]{4}$/);
  });
});
