import { AttuneError } from '../../src/base/errors.ts';
import type { Json } from '../../src/base/json.ts';
import { describe } from '../../src/base/options.ts';
import type { NumericDomain } from '../../src/space/domains.ts';
import { rangeOf, snap } from '../../src/space/numeric.ts';
import { nodesAt } from '../../src/space/place.ts';
import type { Space, SpaceNode } from '../../src/space/space.ts';

/** Between which values numbers are explored: `[lowest, highest]` by key of the configuration, nested as it is. */
export interface HyperparamBounds {
  readonly [key: string]: readonly [number, number] | HyperparamBounds;
}

/** One number that is explored. */
export interface Bound {
  readonly path: readonly string[];
  /** `model/lr` */
  readonly name: string;
  readonly lower: number;
  readonly upper: number;
}

/** @throws {AttuneError} `OPTION_RANGE`, beginning with `where` */
export function readBounds(where: string, input: unknown, path: readonly string[] = []): readonly Bound[] {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new AttuneError('OPTION_RANGE', `${where}: expected [lowest, highest] by key of the configuration, got ${describe(input)}.`);
  }
  return Object.entries(input).flatMap(([key, value]): readonly Bound[] => {
    const own = [...path, key];
    if (!Array.isArray(value)) return readBounds(`${where}/${key}`, value, own);
    const [lower, upper] = value as readonly unknown[];
    const areNumbers = value.length === 2 && typeof lower === 'number' && typeof upper === 'number' && Number.isFinite(lower) && Number.isFinite(upper);
    if (areNumbers && lower < upper) return [{ path: own, name: own.join('/'), lower, upper }];
    const got = areNumbers ? JSON.stringify(value) : `[${value.map(describe).join(', ')}]`;
    throw new AttuneError('OPTION_RANGE', `${where}/${key}: expected two finite numbers [lowest, highest], the first below the second, got ${got}.`);
  });
}

/** All numbers of the space between the ends of their domains, those without an end left out. Where options have the same path, between the ends of all of them. */
export function boundsOf(space: Space): readonly Bound[] {
  const bounds = new Map<string, Bound>();
  for (const { path, domain } of numbersOf(space.root, [])) {
    const key = JSON.stringify(path);
    const { lower = -Infinity, upper = Infinity } = bounds.get(key) ?? {};
    bounds.set(key, { path, name: path.join('/'), lower: Math.max(lower, snap(domain, -Infinity)), upper: Math.min(upper, snap(domain, Infinity)) });
  }
  return [...bounds.values()].filter((bound) => Number.isFinite(bound.upper - bound.lower) && isExplorable(space, bound));
}

const isExplorable = (space: Space, bound: Bound): boolean =>
  nodesAt('pb2', space, bound.path).every((node) => {
    if (node.kind !== 'numeric') return false;
    const { lower, upper } = inside(node.domain, bound);
    return lower < upper;
  });

type Numbers = readonly { readonly path: readonly string[]; readonly domain: NumericDomain }[];

function numbersOf(node: SpaceNode, path: readonly string[]): Numbers {
  switch (node.kind) {
    case 'numeric':
      return [{ path, domain: node.domain }];
    case 'object':
      return [...node.entries].flatMap(([key, child]) => numbersOf(child, [...path, key]));
    case 'array':
      return node.items.flatMap((item, i) => numbersOf(item, [...path, String(i)]));
    case 'options':
      return node.options.flatMap((option) => numbersOf(option, path));
    case 'constant':
    case 'derived':
      return [];
  }
}

/** The bounds as they are recorded; `readBounds` reads it. */
export function boundsToJson(bounds: readonly Bound[]): Json {
  const root: Record<string, Json> = {};
  for (const { path, lower, upper } of bounds) {
    let at: Record<string, Json> = root;
    for (const key of path.slice(0, -1)) {
      if (!Object.hasOwn(at, key)) at[key] = {}; // of its own: a key may be called constructor
      at = at[key] as Record<string, Json>;
    }
    at[path.at(-1) as string] = [lower, upper];
  }
  return root;
}

/**
 * Refuses keys that the space lacks, what is no number there, and bounds that its domain does not hold or that leave less than two values.
 * @throws {AttuneError} `OPTION_UNKNOWN`, `OPTION_RANGE`, beginning with `where`
 */
export function checkBounds(where: string, bounds: readonly Bound[], space: Space): void {
  for (const bound of bounds) {
    for (const node of nodesAt(where, space, bound.path)) checkBound(`${where}/${bound.name}`, bound, node);
  }
}

function checkBound(where: string, bound: Bound, node: SpaceNode): void {
  if (node.kind !== 'numeric') {
    const kind = node.kind === 'options' || node.kind === 'derived' ? `a ${node.domain.kind}` : node.kind === 'constant' ? 'a constant' : `an ${node.kind}`;
    throw new AttuneError('OPTION_RANGE', `${where}: expected bounds of a number that is drawn, got ${kind}.`, {
      hint: 'pb2 explores numbers alone, and copies the rest; pbt moves the values of a choice too.',
    });
  }
  const { domain } = node;
  const [lowest, highest] = [snap(domain, -Infinity), snap(domain, Infinity)];
  const got = `[${bound.lower}, ${bound.upper}]`;
  if (bound.lower < lowest || bound.upper > highest) {
    const hint = domain.kind === 'randint' || domain.kind === 'lograndint' ? { hint: `The upper bound of a ${domain.kind} is not one of its values.` } : {};
    throw new AttuneError('OPTION_RANGE', `${where}: expected bounds within the domain, ${lowest} to ${highest}, got ${got}.`, hint);
  }
  const { lower, upper } = inside(domain, bound);
  if (!(lower < upper)) throw new AttuneError('OPTION_RANGE', `${where}: expected bounds with at least two values of the domain between them, got ${got}.`);
}

/** The lowest and the highest value of the domain within the bounds. */
export function inside(domain: NumericDomain, { lower, upper }: Pick<Bound, 'lower' | 'upper'>): { readonly lower: number; readonly upper: number } {
  const { step = 0 } = rangeOf(domain);
  const [low, high] = [snap(domain, lower), snap(domain, upper)];
  return { lower: low < lower ? snap(domain, low + step) : low, upper: high > upper ? snap(domain, high - step) : high };
}
