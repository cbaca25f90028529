import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Quality } from './study.ts';

/** Who answers a job. */
export type Side = { readonly side: 'attune' } | { readonly side: 'optuna'; readonly python: string };

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Lets a process of its own answer a job. */
export async function answer<T>(to: Side, job: object): Promise<T> {
  const [command, args] =
    to.side === 'attune' ? [process.execPath, [...process.execArgv, '--expose-gc', script('./study.ts')]] : [to.python, [script('./optuna-study.py')]];
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' } });
  child.stdin.end(JSON.stringify(job));
  const [output, code] = await Promise.all([text(child.stdout), new Promise<number | null>((resolve) => child.once('close', resolve))]);
  if (code !== 0) throw new Error(`${to.side} ended with ${code} at ${JSON.stringify(job)}`);
  return JSON.parse(output) as T;
}

/** What one searcher found on one problem: by seed, the losses in the order in which trials ended. */
export interface Found {
  readonly problem: string;
  readonly searcher: string;
  readonly workers: number;
  readonly runs: readonly (readonly number[])[];
}

export interface Study extends Omit<Quality, 'seeds'> {
  readonly to: Side;
}

/** So many seeds are one job. */
const SEEDS = 10;

/** All studies with the seeds 0, 1, …, as many at once as there are cores. */
export async function findAll(studies: readonly Study[], seeds: number): Promise<readonly Found[]> {
  const parts = studies.flatMap((study) =>
    Array.from({ length: Math.ceil(seeds / SEEDS) }, (_, part) => ({
      study,
      seeds: Array.from({ length: Math.min(SEEDS, seeds - part * SEEDS) }, (__, seed) => part * SEEDS + seed),
    })),
  );
  const runs = new Map<Study, (readonly number[])[]>(studies.map((study) => [study, []]));
  let next = 0;
  const work = async (): Promise<void> => {
    for (let part = parts[next++]; part !== undefined; part = parts[next++]) {
      const { to, ...job } = part.study;
      const found = await answer<(readonly number[])[]>(to, { kind: 'quality', ...job, seeds: part.seeds });
      part.seeds.forEach((seed, i) => {
        (runs.get(part.study) as (readonly number[])[])[seed] = found[i] as readonly number[];
      });
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return studies.map((study) => ({
    problem: study.problem,
    searcher: study.to.side === 'optuna' ? `Optuna ${study.sampler}` : study.sampler,
    workers: study.workers,
    runs: runs.get(study) as (readonly number[])[],
  }));
}
