import { AttuneError } from '../base/errors.ts';
import type { Expression } from '../base/expression.ts';
import { compileExpression } from '../base/expression.ts';
import { canonicalJson, findNonJson } from '../base/json.ts';
import { describe } from '../base/options.ts';
import type { Config } from './config.ts';
import type { OptionOf } from './config-of.ts';
import type { Produces } from './domain-brand.ts';
import { DOMAIN, isDomain, TAG } from './domain-brand.ts';
import { isClose, multiple } from './multiple.ts';

/** Draws on [lower, upper). */
export interface ContinuousDomain extends Produces<number> {
  readonly kind: 'uniform' | 'loguniform';
  readonly lower: number;
  readonly upper: number;
}
/** Whole numbers in [lower, upper): the upper bound is excluded. */
export interface IntegerDomain extends Produces<number> {
  readonly kind: 'randint' | 'lograndint';
  readonly lower: number;
  readonly upper: number;
}
/** The multiples of `q` in [lower, upper]: both ends are included. */
export interface QuantisedDomain extends Produces<number> {
  readonly kind: 'quniform' | 'qloguniform' | 'qrandint' | 'qlograndint';
  readonly lower: number;
  readonly upper: number;
  readonly q: number;
}
/** The whole line. */
export interface NormalDomain extends Produces<number> {
  readonly kind: 'randn';
  readonly mean: number;
  readonly sd: number;
}
/** The multiples of `q` on the whole line. */
export interface QuantisedNormalDomain extends Produces<number> {
  readonly kind: 'qrandn';
  readonly mean: number;
  readonly sd: number;
  readonly q: number;
}
/** One of `options`, each of which may be a value, a domain, or a space of its own. */
export interface OptionsDomain<T = unknown> extends Produces<T> {
  readonly kind: 'choice' | 'gridSearch' | 'variation';
  readonly options: readonly unknown[];
}
/** A function of the rest of the configuration; `derive` is absent when the space was read from JSON. */
export interface SampleFromDomain<T = unknown> extends Produces<T> {
  readonly kind: 'sampleFrom';
  readonly derive: ((config: Config) => unknown) | undefined;
}
/** An expression over the rest of the configuration. */
export interface ExprDomain extends Produces<number> {
  readonly kind: 'expr';
  readonly expression: Expression;
}

export type NumericDomain = ContinuousDomain | IntegerDomain | QuantisedDomain | NormalDomain | QuantisedNormalDomain;
export type DerivedDomain = SampleFromDomain | ExprDomain;
/** What may stand in a space in place of a value. */
export type Domain = NumericDomain | OptionsDomain | DerivedDomain;

/**
 * A number between `lower` and `upper`, every one equally likely.
 * @throws {AttuneError} `SPACE_BOUNDS` unless finite and lower < upper
 * @example
 * import { compileSpace, rng, sample, uniform } from 'attune';
 *
 * const { dropout } = sample(compileSpace({ dropout: uniform(0.1, 0.5) }), rng(1)) as { dropout: number };
 * dropout >= 0.1 && dropout <= 0.5; // => true
 */
export function uniform(lower: number, upper: number): ContinuousDomain {
  checkBounds('uniform', lower, upper);
  return brand({ kind: 'uniform', lower, upper });
}

/**
 * A number between `lower` and `upper`, every order of magnitude equally likely.
 * @throws {AttuneError} `SPACE_BOUNDS` unless 0 < lower < upper
 * @example
 * import { compileSpace, contains, loguniform } from 'attune';
 *
 * const space = compileSpace({ lr: loguniform(1e-5, 1e-1) });
 * contains(space, { lr: 1e-5 }); // => true
 * contains(space, { lr: 0 }); // => false
 */
export function loguniform(lower: number, upper: number): ContinuousDomain {
  checkBounds('loguniform', lower, upper);
  checkLog('loguniform', lower);
  return brand({ kind: 'loguniform', lower, upper });
}

/**
 * A multiple of `q` in [lower, upper], ends included, every one equally likely.
 * @throws {AttuneError} `SPACE_QUANTUM` when a bound is not a multiple of `q` (relative tolerance 1e-9)
 * @example
 * import { compileSpace, contains, quniform } from 'attune';
 *
 * const space = compileSpace({ dropout: quniform(0, 0.5, 0.1) });
 * contains(space, { dropout: 0.3 }); // => true
 * contains(space, { dropout: 0.25 }); // => false
 */
