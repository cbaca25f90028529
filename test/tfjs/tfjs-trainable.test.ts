import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TfjsTrainableOptions } from '../../src/tfjs/index.ts';
import { tfjsTrainable, useBackend } from '../../src/tfjs/index.ts';
import type { TensorFlow } from '../../src/tfjs/tensor-flow.ts';
import type { BackendName } from '../../src/tfjs/use-backend.ts';
import type { TrialContext } from '../../src/trainable/trial-context.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'attune-fit-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

interface Config {
  readonly lr: number;
  readonly rate?: number;
  readonly units?: number;
  readonly optimizer?: 'adam' | 'adamax' | 'sgd' | 'momentum' | 'rmsprop';
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
  const made = optimizer === 'momentum' ? tf.train.momentum(lr, 0.9) : tf.train[optimizer](lr);
  model.compile({ optimizer: made, loss: 'meanSquaredError', metrics: ['mae'] });
  return model;
}

const OPTIONS = { build, data: () => DATA, fit: { batchSize: 16 } } satisfies TfjsTrainableOptions<Config, typeof DATA, Record<never, never>>;

const trialAt = (iteration: number, seed = 7) => ({ seed, iteration }) as TrialContext;

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
    const whole = await train(options, config, 0, 3);
    const broken = [...(await train(options, config, 0, 1)), ...(await train(options, config, 1, 2)), ...(await train(options, config, 2, 3))];
    expect(broken).toEqual(whole);
  });

  test('the same seed draws the same, another one draws otherwise', async () => {
    const first = await train(options, { lr: 0.05 }, 0, 2);
    expect(await train(options, { lr: 0.05 }, 0, 2)).toEqual(first);
    expect(await train(options, { lr: 0.05 }, 0, 2, 8)).not.toEqual(first);
  });

  test('no tensor stays, whatever the optimizer', async () => {
    const { tf } = await useBackend({ backend: 'cpu' });
    for (const optimizer of ['adam', 'adamax', 'sgd', 'momentum', 'rmsprop'] as const) {
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
});
