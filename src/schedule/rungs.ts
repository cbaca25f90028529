import { AttuneError } from '../base/errors.ts';
import { checkNumber } from '../base/options.ts';

const MOST_RUNGS = 1000;

/**
 * The milestones of successive halving: `gracePeriod * reductionFactor ** k`, as far as they go up to `maxT`, itself included.
 * Counted by multiplying, never by logarithms: `Math.log(81) / Math.log(3)` is more than 4. A product that only rounding keeps from
 * `maxT` is `maxT`: 0.1 * 3 is more than 0.3.
 *
 * @throws {AttuneError} `OPTION_RANGE` as `checkRungs`
 * @example
 * import { rungs } from 'attune';
 *
 * rungs(1, 81, 3); // => [1, 3, 9, 27, 81]
 * rungs(1, 100, 4); // => [1, 4, 16, 64]
 */
export function rungs(gracePeriod: number, maxT: number, reductionFactor: number): readonly number[] {
  return milestonesOf('rungs', { gracePeriod, maxT, reductionFactor });
}

interface Rungs {
  readonly gracePeriod: number;
  readonly maxT: number;
  readonly reductionFactor: number;
}

/**
 * What successive halving needs of its numbers.
 * @throws {AttuneError} `OPTION_RANGE`, beginning with `where`, unless 0 < gracePeriod <= maxT, all finite, and reductionFactor > 1 gives at most 1000 rungs
 */
export const checkRungs = (where: string, options: Rungs): void => void milestonesOf(where, options);

function milestonesOf(where: string, { gracePeriod, maxT, reductionFactor }: Rungs): readonly number[] {
  checkNumber(where, 'maxT', maxT, 'a finite number > 0', (value) => value > 0 && Number.isFinite(value));
  checkNumber(where, 'gracePeriod', gracePeriod, `a number > 0 and <= maxT = ${maxT}`, (value) => value > 0 && value <= maxT);
  checkNumber(where, 'reductionFactor', reductionFactor, 'a finite number > 1', (value) => value > 1 && Number.isFinite(value));
  const milestones: number[] = [];
  const isTop = (milestone: number): boolean => Math.abs(milestone - maxT) <= maxT * milestones.length * Number.EPSILON;
  for (let milestone = gracePeriod; milestone <= maxT || isTop(milestone); milestone *= reductionFactor) {
    if (milestones.length === MOST_RUNGS) {
      throw new AttuneError(
        'OPTION_RANGE',
        `${where}: expected a reductionFactor that gives at most ${MOST_RUNGS} rungs up to ${maxT}, got ${reductionFactor}.`,
      );
    }
    milestones.push(isTop(milestone) ? maxT : milestone);
  }
  return milestones;
}
