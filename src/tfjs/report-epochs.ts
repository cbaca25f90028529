import { AttuneError } from '../base/errors.ts';
import { checkOptions } from '../base/options.ts';
import type { TrialContext } from '../trainable/trial-context.ts';
import { checkModel, hasSave } from './check-model.ts';
import { type SavableModel, saveModel } from './save-model.ts';

/** What `reportEpochs` takes. */
export interface ReportEpochsOptions {
  /** Saved with its optimizer whenever a checkpoint is wanted. Default: no checkpoints. */
  readonly model?: SavableModel;
}

/** A callback of `model.fit`, of whichever tfjs package and version. */
export interface EpochReporter {
  onEpochBegin(epoch: number): Promise<void>;
  onEpochEnd(epoch: number, logs?: Readonly<Record<string, number>>): Promise<void>;
}

/**
 * A callback for the `model.fit` of a function trainable: reports what each epoch logs (`loss`, `acc`, `val_loss`). When the trial is to
 * stop or pause, `fit` rejects with that after the epoch, which unwinds the trainable; it leaves no tensors behind.
 *
 * A trial that goes on from a checkpoint has epochs behind it: tell `fit`, with `initialEpoch: trial.iteration`.
 *
 * @throws {AttuneError} `OPTION_RANGE` when `model` is none, and within `fit` when it begins with another epoch
 * @example
 * import type { LayersModel, Tensor } from '@tensorflow/tfjs';
 * import { defineTrainable } from 'attune';
 * import { reportEpochs, restoreModel } from 'attune/tfjs';
 *
 * declare const build: (lr: number) => LayersModel, x: Tensor, y: Tensor;
 *
 * export const train = defineTrainable(import.meta.url, async function train({ lr }: { lr: number }, trial) {
 *   const model = build(lr);
 *   if (trial.checkpoint) await restoreModel(model, trial.checkpoint);
 *   await model.fit(x, y, { epochs: 20, initialEpoch: trial.iteration, callbacks: reportEpochs(trial, { model }) });
 * });
 */
export function reportEpochs(trial: Pick<TrialContext, 'iteration' | 'report'>, options: ReportEpochsOptions = {}): EpochReporter {
  checkOptions('reportEpochs', options, ['model']);
  const { model } = options;
  if (model !== undefined) checkModel('reportEpochs', model, hasSave);
  const checkpoint = model && ((dir: string): Promise<void> => saveModel(model, dir, { includeOptimizer: true }));
  return {
    onEpochBegin(epoch) {
      if (epoch === trial.iteration) return Promise.resolve();
      const problem = `reportEpochs: expected fit to begin with epoch ${trial.iteration}, since the trial has done so many, got ${epoch}.`;
      return Promise.reject(new AttuneError('OPTION_RANGE', problem, { hint: 'Write model.fit(x, y, { initialEpoch: trial.iteration, … }).' }));
    },
    onEpochEnd: (_, logs = {}) => trial.report({ ...logs }, checkpoint === undefined ? {} : { checkpoint }),
  };
}
