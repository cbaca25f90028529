import { rng } from '../../base/rng.ts';
import { isWorst } from '../../base/worst.ts';
import type { Decision, ScheduleContext, Scheduler, SchedulerEvent } from '../../schedule/scheduler.ts';
import { type TrialId, trialId } from '../../trial/ids.ts';
import { METRIC } from './law-world.ts';
import { timeOf } from './play.ts';
import { numberOption, type Subject } from './subject.ts';

/** The options of successive halving, with Ray's defaults where a scheduler records none. */
export interface HalvingOptions {
  readonly maxT: number;
  readonly gracePeriod: number;
  readonly eta: number;
  readonly variant: string;
  readonly brackets: number;
  readonly milestones: readonly number[];
}

export function halvingOptions(subject: Subject): HalvingOptions {
  const { variant } = subject.options;
  const [maxT, gracePeriod, eta] = [
    numberOption(subject, 'maxT') ?? 100,
    numberOption(subject, 'gracePeriod') ?? 1,
    numberOption(subject, 'reductionFactor') ?? 4,
  ];
  const milestones: number[] = [];
  for (let milestone = gracePeriod; milestone <= maxT; milestone *= eta) milestones.push(milestone);
  const brackets = numberOption(subject, 'brackets') ?? 1;
  return { maxT, gracePeriod, eta, variant: typeof variant === 'string' ? variant : 'stop', brackets, milestones };
}

/** A scheduler that is told events one by one, without a loop. */
export class Telling {
  private readonly scheduler: Scheduler;
  private readonly context: ScheduleContext;
  private state: unknown;

  constructor(subject: Subject, context: ScheduleContext, state?: string) {
    this.scheduler = subject.make({ metric: METRIC, mode: 'min' });
    this.context = context;
    this.state = state === undefined ? this.scheduler.init() : JSON.parse(state);
  }

  tell(event: SchedulerEvent): readonly Decision[] {
    const outcome = this.scheduler.decide(this.state, event, this.context);
    this.state = outcome.state;
    return outcome.decisions;
  }

  get text(): string {
    return JSON.stringify(this.state);
  }
}

/** The context of an experiment with this seed that has no end; its draws are those of the loop. */
export function contextOf({ space, name }: Subject, seed: number): ScheduleContext {
  const draw = rng(seed);
  return { space, objectives: 1, samples: Number.POSITIVE_INFINITY, slots: 1, rng: (...key) => draw.fork('schedule', name, ...key) };
}

/** A report at a time of our choice. */
export function reportAt(subject: Subject, trial: TrialId, time: number, loss: number): SchedulerEvent {
  const metrics = { [METRIC]: loss, ...(subject.timeAttr === undefined ? {} : { [subject.timeAttr]: time }) };
  return { kind: 'reported', trial, step: Math.ceil(time), losses: [loss], metrics };
}

const FIRST_FILLER = 100_000;
const FILLERS = 64;

/**
 * Which bracket each trial is in, which nobody is told: found out with trials that are worse than the others at every rung. They
 * are stopped, or paused, at the first rung of their bracket. Relies on draws that are keyed by the trial.
 */
export function bracketProbe(subject: Subject, context: ScheduleContext): (trial: TrialId) => number {
  const { brackets, milestones, maxT } = halvingOptions(subject);
  if (brackets === 1) return () => 0;
  const rungs = milestones.filter((milestone) => milestone < maxT);
  const filled = new Telling(subject, context);
  for (let i = 0; i < FILLERS; i++) {
    const trial = trialId(FIRST_FILLER + i);
    filled.tell({ kind: 'queued', trial, config: {} });
    filled.tell({ kind: 'started', trial, step: 0 });
    for (const milestone of rungs) filled.tell(reportAt(subject, trial, milestone, -i));
  }
  const { text } = filled;
  const known = new Map<TrialId, number>();
  return (trial) => {
    const before = known.get(trial);
    if (before !== undefined) return before;
    const probe = new Telling(subject, context, text);
    probe.tell({ kind: 'queued', trial, config: {} });
    probe.tell({ kind: 'started', trial, step: 0 });
    const first = rungs.findIndex((milestone) => probe.tell(reportAt(subject, trial, milestone, 1e300)).length > 0);
    const bracket = first < 0 ? brackets - 1 : first; // whose only rung is maxT
    known.set(trial, bracket);
    return bracket;
  };
}

