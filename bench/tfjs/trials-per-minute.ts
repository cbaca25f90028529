import { type Executor, processes, Tuner, threads } from 'attune';
import type { BackendName } from 'attune/tfjs';
import { Rounds } from '../rounds.ts';
import { oneEpoch } from './trainables.ts';

export interface TrialRate {
  /** Trials at once, on one device. */
  readonly atOnce: number;
  /** Where they ran, and with what share of the device. */
  readonly where: string;
  readonly perMinute: number;
}

export interface RatePlan {
  readonly root: string;
  /** What computes, as `useBackend` names it. */
  readonly device?: string;
  /** Trials in each measurement. */
  readonly trials: number;
  /** Digits in each trial. */
  readonly count: number;
}

/** Trials of one epoch each, 1, 2 and 4 at once on one device; workers, backends and kernels have been used once before. */
export async function trialsPerMinute(backend: BackendName, plan: RatePlan): Promise<readonly TrialRate[]> {
  const rates: TrialRate[] = [];
  for (const atOnce of [1, 2, 4]) {
    const { executor, where, gpu } = placeOf(backend, atOnce, plan.device);
    const stages = new Rounds([atOnce, plan.trials], () => ({ backend, count: plan.count }));
    const tuner = new Tuner(oneEpoch, {
      paramSpace: { backend, count: plan.count },
      tuneConfig: { metric: 'loss', mode: 'min', numSamples: stages.trials, searchAlg: stages.searcher },
      runConfig: {
        executor,
        storagePath: plan.root,
        name: `at-once-${atOnce}`,
        verbose: 0,
        callbacks: [stages.callback],
        ...(gpu === undefined ? {} : { resources: { gpu } }),
      },
    });
    const fitted = tuner.fit();
    await Promise.race([stages.next(), fitted]);
    const ms = await stages.next();
    await fitted;
    rates.push({ atOnce, where, perMinute: (plan.trials * 60_000) / ms });
  }
  return rates;
}

interface Place {
  readonly executor: Executor;
  readonly where: string;
  readonly gpu?: number;
}

/** Native code gets processes of its own, and a GPU is shared out. */
function placeOf(backend: BackendName, workers: number, device = ''): Place {
  const gpu = 1 / workers;
  if (backend === 'tfjs-node-gpu') return { executor: processes({ workers, devices: ['cuda:0'] }), where: `processes, gpu: ${gpu}`, gpu };
  if (backend === 'webgpu') return { executor: threads({ workers, devices: [`webgpu:${device}`] }), where: `threads, gpu: ${gpu}`, gpu };
  if (backend === 'tfjs-node') return { executor: processes({ workers }), where: 'processes' };
  return { executor: threads({ workers }), where: 'threads' };
}
