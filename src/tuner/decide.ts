import type { Decision } from '../schedule/scheduler.ts';
import { contains } from '../space/contains.ts';
import type { TrialId } from '../trial/ids.ts';
import { hasEnded } from '../trial/lifecycle.ts';
import type { Actor, Experiment, Intent } from './experiment.ts';
import { rowOf, STRENGTH, take } from './experiment.ts';

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
  const needsNoWorker = !experiment.running.has(trial) && (intent.kind === 'stop' || intent.kind === 'exploit' || intent.kind === 'fail');
  if (!needsNoWorker || experiment.due.includes(trial)) return;
  take(experiment.runnable, trial);
  experiment.due.push(trial);
}
