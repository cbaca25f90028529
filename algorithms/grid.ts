import { nearest } from '../src/base/edit-distance.ts';
import { AttuneError } from '../src/base/errors.ts';
import { checkNumber, checkOptions } from '../src/base/options.ts';
import { gridWalk } from '../src/search/grid-walk.ts';
import type { Searcher } from '../src/search/searcher.ts';
import { gridSearch, type NumericDomain, variation } from '../src/space/domains.ts';
import { countOf, fromEncoded, rangeOf, snap, valueAt } from '../src/space/numeric.ts';
import { compileSpace, type Space, type SpaceNode } from '../src/space/space.ts';

/** What `grid` takes. */
export interface GridOptions {
  /**
   * How many points a range is swept at, both ends included, evenly spaced (in the logarithm where the domain is logarithmic):
   * one number for all, or one for each path such as `model/lr`. Domains with fewer values are swept whole. Default: none.
   */
  readonly bins?: number | Readonly<Record<string, number>>;
}

/** The most values that one domain is swept at. */
const MOST_VALUES = 10_000;

/**
 * Every combination of every domain, `numSamples` times over; the first path, sorted, varies fastest. A `choice` or `variation`
 * is swept like a `gridSearch`, a whole-number or quantised range value by value, and a continuous one at its `bins`. Nothing is random.
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`, `OPTION_RANGE`; from `check`, `SPACE_INVALID` for a domain that cannot be swept without `bins`
 * @example
 * import { choice, uniform } from 'attune';
 * import { grid } from 'attune/algorithms';
 * import { simulate } from 'attune/testing';
 *
 * const space = { dropout: uniform(0, 0.5), units: choice([16, 32]) };
 * const swept = await simulate({ searcher: grid({ bins: 3 }), space, curve: ({ units }) => units, trials: 1, maxT: 1 });
 * [...swept.grid].map(({ config }) => config.dropout); // => [0, 0.25, 0.5, 0, 0.25, 0.5]
 */
export function grid(options: GridOptions = {}): Searcher {
  checkOptions('grid', options, ['bins']);
  const { bins } = options;
  checkBins(bins);
  const walk = gridWalk('grid');
  const spaces = new WeakMap<Space, Space>();
  const swept = (space: Space): Space => {
    const known = spaces.get(space) ?? compileSpace(asGrid(space.root, space, bins));
    spaces.set(space, known);
    return known;
  };
  return {
    name: 'grid',
    options: bins === undefined ? {} : { bins },
    check({ space }) {
      checkPaths(space, bins);
      swept(space);
    },
    suggest: (ask) => walk(ask, swept(ask.space)),
  };
}

function checkBins(bins: unknown): void {
  const isCount = (value: number): boolean => Number.isInteger(value) && value >= 2 && value <= MOST_VALUES;
  const expected = `a whole number of points from 2 to ${MOST_VALUES}`;
  if (bins === undefined) return;
  if (typeof bins !== 'object' || bins === null || Array.isArray(bins)) return checkNumber('grid', 'bins', bins, expected, isCount);
  for (const [path, count] of Object.entries(bins)) checkNumber('grid', `bins["${path}"]`, count, expected, isCount);
}

function checkPaths({ parameters }: Space, bins: GridOptions['bins']): void {
  if (typeof bins !== 'object') return;
  const paths = parameters.filter(({ kind }) => kind === 'numeric').map(({ path }) => path);
  const unknown = Object.keys(bins).find((path) => !paths.includes(path));
  if (unknown === undefined) return;
  const meant = nearest(unknown, paths);
  const hint = meant === undefined ? 'The space has no ranges.' : `Did you mean "${meant}"?`;
  throw new AttuneError('OPTION_UNKNOWN', `grid: expected bins for ranges of the space, got "${unknown}".`, { hint });
}

/** The same space as plain input, with a `gridSearch` in the place of every domain that is drawn from. */
function asGrid(node: SpaceNode, space: Space, bins: GridOptions['bins']): unknown {
  switch (node.kind) {
    case 'constant':
      return node.value;
    case 'derived':
      return node.domain;
    case 'array':
      return node.items.map((item) => asGrid(item, space, bins));
    case 'object':
      return Object.fromEntries([...node.entries].map(([key, child]) => [key, asGrid(child, space, bins)]));
    case 'options': {
      const options = node.options.map((option) => asGrid(option, space, bins));
      return gridSearch(node.domain.kind === 'gridSearch' ? options : variation(options).options); // a choice may weigh an option by repeating it
    }
    case 'numeric': {
      const path = space.parameters[node.index]?.path ?? '';
      return gridSearch(pointsOf(path, node.domain, typeof bins === 'number' ? bins : bins?.[path]));
    }
  }
}

function pointsOf(path: string, domain: NumericDomain, bins: number | undefined): readonly number[] {
  const count = countOf(domain);
  if (count <= Math.min(bins ?? MOST_VALUES, MOST_VALUES)) return Array.from({ length: count }, (_, i) => valueAt(domain, i));
  const { lower, upper, log } = rangeOf(domain);
  if (!Number.isFinite(lower)) {
    throw new AttuneError('SPACE_INVALID', `grid: expected a domain with two ends at "${path}", got ${domain.kind}.`, {
      hint: 'Write the values: gridSearch([…]).',
    });
  }
  if (bins === undefined) {
    const got = Number.isFinite(count) ? `${domain.kind} with ${count} values` : domain.kind;
    const hint = `Say at how many points it is swept: grid({ bins: { ${JSON.stringify(path)}: 5 } }), or write the values: gridSearch([…]).`;
    throw new AttuneError('SPACE_INVALID', `grid: expected at most ${MOST_VALUES} values at "${path}", got ${got}.`, { hint });
  }
  const point = (i: number): number => {
    if (i === 0 || i === bins - 1) return snap(domain, i === 0 ? -Infinity : Infinity);
    const value = fromEncoded(domain, lower + (i / (bins - 1)) * (upper - lower));
    return snap(domain, tidy(value, ((upper - lower) / (bins - 1)) * (log ? value : 1)));
  };
  return [...new Set(Array.from({ length: bins }, (_, i) => point(i)))];
}

/** Without the last digits, where rounding errors gather: 0.30000000000000004 is 0.3. They stay where points are so close that they count. */
function tidy(value: number, distance: number): number {
  const short = Number(value.toPrecision(12));
  return Math.abs(short - value) <= 1e-9 * distance ? short : value;
}
