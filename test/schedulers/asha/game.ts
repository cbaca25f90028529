import type { AshaState } from '../../../schedulers/asha.ts';
import type { Decision, Scheduler, SchedulerEvent } from '../../../src/schedule/scheduler.ts';
import type { AshaHappening } from '../../../src/testing/oracles/asha.ts';
import { trialId } from '../../../src/trial/ids.ts';
import { context, reported } from '../../schedule/play.ts';

/** One move of a game: who does what, if they may. */
export interface Move {
  readonly what: 'report' | 'new' | 'pause' | 'idle' | 'end';
  readonly who: number;
  readonly ahead: number;
  readonly loss: number;
}

/** Trials that do what a list of moves says, as far as that is legal, with one scheduler. The state passes through JSON at every event. */
export class Game {
  readonly happened: AshaHappening[] = [];
  readonly answers: string[] = [];
  readonly trials: { time: number; is: 'running' | 'pausing' | 'paused' | 'ended' }[] = [];
  private readonly scheduler: Scheduler<AshaState>;
  state: AshaState;

  constructor(scheduler: Scheduler<AshaState>) {
    this.scheduler = scheduler;
    this.state = scheduler.init();
  }

  play(moves: readonly Move[]): this {
    for (const move of moves) this.move(move);
    return this;
  }

  private move({ what, who, ahead, loss }: Move): void {
    switch (what) {
      case 'new':
        this.trials.push({ time: 0, is: 'running' });
        return this.report(this.trials.length - 1, ahead, loss);
      case 'report':
        return this.withOne(who, ['running'], (trial) => this.report(trial, ahead, loss));
      case 'pause':
        return this.withOne(who, ['pausing'], (trial) => this.happen(trial, 'paused'));
      case 'end':
        return this.withOne(who, ['running', 'pausing', 'paused'], (trial) => this.happen(trial, who % 2 === 0 ? 'completed' : 'failed'));
      case 'idle':
        return this.idle();
    }
  }

  /** Does it with the `who`th of those trials, if there are any. */
  private withOne(who: number, states: readonly string[], act: (trial: number) => void): void {
    const able = [...this.trials.keys()].filter((trial) => states.includes(this.trials[trial]?.is ?? ''));
    const trial = able[who % Math.max(1, able.length)];
    if (trial !== undefined) act(trial);
  }

  private report(trial: number, ahead: number, loss: number): void {
    const row = this.rowOf(trial);
    row.time += ahead;
    this.happened.push({ kind: 'reported', trial, time: row.time, loss });
    const [decision] = this.tell(reported(trial, row.time, loss));
    this.answers.push(decision === undefined ? 'go on' : decision.kind);
    if (decision?.kind === 'pause') row.is = 'pausing';
    if (decision?.kind !== 'stop') return;
    row.is = 'ended';
    this.tell({ kind: 'stopped', trial: trialId(trial) });
    this.happened.push({ kind: 'ended', trial });
    this.answers.push('nothing');
  }

  private happen(trial: number, kind: 'paused' | 'completed' | 'failed'): void {
    this.rowOf(trial).is = kind === 'paused' ? 'paused' : 'ended';
    this.happened.push({ kind: kind === 'paused' ? 'paused' : 'ended', trial });
    this.answers.push(this.tell({ kind, trial: trialId(trial) }).length === 0 ? 'nothing' : 'something');
  }

  private idle(): void {
    this.happened.push({ kind: 'idle' });
    const [decision] = this.tell({ kind: 'idle' });
    this.answers.push(decision?.kind === 'resume' ? `resume ${decision.trial}` : 'nothing');
    if (decision?.kind !== 'resume') return;
    const row = this.rowOf(decision.trial);
    row.is = 'running';
    this.tell({ kind: 'started', trial: decision.trial, step: row.time });
  }

  private rowOf(trial: number): Game['trials'][number] {
    return this.trials[trial] as Game['trials'][number];
  }

  private tell(event: SchedulerEvent): readonly Decision[] {
    const outcome = this.scheduler.decide(this.state, event, context);
    this.state = JSON.parse(JSON.stringify(outcome.state)) as AshaState;
    return outcome.decisions;
  }
}
