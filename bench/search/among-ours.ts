import { mannWhitneyLess } from '../../src/base/numeric/mann-whitney.ts';
import { median } from '../rounds.ts';
import { regrets } from './against-optuna.ts';
import { type Found, findAll, type Side, type Study } from './jobs.ts';
import { FRONTS, ROSENBROCK_10, TABLE } from './problems.ts';
import type { Report } from './report.ts';

const LEARNERS = ['tpe', 'gp', 'cmaes', 'evolution', 'auto'];
/** What their pages do not claim: so few trials find no more there than chance. */
const UNCLAIMED: readonly (readonly [searcher: string, problem: string])[] = [
  ['cmaes', 'styblinskiTang4, table'],
  ['evolution', 'styblinskiTang4, table'],
  ['evolution', 'hartmann3, table'],
];
const BELOW_CHANCE = 0.01;

/** What the searchers promise of each other, and against random search. */
export async function amongOurs(ours: Side, seeds: number, report: Report): Promise<void> {
  const study = (problem: string, sampler: string, trials: number): Study => ({ to: ours, problem, sampler, trials, workers: 1 });
  const found = await findAll(
    [
      ...['branin', 'hartmann-6'].flatMap((problem) => [study(problem, 'gp', 60), study(problem, 'tpe', 100)]),
      ...['cmaes', 'tpe'].map((sampler) => study(ROSENBROCK_10.name, sampler, 1_000)),
      ...TABLE.flatMap(({ name }) => ['random', ...LEARNERS].map((sampler) => study(name, sampler, 100))),
      ...FRONTS.flatMap(({ name }) => ['nsga2', 'tpe'].map((sampler) => study(name, sampler, 500))),
    ],
    seeds,
  );
  report.line('\nAmong ours: median regrets, and how probable it is that the first is lower by chance');
  const compare = (problem: string, [first, trials]: readonly [string, number], [second, others]: readonly [string, number]): void => {
    const a = regrets(found, first, problem, 1, trials);
    const b = regrets(found, second, problem, 1, others);
    const p = mannWhitneyLess(a, b);
    const text = `${first}() ${median(a).toPrecision(3)} after ${trials} trials, ${second}() ${median(b).toPrecision(3)} after ${others}`;
    report.bar(p < 0.05, `${problem}: ${text} (${p.toPrecision(2)})`);
  };
  for (const problem of ['branin', 'hartmann-6']) compare(problem, ['gp', 60], ['tpe', 100]);
  compare(ROSENBROCK_10.name, ['cmaes', 1_000], ['tpe', 1_000]);
  fronts(found, report);
  report.line('\nAgainst random search at 100 trials: medians lower than its lower quartile (of 4,000 runs), and the test at 0.01');
  for (const { name, randomQuartile, optimum } of TABLE)
    for (const searcher of LEARNERS) {
      const own = regrets(found, searcher, name, 1, 100);
      const p = mannWhitneyLess(own, regrets(found, 'random', name, 1, 100));
      const best = median(own) + optimum;
      const text = `${name}: ${searcher}() ${best.toPrecision(4)}, quartile ${randomQuartile} (${p.toPrecision(2)})`;
      if (UNCLAIMED.some(([who, where]) => who === searcher && where === name)) report.line(`–      ${text}: not claimed`);
      else report.bar(best < randomQuartile && p < BELOW_CHANCE, text);
    }
}

/** The share of the exact hypervolume that is reached, by the median seed. */
function fronts(found: readonly Found[], report: Report): void {
  report.line('\nThe share of the exact hypervolume after 500 trials, seen from (11, 11) and from (1.1, 1.1)');
  for (const { name } of FRONTS)
    for (const searcher of ['nsga2', 'tpe']) {
      const runs = found.find((one) => one.problem === name && one.searcher === searcher)?.runs ?? [];
      const [wide, narrow] = [0, 1].map((i) => median(runs.map((shares) => shares[i] as number)));
      report.bar((wide as number) >= 0.95, `${name}: ${searcher}() ${(100 * (wide as number)).toFixed(1)} %, ${(100 * (narrow as number)).toFixed(1)} %`);
    }
}
