import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SymbolicTensor } from '@tensorflow/tfjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Epoch, TfjsTrainableOptions } from '../../src/tfjs/index.ts';
import { tfjsTrainable, useBackend } from '../../src/tfjs/index.ts';
import type { LayersModel, Tensor, TensorFlow } from '../../src/tfjs/tensor-flow.ts';
import type { BackendName } from '../../src/tfjs/use-backend.ts';
import type { TrialContext } from '../../src/trainable/trial-context.ts';
import { setWorkerMark, workerMark } from '../../src/trainable/worker-global.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'attune-fit-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

interface Config {
  readonly lr: number;
  readonly rate?: number;
  readonly units?: number;
  readonly optimizer?: 'adam' | 'adamax' | 'sgd' | 'momentum' | 'rmsprop' | 'byName';
}

const SAMPLES = 48;
const wave = (length: number, step: number) => Float32Array.from({ length }, (_, at) => Math.sin(at * step));
const DATA = {
  x: { values: wave(SAMPLES * 3, 0.7), shape: [SAMPLES, 3] },
  y: { values: wave(SAMPLES, 1.3), shape: [SAMPLES, 1] },
  validation: { x: { values: wave(24, 0.9), shape: [8, 3] }, y: { values: wave(8, 0.2), shape: [8, 1] } },
} as const;

function build({ lr, rate = 0.3, units = 8, optimizer = 'adam' }: Config, tf: TensorFlow) {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [3], units, activation: 'tanh' }),
      tf.layers.dropout({ rate }),
      tf.layers.batchNormalization(),
      tf.layers.dense({ units: 1 }),
    ],
  });
  const made = optimizer === 'byName' ? 'adam' : optimizer === 'momentum' ? tf.train.momentum(lr, 0.9) : tf.train[optimizer](lr);
  model.compile({ optimizer: made, loss: 'meanSquaredError', metrics: ['mae'] });
  return model;
}

const OPTIONS = { build, data: () => DATA, fit: { batchSize: 16 } } satisfies TfjsTrainableOptions<Config, typeof DATA, Record<never, never>>;

const trialAt = (iteration: number, seed = 7) => ({ id: '6e465_00007', name: 'train_6e465_00007', seed, iteration }) as TrialContext;

/** Runs the class by hand, as the driver would: epochs `from + 1` to `to`, from a checkpoint and to one. */
async function train(options: Parameters<typeof tfjsTrainable<Config, typeof DATA>>[0], config: Config, from: number, to: number, seed = 7) {
  const Train = tfjsTrainable(options);
  const trial = trialAt(from, seed);
  const instance = new Train();
  const losses: Record<string, number>[] = [];
  await instance.setup(config, trial as never);
  try {
    if (from > 0) await instance.restore(join(dir, String(from)));
    while (trial.iteration < to) {
      losses.push(await instance.step());
      Object.assign(trial, { iteration: trial.iteration + 1 });
    }
    await instance.save(join(dir, String(to)));
  } finally {
    await instance.cleanup?.();
  }
  return losses;
}

describe.each(['cpu', 'wasm'] satisfies BackendName[])('on %s', (backend) => {
  const options = { ...OPTIONS, backend };

  test('an interruption after every epoch changes no loss', async () => {
    const whole = await train(options, { lr: 0.05 }, 0, 5);
    const broken = [];
    for (let epoch = 0; epoch < 5; epoch++) broken.push(...(await train(options, { lr: 0.05 }, epoch, epoch + 1)));
    expect(Object.keys(whole[0] ?? {}).sort()).toEqual(['loss', 'mae', 'val_loss', 'val_mae']);
    for (const [epoch, metrics] of whole.entries())
      for (const [name, value] of Object.entries(metrics)) expect(Math.abs((broken[epoch]?.[name] ?? NaN) - value)).toBeLessThan(1e-6);
    expect(whole[4]?.['loss']).toBeLessThan(whole[0]?.['loss'] ?? 0);
  });
});

