import { isWorst } from '../../base/worst.ts';
import type { TrialId } from '../../trial/ids.ts';
import { type BracketRung, bracketTable, type HyperbandRule } from '../oracles/hyperband.ts';
import { broken, type Law, sound } from './law.ts';
import { eachReport, type FullWorld, fullWorld } from './law-world.ts';
import { same } from './lifecycle.ts';
import { type Play, type Told, timeOf } from './play.ts';
import type { Subject } from './subject.ts';
import { anySpeed, ranksOnly } from './symmetry.ts';

/** The brackets in the order in which they are filled, again and again. */
function bracketsOf({ options }: Subject): readonly (readonly BracketRung[])[] {
  const { maxT, eta } = sizesOf({ options });
  const { table = 'paper', order = 'largest-first' } = options as Partial<HyperbandRule>;
  return bracketTable({ maxT, reductionFactor: eta, table, order });
}

function sizesOf({ options }: Pick<Subject, 'options'>): { readonly maxT: number; readonly eta: number } {
  const number = (name: string, otherwise: number): number => (typeof options[name] === 'number' ? (options[name] as number) : otherwise);
  return { maxT: number('maxT', 81), eta: number('reductionFactor', 3) };
}

/** Which bracket a trial is in, by its place in the queue. */
function bracketOf(
  brackets: readonly (readonly BracketRung[])[],
  trial: number,
): { readonly number: number; readonly sizes: readonly BracketRung[]; readonly first: number } {
  let first = 0;
  for (let number = 0; ; number++) {
    const sizes = brackets[number % brackets.length] ?? [];
    const next = first + Math.max(1, sizes[0]?.trials ?? 1);
    if (trial < next) return { number, sizes, first };
    first = next;
  }
}

/** A trial at a rung of its bracket, where it was told to wait. */
interface Stand {
  readonly trial: TrialId;
  readonly loss: number;
  becomes: 'waits' | 'goes on' | 'is stopped' | 'has ended';
}

/** What came of the brackets, from events and decisions alone. */
class Brackets {
  /** By number of the bracket: its rungs, each with those that came to it. */
  readonly rungs = new Map<number, Stand[][]>();
  readonly ended = new Set<number>();
  /** By trial: the rung that it trains for. */
  readonly rungOf = new Map<number, number>();
  queued = 0;
  exhausted = false;
  private readonly subject: Subject;
  private readonly table: readonly (readonly BracketRung[])[];

  constructor(subject: Subject) {
    this.subject = subject;
    this.table = bracketsOf(subject);
  }

  of(trial: number): ReturnType<typeof bracketOf> {
    return bracketOf(this.table, trial);
  }

  standsOf(bracket: number, rung: number): Stand[] {
    const rungs = this.rungs.get(bracket) ?? [];
    this.rungs.set(bracket, rungs);
    return (rungs[rung] ??= []);
  }

  /** Before what was decided on it. */
  told({ event }: Told): void {
    if (event.kind === 'exhausted') this.exhausted = true;
    if (!('trial' in event)) return;
    const { trial } = event;
    if (event.kind === 'queued') [this.queued, this.exhausted] = [this.queued + 1, false];
    if (event.kind === 'completed' || event.kind === 'stopped' || event.kind === 'failed') this.ended.add(trial);
    if (event.kind !== 'reported') return;
    const { number, sizes } = this.of(trial);
    const rung = this.rungOf.get(trial) ?? 0;
    const milestone = sizes[rung]?.milestone ?? Number.POSITIVE_INFINITY;
    if (timeOf(this.subject, event) < milestone || this.standsOf(number, rung).some((stand) => stand.trial === trial)) return;
    this.standsOf(number, rung).push({ trial, loss: event.losses[0] ?? 0, becomes: 'waits' });
  }

  decided({ decisions }: Told): void {
    for (const decision of decisions) {
      if (decision.kind !== 'resume' && decision.kind !== 'stop') continue;
      const { trial } = decision;
      const rung = this.rungOf.get(trial) ?? 0;
      const stand = this.standsOf(this.of(trial).number, rung).find((one) => one.trial === trial);
      if (stand === undefined) continue;
      stand.becomes = decision.kind === 'resume' ? 'goes on' : 'is stopped';
      if (decision.kind === 'resume') this.rungOf.set(trial, rung + 1);
    }
  }

