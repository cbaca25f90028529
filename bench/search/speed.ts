import { median } from '../rounds.ts';
import { answer, type Side } from './jobs.ts';

export interface Figure {
  readonly what: string;
  readonly got: number;
  readonly limit: number;
  readonly detail: string;
}

/** So many times each: the machine is shared. */
const ROUNDS = 3;

async function repeated(to: Side, job: object): Promise<number> {
  const got: number[] = [];
  for (let round = 0; round < ROUNDS; round++) got.push(await answer<number>(to, job));
  return median(got);
}

/** What proposals cost, one process after another. */
export async function speed(ours: Side, optuna: Side): Promise<readonly Figure[]> {
  const trials = 1_000;
  const figures: Figure[] = [];
  for (const [sampler, limit] of [['tpe', 0.1] as const, ['random', 0.2] as const]) {
    const job = { kind: 'seconds', sampler, trials };
    const [own, theirs] = [await repeated(ours, job), await repeated(optuna, job)];
    const detail = `${own.toFixed(3)} ms / ${theirs.toFixed(3)} ms a trial`;
    figures.push({ what: `${sampler}, 1,000 trials of 10 floats / Optuna's`, got: own / theirs, limit, detail });
  }
  const [few, many] = [await repeated(ours, suggestion('tpe', 1_000)), await repeated(ours, suggestion('tpe', 10_000))];
  const growth = (10 * Math.log(10_000)) / Math.log(1_000);
  const grew = `${few.toFixed(2)} ms, ${many.toFixed(2)} ms; n log n is ${growth.toFixed(1)}`;
  figures.push({ what: 'tpe, a proposal after 10,000 trials / after 1,000', got: many / few, limit: growth, detail: grew });
  const gp = await repeated(ours, suggestion('gp', 200));
  figures.push({ what: 'gp, a proposal after 200 trials of 10 floats, in ms', got: gp, limit: 100, detail: 'the median of 20' });
  return figures;
}

const suggestion = (sampler: string, trials: number) => ({ kind: 'suggestion', sampler, trials });
