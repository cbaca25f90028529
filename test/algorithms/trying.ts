import { hypervolume2d } from '../../src/base/numeric/hypervolume.ts';
import { History } from '../../src/search/history.ts';
import type { Searcher } from '../../src/search/searcher.ts';
import type { Config } from '../../src/space/config.ts';
import { uniform } from '../../src/space/domains.ts';
import { compileSpace } from '../../src/space/space.ts';
import type { MultiObjectiveProblem } from '../../src/testing/multi-objective-problems.ts';
import type { TestProblem } from '../../src/testing/problems.ts';
import { askFor } from './asking.ts';

/** What a trial reports; `violation` is 0 when it is left out. */
export interface Found {
  readonly losses: readonly number[];
  readonly violation?: number;
}

export interface Trying {
  readonly trials: number;
  readonly objectives?: number;
  readonly seed?: number;
  /** So many trials run at once. Default 1. */
  readonly workers?: number;
}

/** Asks and answers; what was proposed and found, in order. */
export async function tried(
  searcher: Searcher,
  input: unknown,
  find: (config: Config) => Found,
  trying: Trying,
): Promise<readonly (Found & { config: Config })[]> {
  const { trials, objectives = 1, seed = 0, workers = 1 } = trying;
  const space = compileSpace(input);
  const history = new History(space, objectives);
  const all: (Found & { config: Config })[] = [];
  for (let index = 0; index < trials; index++) {
    const suggestion = await searcher.suggest(askFor(space, index, { samples: trials, seed, history }));
    if (suggestion.kind !== 'config') throw new Error(suggestion.kind);
    history.add({ config: suggestion.config, by: 'searcher', asked: history.ended.length });
    all.push({ config: suggestion.config, ...find(suggestion.config) });
    const row = index + 1 - workers;
    if (row < 0) continue;
    const { losses, violation = 0 } = all[row] as Found;
    history.report(row, 1, losses, violation);
    history.end(row, 'completed');
  }
  return all;
}

export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number;

const boxOf = (bounds: readonly (readonly [number, number])[]) => Object.fromEntries(bounds.map(([lower, upper], i) => [`x${i}`, uniform(lower, upper)]));
const pointOf = (bounds: readonly unknown[], config: Config): number[] => bounds.map((_, i) => config[`x${i}`] as number);

/** The median over `seeds` seeds of what is reached of the hypervolume, from 0 to 1, by reference point. */
export async function reached(
  make: () => Searcher,
  problem: MultiObjectiveProblem,
  { seeds, ...trying }: Trying & { readonly seeds: number },
): Promise<number[]> {
  const { bounds, evaluate, hypervolumes } = problem;
  const shares: number[][] = hypervolumes.map(() => []);
  for (let seed = 0; seed < seeds; seed++) {
    const find = (config: Config): Found => ({ losses: evaluate(pointOf(bounds, config)) });
    const all = await tried(make(), boxOf(bounds), find, { ...trying, objectives: 2, seed });
    const points = all.map(({ losses }) => losses as readonly [number, number]);
    for (const [i, { ref, value }] of hypervolumes.entries()) shares[i]?.push(hypervolume2d(points, ref) / value);
  }
  return shares.map(median);
}

/** The median over `seeds` seeds of the lowest loss. */
export async function lowest(
  make: () => Searcher,
  { bounds, evaluate }: TestProblem,
  { seeds, ...trying }: Trying & { readonly seeds: number },
): Promise<number> {
  const all: number[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const found = await tried(make(), boxOf(bounds), (config) => ({ losses: [evaluate(pointOf(bounds, config))] }), { ...trying, seed });
    all.push(Math.min(...found.map(({ losses }) => losses[0] as number)));
  }
  return median(all);
}