  /** Every rung that was left, with how many of it may go on. */
  *left(): Generator<{ readonly at: string; readonly stands: readonly Stand[]; readonly most: number }> {
    for (const [number, rungs] of this.rungs) {
      const sizes = this.table[number % this.table.length] ?? [];
      for (const [rung, stands] of rungs.entries()) {
        if (stands === undefined || rung === sizes.length - 1) continue; // a hole: everybody ended before it
        yield { at: `bracket ${number}, rung ${rung}`, stands, most: sizes[rung + 1]?.trials ?? 0 };
      }
    }
  }
}

/** No limiter, since a stalled run settles early; and no report that skips a milestone. */
const steady = ({ inFlight: _, ...world }: FullWorld): FullWorld =>
  eachReport(world, ({ missing: __, ...report }, _trial, at) => ({ ...report, time: at + 1 }));

/** Why not every milestone has a report of its own. */
function tooClose(subject: Subject): string | undefined {
  const steps = bracketsOf(subject).map((sizes) => sizes.map(({ milestone }) => Math.ceil(milestone)));
  return steps.some((list) => new Set(list).size < list.length) ? 'its milestones lie closer than one step' : undefined;
}

async function settled(subject: Subject, world: FullWorld): Promise<Brackets | undefined> {
  const played = await sound(subject, steady(world));
  if (played === undefined) return undefined;
  const brackets = new Brackets(subject);
  for (const told of played.told) {
    brackets.told(told);
    brackets.decided(told);
  }
  return brackets;
}

/** The most reports of one band that are played. */
const MOST_REPORTS = 20_000;

const bandSize = (subject: Subject): number => bracketsOf(subject).reduce((sum, [first]) => sum + (first?.trials ?? 0), 0);
const tooLarge = (subject: Subject): string | undefined =>
  bandSize(subject) * sizesOf(subject).maxT > MOST_REPORTS * 2 ? 'all its brackets take too many reports' : undefined;

/** All brackets once, with nobody failing. */
async function band(subject: Subject): Promise<Play | undefined> {
  const { maxT } = sizesOf(subject);
  const trials = Array.from({ length: bandSize(subject) }, (_, i) => Array<number>(Math.ceil(maxT) + 1).fill((i * 7919) % 100_003));
  return sound(subject, steady(fullWorld({ trials, workers: 8 })));
}

/** How far each trial got. */
function reachedIn(subject: Subject, { told }: Play): ReadonlyMap<number, number> {
  const reached = new Map<number, number>();
  for (const { event } of told) if (event.kind === 'reported') reached.set(event.trial, timeOf(subject, event));
  return reached;
}

const chain = (sizes: readonly BracketRung[]): string => sizes.map(({ trials, milestone }) => `${trials}@${Number(milestone.toPrecision(6))}`).join(' ');

/** `81@1 27@3 …`, as it ran. */
function executed(subject: Subject, played: Play): readonly (readonly BracketRung[])[] {
  const brackets = bracketsOf(subject);
  const reached = reachedIn(subject, played);
  let first = 0;
  return brackets.map((sizes) => {
    const members = Array.from({ length: sizes[0]?.trials ?? 0 }, (_, i) => first + i);
    first += members.length;
    return sizes.map(({ milestone }) => ({ milestone, trials: members.filter((trial) => (reached.get(trial) ?? 0) >= milestone).length }));
  });
}

const C1: Law = {
  name: 'C1',
  law: 'As many trials of each bracket train to each of its milestones as the table says.',
  once: true,
  skips: (subject) => tooClose(subject) ?? tooLarge(subject),
  async holds(subject) {
    const played = await band(subject);
    if (played) same(bracketsOf(subject).map(chain), executed(subject, played).map(chain), 'the brackets of the table');
  },
};

