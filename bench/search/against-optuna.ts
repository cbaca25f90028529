import { median } from '../rounds.ts';
import { isAbove, isBelow, type Reached, ranks } from './compare.ts';
import { answer, type Found, findAll, type Side, type Study } from './jobs.ts';
import { PROBLEMS, problemOf } from './problems.ts';
import type { Report } from './report.ts';

export interface Extent {
  readonly seeds: number;
  /** So many trials, ascending. */
  readonly budgets: readonly number[];
  /** Workers of `tpe`: alone, and as many as here. */
  readonly workers: readonly number[];
  /** The problems that `auto` is tried on. */
  readonly auto: readonly string[];
}

/** The first five functions: `tpe` is to be better than Optuna's on two of them at 100 trials. */
const FIRST = PROBLEMS.slice(0, 5).map(({ name }) => name);

/** Searches each problem with ours and with Optuna's default, and says who is better. */
export async function againstOptuna(ours: Side, optuna: Side, extent: Extent, report: Report): Promise<void> {
  const names = PROBLEMS.map(({ name }) => name);
  for (const name of names) await checkSame(name, ours, optuna);
  const trials = Math.max(...extent.budgets);
  const studies = (to: Side, sampler: string, workers: number, problems: readonly string[] = names) =>
    problems.map((problem): Study => ({ to, problem, sampler, workers, trials }));
  const found = await findAll(
    [
      ...extent.workers.flatMap((workers) => [...studies(optuna, 'tpe', workers), ...studies(ours, 'tpe', workers)]),
      ...studies(ours, 'random', 1),
      ...studies(ours, 'auto', 1, extent.auto),
    ],
    extent.seeds,
  );
  medians(found, extent, report);
  tpeAgainst(found, extent, report);
  autoAgainst(found, extent, report);
}

/** Both sides give the same losses to the same configurations. */
async function checkSame(problem: string, ours: Side, optuna: Side): Promise<void> {
  const points = await answer<readonly { readonly flat: object; readonly loss: number }[]>(ours, { kind: 'points', problem, points: 20 });
  const theirs = await answer<readonly number[]>(optuna, { kind: 'points', problem, points: points.map(({ flat }) => flat) });
  points.forEach(({ loss }, i) => {
    const other = theirs[i] as number;
    if (!(Math.abs(loss - other) <= 1e-9 * Math.max(1, Math.abs(loss)))) throw new Error(`${problem}: expected one function, got ${loss} and ${other}`);
  });
}

/** The best of the first `budget` losses, by seed, less the optimum. */
export function regrets(found: readonly Found[], searcher: string, problem: string, workers: number, budget: number): readonly number[] {
  const runs = found.find((one) => one.searcher === searcher && one.problem === problem && one.workers === workers)?.runs ?? [];
  return runs.map((losses) => Math.min(...losses.slice(0, budget)) - problemOf(problem).optimum);
}

function medians(found: readonly Found[], { budgets, seeds }: Extent, report: Report): void {
  const columns = [...new Map(found.map(({ searcher, workers }) => [`${searcher}${workers > 1 ? ` ×${workers}` : ''}`, { searcher, workers }]))];
  const cell = (searcher: string, problem: string, workers: number, budget: number): string => {
    const values = regrets(found, searcher, problem, workers, budget);
    return values.length === 0 ? '–' : median(values).toPrecision(3);
  };
  report.line(`\nMedian regret at ${budgets.join(' / ')} trials, ${seeds} seeds; ×8: with 8 workers`);
  report.table([
    ['', ...columns.map(([name]) => name)],
    ...PROBLEMS.map(({ name }) => [
      name,
      ...columns.map(([, { searcher, workers }]) => budgets.map((budget) => cell(searcher, name, workers, budget)).join(' / ')),
    ]),
  ]);
  const alone = columns.filter(([, { workers }]) => workers === 1);
  const tables = PROBLEMS.flatMap(({ name }) =>
    budgets.map(
      (budget) => new Map(alone.flatMap(([column, { searcher }]) => reachedBy(found, searcher, name, budget).map((reached) => [column, reached] as const))),
    ),
  );
  const shown = [...ranks(tables)].map(([name, { borda, firsts }]) => `${name} ${borda} (${firsts})`);
  report.line(`Borda counts, and in how many of ${tables.length} nobody is better: ${shown.join(', ')}`);
}

/** Empty when it was not tried on it. */
function reachedBy(found: readonly Found[], searcher: string, problem: string, budget: number): readonly Reached[] {
  const runs = found.find((one) => one.searcher === searcher && one.problem === problem && one.workers === 1)?.runs;
  if (runs === undefined) return [];
  const areas = runs.map((losses) => {
    let best = Infinity;
    return losses.slice(0, budget).reduce((sum, loss) => sum + (best = Math.min(best, loss)), 0) / budget;
  });
  return [{ best: regrets(found, searcher, problem, 1, budget), area: areas }];
}

function tpeAgainst(found: readonly Found[], { budgets, workers: all }: Extent, report: Report): void {
  const cells = PROBLEMS.flatMap(({ name }) => all.flatMap((workers) => budgets.map((budget) => ({ name, workers, budget }))));
  const pairs = cells.map(({ name, workers, budget }) => ({
    ours: regrets(found, 'tpe', name, workers, budget),
    theirs: regrets(found, 'Optuna tpe', name, workers, budget),
  }));
  const below = isBelow(pairs);
  const above = isAbove(pairs);
  report.line('\ntpe() / Optuna, after Holm: how probable it is that it is better, or worse, by chance');
  report.table(
    cells.map(({ name, workers, budget }, i) => [
      name,
      `${budget} trials`,
      workers > 1 ? `${workers} workers` : '',
      `better: ${(below[i] as number).toFixed(4)}`,
      `worse: ${(above[i] as number).toFixed(4)}`,
    ]),
  );
  report.bar(
    above.every((p) => p >= 0.05),
    'tpe() is nowhere worse than the default of Optuna',
  );
  const wins = cells.filter(({ name, workers, budget }, i) => FIRST.includes(name) && workers === 1 && budget === 100 && (below[i] as number) < 0.05);
  report.bar(wins.length >= 2, `tpe() is better at 100 trials on two of the first five at least: on ${wins.map(({ name }) => name).join(', ') || 'none'}`);
}

function autoAgainst(found: readonly Found[], { budgets, auto }: Extent, report: Report): void {
  const cells = auto.flatMap((name) => budgets.map((budget) => ({ name, budget })));
  const pairs = cells.map(({ name, budget }) => ({ ours: regrets(found, 'auto', name, 1, budget), theirs: regrets(found, 'Optuna tpe', name, 1, budget) }));
  const below = isBelow(pairs);
  report.line('\nauto() / Optuna after Holm, and its median regret / that of random search');
  cells.forEach(({ name, budget }, i) => {
    const share = median(pairs[i]?.ours ?? []) / median(regrets(found, 'random', name, 1, budget));
    report.bar(
      (below[i] as number) < 0.05 || share <= 0.01,
      `${name}, ${budget} trials: better: ${(below[i] as number).toFixed(4)}; ${(100 * share).toFixed(2)} %`,
    );
  });
}
