import { describe } from '../../base/options.ts';
import type { Decision } from '../../schedule/scheduler.ts';
import type { FullWorld } from './law-world.ts';
import { type Play, play } from './play.ts';
import type { Subject } from './subject.ts';

/** A law: holds in every world, or throws a `Broken`. */
export interface Law {
  /** As in the literature of the kit: `D9`. */
  readonly name: string;
  /** In one sentence. */
  readonly law: string;
  /** Why it does not apply to this scheduler; `undefined`: it does. */
  skips?(subject: Subject): string | undefined;
  /** It is not about worlds: tried once, or on seeds of its own. */
  readonly once?: true;
  holds(subject: Subject, world: FullWorld): void | Promise<void>;
}

/** A law that does not hold: what was expected, and what came. */
export class Broken extends Error {}

/** @throws {Broken} */
export function broken(expected: string, got: string): never {
  throw new Broken(`expected ${expected}, got ${got}`);
}

/** Plays the world; what a scheduler did before it threw, or never came to an end, is the affair of A12 and A6. */
export async function sound(subject: Subject, world: FullWorld, options: Parameters<typeof play>[2] = {}): Promise<Play | undefined> {
  const played = await play(subject, world, options);
  return played.problem ? undefined : played;
}

/** A decision in a few words; or whatever else a scheduler returned for one. */
export function inWords(decision: Decision): string {
  const { kind, trial, reason } = ((decision as Decision | null) ?? {}) as Partial<Exclude<Decision, { kind: 'end' }>>;
  if (typeof kind !== 'string') return describe(decision);
  return `${kind}${trial === undefined ? '' : ` of trial ${trial}`} (${reason || 'for no reason'})`;
}

/** What was decided, without the reasons. */
export const bare = (decisions: readonly Decision[]): string => decisions.map(({ reason: _, ...decision }) => JSON.stringify(decision)).join(' ') || 'nothing';