describe('tfjsTrainable', () => {
  const options = { ...OPTIONS, backend: 'cpu' } as const;

  test.each(['adam', 'adamax', 'sgd', 'momentum', 'rmsprop'] as const)('%s goes on as if it had not been interrupted', async (optimizer) => {
    const config = { lr: 0.05, optimizer };
    const options = { ...OPTIONS, backend: 'cpu', fit: { batchSize: 2 } } as const; // many steps: Adam's running products add up their rounding
    const whole = await train(options, config, 0, 3);
    const broken = [...(await train(options, config, 0, 1)), ...(await train(options, config, 1, 2)), ...(await train(options, config, 2, 3))];
    expect(broken).toEqual(whole);
  });

  test('a checkpoint goes on on another backend', async () => {
    const whole = await train(options, { lr: 0.05 }, 0, 2);
    await train(options, { lr: 0.05 }, 0, 1);
    const [there] = await train({ ...options, backend: 'wasm' }, { lr: 0.05 }, 1, 2);
    for (const name of ['loss', 'val_loss']) expect(there?.[name]).toBeCloseTo(whole[1]?.[name] as number, 4);
  });

  test('the same seed draws the same, another one draws otherwise', async () => {
    const first = await train(options, { lr: 0.05 }, 0, 2);
    expect(await train(options, { lr: 0.05 }, 0, 2)).toEqual(first);
    expect(await train(options, { lr: 0.05 }, 0, 2, 8)).not.toEqual(first);
  });

  test('no tensor stays, whatever the optimizer', async () => {
    const { tf } = await useBackend({ backend: 'cpu' });
    for (const optimizer of ['adam', 'adamax', 'sgd', 'momentum', 'rmsprop', 'byName'] as const) {
      const before = tf.memory();
      await train(options, { lr: 0.05, optimizer }, 0, 1);
      await train(options, { lr: 0.05, optimizer }, 1, 2);
      expect([optimizer, tf.memory().numTensors, tf.memory().numBytes]).toEqual([optimizer, before.numTensors, before.numBytes]);
    }
  });

  test("with the checkpoint of another trial, learning rate and dropout are the trial's own", async () => {
    await train(options, { lr: 0.05 }, 0, 1);
    const still = await train(options, { lr: 0, rate: 0 }, 1, 3, 9);
    expect(still[1]?.['val_loss']).toBeCloseTo(still[0]?.['val_loss'] ?? 0, 1); // only the moving averages of the normalisation change
    const moving = await train(options, { lr: 0.05, rate: 0 }, 1, 3, 9);
    expect(moving[1]?.['loss']).not.toBe(still[1]?.['loss']);
  });

  test('reports metrics of its own, numbers and tensors, from tensors in the places of the data', async () => {
    const { tf } = await useBackend({ backend: 'cpu' });
    const before = tf.memory().numTensors;
    const seen: unknown[] = [];
    const metrics = (model: LayersModel, { data, epoch, config }: Epoch<Config, typeof DATA>) => {
      seen.push([epoch, config.lr, data.x.shape, data.validation.y.shape]);
      return { largest: (model.predict(data.validation.x) as Tensor).max(), lr: config.lr };
    };
    const [first, second] = await train({ ...options, metrics } as never, { lr: 0.05 }, 0, 2);
    expect(first).toMatchObject({ lr: 0.05, largest: expect.any(Number) as number });
    expect(second?.['largest']).not.toBe(first?.['largest']);
    expect(seen).toEqual([1, 2].map((epoch) => [epoch, 0.05, [SAMPLES, 3], [8, 1]]));
    expect(tf.memory().numTensors).toBe(before);
  });

  test('a metric may be a tensor of the data or of the model, which stay', async () => {
    const data = { x: { values: wave(3, 0.7), shape: [1, 3] }, y: { values: Float32Array.of(1), shape: [1, 1] } };
    const metrics = (model: LayersModel, { data }: { data: { y: Tensor } }) => ({
      y: data.y,
      bias: model.getWeights().find(({ size }) => size === 1) as Tensor,
    });
    const epochs = await train({ ...options, data: () => data, metrics } as never, { lr: 0.05 }, 0, 3);
    expect(epochs.map(({ y }) => y)).toEqual([1, 1, 1]);
    expect(new Set(epochs.map(({ bias }) => bias)).size).toBe(3);
  });

  test('several in one module have data of their own; one made within a trial loads for itself', async () => {
    const keys: string[] = [];
    const before = workerMark();
    const mark = {
      running: false,
      loading: true,
      defined: () => {},
      parked: () => {},
      share: <T>(key: string, load: () => Promise<T>) => (keys.push(key), load()),
    };
    setWorkerMark(mark);
    try {
      const made = [tfjsTrainable(options), tfjsTrainable(options)];
      mark.loading = false;
      for (const Train of [...made, tfjsTrainable(options)]) {
        const instance = new Train();
        await instance.setup({ lr: 0.1 }, trialAt(0) as never);
        await instance.cleanup?.();
      }
    } finally {
      setWorkerMark(before as never);
    }
    expect(keys).toEqual([expect.stringMatching(/^data \d+ of train_/), expect.stringMatching(/^data \d+ of train_/)]);
    expect(new Set(keys).size).toBe(2);
  });

  test('from the checkpoint of a trial that has all of its epochs nothing is left to do', async () => {
    await train(options, { lr: 0.05 }, 0, 2);
    for (const [epochs, done] of [
      [2, true],
      [3, false],
    ] as const) {
      const instance = new (tfjsTrainable({ ...options, fit: { epochs } }))();
      await instance.setup({ lr: 0.05 }, trialAt(2) as never);
      expect(await instance.restore(join(dir, '2'))).toEqual({ done });
      await instance.cleanup?.();
    }
  });

  test('takes several inputs by name and bytes as numbers, reads the data once, and completes after its epochs', async () => {
    let read = 0;
    const Train = tfjsTrainable({
      backend: 'cpu',
      build({ lr }: Config, tf) {
        const inputs = ['left', 'right'].map((name) => tf.input({ shape: [2], name }));
        const joined = tf.layers.concatenate().apply(inputs) as SymbolicTensor;
        const model = tf.model({ inputs, outputs: tf.layers.dense({ units: 1 }).apply(joined) as SymbolicTensor });
        model.compile({ optimizer: tf.train.sgd(lr), loss: 'meanSquaredError' });
        return model;
      },
      data() {
        read += 1;
        const left = { values: Uint8Array.of(1, 2, 3, 4), shape: [2, 2], dtype: 'float32' as const };
        return { x: { left, right: { values: wave(4, 1), shape: [2, 2] } }, y: { values: wave(2, 1), shape: [2, 1] } };
      },
      fit: () => ({ epochs: 2, callbacks: { onEpochBegin: (epoch: number) => void begun.push(epoch) } }),
    });
    const begun: number[] = [];
    for (const iteration of [0, 1]) {
      const instance = new Train();
      await instance.setup({ lr: 0.01 }, trialAt(iteration) as never);
      expect('done' in (await instance.step())).toBe(iteration === 1);
      await instance.cleanup?.();
    }
    expect([read, begun]).toEqual([1, [0, 1]]);
  });

  test('classes may be bytes or whole numbers: the losses of tfjs take floating-point targets only', async () => {
    const dtypes: string[] = [];
    const Train = tfjsTrainable({
      backend: 'cpu',
      build(_: Config, tf) {
        const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 3, activation: 'softmax' })] });
        model.compile({ optimizer: tf.train.sgd(0.1), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
        return model;
      },
      data: () => ({
        x: { values: wave(6, 1), shape: [3, 2] },
        y: { values: Uint8Array.of(0, 1, 2), shape: [3] },
        validation: { x: { values: Int32Array.of(1, 2), shape: [1, 2], dtype: 'float32' as const }, y: { values: Int32Array.of(2), shape: [1, 1] } },
      }),
      metrics(_, { data: { x, y, validation } }) {
        dtypes.push(x.dtype, y.dtype, validation.y.dtype);
        return {};
      },
    });
    const instance = new Train();
    await instance.setup({ lr: 0.1 }, trialAt(0) as never);
    expect(Object.keys(await instance.step()).sort()).toEqual(['acc', 'loss', 'val_acc', 'val_loss']);
    await instance.cleanup?.();
    expect(dtypes).toEqual(['float32', 'float32', 'float32']);
  });

  test('a loss that is NaN is reported, and its checkpoint refused', async () => {
    await train(options, { lr: 0.05 }, 0, 1);
    const sick = await train(options, { lr: NaN }, 1, 2);
    await expect(train(options, { lr: 0.05 }, 2, 3)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(/got \d+ NaN among/) as string,
    });
    expect(sick).toHaveLength(1);
  });

  test('a checkpoint of a model with other units is refused, and no tensor stays', async () => {
    const { tf } = await useBackend({ backend: 'cpu' });
    const before = tf.memory().numTensors;
    await train(options, { lr: 0.05 }, 0, 1);
    await expect(train(options, { lr: 0.05, units: 9 }, 1, 2)).rejects.toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: expect.stringMatching(/kernel of shape \[3, 9\] in .*, got .*kernel of shape \[3, 8\]/) as string,
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  const samples = { values: new Float32Array(2), shape: [2, 1] };
  test.each<[string, object, string, string]>([
    ['options that do not exist', { builds: 1 }, 'OPTION_UNKNOWN', 'Did you mean "build"'],
    ['no function', { data: samples }, 'OPTION_RANGE', 'expected data to be a function'],
    ['options of fit that do not exist', { fit: { batchsize: 3 } }, 'OPTION_UNKNOWN', 'Did you mean "batchSize"'],
    ['epochs that are no count', { fit: { epochs: 0 } }, 'OPTION_RANGE', 'expected epochs to be an integer >= 1, got 0'],
    ['and when they are a function too', { fit: () => ({ batchSize: 1.5 }) }, 'OPTION_RANGE', 'expected batchSize'],
    ['something else than a model', { build: () => 3 }, 'TRAINABLE_INVALID', 'compiled tf.LayersModel, got 3'],
    [
      'a model that is not compiled',
      { build: (_: Config, tf: TensorFlow) => tf.sequential({ layers: [tf.layers.dense({ inputShape: [1], units: 1 })] }) },
      'TRAINABLE_INVALID',
      'got one that is not compiled',
    ],
    ['a backend that does not exist', { backend: 'tfjs-nod' }, 'OPTION_RANGE', 'expected backend to be one of "tfjs-node-gpu"'],
    ['fit that is async', { fit: async () => Promise.resolve({}) }, 'OPTION_RANGE', 'got a promise'],
    ['fit that gives nothing', { fit: () => null }, 'OPTION_RANGE', 'expected one object of options, got null'],
    ['a share of the data above 1', { fit: { validationSplit: 1.5 } }, 'OPTION_RANGE', 'validationSplit to be a number >= 0 and < 1'],
    ['an order that tfjs has not', { fit: { shuffle: 'batch' } }, 'OPTION_RANGE', 'shuffle to be true or false'],
    ['no data', { data: () => undefined }, 'TRAINABLE_INVALID', 'to give { x, y, validation }, got undefined'],
    ['data that nobody reads', { data: () => ({ ...DATA, label: () => 1 }) }, 'TRAINABLE_INVALID', '{ x, y, validation }, got also "label"'],
    [
      'samples with more',
      { data: () => ({ ...DATA, x: { ...samples, names: new Map() } }) },
      'TRAINABLE_INVALID',
      'as x { values, shape, dtype }, got also "names"',
    ],
    ['an unknown dtype', { data: () => ({ ...DATA, x: { ...samples, dtype: 'float64' } }) }, 'TRAINABLE_INVALID', 'got the dtype "float64"'],
    ['inputs that are none', { data: () => ({ ...DATA, x: {} }) }, 'TRAINABLE_INVALID', 'samples as x, got none'],
    ['no samples', { data: () => ({ ...DATA, x: { values: new Float32Array(), shape: [0, 2] } }) }, 'TRAINABLE_INVALID', 'got the shape [0, 2]'],
    ['negative lengths', { data: () => ({ ...DATA, x: { ...samples, shape: [-2, -1] } }) }, 'TRAINABLE_INVALID', 'got the shape [-2, -1]'],
    ['lengths left open', { data: () => ({ ...DATA, x: { ...samples, shape: [null, 2] } }) }, 'TRAINABLE_INVALID', 'got the shape [null, 2]'],
    ['data without y', { data: () => ({ x: samples }) }, 'TRAINABLE_INVALID', 'samples as y, got undefined'],
    [
      'plain numbers',
      { data: () => ({ x: samples, y: samples, validation: { x: [1, 2], y: samples } }) },
      'TRAINABLE_INVALID',
      'samples as validation.x.0, got 1',
    ],
    [
      'a shape with other numbers',
      { data: () => ({ x: { ...samples, shape: [3, 3] }, y: samples }) },
      'TRAINABLE_INVALID',
      '2 values for the shape [3, 3], which has 9',
    ],
    [
      'metrics of many numbers',
      { metrics: (_: LayersModel, { data }: Epoch<Config, typeof DATA>) => ({ all: data.y.mul(2) }) },
      'METRIC_INVALID',
      'a tensor of one, as all, got a tensor of shape [48, 1]',
    ],
    ['metrics that are null', { metrics: () => ({ none: null }) }, 'METRIC_INVALID', 'as none, got null'],
    ['metrics that are text', { metrics: () => ({ text: 'x' }) }, 'METRIC_INVALID', 'as text, got "x"'],
    ['metrics that are async', { metrics: async () => Promise.resolve({}) }, 'METRIC_INVALID', 'got a promise'],
  ])('refuses %s', async (_, wrong, code, message) => {
    const { tf } = await useBackend({ backend: 'cpu' });
    const before = tf.memory().numTensors;
    const attempt = async () => train({ ...options, ...wrong } as never, { lr: 0.1 }, 0, 1);
    await expect(attempt()).rejects.toMatchObject({ code, message: expect.stringContaining(message) as string });
    expect(tf.memory().numTensors).toBe(before);
  });
});
