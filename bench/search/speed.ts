import { median } from '../rounds.ts';
import { answer, type Side } from './jobs.ts';
import type { Report } from './report.ts';

/** Each figure is the median of so many. */
const ROUNDS = 3;

/** What proposals cost, one process after another. */
export async function speed(ours: Side, optuna: Side, report: Report): Promise<void> {
  const measured = async (kind: string, sampler: string, trials: number, to = ours): Promise<number> => {
    const got: number[] = [];
    for (let round = 0; round < ROUNDS; round++) got.push(await answer<number>(to, { kind, sampler, trials }));
    return median(got);
  };
  const atMost = (what: string, got: number, limit: number, detail: string): void =>
    report.bar(got <= limit, `${what}: ${got.toPrecision(3)}, at most ${limit.toPrecision(3)} (${detail})`);
  report.line('\nWhat proposals cost');
  for (const [sampler, limit] of [['tpe', 0.1] as const, ['random', 0.2] as const]) {
    const own = await measured('seconds', sampler, 1_000);
    const theirs = await measured('seconds', sampler, 1_000, optuna);
    atMost(`${sampler}, 1,000 trials of 10 floats / Optuna's`, own / theirs, limit, `${own.toFixed(3)} ms / ${theirs.toFixed(3)} ms a trial`);
  }
  const proposals = (sampler: string, trials: number): Promise<readonly number[]> => answer(ours, { kind: 'suggestions', sampler, trials });
  const few = median(await proposals('tpe', 1_000));
  const many = median(await proposals('tpe', 10_000));
  const growth = (10 * Math.log(10_000)) / Math.log(1_000);
  atMost('tpe, a proposal after 10,000 trials / after 1,000', many / few, growth, `${few.toFixed(2)} ms, ${many.toFixed(2)} ms; the limit is n log n`);
  const bytes = [await measured('heap', 'tpe', 1_000), await measured('heap', 'tpe', 10_000)] as const;
  atMost('tpe, what 10,000 trials keep / 1,000', bytes[1] / bytes[0], 12, bytes.map((size) => `${(size / 1e6).toFixed(1)} MB`).join(', '));
  const gp = await proposals('gp', 200);
  const mean = gp.reduce((sum, ms) => sum + ms, 0) / gp.length;
  atMost('gp, a proposal after 200 trials of 10 floats, in ms', mean, 100, `the mean of 20; the longest, with a fit, ${gp.at(-1)?.toFixed(0)} ms`);
  atMost('gp, the longest that it lets nobody on, after 400 trials of 10 floats, in ms', await measured('stall', 'gp', 400), 50, 'the least of 5');
}