export function quniform(lower: number, upper: number, q: number): QuantisedDomain {
  checkBounds('quniform', lower, upper);
  checkQuantum('quniform', lower, upper, q);
  return brand({ kind: 'quniform', lower, upper, q });
}

/**
 * A multiple of `q` in [lower, upper], ends included: a log-uniform draw on [lower, upper], rounded to the nearest multiple.
 *
 * @example
 * import { compileSpace, contains, qloguniform } from 'attune';
 *
 * const space = compileSpace({ l2: qloguniform(0.1, 10, 0.1) });
 * contains(space, { l2: 0.7 }); // => true
 */
export function qloguniform(lower: number, upper: number, q: number): QuantisedDomain {
  checkBounds('qloguniform', lower, upper);
  checkLog('qloguniform', lower);
  checkQuantum('qloguniform', lower, upper, q);
  return brand({ kind: 'qloguniform', lower, upper, q });
}

/**
 * A normal draw: any number.
 * @throws {AttuneError} `SPACE_BOUNDS` unless sd > 0
 * @example
 * import { compileSpace, randn, rng, sample } from 'attune';
 *
 * const space = compileSpace({ bias: randn(0, 0.1) });
 * Number.isFinite(sample(space, rng(1))['bias']); // => true
 */
export function randn(mean = 0, sd = 1): NormalDomain {
  checkNormal('randn', mean, sd);
  return brand({ kind: 'randn', mean, sd });
}

/**
 * A normal draw rounded to the nearest multiple of `q`.
 *
 * @example
 * import { compileSpace, contains, qrandn } from 'attune';
 *
 * const space = compileSpace({ offset: qrandn(0, 10, 0.5) });
 * contains(space, { offset: -3.5 }); // => true
 * contains(space, { offset: 0.3 }); // => false
 */
export function qrandn(mean: number, sd: number, q: number): QuantisedNormalDomain {
  checkNormal('qrandn', mean, sd);
  checkStep('qrandn', q);
  return brand({ kind: 'qrandn', mean, sd, q });
}

/**
 * A whole number in [lower, upper): `upper` itself is excluded.
 *
 * @example
 * import { compileSpace, configAt, finiteSize, randint } from 'attune';
 *
 * const space = compileSpace({ layers: randint(1, 5) });
 * finiteSize(space); // => 4
 * configAt(space, 3); // => { layers: 4 }
 */
export function randint(lower: number, upper: number): IntegerDomain {
  checkIntegers('randint', { lower, upper });
  checkBounds('randint', lower, upper);
  return brand({ kind: 'randint', lower, upper });
}

/**
 * A whole number in [lower, upper), smaller ones more likely: a log-uniform draw, rounded down.
 *
 * @example
 * import { compileSpace, contains, lograndint } from 'attune';
 *
 * const space = compileSpace({ units: lograndint(8, 1024) });
 * contains(space, { units: 1023 }); // => true
 * contains(space, { units: 1024 }); // => false
 */
export function lograndint(lower: number, upper: number): IntegerDomain {
  checkIntegers('lograndint', { lower, upper });
  checkBounds('lograndint', lower, upper);
  checkLog('lograndint', lower);
  return brand({ kind: 'lograndint', lower, upper });
}

/**
 * A multiple of the whole number `q` in [lower, upper], ends included, every one equally likely.
 *
 * @example
 * import { compileSpace, configAt, finiteSize, qrandint } from 'attune';
 *
 * const space = compileSpace({ batch: qrandint(32, 256, 32) });
 * finiteSize(space); // => 8
 * configAt(space, 7); // => { batch: 256 }
 */
export function qrandint(lower: number, upper: number, q = 1): QuantisedDomain {
  checkIntegers('qrandint', { lower, upper, q });
  checkBounds('qrandint', lower, upper);
  checkQuantum('qrandint', lower, upper, q);
  return brand({ kind: 'qrandint', lower, upper, q });
}

/**
 * A multiple of the whole number `q` in [lower, upper], ends included: a log-uniform draw on [lower, upper], rounded to the nearest multiple.
 *
 * @example
 * import { compileSpace, contains, qlograndint } from 'attune';
 *
 * const space = compileSpace({ batch: qlograndint(16, 512, 16) });
 * contains(space, { batch: 512 }); // => true
 * contains(space, { batch: 20 }); // => false
 */
