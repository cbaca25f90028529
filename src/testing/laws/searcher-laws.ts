import { AttuneError } from '../../base/errors.ts';
import type { Json } from '../../base/json.ts';
import { checkNumber, checkOptions, describe } from '../../base/options.ts';
import type { Searcher } from '../../search/searcher.ts';
import { compileSpace, spaceToJson } from '../../space/space.ts';
import { finiteSize } from '../../space/variants.ts';
import { type Arbitrary, type FastCheck, loadFastCheck } from '../arbitraries/fast-check.ts';
import { spaces } from '../arbitraries/spaces.ts';
import { literal } from './counterexample.ts';
import { Broken } from './law.ts';
import { checkMake, chosen } from './scheduler-laws.ts';
import { type SearchLaw, type SearchSubject, searchLaws } from './search-laws.ts';
import type { SearchWorld } from './search-world.ts';

/** What `searcherLaws` takes beside the searcher. */
export interface SearcherLawsOptions {
  /** `'random'` draws from the prior, `'grid'` sweeps every point once, `'other'` goes by what it has learnt. Default `'other'`. */
  readonly kind?: 'random' | 'grid' | 'other';
  /** Whether it never proposes a configuration twice. Default false. */
  readonly unique?: boolean;
  /** How many trials that have not ended it allows at most. Default: any number. */
  readonly limit?: number;
  /** Only spaces with a finite number of configurations. Default false. */
  readonly finite?: boolean;
  /** How many metrics the worlds have. An integer >= 1. Default 1. */
  readonly objectives?: number;
  /** In how many worlds each law is tried. Default 100. */
  readonly numRuns?: number;
  /** Of the worlds: the same seed, the same worlds. Default 0. */
  readonly seed?: number;
  /** Only the laws of these names. Default: all. */
  readonly only?: readonly string[];
}

/** One law as a test, as `schedulerLaws` gives them. */
export interface SearcherCheck {
  readonly name: string;
  readonly law: string;
  readonly skipped?: string;
  /** @throws {AttuneError} `LAW_BROKEN`, with the smallest world found, as a test; `LAW_SKIPPED`; `PACKAGE_MISSING` without fast-check */
  run(world?: SearchWorld): Promise<void>;
}

const OPTIONS = ['kind', 'unique', 'limit', 'finite', 'objectives', 'numRuns', 'seed', 'only'] as const satisfies (keyof SearcherLawsOptions)[];

/**
 * The laws that a searcher must keep, as checks for any test runner. Each is tried in generated spaces with generated results;
 * a space that `check` of the searcher refuses is left out, and one with more points than are soon swept.
 *
 * @param make - makes a new searcher, each time
 * @returns one check for each law; those that do not apply are there too, with the reason, as `skipped`
 * @throws {AttuneError} `OPTION_UNKNOWN`; `OPTION_RANGE`, also where `make` makes no searcher; what `make` throws
 * @example
 * import { random } from 'attune/algorithms';
 * import { searcherLaws } from 'attune/testing';
 * import { test } from 'vitest';
 *
 * for (const { name, law, run, skipped } of searcherLaws(() => random(), { kind: 'random' })) {
 *   test.skipIf(skipped)(`${name}: ${law}`, () => run());
 * }
 */
export function searcherLaws(make: () => Searcher, options: SearcherLawsOptions = {}): readonly SearcherCheck[] {
  checkOptions('searcherLaws', options, OPTIONS);
  const { kind = 'other', unique = false, finite = false, limit, objectives = 1, numRuns = 100, seed = 0, only } = options;
  if (!['random', 'grid', 'other'].includes(kind))
    throw new AttuneError('OPTION_RANGE', `searcherLaws: expected kind to be random, grid or other, got ${describe(kind)}.`);
  for (const [name, value] of Object.entries({ objectives, numRuns, ...(limit === undefined ? {} : { limit }) })) {
    checkNumber('searcherLaws', name, value, 'an integer >= 1', (n) => Number.isSafeInteger(n) && n >= 1);
  }
  checkNumber('searcherLaws', 'seed', seed, 'an integer', Number.isSafeInteger);
  for (const [name, value] of Object.entries({ unique, finite })) {
    if (typeof value !== 'boolean') throw new AttuneError('OPTION_RANGE', `searcherLaws: expected ${name} to be true or false, got ${describe(value)}.`);
  }
  checkMake('searcherLaws', make);
  const searcher: unknown = make();
  checkSearcher(searcher);
  const subject: SearchSubject = { make, name: searcher.name, kind, unique, limit };
  return chosen('searcherLaws', searchLaws, only).map((law) => checkOf(law, subject, { ...options, numRuns, seed }));
}

