import { paretoRanks } from '../../src/base/numeric/pareto.ts';
import type { Outcome } from '../../src/search/outcomes.ts';
import { tiersOf } from '../../src/search/tiers.ts';
import { crowdingDistances } from './crowding.ts';

/** A trial that may become a parent. */
export interface Member {
  readonly row: number;
  /** The number of its front: 0 is the best. */
  readonly rank: number;
  /** How much room it has in its front. */
  readonly room: number;
}

/**
 * The best trials, front by front; of the front that does not fit those with most room.
 *
 * @see Deb et al. 2002, sections III-C and VI-A
 */
export function eliteOf(outcomes: readonly Outcome[], size: number): readonly Member[] {
  const elite: Member[] = [];
  let rank = 0;
  for (const tier of tiersOf(outcomes)) {
    if (elite.length >= size) break;
    const ranks = paretoRanks(tier.map(({ losses }) => losses));
    const fronts = 1 + ranks.reduce((most, one) => Math.max(most, one), 0);
    for (let front = 0; front < fronts && elite.length < size; front++, rank++) {
      const members = tier.filter((_, i) => ranks[i] === front);
      elite.push(...roomiest(members, rank, size - elite.length));
    }
  }
  return elite;
}

function roomiest(outcomes: readonly Outcome[], rank: number, most: number): readonly Member[] {
  const rooms = crowdingDistances(outcomes.map(({ losses }) => losses));
  const members = outcomes.map(({ row }, i) => ({ row, rank, room: rooms[i] as number }));
  return members.length <= most ? members : members.toSorted((a, b) => b.room - a.room || a.row - b.row).slice(0, most);
}