export interface Entry {
  readonly trial: TrialId;
  readonly loss: number;
}

/** Trials that were recorded at one milestone in one bracket. */
export interface Rung {
  readonly milestone: number;
  readonly bracket: number;
  readonly entries: Entry[];
}

/** Who was recorded at which rung, from the reports alone: each at the highest that it passed, and never at a lower one later. */
export class Ledger {
  readonly rungs: readonly Rung[];
  /** By trial: the highest rung where it was recorded. */
  readonly reached = new Map<TrialId, Rung>();
  readonly paused = new Set<TrialId>();
  private readonly promoted = new Map<Rung, Set<TrialId>>();
  private readonly subject: Subject;
  private readonly bracketOf: (trial: TrialId) => number;

  constructor(subject: Subject, seed: number) {
    this.subject = subject;
    const { milestones, brackets } = halvingOptions(subject);
    this.bracketOf = bracketProbe(subject, contextOf(subject, seed));
    this.rungs = Array.from({ length: brackets }, (_, bracket) => milestones.slice(bracket).map((milestone) => ({ milestone, bracket, entries: [] }))).flat();
  }

  /** @returns the rung at which the event recorded its trial, if it did */
  told(event: SchedulerEvent): Rung | undefined {
    if (event.kind === 'paused') this.paused.add(event.trial);
    if (event.kind === 'started' || event.kind === 'completed' || event.kind === 'stopped' || event.kind === 'failed') this.paused.delete(event.trial);
    const [loss] = event.kind === 'reported' ? event.losses : [];
    if (event.kind !== 'reported' || loss === undefined) return undefined;
    const { trial } = event;
    const time = timeOf(this.subject, event);
    const bracket = this.bracketOf(trial);
    const rung = this.rungs.findLast((one) => one.bracket === bracket && one.milestone <= time);
    if (rung === undefined || rung.milestone <= (this.reached.get(trial)?.milestone ?? Number.NEGATIVE_INFINITY)) return undefined;
    this.reached.set(trial, rung);
    rung.entries.push({ trial, loss });
    return rung;
  }

  decided(decision: Decision): void {
    if (decision.kind !== 'resume') return;
    const { trial } = decision;
    this.paused.delete(trial);
    const rung = this.reached.get(trial);
    if (rung) this.promoted.set(rung, (this.promoted.get(rung) ?? new Set()).add(trial));
  }

  wasPromoted(trial: TrialId, rung: Rung): boolean {
    return this.promoted.get(rung)?.has(trial) ?? false;
  }

  promotedFrom(rung: Rung): number {
    return this.promoted.get(rung)?.size ?? 0;
  }

  /**
   * Paused trials that are among the best `1 / eta` of their rung however ties are broken.
   * @param delayed - only while fewer than `1 / eta` of the rung have been promoted
   */
  promotable(eta: number, delayed: boolean): readonly (Entry & { readonly rung: Rung })[] {
    const { maxT } = halvingOptions(this.subject);
    return this.rungs.flatMap((rung) => {
      const { entries, milestone } = rung;
      const quota = Math.floor(entries.length / eta);
      if (milestone >= maxT || (delayed && this.promotedFrom(rung) >= quota)) return [];
      const isFree = ({ trial }: Entry): boolean => this.paused.has(trial) && this.reached.get(trial) === rung && !this.wasPromoted(trial, rung);
      const worstRank = ({ loss }: Entry): number => entries.filter((other) => other.loss <= loss).length;
      return entries.filter((entry) => isFree(entry) && !isWorst(entry.loss) && worstRank(entry) <= quota).map((entry) => ({ ...entry, rung }));
    });
  }
}

/** The rank of a loss among the recorded ones, its own included, ties in its favour. */
export const rankIn = ({ entries }: Rung, loss: number): number => 1 + entries.filter((entry) => entry.loss < loss).length;