const C2: Law = {
  name: 'C2',
  law: 'The largest bracket begins at maxT / reductionFactor ** s with the greatest s for which that is at least 1, exactly.',
  once: true,
  skips: (subject) => tooClose(subject) ?? tooLarge(subject),
  async holds(subject) {
    const { maxT, eta } = sizesOf(subject);
    const played = await band(subject);
    if (played === undefined) return;
    let s = 0;
    while (eta ** (s + 1) <= maxT) s += 1;
    const expected = Math.ceil(maxT / eta ** s);
    const first = Math.min(...reachedIn(subject, played).values());
    if (first !== expected) broken(`the first trials to be judged at ${expected}`, `${first}`);
  },
};

const C3: Law = {
  name: 'C3',
  law: 'Every bracket ends at maxT, and from rung to rung one in reductionFactor goes on.',
  once: true,
  skips: (subject) => tooClose(subject) ?? tooLarge(subject),
  async holds(subject) {
    const { maxT, eta } = sizesOf(subject);
    const played = await band(subject);
    if (played === undefined) return;
    for (const sizes of executed(subject, played)) {
      const last = sizes.at(-1);
      if (last?.milestone !== maxT || last.trials === 0) broken(`a trial at maxT ${maxT} in each bracket`, chain(sizes));
      for (const [i, { trials }] of sizes.entries()) {
        const before = sizes[i - 1]?.trials;
        if (before !== undefined && (trials < Math.floor(before / eta) || trials > Math.ceil(before / eta)))
          broken('one in reductionFactor to go on', chain(sizes));
      }
    }
  },
};

const C4: Law = {
  name: 'C4',
  law: "A bracket costs no more than the paper's bound, (S + 1) maxT and one rung.",
  once: true,
  skips: (subject) => (subject.options['table'] === 'ceil' ? 'its table rounds up, which breaks the bound' : tooLarge(subject)),
  async holds(subject) {
    const { maxT } = sizesOf(subject);
    const played = await band(subject);
    for (const sizes of played ? executed(subject, played) : []) {
      const cost = sizes.reduce((sum, { trials, milestone }) => sum + trials * milestone, 0);
      const bound = (bracketsOf(subject).length + sizes.length / (maxT / (sizes[0]?.milestone ?? maxT))) * maxT;
      if (cost > bound + 1e-9) broken(`a bracket for at most ${bound}`, `${cost}: ${chain(sizes)}`);
    }
  },
};

const C5: Law = {
  name: 'C5',
  law: 'Of those that wait at a rung as many go on as the next one has places, or all; nobody who is stopped there is better than one of them, and who has diverged never goes on.',
  skips: tooClose,
  async holds(subject, world) {
    const brackets = await settled(subject, world);
    for (const { at, stands, most } of brackets?.left() ?? []) {
      const valid = stands.filter(({ loss }) => !isWorst(loss));
      const on = stands.filter(({ becomes }) => becomes === 'goes on');
      if (on.length !== Math.min(most, valid.length)) broken(`${Math.min(most, valid.length)} of ${valid.length} to go on (${at})`, `${on.length}`);
      const better = on.flatMap(({ loss }) => valid.filter((other) => other.becomes !== 'goes on' && other.loss < loss))[0];
      if (better || on.some(({ loss }) => isWorst(loss)))
        broken(`the best ${most} of the valid to go on (${at})`, `${on.map(({ trial, loss }) => `trial ${trial} with ${loss}`).join(', ')}`);
    }
  },
};

const C6: Law = {
  name: 'C6',
  law: 'Who is better than everybody else at its rung goes on, wherever there is a place.',
  skips: tooClose,
  async holds(subject, world) {
    const brackets = await settled(subject, world);
    for (const { at, stands, most } of brackets?.left() ?? []) {
      const [best, second] = [...stands].sort((a, b) => a.loss - b.loss);
      if (best && most > 0 && !isWorst(best.loss) && best.loss < (second?.loss ?? Number.POSITIVE_INFINITY) && best.becomes !== 'goes on')
        broken(`trial ${best.trial}, the best with ${best.loss}, to go on (${at})`, `it ${best.becomes}`);
    }
  },
};

