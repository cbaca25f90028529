import { join } from 'node:path';
import { processes, Tuner, threads } from 'attune';
import type { BackendName } from 'attune/tfjs';
import { median } from '../rounds.ts';
import { start } from './trainables.ts';

/** From `fit()` to the first report of a trial in a new worker, in milliseconds. */
export interface WorkerStart {
  readonly executor: 'threads' | 'processes';
  readonly bare: number;
  /** Of a trial that calls `useBackend` first. */
  readonly withBackend: number;
}

/** Medians over `rounds`, with and without a backend by turns. */
export async function workerStarts(
  backend: BackendName,
  { root, rounds }: { readonly root: string; readonly rounds: number },
): Promise<readonly WorkerStart[]> {
  const starts: WorkerStart[] = [];
  for (const executor of ['threads', 'processes'] as const) {
    await firstReport({ executor, path: join(root, `${executor}-warm-up`) });
    const [bare, withBackend]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      bare.push(await firstReport({ executor, path: join(root, `${executor}-bare-${round}`) }));
      withBackend.push(await firstReport({ executor, path: join(root, `${executor}-${round}`), backend }));
    }
    starts.push({ executor, bare: median(bare), withBackend: median(withBackend) });
  }
  return starts;
}

interface FirstReport {
  readonly executor: WorkerStart['executor'];
  readonly path: string;
  readonly backend?: BackendName;
}

async function firstReport({ executor, path, backend }: FirstReport): Promise<number> {
  const began = performance.now();
  let reported = Number.NaN;
  const tuner = new Tuner(start, {
    paramSpace: backend === undefined ? {} : { backend },
    tuneConfig: { metric: 'loss', mode: 'min', numSamples: 1 },
    runConfig: {
      executor: (executor === 'threads' ? threads : processes)({ workers: 1 }),
      storagePath: path,
      verbose: 0,
      callbacks: [{ name: 'first-report', onEvent: ({ kind }) => void (kind === 'reported' && (reported = performance.now())) }],
    },
  });
  await tuner.fit();
  if (Number.isNaN(reported)) throw new Error(`expected a trial in ${executor} to report`);
  return reported - began;
}