export function qlograndint(lower: number, upper: number, q = 1): QuantisedDomain {
  checkIntegers('qlograndint', { lower, upper, q });
  checkBounds('qlograndint', lower, upper);
  checkLog('qlograndint', lower);
  checkQuantum('qlograndint', lower, upper, q);
  return brand({ kind: 'qlograndint', lower, upper, q });
}

/**
 * One of `options`, every one equally likely. An option may be a space of its own, whose parameters exist only when it is chosen.
 *
 * @example
 * import { choice, compileSpace, contains, uniform } from 'attune';
 *
 * const space = compileSpace({ optimizer: choice([{ kind: 'sgd', momentum: uniform(0, 0.99) }, { kind: 'adam' }]) });
 * contains(space, { optimizer: { kind: 'sgd', momentum: 0.9 } }); // => true
 * contains(space, { optimizer: { kind: 'adam', momentum: 0.9 } }); // => false
 */
export function choice<const T extends readonly unknown[]>(options: T): OptionsDomain<OptionOf<T[number]>> {
  return brand({ kind: 'choice', options: checkOptions('choice', options, 1) });
}

/**
 * Every one of `options`: `basicVariant` and `grid` run each, in order. Other searchers see a `choice`.
 *
 * @example
 * import { compileSpace, gridSearch, gridSize } from 'attune';
 *
 * gridSize(compileSpace({ batch: gridSearch([16, 32, 64]), act: gridSearch(['relu', 'tanh']) })); // => 6
 */
export function gridSearch<const T extends readonly unknown[]>(options: T): OptionsDomain<OptionOf<T[number]>> {
  return brand({ kind: 'gridSearch', options: checkOptions('gridSearch', options, 1) });
}

/**
 * One of `options`; random search draws a space that has one without repeating a configuration. Equal options count once.
 * No options are allowed: such a space has no configuration at all.
 *
 * @example
 * import { compileSpace, finiteSize, variation } from 'attune';
 *
 * finiteSize(compileSpace({ batch: variation([16, 32, 64]), act: variation(['relu', 'tanh']) })); // => 6
 */
export function variation<const T extends readonly unknown[]>(options: T): OptionsDomain<OptionOf<T[number]>> {
  return brand({ kind: 'variation', options: distinct(checkOptions('variation', options, 0)) });
}

/**
 * What `derive` makes of the rest of the configuration; it may read other `sampleFrom` and `expr` values, and should be pure.
 * The only domain that holds code: stored as a marker, so a restore needs the space again.
 *
 * @example
 * import { compileSpace, gridSearch, rng, sample, sampleFrom } from 'attune';
 *
 * const space = compileSpace({ layers: gridSearch([2]), units: sampleFrom(({ layers }: { layers: number }) => Array(layers).fill(32)) });
 * sample(space, rng(0)); // => { layers: 2, units: [32, 32] }
 */
export function sampleFrom<T, C = Config>(derive: (config: C) => T): SampleFromDomain<T> {
  if (typeof derive !== 'function') throw new AttuneError('SPACE_INVALID', `sampleFrom: expected a function of the configuration, got ${describe(derive)}.`);
  return brand({ kind: 'sampleFrom', derive: derive as unknown as (config: Config) => unknown });
}

/** What stands for a `sampleFrom` that was read from JSON: it can be counted and compared, but not sampled. */
export function storedSampleFrom(): SampleFromDomain {
  return brand({ kind: 'sampleFrom', derive: undefined });
}

/**
 * A number computed from other parameters, such as `expr('lr * batch / 256')`: data, not code. Comparisons count as 1 and 0.
 *
 * @example
 * import { compileSpace, expr, gridSearch, rng, sample } from 'attune';
 *
 * const space = compileSpace({ batch: gridSearch([50]), steps: expr('10000 / batch') });
 * sample(space, rng(0)); // => { batch: 50, steps: 200 }
 */
export function expr(text: string): ExprDomain {
  return brand({ kind: 'expr', expression: compileExpression(text) });
}

/** The type alone says what a domain produces; at run time there is only the brand. */
function brand<D extends Domain>(fields: Omit<D, keyof Produces<unknown>>): D {
  const written = Object.entries(fields).map(([key, value]) => [key, typeof value === 'number' ? value + 0 : value]); // -0 would not survive JSON
  return Object.freeze({ ...Object.fromEntries(written), [DOMAIN]: true }) as unknown as D;
}

