import type { Decision } from '../schedule/scheduler.ts';
import { contains } from '../space/contains.ts';
import type { TrialId } from '../trial/ids.ts';
import { hasEnded } from '../trial/lifecycle.ts';
import type { Actor, Experiment, Intent } from './experiment.ts';
import { isSaved, rowOf, STRENGTH, take } from './experiment.ts';

/**
 * Turns one decision into an intent, or a paused trial into a runnable one.
 *
 * @returns why it lapsed, or `undefined` when it holds
 */
export function applyDecision(experiment: Experiment, decision: Decision, by: string): string | undefined {
  if (decision.kind === 'end') {
    experiment.halted ??= { by, reason: decision.reason, interrupt: false };
    for (const trial of experiment.running) intend(experiment, trial, { kind: 'stop', by, reason: decision.reason });
    return undefined;
  }
  const { trial, kind } = decision;
  const actor = experiment.actors[trial];
  const lapsed = (why: string): string => `${by}: "${kind}" of trial ${trial} lapses: ${why}.`;
  if (actor === undefined) return lapsed('there is no such trial');
  const { status } = rowOf(experiment, trial);
  if (hasEnded(status)) return lapsed(`it is ${status}`);
  if (actor.held && (kind === 'resume' || kind === 'exploit')) return lapsed('it was paused by hand');
  switch (kind) {
    case 'resume':
      return resume(experiment, actor, trial) ? undefined : lapsed(`it is ${status}`);
    case 'stop':
      intend(experiment, trial, { kind: 'stop', by, reason: decision.reason });
      return undefined;
    case 'pause':
    case 'checkpoint':
      if (status !== 'RUNNING') return lapsed(`it is ${status}`);
      intend(experiment, trial, kind === 'pause' ? { kind, by, reason: decision.reason } : { kind, reason: decision.reason });
      return undefined;
    case 'exploit':
      return status === 'PENDING' ? lapsed('it is PENDING') : exploit(experiment, decision, lapsed);
  }
}

/**
 * The same for what a hand decides. A pause by hand holds until a hand resumes the trial, or it ends: over a retry or an
 * exploit that was under way, and over restores.
 */
export function applyControl(experiment: Experiment, decision: Decision, by: string): string | undefined {
  const actor = decision.kind === 'end' ? undefined : experiment.actors[decision.trial];
  if (decision.kind === 'end' || actor === undefined) return applyDecision(experiment, decision, by);
  const { kind, trial, reason } = decision;
  const { status } = rowOf(experiment, trial);
  if (kind === 'pause' && status === 'PAUSED') {
    hold(actor, by, reason);
    take(experiment.runnable, trial);
    return undefined;
  }
  if (kind === 'pause' && status === 'RUNNING') {
    hold(actor, by, reason);
    if (actor.intent?.kind === 'pause') actor.intent = { ...actor.intent, by, reason }; // a scheduler's; the hand has the last word
    intend(experiment, trial, { kind, by, reason, ...(actor.interrupted ? {} : { midway: true }) });
    return undefined;
  }
  if (kind === 'resume') {
    const { held } = actor;
    actor.held = undefined;
    if (held && status === 'PENDING') {
      actor.intent = undefined; // it was to be paused once it runs again
      return undefined;
    }
  }
  return applyDecision(experiment, decision, by);
}

function hold(actor: Actor, by: string, reason: string): void {
  actor.held = { by, reason };
  actor.resumes = false;
}

function resume(experiment: Experiment, actor: Actor, trial: TrialId): boolean {
  if (experiment.paused.includes(trial)) {
    if (experiment.runnable.includes(trial)) return false;
    experiment.runnable.push(trial);
    return true;
  }
  if (actor.intent?.kind !== 'pause') return false;
  actor.resumes = true;
  return true;
}

function exploit(experiment: Experiment, decision: Decision & { kind: 'exploit' }, lapsed: (why: string) => string): string | undefined {
  const { trial, from, checkpoint, config, reason } = decision;
  const source = experiment.rows[from]?.checkpoints.find(({ name }) => name === checkpoint);
  if (source === undefined) return lapsed(`trial ${from} has no checkpoint "${checkpoint}"`);
  if (!contains(experiment.space, config)) return lapsed('its configuration does not lie in the space');
  intend(experiment, trial, { kind: 'exploit', from, source: checkpoint, config, reason });
  return undefined;
}

/** Keeps the stronger of two intents, the earlier of equals. One that needs no worker becomes due. */
export function intend(experiment: Experiment, trial: TrialId, intent: Intent): void {
  const actor = experiment.actors[trial];
  if (actor === undefined) return;
  const rank = ({ kind }: Intent): number => STRENGTH.indexOf(kind);
  if (actor.intent && rank(actor.intent) <= rank(intent)) return;
  actor.intent = intent;
  if (intent.kind === 'stop' || intent.kind === 'exploit') experiment.ordered += 1;
  const ends = intent.kind === 'stop' || intent.kind === 'exploit' || intent.kind === 'fail';
  const isPaused = intent.kind === 'pause' && actor.interrupted && isSaved(experiment, trial);
  const needsNoWorker = !experiment.running.has(trial) && (ends || isPaused);
  if (!needsNoWorker || experiment.due.includes(trial)) return;
  take(experiment.runnable, trial);
  experiment.due.push(trial);
}