function checkSearcher(searcher: unknown): asserts searcher is Searcher {
  const { name, suggest } = (typeof searcher === 'object' && searcher !== null ? searcher : {}) as Partial<Searcher>;
  if (typeof name === 'string' && typeof suggest === 'function') return;
  throw new AttuneError('OPTION_RANGE', `searcherLaws: make(): expected a searcher, got ${describe(searcher)}.`, {
    hint: 'A searcher has a name and suggest().',
  });
}

function checkOf(law: SearchLaw, subject: SearchSubject, options: SearcherLawsOptions & { readonly numRuns: number; readonly seed: number }): SearcherCheck {
  const skipped = law.skips?.(subject);
  return {
    name: law.name,
    law: law.law,
    ...(skipped === undefined ? {} : { skipped }),
    async run(world) {
      if (skipped !== undefined) throw new AttuneError('LAW_SKIPPED', `${subject.name}, law ${law.name}: expected to be skipped, since ${skipped}, got run().`);
      const given = world ?? (law.once ? { paramSpace: {}, samples: 0, objectives: options.objectives ?? 1 } : undefined);
      if (given === undefined) return tryOut(law, subject, options);
      const problem = await breach(law, subject, given);
      if (problem !== undefined) throw new AttuneError('LAW_BROKEN', `${subject.name}, law ${law.name}, "${law.law}": ${problem}.`);
    },
  };
}

/** A sweep of more is left out: it says no more, and takes long. */
const MOST_POINTS = 500;

/** Why the law is broken in this world; `undefined` when it holds, or when the searcher refuses the space. */
async function breach(law: SearchLaw, subject: SearchSubject, world: SearchWorld): Promise<string | undefined> {
  if (!takes(subject, world)) return undefined;
  try {
    await law.holds(subject, world);
    return undefined;
  } catch (error) {
    return error instanceof Broken ? error.message : `expected no error, got ${error instanceof Error ? error.message : String(error)}`;
  }
}

function takes({ make, kind }: SearchSubject, { paramSpace, samples, objectives = 1 }: SearchWorld): boolean {
  const space = compileSpace(paramSpace);
  const points = finiteSize(space) * samples;
  if (kind === 'grid' && points > MOST_POINTS && Number.isFinite(points)) return false;
  try {
    make().check?.({ space, objectives, samples, slots: 4 });
    return true;
  } catch (error) {
    if (error instanceof AttuneError) return false;
    throw error;
  }
}

function searchWorlds(fc: FastCheck, finite: boolean, objectives: number): Arbitrary<SearchWorld> {
  const one = fc.oneof(fc.integer({ min: 0, max: 99 }), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 0.5));
  const value: Arbitrary<number | readonly number[]> = objectives === 1 ? one : fc.array(one, { minLength: objectives, maxLength: objectives });
  const ends = fc.constantFrom('completed' as const, 'stopped' as const, 'failed' as const, 'exploited' as const);
  const run = { value, before: fc.array(value, { maxLength: 3 }), lag: fc.nat(3), ends };
  const failed = { ...run, ends: fc.constant('failed' as const), again: fc.record(run) };
  const outcome = fc.oneof({ weight: 3, arbitrary: fc.record(run) }, { weight: 1, arbitrary: fc.record(failed) });
  return fc.record({
    paramSpace: fc.oneof(spaces(fc, { finite: true }), spaces(fc, { finite })),
    samples: fc.nat(12),
    outcomes: fc.array(outcome, { maxLength: 12 }),
    seed: fc.nat(999),
    mode: fc.constantFrom('min' as const, 'max' as const),
    ...(objectives === 1 ? {} : { objectives: fc.constant(objectives) }),
  });
}

async function tryOut(law: SearchLaw, subject: SearchSubject, { numRuns = 100, seed = 0, finite = false, objectives = 1 }: SearcherLawsOptions): Promise<void> {
  const fc = await loadFastCheck();
  const property = fc.asyncProperty(searchWorlds(fc, finite, objectives), async (world: SearchWorld) => (await breach(law, subject, world)) === undefined);
  const { failed, counterexample } = await fc.check(property, { numRuns, seed });
  if (!failed || counterexample === null) return;
  const [world] = counterexample;
  const plain = { ...world, paramSpace: spaceToJson(compileSpace(world.paramSpace)) };
  const problem = await breach(law, subject, world);
  const test = [
    `test('${law.name}', async () => {`,
    `  for (const { run } of searcherLaws(make, ${literal({ ...known(subject), only: [law.name] } as Json)})) await run(${literal(plain as Json)});`,
    '});',
  ];
  throw new AttuneError(
    'LAW_BROKEN',
    `${subject.name}, law ${law.name}, "${law.law}": ${problem}.\n\nThe smallest world found in which it is broken (seed ${seed}), as a test:\n\n${test.join('\n')}\n\n`,
  );
}

const known = ({ kind, unique, limit }: SearchSubject): Record<string, unknown> => ({
  kind,
  ...(unique ? { unique } : {}),
  ...(limit === undefined ? {} : { limit }),
});