function checkBounds(where: string, lower: number, upper: number): void {
  if (!Number.isFinite(lower) || !Number.isFinite(upper)) {
    throw new AttuneError('SPACE_BOUNDS', `${where}: expected finite numbers as bounds, got ${describe(lower)} and ${describe(upper)}.`);
  }
  if (!(lower < upper)) throw new AttuneError('SPACE_BOUNDS', `${where}: expected lower < upper, got ${lower} and ${upper}.`);
  if (!Number.isFinite(upper - lower)) throw new AttuneError('SPACE_BOUNDS', `${where}: expected bounds a finite distance apart, got ${lower} and ${upper}.`);
}

function checkLog(where: string, lower: number): void {
  if (lower > 0) return;
  const hint = 'A logarithmic domain cannot touch 0: start it at a small positive number, or use the linear form.';
  throw new AttuneError('SPACE_BOUNDS', `${where}: expected lower > 0, got ${lower}.`, { hint });
}

function checkNormal(where: string, mean: number, sd: number): void {
  if (!Number.isFinite(mean))
    throw new AttuneError('SPACE_BOUNDS', `${where}: expected a finite mean, got ${describe(mean)}.`, { hint: 'Give a number as the mean.' });
  if (!(Number.isFinite(sd) && sd > 0))
    throw new AttuneError('SPACE_BOUNDS', `${where}: expected sd > 0, got ${describe(sd)}.`, { hint: 'Give a positive standard deviation.' });
}

function checkIntegers(where: string, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (Number.isSafeInteger(value)) continue;
    const code = name === 'q' ? 'SPACE_QUANTUM' : 'SPACE_BOUNDS';
    const hint = `Give a whole number, or use ${where.startsWith('q') ? 'quniform' : 'uniform'}.`;
    throw new AttuneError(code, `${where}: expected a whole number as ${name}, got ${describe(value)}.`, { hint });
  }
}

function checkStep(where: string, q: number): void {
  if (!(Number.isFinite(q) && q > 0))
    throw new AttuneError('SPACE_QUANTUM', `${where}: expected q > 0, got ${describe(q)}.`, { hint: 'Give a positive step.' });
}

function checkQuantum(where: string, lower: number, upper: number, q: number): void {
  checkStep(where, q);
  for (const [name, bound] of [
    ['lower', lower],
    ['upper', upper],
  ] as const) {
    const count = Math.round(bound / q);
    if (!Number.isSafeInteger(count))
      throw new AttuneError('SPACE_QUANTUM', `${where}: expected a q that divides ${name} = ${bound} fewer than 2^53 times, got ${q}.`, {
        hint: 'Use a larger q, or no q.',
      });
    if (isClose(bound, count * q)) continue;
    const below = Math.floor(bound / q);
    const hint = `The nearest multiples of ${q} are ${multiple(below, q)} and ${multiple(below + 1, q)}.`;
    throw new AttuneError('SPACE_QUANTUM', `${where}: expected ${name} to be a multiple of q = ${q}, got ${bound}.`, { hint });
  }
}

function checkOptions(where: string, options: readonly unknown[], least: number): readonly unknown[] {
  if (!Array.isArray(options))
    throw new AttuneError('SPACE_INVALID', `${where}: expected an array of options, got ${describe(options)}.`, { hint: `Write ${where}([a, b, c]).` });
  if (options.length < least)
    throw new AttuneError('SPACE_INVALID', `${where}: expected at least one option, got an empty array.`, { hint: 'Give the values to choose from.' });
  return [...(options as readonly unknown[])];
}

/** Equal options once; a `sampleFrom` is like no other. */
function distinct(options: readonly unknown[]): readonly unknown[] {
  const seen = new Set<string>();
  return options.filter((option) => {
    const plain = describeOption(option);
    if (findNonJson(plain)) return true;
    const key = canonicalJson(plain);
    if (seen.has(key)) return false;
    return seen.add(key);
  });
}

/** An option with its domains in their JSON form; a function stays where there is a `sampleFrom`. */
function describeOption(option: unknown): unknown {
  if (typeof option !== 'object' || option === null) return option;
  if (Array.isArray(option)) return option.map(describeOption);
  const fields = isDomain(option) ? { ...option, [TAG]: (option as Domain).kind, kind: undefined } : (option as Record<string, unknown>);
  if (fields[TAG] === 'sampleFrom') return sampleFrom;
  if (isDomain(option) && fields[TAG] === 'expr') return { [TAG]: 'expr', text: (option as ExprDomain).expression.text };
  const prototype: unknown = Object.getPrototypeOf(option);
  if (prototype !== Object.prototype && prototype !== null) return option;
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([key, value]) => [key, describeOption(value)]));
}
