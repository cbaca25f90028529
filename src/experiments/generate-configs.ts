import { AttuneError } from '../base/errors.ts';
import { checkNumber, checkOptions, describe } from '../base/options.ts';
import { rng } from '../base/rng.ts';
import type { ConfigOf } from '../space/config-of.ts';
import { isDomain } from '../space/domain-brand.ts';
import type { Domain, OptionsDomain } from '../space/domains.ts';
import { compileSpace } from '../space/space.ts';
import { withoutRepeats } from '../space/variants.ts';

/** What `generateConfigs` draws with. `OPTION_UNKNOWN` for another option. */
export interface GenerateOptions {
  /** A safe integer, or `OPTION_RANGE`: the same one gives the same list. Default 0. */
  readonly seed?: number;
}

/**
 * `n` distinct configurations, in random order, with every `variation` of `cfg` replaced by one of its options; all of them when there are
 * fewer than `n`. Objects are looked through, at any depth; lists and other values are handed on as they are, and `cfg` is not changed.
 *
 * Drawn without repeating, every one as likely: it needs no memory for what it has drawn, and always ends.
 *
 * @param n - an integer >= 0
 * @returns one configuration when there is no variation, none when one has no options
 * @throws {AttuneError} `SPACE_INVALID` for another domain than `variation`, and for more than 100,000 options of one variation that overlap;
 * `CONFIG_INVALID`, `OPTION_RANGE`, `OPTION_UNKNOWN`
 *
 * Cost: O(n), however many there are.
 * Source: Bergstra and Bengio, Random search for hyper-parameter optimization, JMLR 13, 2012.
 *
 * @example
 * import { generateConfigs, variation } from 'attune';
 *
 * const cfgs = generateConfigs({ param_1: variation([1, 2, 3, 4]), param_2: variation([1e-1, 1e-2, 1e-3]) }, 3);
 * cfgs.length; // => 3
 */
export function generateConfigs<S extends object>(cfg: S, n: number, options: GenerateOptions = {}): ConfigOf<S>[] {
  checkOptions('generateConfigs', options, ['seed']);
  const { seed = 0 } = options;
  if (!isRecord(cfg)) throw new AttuneError('OPTION_RANGE', `generateConfigs: expected an object first, got ${describe(cfg)}.`);
  checkNumber('generateConfigs', 'n', n, 'an integer >= 0', (value) => Number.isSafeInteger(value) && value >= 0);
  checkNumber('generateConfigs', 'seed', seed, 'a safe integer', Number.isSafeInteger);
  const found = variationsIn(cfg, 'cfg');
  const space = compileSpace(Object.fromEntries(found.map((variation, i) => [String(i), variation])));
  const draws = withoutRepeats(space, rng(seed).fork('generateConfigs'));
  if (draws.size === Number.POSITIVE_INFINITY) {
    const hint = 'Domains other than variation have no end of values; and options that overlap are listed, up to 100,000 of them.';
    throw new AttuneError('SPACE_INVALID', 'generateConfigs: expected a number of configurations that can be counted, got too many.', { hint });
  }
  return Array.from({ length: Math.min(n, draws.size) }, (_, k) => {
    const drawn = draws.at(k);
    let next = 0;
    return withValues(cfg, () => drawn[String(next++)]) as ConfigOf<S>;
  });
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => {
  if (typeof value !== 'object' || value === null || isDomain(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** In the order in which `withValues` meets them. @param above - the objects that `value` stands in */
function variationsIn(value: unknown, where: string, above: readonly unknown[] = []): readonly OptionsDomain[] {
  if (above.includes(value)) throw new AttuneError('CONFIG_INVALID', `generateConfigs: ${where}: expected a tree, got an object that contains itself.`);
  if (isRecord(value)) return Object.entries(value).flatMap(([key, inner]) => variationsIn(inner, `${where}.${key}`, [...above, value]));
  if (!isDomain(value)) return [];
  const { kind } = value as Domain;
  if (kind === 'variation') return [value as OptionsDomain];
  const hint = 'Write variation([…]); a Tuner draws from the other domains.';
  throw new AttuneError('SPACE_INVALID', `generateConfigs: ${where}: expected a value or a variation, got ${kind}.`, { hint });
}

function withValues(value: unknown, draw: () => unknown): unknown {
  if (isRecord(value)) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withValues(inner, draw)]));
  return isDomain(value) ? draw() : value;
}
