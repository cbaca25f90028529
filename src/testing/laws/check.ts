import { AttuneError } from '../../base/errors.ts';
import { loadFastCheck } from '../arbitraries/fast-check.ts';
import { worlds } from '../arbitraries/worlds.ts';
import { storyOf, testOf } from './counterexample.ts';
import { Broken, type Law } from './law.ts';
import { checkWorld, fullWorld, type LawWorld } from './law-world.ts';
import { smallest } from './smallest.ts';
import { isTimed, numberOption, type Subject } from './subject.ts';

/** One law as a test: give `run` to any test runner, unless it is skipped. */
export interface Check {
  /** As in docs/laws.md: `D9`. */
  readonly name: string;
  /** In one sentence. */
  readonly law: string;
  /** Why the law does not apply. `run` refuses then: a check that tried nothing must not look like one that has passed. */
  readonly skipped?: string;
  /**
   * Tries the law in generated worlds, or in the one that is given.
   *
   * @throws {AttuneError} `LAW_BROKEN`, with the smallest world found, as a story and as a test; `LAW_SKIPPED`; `OPTION_RANGE` for what is no world; `PACKAGE_MISSING` without fast-check
   */
  run(world?: LawWorld): Promise<void>;
}

export interface Runs {
  readonly numRuns: number;
  readonly seed: number;
  readonly shrink: boolean;
}

/** The longest trial that is tried: longer ones would cost more than they show. */
const LONGEST = 120;
/** Where trials are copied: nobody else gets on while one that takes no time goes back to the same checkpoint again and again. */
const LEAST_SECONDS = 0.25;

export function checkOf(law: Law, subject: Subject, runs: Runs): Check {
  const { name } = law;
  const skipped = law.skips?.(subject);
  return {
    name,
    law: law.law,
    ...(skipped === undefined ? {} : { skipped }),
    async run(world) {
      if (skipped !== undefined) {
        throw new AttuneError('LAW_SKIPPED', `${subject.name}, law ${name}: expected to be skipped, since ${skipped}, got run().`);
      }
      if (world !== undefined) checkWorld(world);
      if (world !== undefined) return judge(law, subject, world);
      if (law.once) return judge(law, subject, { trials: [] });
      return tryOut(law, subject, runs);
    },
  };
}

/** Why the law is broken in this world; `undefined` when it holds. */
async function breach(law: Law, subject: Subject, world: LawWorld): Promise<string | undefined> {
  try {
    await law.holds(subject, fullWorld(world));
    return undefined;
  } catch (error) {
    return error instanceof Broken ? error.message : `expected no error, got ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function judge(law: Law, subject: Subject, world: LawWorld): Promise<void> {
  const problem = await breach(law, subject, world);
  if (problem === undefined) return;
  const story = law.once ? '' : `\n\n${await storyOf(subject, world)}\n\n`;
  throw new AttuneError('LAW_BROKEN', `${subject.name}, law ${law.name}, "${law.law}": ${problem}.${story}`);
}

async function tryOut(law: Law, subject: Subject, { numRuns, seed, shrink }: Runs): Promise<void> {
  const fc = await loadFastCheck();
  const steps = Math.min(LONGEST, Math.max(12, (numberOption(subject, 'maxT') ?? 12) + 1));
  const arbitrary = worlds(fc, { steps, timed: isTimed(subject), leastSeconds: subject.uses.has('exploit') ? LEAST_SECONDS : 0 });
  let found: LawWorld | undefined;
  const property = fc.asyncProperty(arbitrary, async (world: LawWorld) => {
    if ((await breach(law, subject, world)) === undefined) return true;
    found = world;
    return false;
  });
  const { numRuns: made } = await fc.check(property, { numRuns, seed, endOnFailure: true });
  if (found === undefined) return;
  const world = !shrink ? found : await smallest(found, async (one) => (await breach(law, subject, one)) !== undefined);
  const problem = await breach(law, subject, world);
  throw new AttuneError(
    'LAW_BROKEN',
    [
      `${subject.name}, law ${law.name}, "${law.law}": ${problem}.`,
      `${shrink ? 'The smallest world found' : 'A world'} in which it is broken (seed ${seed}, run ${made} of ${numRuns}):`,
      await storyOf(subject, world),
      'As a test:',
      testOf(subject, law, world),
      '',
    ].join('\n\n'),
  );
}
