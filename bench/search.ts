// How good the searchers are, and what they cost, beside Optuna 5 in the same run: `npm run bench:search`.
// With `-- --quick` only what no clock decides, at 100 trials.
import { againstOptuna, type Extent } from './search/against-optuna.ts';
import { amongOurs } from './search/among-ours.ts';
import type { Side } from './search/jobs.ts';
import { pythonWithOptuna, RECORDED } from './search/optuna.ts';
import { PROBLEMS } from './search/problems.ts';
import { Report } from './search/report.ts';
import { speed } from './search/speed.ts';

const SEEDS = 30;
const FULL: Extent = { seeds: SEEDS, budgets: [50, 100, 200], workers: [1, 8], auto: PROBLEMS.map(({ name }) => name) };
const QUICK: Extent = { seeds: SEEDS, budgets: [100], workers: [1], auto: ['branin', 'hartmann-6', 'SimpleKD', 'Jenatton'] };

const isQuick = process.argv.includes('--quick');
const ours: Side = { side: 'attune' };
const report = new Report();

const python = await pythonWithOptuna().catch((error: unknown) => {
  withoutPython(error);
  return undefined;
});
if (python !== undefined) {
  const optuna: Side = { side: 'optuna', python };
  await againstOptuna(ours, optuna, isQuick ? QUICK : FULL, report);
  if (!isQuick) await speed(ours, optuna, report);
}
if (!isQuick) await amongOurs(ours, SEEDS, report);
if (report.missed > 0) process.exitCode = 1;

function withoutPython(error: unknown): void {
  report.line(`Optuna: NOT MEASURED, since there is no Python that has it: ${error instanceof Error ? error.message : String(error)}`);
  report.line('Recorded medians of the best loss at 50 and 100 trials, over 20 seeds:');
  report.table([['', 'random search', 'TPE of Optuna 5.0.0'], ...RECORDED.map(([name, random, tpe]) => [name, random.join(' / '), tpe.join(' / ')])]);
  if (process.env['CI'] !== undefined) report.missed += 1;
}
