import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fifo } from '../../schedulers/index.ts';
import { inline, type TrialContext, Tuner } from '../../src/index.ts';
import { reportEpochs, restoreModel, useBackend } from '../../src/tfjs/index.ts';

const { tf } = await useBackend({ backend: 'cpu' });
const [X, Y] = [tf.tensor2d([0.1, -0.7, 0.9, 0.4], [4, 1]), tf.tensor2d([1, 0, 2, 1], [4, 1])];

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'attune-epochs-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function train({ lr }: { lr: number }, trial: TrialContext) {
  const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [1], units: 1, kernelInitializer: 'ones' })] });
  const optimizer = tf.train.adam(lr);
  model.compile({ optimizer, loss: 'meanSquaredError', metrics: ['mae'] });
  try {
    if (trial.checkpoint) await restoreModel(model, trial.checkpoint);
    const callbacks = reportEpochs(trial, { model });
    await model.fit(X, Y, { epochs: 6, initialEpoch: trial.iteration, shuffle: false, validationData: [X, Y], verbose: 0, callbacks });
  } finally {
    model.dispose();
    optimizer.dispose();
  }
}

const pausing = () => ({
  ...fifo(),
  name: 'pausing',
  uses: ['pause', 'resume'] as const,
  decide: (state: unknown, event: { kind: string; trial?: number; step?: number }) => {
    if (event.kind === 'reported' && (event.step ?? 6) < 6)
      return { state, decisions: [{ kind: 'pause' as const, trial: event.trial as never, reason: 'after every report' }] };
    return { state, decisions: event.kind === 'paused' ? [{ kind: 'resume' as const, trial: event.trial as never, reason: 'at once' }] : [] };
  },
});

const tune = async (scheduler: ReturnType<typeof fifo>, stop = {}) =>
  new Tuner(train, {
    paramSpace: { lr: 0.1 },
    tuneConfig: { metric: 'loss', mode: 'min', scheduler },
    runConfig: { name: scheduler.name, storagePath: dir, stop, executor: inline(), verbose: 0 },
  }).fit();

describe('reportEpochs', () => {
  test('reports what fit logs, and a pause after every epoch changes nothing', async () => {
    const before = tf.memory().numTensors;
    const losses = async (scheduler: ReturnType<typeof fifo>) => {
      const [result] = [...(await tune(scheduler))];
      expect(result?.error).toBeUndefined();
      return result?.metricsDataFrame().array('loss');
    };
    const whole = await losses(fifo());
    expect(whole).toHaveLength(6);
    expect(await losses(pausing() as never)).toEqual(whole);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('a stop unwinds fit after its epoch', async () => {
    const before = tf.memory().numTensors;
    const [result] = [...(await tune(fifo(), { training_iteration: 2 }))];
    expect(result).toMatchObject({ status: 'TERMINATED', metrics: { training_iteration: 2 } });
    expect(Object.keys(result?.metrics ?? {})).toEqual(expect.arrayContaining(['loss', 'mae', 'val_loss', 'val_mae']));
    expect(readdirSync(result?.checkpoint?.path ?? '')).toEqual(expect.arrayContaining(['model.json', 'weights.bin']));
    expect(tf.memory().numTensors).toBe(before);
  });

  test('fit that begins with another epoch than the trial is refused before it trains', async () => {
    const callbacks = reportEpochs({ iteration: 2, report: () => Promise.reject(new Error('not reached')) });
    await expect(callbacks.onEpochBegin(0)).rejects.toMatchObject({
      code: 'OPTION_RANGE',
      message: expect.stringContaining('initialEpoch: trial.iteration') as string,
    });
    await callbacks.onEpochBegin(2);
    // @ts-expect-error a misspelt option
    expect(() => reportEpochs({}, { models: 1 })).toThrow('OPTION_UNKNOWN');
  });
});
