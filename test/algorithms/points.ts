import type { Searcher } from '../../src/search/searcher.ts';
import { uniform } from '../../src/space/domains.ts';
import { configs } from './asking.ts';

/** `dimensions` parameters between 0 and 1: `x0`, `x1`, … */
export const cube = (dimensions: number): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Array.from({ length: dimensions }, (_, i) => [`x${i}`, uniform(0, 1)]));

/** The first points of the unit cube that it proposes. */
export async function points(searcher: Searcher, dimensions: number, count: number, seed = 1): Promise<readonly (readonly number[])[]> {
  const proposed = await configs(searcher, cube(dimensions), { samples: Infinity, seed }, count);
  return proposed.map((config) => Array.from({ length: dimensions }, (_, i) => config[`x${i}`] as number));
}

/** How far from even points are: the centred L2 discrepancy. @see Hickernell 1998, "A generalized discrepancy and quadrature error bound" */
export function discrepancy(all: readonly (readonly number[])[]): number {
  const dimensions = all[0]?.length ?? 0;
  const product = (term: (k: number) => number): number => Array.from({ length: dimensions }, (_, k) => term(k)).reduce((a, b) => a * b, 1);
  const off = all.map((point) => point.map((x) => Math.abs(x - 0.5)));
  let single = 0;
  let pairs = 0;
  for (const [i, x] of all.entries()) {
    const a = off[i] as readonly number[];
    single += product((k) => 1 + (a[k] as number) / 2 - (a[k] as number) ** 2 / 2);
    for (const [j, y] of all.entries()) {
      const b = off[j] as readonly number[];
      pairs += product((k) => 1 + ((a[k] as number) + (b[k] as number) - Math.abs((x[k] as number) - (y[k] as number))) / 2);
    }
  }
  return Math.sqrt((13 / 12) ** dimensions - (2 / all.length) * single + pairs / all.length ** 2);
}
