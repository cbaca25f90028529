import type { Rng } from '../base/rng.ts';
import type { NormalDomain, NumericDomain, QuantisedNormalDomain } from './domains.ts';
import { multiple } from './multiple.ts';

/** Where the numbers of a parameter lie, in the units of its encoding. */
export interface Range {
  /** Of the encoded number: for a logarithmic domain the natural logarithm of the lowest value; -Infinity for a normal one. */
  readonly lower: number;
  readonly upper: number;
  /** Distance of neighbouring values in the units of the parameter itself (not of its logarithm); absent when continuous. */
  readonly step?: number;
  /** Whether the encoded number is the natural logarithm of the value. */
  readonly log: boolean;
  /** How many values there are; absent when there is no end of them. */
  readonly cardinality?: number;
}

/** The values `first * q, …, last * q`. */
interface Levels {
  readonly first: number;
  readonly last: number;
  readonly q: number;
}

function levelsOf(domain: NumericDomain): Levels | undefined {
  switch (domain.kind) {
    case 'randint':
    case 'lograndint':
      return { first: domain.lower, last: domain.upper - 1, q: 1 };
    case 'quniform':
    case 'qrandint':
    case 'qloguniform':
    case 'qlograndint':
      return { first: Math.round(domain.lower / domain.q), last: Math.round(domain.upper / domain.q), q: domain.q };
    case 'qrandn':
      return { first: -Infinity, last: Infinity, q: domain.q };
    default:
      return undefined;
  }
}

const isLog = ({ kind }: NumericDomain): boolean => kind === 'loguniform' || kind === 'qloguniform' || kind === 'lograndint' || kind === 'qlograndint';

/** The lowest and highest value. */
function ends(domain: NumericDomain): { lower: number; upper: number } {
  const levels = levelsOf(domain);
  if (levels) return { lower: multiple(levels.first, levels.q), upper: multiple(levels.last, levels.q) };
  return 'mean' in domain ? { lower: -Infinity, upper: Infinity } : domain;
}

export function rangeOf(domain: NumericDomain): Range {
  const log = isLog(domain);
  const { lower, upper } = ends(domain);
  const levels = levelsOf(domain);
  const bounds = { lower: log ? Math.log(lower) : lower, upper: log ? Math.log(upper) : upper, log };
  if (levels === undefined) return bounds;
  const count = countOf(domain);
  return Number.isFinite(count) ? { ...bounds, step: levels.q, cardinality: count } : { ...bounds, step: levels.q };
}

/** How many values there are: Infinity for continuous and normal domains. */
export function countOf(domain: NumericDomain): number {
  const levels = levelsOf(domain);
  return levels === undefined ? Infinity : levels.last - levels.first + 1;
}

/** The `index`-th value in ascending order, of a domain with a finite count. */
export function valueAt(domain: NumericDomain, index: number): number {
  const { first, q } = levelsOf(domain) as Levels;
  return multiple(first + index, q);
}

/** One draw. Rounded forms draw from the distribution they round, so each value has the probability of its cell. */
export function draw(domain: NumericDomain, rng: Rng): number {
  switch (domain.kind) {
    case 'randn':
      return domain.mean + domain.sd * rng.normal();
    case 'qrandn':
      return multiple(Math.round((domain.mean + domain.sd * rng.normal()) / domain.q), domain.q);
    default:
      return quantile(domain, rng.next());
  }
}

export type BoundedDomain = Exclude<NumericDomain, NormalDomain | QuantisedNormalDomain>;

/** The value that lies above the share `u` of the domain's draws: of a uniform `u` in [0, 1) it is one draw. Does not decrease with `u`. */
export function quantile(domain: BoundedDomain, u: number): number {
  switch (domain.kind) {
    case 'uniform':
      return clamp(domain.lower + u * (domain.upper - domain.lower), domain);
    case 'loguniform':
      return clamp(logUniform(domain, u), domain);
    case 'lograndint':
      return clamp(Math.floor(logUniform(domain, u)), { lower: domain.lower, upper: domain.upper - 1 });
    case 'qloguniform':
    case 'qlograndint':
      return snap(domain, logUniform(domain, u));
    default: {
      const { first, last, q } = levelsOf(domain) as Levels;
      return multiple(first + Math.floor(u * (last - first + 1)), q);
    }
  }
}

function logUniform({ lower, upper }: { readonly lower: number; readonly upper: number }, u: number): number {
  const [from, to] = [Math.log(lower), Math.log(upper)];
  return Math.exp(from + u * (to - from));
}

/** Whether `value` is one of the domain's; multiples of a fractional `q` up to 1e-9 of `q`, or what arithmetic loses. */
export function holds(domain: NumericDomain, value: unknown): boolean {
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  const { lower, upper } = ends(domain);
  const levels = levelsOf(domain);
  if (levels === undefined) return value >= lower && value <= upper;
  const nearest = snap(domain, value);
  return Number.isInteger(levels.q) ? value === nearest : Math.abs(value - nearest) <= Math.max(1e-9 * levels.q, 4 * Number.EPSILON * Math.abs(value));
}

/** The value of the domain nearest to `value`, which is not NaN. */
export function snap(domain: NumericDomain, value: number): number {
  const levels = levelsOf(domain);
  if (levels === undefined) return clamp(value, ends(domain));
  return multiple(clamp(Math.round(value / levels.q), { lower: levels.first, upper: levels.last }), levels.q);
}

/** What searchers work on: the value, or its logarithm. NaN when it has none. */
export function toEncoded(domain: NumericDomain, value: unknown): number {
  if (typeof value !== 'number') return NaN;
  return isLog(domain) ? (value > 0 ? Math.log(value) : NaN) : value;
}

/** The value of the domain nearest to an encoded number. */
export function fromEncoded(domain: NumericDomain, encoded: number): number {
  return snap(domain, isLog(domain) ? Math.exp(encoded) : encoded);
}

const clamp = (value: number, { lower, upper }: { readonly lower: number; readonly upper: number }): number => Math.min(Math.max(value, lower), upper) + 0;
