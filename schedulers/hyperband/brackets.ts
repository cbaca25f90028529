import type { Rung } from './table.ts';

/** A trial in its bracket. */
export interface Member {
  /**
   * `training` on the way to the milestone, `pausing` there, `waiting` once it is saved, `resumed` until it has started again.
   * `away`: paused by a hand, which nobody waits for.
   */
  is: 'training' | 'pausing' | 'waiting' | 'resumed' | 'away';
  /** What it reported at the milestone, and how far it was. */
  loss: number;
  time: number;
}

/** A bracket that has trials, or is being filled. */
export interface Bracket {
  /** From 0, in the order in which they are opened. */
  readonly number: number;
  /** The rung that its trials train for. */
  rung: number;
  /** How many have joined, whatever became of them. */
  joined: number;
  /** Nobody joins any more. */
  closed: boolean;
  /** How many members are training, pausing or resumed: the others wait for them. */
  holding: number;
  /** How many of those are resumed. */
  resumed: number;
  readonly members: Record<string, Member>;
}

/** The brackets that are open, and who is in which. */
export interface Brackets {
  opened: number;
  readonly open: Bracket[];
  /** By trial: the number of its bracket. */
  readonly bracketOf: Record<string, number>;
}

const HOLDS: Readonly<Record<Member['is'], boolean>> = { training: true, pausing: true, resumed: true, waiting: false, away: false };

/** Changes what a member does. */
export function become(bracket: Bracket, member: Member, is: Member['is']): void {
  count(bracket, member.is, -1);
  member.is = is;
  count(bracket, is, 1);
}

/** The only place that counts who holds the others up. */
function count(bracket: Bracket, is: Member['is'], change: 1 | -1): void {
  if (HOLDS[is]) bracket.holding += change;
  if (is === 'resumed') bracket.resumed += change;
}

export function bracketOf({ open, bracketOf: numbers }: Brackets, trial: number): Bracket | undefined {
  const number = numbers[trial];
  return number === undefined ? undefined : open.find((bracket) => bracket.number === number);
}

/** Into the bracket that is being filled, else into a new one. */
export function join(brackets: Brackets, rungsOf: (bracket: Pick<Bracket, 'number'>) => readonly Rung[], trial: number): void {
  let bracket = brackets.open.at(-1);
  if (bracket === undefined || !mayJoin(bracket, rungsOf(bracket))) {
    bracket = { number: brackets.opened, rung: 0, joined: 0, closed: false, holding: 0, resumed: 0, members: {} };
    brackets.opened += 1;
    brackets.open.push(bracket);
  }
  bracket.joined += 1;
  bracket.members[trial] = { is: 'training', loss: 0, time: 0 };
  count(bracket, 'training', 1);
  brackets.bracketOf[trial] = bracket.number;
}

export const mayJoin = ({ rung, joined, closed }: Bracket, [first]: readonly Rung[]): boolean => rung === 0 && !closed && joined < (first?.trials ?? 0);

/** Takes a trial out of its bracket, which it then no longer holds up. */
export function leave(brackets: Brackets, trial: number): Bracket | undefined {
  const bracket = bracketOf(brackets, trial);
  const member = bracket?.members[trial];
  delete brackets.bracketOf[trial];
  if (bracket === undefined || member === undefined) return undefined;
  count(bracket, member.is, -1);
  delete bracket.members[trial];
  return bracket;
}
