import type { Decision, SchedulerEvent } from '../../schedule/scheduler.ts';
import type { TrialId } from '../../trial/ids.ts';

/** What a scheduler knows of a trial from what it was told and decided; `leaving`: it was told to pause, `called`: it was resumed, `stopping`: to stop. */
export type Standing = 'pending' | 'running' | 'leaving' | 'paused' | 'called' | 'stopping' | 'ended';

/** How each trial stands, as far as a scheduler can know. */
export class Standings {
  readonly of = new Map<TrialId, Standing>();
  /** The checkpoints that it was told of: `3 checkpoint_000001`. */
  readonly checkpoints = new Set<string>();

  told(event: SchedulerEvent): void {
    if (!('trial' in event)) return;
    const { trial, kind } = event;
    if (kind === 'queued') this.of.set(trial, 'pending');
    if (kind === 'checkpointed') this.checkpoints.add(`${trial} ${event.checkpoint}`);
    if (kind === 'exploited') this.of.set(trial, 'pending');
    if (kind === 'started' && this.of.get(trial) !== 'stopping') this.of.set(trial, 'running');
    if (kind === 'paused' && this.of.get(trial) !== 'stopping') this.of.set(trial, this.of.get(trial) === 'called' ? 'called' : 'paused');
    if (kind === 'completed' || kind === 'stopped' || kind === 'failed') this.of.set(trial, 'ended');
  }

  decided(decision: Decision): void {
    if (decision.kind === 'end') return;
    const { trial, kind } = decision;
    const standing = this.of.get(trial);
    if (standing === undefined || standing === 'ended' || standing === 'stopping') return;
    if (kind === 'stop') this.of.set(trial, 'stopping');
    if (kind === 'pause' && standing === 'running') this.of.set(trial, 'leaving');
    if (kind === 'resume') this.of.set(trial, 'called');
    if (kind === 'exploit') this.of.set(trial, 'running');
  }
}