const C7: Law = {
  name: 'C7',
  law: 'The barrier: nobody goes on from a rung before everybody of the bracket has come to it or has ended, and the bracket is full or the searcher exhausted.',
  skips: tooClose,
  async holds(subject, world) {
    const played = await sound(subject, steady(world));
    const brackets = new Brackets(subject);
    for (const told of played?.told ?? []) {
      brackets.told(told);
      for (const decision of told.decisions) {
        if (decision.kind !== 'resume') continue;
        const { number, sizes, first } = brackets.of(decision.trial);
        const rung = brackets.rungOf.get(decision.trial) ?? 0;
        const size = sizes[0]?.trials ?? 1;
        if (brackets.queued < first + size && !brackets.exhausted)
          broken(`bracket ${number} to be full with ${size}`, `trial ${decision.trial} goes on with ${brackets.queued - first}`);
        for (let trial = first; trial < Math.min(first + size, brackets.queued); trial++) {
          const isThere = (brackets.rungOf.get(trial) ?? 0) > rung || brackets.standsOf(number, rung).some((stand) => stand.trial === trial);
          if (!isThere && !brackets.ended.has(trial)) broken(`trial ${decision.trial} to wait for trial ${trial}`, 'it goes on');
        }
      }
      brackets.decided(told);
    }
  },
};

const C8: Law = {
  name: 'C8',
  law: 'Each trial is in one bracket, which fill up in the order of the table; it pauses at the milestones of its own, and nowhere else.',
  skips: tooClose,
  async holds(subject, world) {
    const { maxT } = sizesOf(subject);
    const played = await sound(subject, steady(world));
    const brackets = new Brackets(subject);
    for (const told of played?.told ?? []) {
      const { event, decisions } = told;
      brackets.told(told);
      if (event.kind === 'reported') {
        const [{ trial }, time] = [event, timeOf(subject, event)];
        const { number, sizes } = brackets.of(trial);
        const milestone = sizes[brackets.rungOf.get(trial) ?? 0]?.milestone ?? maxT;
        const against = decisions.find((one) => 'trial' in one && one.trial === trial && (one.kind === 'pause' || one.kind === 'stop'));
        if (time < milestone && against) broken(`trial ${trial} of bracket ${number} to train to ${milestone}`, `${against.kind} at ${time}`);
        if (time >= milestone && !against) broken(`trial ${trial} of bracket ${number} to wait at ${milestone}`, 'it goes on');
      }
      brackets.decided(told);
    }
  },
};

const C9: Law = {
  name: 'C9',
  law: 'Whoever fails, completes early or leaves the metric out: no bracket is held up by it, and in the end nobody is left paused.',
  async holds(subject, world) {
    const played = await sound(subject, world);
    const left = played?.experiment.rows.find(({ status }) => status === 'PAUSED');
    if (left) broken('every bracket to be settled', `trial ${left.id} is left paused`);
  },
};

const C10: Law = {
  name: 'C10',
  law: 'Of equals the one with the lower number goes on.',
  skips: tooClose,
  async holds(subject, world) {
    const brackets = await settled(subject, world);
    for (const { at, stands } of brackets?.left() ?? []) {
      for (const { trial, loss } of stands.filter(({ becomes }) => becomes === 'goes on')) {
        const first = stands.find((other) => other.loss === loss && other.trial < trial && other.becomes === 'is stopped');
        if (first) broken(`trial ${first.trial} before trial ${trial}, which is as good (${at})`, 'the later one');
      }
    }
  },
};

const B5: Law = {
  name: 'B5',
  law: 'How long reports take, and how many workers there are, changes nobody’s fate.',
  async holds(subject, world) {
    const calm = steady(world);
    const other = eachReport({ ...calm, workers: (calm.workers % 5) + 1 }, (report, trial, at) => ({ ...report, seconds: ((trial * 7 + at * 3) % 4) + 0.5 }));
    const [a, b] = [await sound(subject, calm), await sound(subject, other)];
    const fates = ({ experiment }: Play): readonly string[] => experiment.rows.map(({ id, status, step }) => `trial ${id}: ${status} at step ${step}`);
    if (a && b) same(fates(a), fates(b), 'as with other durations');
  },
};

/** HyperBand: brackets that pause their trials and halve them, all at once. Its options are read from `scheduler.options`. */
export const hyperbandLaws: readonly Law[] = [ranksOnly, B5, anySpeed, C1, C2, C3, C4, C5, C6, C7, C8, C9, C10];
