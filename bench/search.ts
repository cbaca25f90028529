// How good the searchers are, beside Optuna 5 in the same run: `npm run bench:search`, or `npm run bench:search -- --quick`.

import { median } from './rounds.ts';
import { borda, isAbove, isBelow } from './search/compare.ts';
import { answer, type Found, findAll, type Side, type Study } from './search/jobs.ts';
import { pythonWithOptuna, RECORDED } from './search/optuna.ts';
import { PROBLEMS, type Problem } from './search/problems.ts';
import { speed } from './search/speed.ts';

const SEEDS = 30;
const PARALLEL = 8;
const isQuick = process.argv.includes('--quick');
const BUDGETS = isQuick ? [50, 100] : [50, 100, 200];
const LONGEST = Math.max(...BUDGETS);
/** The first five functions: `tpe` is to be better than Optuna's on two of them at 100 trials. */
const FIRST = 5;

const ours: Side = { side: 'attune' };
let missed = 0;

const python = await pythonWithOptuna().catch((error: unknown) => {
  withoutPython(error);
  return undefined;
});
if (python !== undefined) await main({ side: 'optuna', python });
if (missed > 0) process.exitCode = 1;

function withoutPython(error: unknown): void {
  print(`Optuna: NOT MEASURED, since there is no Python that has it: ${error instanceof Error ? error.message : String(error)}`);
  print('Recorded medians of the best loss at 50 and 100 trials, over 20 seeds:');
  table([['', 'random search', 'TPE of Optuna 5.0.0'], ...RECORDED.map(([name, random, tpe]) => [name, random.join(' / '), tpe.join(' / ')])]);
  if (process.env['CI'] !== undefined) missed += 1;
}

async function main(optuna: Side): Promise<void> {
  for (const { name } of PROBLEMS) await checkSame(name, optuna);
  const study = (to: Side, sampler: string, workers: number) => PROBLEMS.map(({ name }): Study => ({ to, problem: name, sampler, workers, trials: LONGEST }));
  const found = await findAll(
    [
      ...[1, PARALLEL].flatMap((workers) => [...study(optuna, 'tpe', workers), ...study(ours, 'tpe', workers)]),
      ...study(ours, 'random', 1),
      ...study(ours, 'auto', 1),
    ],
    SEEDS,
  );
  medians(found);
  tpeAgainst(found);
  autoAgainst(found);
  for (const { what, got, limit, detail } of await speed(ours, optuna)) bar(got <= limit, `${what}: ${got.toFixed(3)}, at most ${limit} (${detail})`);
}

/** Both sides give the same losses to the same configurations. */
async function checkSame(problem: string, optuna: Side): Promise<void> {
  const points = await answer<readonly { readonly flat: object; readonly loss: number }[]>(ours, { kind: 'points', problem, points: 20 });
  const theirs = await answer<readonly number[]>(optuna, { kind: 'points', problem, points: points.map(({ flat }) => flat) });
  points.forEach(({ loss }, i) => {
    const other = theirs[i] as number;
    if (!(Math.abs(loss - other) <= 1e-9 * Math.max(1, Math.abs(loss)))) throw new Error(`${problem}: expected one function, got ${loss} and ${other}`);
  });
}

/** The best of the first `budget` losses, by seed, less the optimum. */
function regrets(found: readonly Found[], searcher: string, problem: string, workers: number, budget: number): readonly number[] {
  const runs = found.find((one) => one.searcher === searcher && one.problem === problem && one.workers === workers)?.runs ?? [];
  const { optimum } = PROBLEMS.find(({ name }) => name === problem) as Problem;
  return runs.map((losses) => Math.min(...losses.slice(0, budget)) - optimum);
}

const shown = (values: readonly number[]): string => median(values).toPrecision(3);

function medians(found: readonly Found[]): void {
  const columns = [...new Map(found.map(({ searcher, workers }) => [`${searcher}${workers > 1 ? ` ×${workers}` : ''}`, { searcher, workers }]))];
  print(`\nMedian regret at ${BUDGETS.join(' / ')} trials, ${SEEDS} seeds; ×${PARALLEL}: with so many workers`);
  table([
    ['', ...columns.map(([name]) => name)],
    ...PROBLEMS.map(({ name }) => [
      name,
      ...columns.map(([, { searcher, workers }]) => BUDGETS.map((budget) => shown(regrets(found, searcher, name, workers, budget))).join(' / ')),
    ]),
  ]);
  const alone = columns.filter(([, { workers }]) => workers === 1);
  const tables = PROBLEMS.flatMap(({ name }) =>
    BUDGETS.map((budget) => new Map(alone.map(([column, { searcher }]) => [column, regrets(found, searcher, name, 1, budget)]))),
  );
  print(`Borda counts: ${[...borda(tables)].map(([name, count]) => `${name} ${count}`).join(', ')}`);
}

function tpeAgainst(found: readonly Found[]): void {
  const cells = PROBLEMS.flatMap(({ name }, number) => [1, PARALLEL].flatMap((workers) => BUDGETS.map((budget) => ({ name, number, workers, budget }))));
  const pairs = cells.map(({ name, workers, budget }) => ({
    ours: regrets(found, 'tpe', name, workers, budget),
    theirs: regrets(found, 'Optuna tpe', name, workers, budget),
  }));
  const [below, above] = [isBelow(pairs), isAbove(pairs)];
  print('\ntpe() / Optuna, after Holm: how probable it is that it is better, or worse, by chance');
  table(
    cells.map(({ name, workers, budget }, i) => [
      name,
      `${budget} trials`,
      workers > 1 ? `${workers} workers` : '',
      `better: ${(below[i] as number).toFixed(4)}`,
      `worse: ${(above[i] as number).toFixed(4)}`,
    ]),
  );
  bar(
    above.every((p) => p >= 0.05),
    'tpe() is nowhere worse than the default of Optuna',
  );
  const wins = cells.filter(({ number, workers, budget }, i) => number < FIRST && workers === 1 && budget === 100 && (below[i] as number) < 0.05);
  bar(wins.length >= 2, `tpe() is better at 100 trials on two of the first five at least: on ${wins.map(({ name }) => name).join(', ') || 'none'}`);
}

function autoAgainst(found: readonly Found[]): void {
  const cells = PROBLEMS.flatMap(({ name }) => BUDGETS.map((budget) => ({ name, budget })));
  const pairs = cells.map(({ name, budget }) => ({ ours: regrets(found, 'auto', name, 1, budget), theirs: regrets(found, 'Optuna tpe', name, 1, budget) }));
  const below = isBelow(pairs);
  print('\nauto() / Optuna after Holm, and its median regret / that of random search');
  cells.forEach(({ name, budget }, i) => {
    const share = median(pairs[i]?.ours ?? []) / median(regrets(found, 'random', name, 1, budget));
    bar((below[i] as number) < 0.05 || share <= 0.01, `${name}, ${budget} trials: better: ${(below[i] as number).toFixed(4)}; ${(100 * share).toFixed(2)} %`);
  });
}

function bar(holds: boolean, text: string): void {
  print(`${holds ? 'ok    ' : 'MISSED'} ${text}`);
  if (!holds) missed += 1;
}

function table(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  for (const row of rows)
    print(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
