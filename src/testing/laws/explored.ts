import { canonicalJson, type Json } from '../../base/json.ts';
import type { Config } from '../../space/config.ts';
import type { NumericDomain } from '../../space/domains.ts';
import { fits } from '../../space/fits.ts';
import { rangeOf, snap } from '../../space/numeric.ts';
import { placeOf } from '../../space/place.ts';
import { readTagged } from '../../space/tagged.ts';
import { broken } from './law.ts';
import { numberOption, type Subject } from './subject.ts';

/**
 * The configuration `to`, made from `from`, differs in what is explored alone, keeps to the bounds given, and has values that can
 * come of it.
 * @throws {Broken}
 */
export function checkExplored(subject: Subject, from: Config, to: Config): void {
  const { hyperparamMutations, hyperparamBounds, customExplore } = subject.options as Record<string, Json | undefined>;
  const explored = hyperparamMutations ?? hyperparamBounds;
  if (explored === undefined || customExplore !== undefined) return;
  const [before, after] = [leavesOf(from), leavesOf(to)];
  for (const path of new Set([...before.keys(), ...after.keys()])) {
    const may = explored === 'all' ? isNumber(before.get(path)) && isNumber(after.get(path)) : isExplored(explored, path);
    if (before.get(path) !== after.get(path) && !may) broken(`${path} to stay ${before.get(path)}, that of the source`, String(after.get(path)));
    const [lower = -Infinity, upper = Infinity] = boundsAt(hyperparamBounds, path) ?? [];
    if (Number(after.get(path)) < lower || Number(after.get(path)) > upper) broken(`${path} to lie from ${lower} to ${upper}`, String(after.get(path)));
  }
  for (const mutation of hyperparamMutations === undefined ? [] : mutationsIn(hyperparamMutations)) checkMutated(subject, mutation, from, to);
}

/** The leaves of a configuration by their path. */
function leavesOf(value: Json, path = ''): ReadonlyMap<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return new Map([[path, canonicalJson(value)]]);
  return new Map(Object.entries(value).flatMap(([key, inner]) => [...leavesOf(inner as Json, `${path}/${key}`)]));
}

const isDomain = (value: object): boolean => '$domain' in value || 'grid_search' in value;

/** Whether a path is among what is explored, or under it. */
function isExplored(mutations: Json, path: string): boolean {
  let at: Json | undefined = mutations;
  for (const key of path.split('/').slice(1)) {
    if (typeof at !== 'object' || at === null || Array.isArray(at)) return at !== undefined;
    if (isDomain(at)) return true;
    at = (at as Record<string, Json>)[key];
  }
  return at !== undefined;
}

const isNumber = (leaf: string | undefined): boolean => Number.isFinite(Number(leaf ?? Number.NaN));

/** Between which values the number at a path is to lie. */
function boundsAt(bounds: Json | undefined, path: string): readonly number[] | undefined {
  if (bounds === 'all') return undefined;
  let at = bounds;
  for (const key of path.split('/').slice(1)) at = (at as Record<string, Json> | undefined)?.[key];
  return at as readonly number[] | undefined;
}

/** One parameter that is explored, as it was recorded. */
type Mutation = { readonly path: readonly string[] } & ({ readonly domain: NumericDomain } | { readonly values: readonly Json[] });

function mutationsIn(recorded: Json, path: readonly string[] = []): readonly Mutation[] {
  if (Array.isArray(recorded)) return [{ path, values: recorded as readonly Json[] }];
  if (typeof recorded !== 'object' || recorded === null) return broken('hyperparamMutations of domains and lists', JSON.stringify(recorded));
  if (!isDomain(recorded)) return Object.entries(recorded).flatMap(([key, value]) => mutationsIn(value as Json, [...path, key]));
  const domain = readTagged(recorded as Record<string, Json>, path.join('/'));
  return [domain !== undefined && 'options' in domain ? { path, values: domain.options as readonly Json[] } : { path, domain: domain as NumericDomain }];
}

/** Where nothing is drawn anew: a number is multiplied by one of the factors, and a value of a list has moved by one place. */
function checkMutated(subject: Subject, mutation: Mutation, from: Config, to: Config): void {
  const { path } = mutation;
  const [old, place] = [placeOf(subject.space, from, path), placeOf(subject.space, to, path)];
  if (old === undefined || place === undefined) return; // it has chosen an option without it
  const [was, is] = [old.holder[old.key] as Json, place.holder[place.key] as Json];
  const isDrawn = numberOption(subject, 'resampleProbability') !== 0;
  const name = `/${path.join('/')}`;
  if ('values' in mutation) {
    const values = mutation.values.filter((value) => fits(place.node, value, { partial: false, strict: true })).map(canonicalJson);
    const at = values.indexOf(canonicalJson(was));
    const near = [Math.max(at - 1, 0), Math.min(at + 1, values.length - 1)].map((i) => values[i] as string);
    const allowed = isDrawn || at < 0 ? values : near;
    if (values.length > 0 && !allowed.includes(canonicalJson(is)))
      broken(`${name} ${JSON.stringify(was)} to become ${allowed.join(' or ')}`, JSON.stringify(is));
    return;
  }
  if (isDrawn || place.node.kind !== 'numeric' || typeof was !== 'number' || typeof is !== 'number') return;
  const { perturbationFactors = [1.2, 0.8] } = subject.options as { readonly perturbationFactors?: readonly number[] };
  if (!perturbationFactors.some((factor) => isProduct(was, is, factor, [mutation.domain, (place.node as { domain: NumericDomain }).domain])))
    broken(`${name} ${was} times ${perturbationFactors.join(' or ')}, moved into its domain`, String(is));
}

/** Whether `is` is `was * factor` in the domains: where there are steps rounded either way, and by at least one, unless it stands at the end. */
function isProduct(was: number, is: number, factor: number, domains: readonly NumericDomain[]): boolean {
  const into = (value: number): number => domains.reduce((moved, domain) => snap(domain, moved), value);
  const product = was * factor;
  if (!Number.isFinite(product)) return is === was;
  const step = Math.max(...domains.map((domain) => rangeOf(domain).step ?? 0));
  const isAt = (value: number): boolean => Math.abs(is - value) <= 1e-9 * Math.abs(value);
  if (step === 0 || factor === 1) return isAt(into(product));
  const next = into(was + Math.sign(product - was) * step);
  const inside = Math.min(Math.max(product, into(-Number.MAX_VALUE)), into(Number.MAX_VALUE));
  const isRounded = Math.abs(is - inside) < step * (1 + 1e-9);
  return isAt(next) || (isRounded && !isAt(was));
}
