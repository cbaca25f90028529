import type { Decision, SchedulerEvent } from '../../schedule/scheduler.ts';
import { isWorst } from '../../trial/metrics.ts';
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

export interface Entry {
  readonly trial: number;
  readonly loss: number;
}

/** Who was recorded at which rung, from the reports alone: each at the highest that it passed, and never at a lower one later. */
export class Ledger {
  readonly rungs: readonly Entry[][];
  /** By trial: the highest rung where it was recorded. */
  readonly reached = new Map<number, number>();
  readonly paused = new Set<number>();
  /** `<trial> <rung>` that it was resumed from. */
  readonly promoted = new Set<string>();
  private readonly subject: Subject;
  private readonly milestones: readonly number[];

  constructor(subject: Subject) {
    this.subject = subject;
    ({ milestones: this.milestones } = halvingOptions(subject));
    this.rungs = this.milestones.map(() => []);
  }

  /** @returns the rung at which the event recorded its trial, if it did */
  told(event: SchedulerEvent): number | undefined {
    if (event.kind === 'paused') this.paused.add(event.trial);
    if (event.kind === 'started' || event.kind === 'completed' || event.kind === 'stopped' || event.kind === 'failed') this.paused.delete(event.trial);
    const [loss] = event.kind === 'reported' ? event.losses : [];
    if (event.kind !== 'reported' || loss === undefined) return undefined;
    const time = timeOf(this.subject, event);
    const rung = this.milestones.findLastIndex((milestone) => milestone <= time);
    if (rung < 0 || rung <= (this.reached.get(event.trial) ?? -1)) return undefined;
    this.reached.set(event.trial, rung);
    this.rungs[rung]?.push({ trial: event.trial, loss });
    return rung;
  }

  decided(decision: Decision): void {
    if (decision.kind !== 'resume') return;
    this.paused.delete(decision.trial);
    this.promoted.add(`${decision.trial} ${this.reached.get(decision.trial)}`);
  }

  at(rung: number): readonly Entry[] {
    return this.rungs[rung] ?? [];
  }

  lossOf(trial: number, rung: number): number {
    return this.at(rung).find((entry) => entry.trial === trial)?.loss ?? Number.NaN;
  }

  promotedFrom(rung: number): number {
    return this.at(rung).filter(({ trial }) => this.promoted.has(`${trial} ${rung}`)).length;
  }

  /**
   * Paused trials that are among the best `1 / eta` of a rung however ties are broken, the top rung first.
   * @param delayed - only while no more than `1 / eta` of the rung have been promoted
   */
  promotable(eta: number, delayed: boolean): readonly (Entry & { readonly rung: number })[] {
    return this.rungs.flatMap((entries, rung) => {
      const quota = Math.floor(entries.length / eta);
      if (rung === this.rungs.length - 1 || (delayed && this.promotedFrom(rung) >= quota)) return [];
      const isFree = ({ trial }: Entry): boolean => this.paused.has(trial) && this.reached.get(trial) === rung && !this.promoted.has(`${trial} ${rung}`);
      const worstRank = ({ loss }: Entry): number => entries.filter((other) => other.loss <= loss).length;
      return entries.filter((entry) => isFree(entry) && !isWorst(entry.loss) && worstRank(entry) <= quota).map((entry) => ({ ...entry, rung }));
    });
  }
}
