import { AttuneError } from '../../src/base/errors.ts';
import { findNonJson, type Json } from '../../src/base/json.ts';
import { describe } from '../../src/base/options.ts';
import { isDomain } from '../../src/space/domain-brand.ts';
import type { Domain, NumericDomain } from '../../src/space/domains.ts';
import { fits } from '../../src/space/fits.ts';
import { snap } from '../../src/space/numeric.ts';
import { nodesAt } from '../../src/space/place.ts';
import { compileSpace, type Space, type SpaceNode, spaceToJson } from '../../src/space/space.ts';
import { readTagged } from '../../src/space/tagged.ts';

/**
 * What may be explored: by key of the configuration, a domain, or a list of values in their order; nested as the configuration is.
 * Domains have their JSON form too.
 */
export interface HyperparamMutations {
  readonly [key: string]: Domain | readonly Json[] | HyperparamMutations;
}

/** One parameter that is explored: a number of a domain, or one of a list of values. */
export type Mutation = Place & ({ readonly domain: NumericDomain } | { readonly values: readonly Json[] });

interface Place {
  readonly path: readonly string[];
  /** `model/lr` */
  readonly name: string;
}

/** @throws {AttuneError} `OPTION_RANGE`, or what a domain has to say, beginning with `where` */
export function readMutations(where: string, input: unknown, path: readonly string[] = []): readonly Mutation[] {
  if (typeof input !== 'object' || input === null || Array.isArray(input) || isDomain(input))
    throw wrong(where, 'an object by key of the configuration', input);
  return Object.entries(input).flatMap(([key, value]): readonly Mutation[] => {
    const place: Place = { path: [...path, key], name: [...path, key].join('/') };
    const at = `${where}/${key}`;
    if (Array.isArray(value)) return [{ ...place, values: valuesOf(at, value as readonly unknown[]) }];
    const domain = domainOf(at, value);
    if (domain === undefined) return readMutations(at, value, place.path);
    if ('options' in domain) return [{ ...place, values: valuesOf(at, domain.options) }];
    if (domain.kind !== 'sampleFrom' && domain.kind !== 'expr') return [{ ...place, domain }];
    throw wrong(at, 'a domain to draw from, or a list of values', `a ${domain.kind}`);
  });
}

function domainOf(where: string, value: unknown): Domain | undefined {
  if (typeof value !== 'object' || value === null) throw wrong(where, 'a domain, a list of values, or an object of these', value);
  return isDomain(value) ? (value as Domain) : readTagged(value as Readonly<Record<string, unknown>>, where);
}

function valuesOf(where: string, values: readonly unknown[]): readonly Json[] {
  if (values.length === 0) throw wrong(where, 'a list of at least one value', 'an empty one');
  const odd = values.find((value) => hasDomain(value) || findNonJson(value) !== undefined);
  if (odd !== undefined) throw wrong(where, 'a list of plain values', `a list with ${hasDomain(odd) ? 'a domain' : describe(odd)} in it`);
  return values as readonly Json[];
}

function hasDomain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return isDomain(value) || Object.hasOwn(value, '$domain') || Object.values(value).some(hasDomain);
}

function wrong(where: string, expected: string, got: unknown): AttuneError {
  const hint = typeof got === 'function' ? { hint: 'A function is no data: use a domain, or customExplore.' } : {};
  return new AttuneError('OPTION_RANGE', `${where}: expected ${expected}, got ${typeof got === 'string' ? got : describe(got)}.`, hint);
}

/** The mutations as they are recorded; `readMutations` reads it. */
export function mutationsToJson(mutations: readonly Mutation[]): Json {
  const root: Record<string, Json> = Object.create(null); // a key may be called constructor
  for (const mutation of mutations) {
    let at: Record<string, Json> = root;
    for (const key of mutation.path.slice(0, -1)) at = (at[key] ??= Object.create(null)) as Record<string, Json>;
    at[mutation.path.at(-1) as string] = 'values' in mutation ? mutation.values : domainToJson(mutation.domain);
  }
  return root;
}

function domainToJson(domain: NumericDomain): Json {
  return (spaceToJson(compileSpace({ domain })) as { readonly domain: Json }).domain;
}

/**
 * Refuses what the space does not have, or has in another way: a number is only multiplied where the space has numbers, and every
 * value of a list must lie in the space; a domain must share values with it.
 * @throws {AttuneError} `OPTION_UNKNOWN`, `OPTION_RANGE`, beginning with `where`
 */
export function checkMutations(where: string, mutations: readonly Mutation[], space: Space): void {
  for (const mutation of mutations) {
    const at = `${where}/${mutation.name}`;
    const nodes = nodesAt(where, space, mutation.path);
    const computed = nodes.find((node) => node.kind === 'derived');
    if (computed?.kind === 'derived') throw wrong(at, 'a parameter that is drawn', `one that follows from others (${computed.domain.kind})`);
    if ('domain' in mutation) {
      const other = nodes.find((node) => node.kind !== 'numeric');
      if (other) throw mismatch(at, other);
      const spans = nodes.flatMap((node) => (node.kind === 'numeric' ? [spanOf(node.domain)] : []));
      const [lowest, highest] = spanOf(mutation.domain);
      if (spans.every(([from, to]) => highest < from || lowest > to)) {
        throw wrong(
          at,
          `a domain with values that the space has there, ${spans.map(([from, to]) => `${from} to ${to}`).join(' or ')}`,
          `${lowest} to ${highest}`,
        );
      }
    } else {
      const outside = mutation.values.find((value) => !nodes.some((node) => fits(node, value, { partial: false, strict: true })));
      if (outside !== undefined) throw wrong(at, 'values that lie in the space', JSON.stringify(outside));
    }
  }
}

/** The lowest and the highest value. */
const spanOf = (domain: NumericDomain): readonly [number, number] => [snap(domain, -Infinity), snap(domain, Infinity)];

function mismatch(where: string, node: SpaceNode): AttuneError {
  if (node.kind === 'constant') {
    return new AttuneError('OPTION_RANGE', `${where}: expected a parameter of the space, got the constant ${JSON.stringify(node.value)}.`, {
      hint: 'Give paramSpace the domain; pointsToEvaluate can say where trials begin.',
    });
  }
  const has = node.kind === 'options' ? `a ${node.domain.kind}` : `an ${node.kind}`;
  return new AttuneError('OPTION_RANGE', `${where}: expected a list of values, since the space has ${has} there, got a domain of numbers.`, {
    hint: 'The values of a choice are resampled, or moved to a neighbour, never multiplied.',
  });
}
