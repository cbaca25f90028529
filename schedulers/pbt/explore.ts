import { canonicalJson, type Json } from '../../src/base/json.ts';
import type { Rng } from '../../src/base/rng.ts';
import { cloneJson } from '../../src/space/clone-json.ts';
import type { Config } from '../../src/space/config.ts';
import { clip } from '../../src/space/contains.ts';
import type { NumericDomain } from '../../src/space/domains.ts';
import { fits } from '../../src/space/fits.ts';
import { draw, rangeOf, snap } from '../../src/space/numeric.ts';
import { placeOf } from '../../src/space/place.ts';
import type { Space, SpaceNode } from '../../src/space/space.ts';
import type { Mutation } from './mutations.ts';

export interface ExploreOptions {
  readonly mutations: readonly Mutation[];
  readonly resampleProbability: number;
  readonly perturbationFactors: readonly number[];
}

/**
 * Another configuration of the space, near `config`: each parameter that is explored is drawn anew with `resampleProbability`; else
 * a number is multiplied by one of the factors, at least to the next value where there are steps, and a value of a list moves to a
 * neighbour. A parameter that this configuration does not have stays away. All the rest is kept, what follows from others is computed
 * anew, and everything is moved into the space. Each parameter draws from its own fork of `rng`.
 */
export function explore(space: Space, config: Config, { mutations, ...options }: ExploreOptions, rng: Rng): Config {
  const changed = cloneJson(config) as Config;
  for (const mutation of mutations) {
    const found = placeOf(space, changed, mutation.path);
    if (found === undefined) continue;
    const { holder, key, node } = found;
    holder[key] = mutated(mutation, node, holder[key] as Json, options, rng.fork(...mutation.path));
  }
  return clip(space, changed);
}

function mutated(mutation: Mutation, node: SpaceNode, value: Json, options: Omit<ExploreOptions, 'mutations'>, rng: Rng): Json {
  const resamples = rng.fork('resample').next() < options.resampleProbability;
  if ('values' in mutation) {
    const values = mutation.values.filter((one) => fits(node, one, { partial: false, strict: true })); // another option may have others at this path
    if (values.length === 0) return value;
    const at = values.findIndex((one) => canonicalJson(one) === canonicalJson(value));
    const chosen = resamples || at < 0 ? rng.fork('value').int(values.length) : at + (rng.fork('step').int(2) === 0 ? -1 : 1);
    return cloneJson(values[Math.min(Math.max(chosen, 0), values.length - 1)] as Json);
  }
  if (node.kind !== 'numeric' || typeof value !== 'number') return value;
  const domains = [mutation.domain, node.domain];
  if (resamples) return nearestIn(domains, draw(mutation.domain, rng.fork('value')));
  const factor = options.perturbationFactors[rng.fork('factor').int(options.perturbationFactors.length)] ?? 1;
  return multiplied(value, factor, domains);
}

/** `value * factor` in the domains. Where there are steps it moves by at least one, unless it stands at the end. */
export function multiplied(value: number, factor: number, domains: readonly NumericDomain[]): number {
  if (!Number.isFinite(value * factor)) return value;
  const product = nearestIn(domains, value * factor);
  const step = Math.max(...domains.map((domain) => rangeOf(domain).step ?? 0));
  if (step === 0 || product !== value || factor === 1) return product;
  const away = Math.sign(value * factor - value) || Math.sign(factor - 1);
  return nearestIn(domains, value + away * step);
}

/** Moved into one domain after the other: the last has the last word. */
const nearestIn = (domains: readonly NumericDomain[], value: number): number => domains.reduce((moved, domain) => snap(domain, moved), value);
