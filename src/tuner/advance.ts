import { canonicalJson } from '../base/json.ts';
import { describe } from '../base/options.ts';
import type { Decision, SchedulerEvent } from '../schedule/scheduler.ts';
import type { History } from '../search/history.ts';
import { checkpointsToRemove } from '../store/retention.ts';
import { toErrorData } from '../trial/error-data.ts';
import type { DecisionRecord, ErrorData, ExperimentEvent, TrialEvent } from '../trial/events.ts';
import type { TrialId } from '../trial/ids.ts';
import { metricMissing, numbersOf, toLosses } from '../trial/metrics.ts';
import { advanceTrials } from '../trial/rows.ts';
import { applyDecision, intend } from './decide.ts';
import type { Actor, Experiment, Seat } from './experiment.ts';
import { actorOf, rowOf, setupOf, take } from './experiment.ts';
import { wantsSave } from './settle.ts';

/** What an event led to. `lapsed` and `warnings` are for people; `decisions` and `fault` are journaled with the event. */
export interface Advance {
  readonly decisions: readonly DecisionRecord[];
  readonly fault?: ErrorData;
  readonly warnings: readonly string[];
}

/**
 * The one way in which an experiment changes: `event` becomes a fact, the schedulers decide on it, and their decisions
 * become intents. Deterministic; no `await`, no clock (`at` is data).
 *
 * A plug-in that throws gives `fault` instead of decisions, and halts the experiment: nothing is decided any more in
 * this session, and a restore decides those lines anew.
 *
 * @param recorded - in a replay, what the journal says was decided: stop rules may differ on restore, so theirs is taken from there
 */
export function advance(experiment: Experiment, event: ExperimentEvent, at: number, recorded?: readonly DecisionRecord[]): Advance {
  if (event.kind === 'checkpointed' && event.removed === undefined) nameRemoved(experiment, event);
  advanceTrials(experiment.rows, experiment.created.seed, event, at);
  const told = applyFact(experiment, event);
  const outcome = experiment.fault ? { decisions: [], fault: experiment.fault, warnings: [] } : decideAll(experiment, told, recorded);
  settleFact(experiment, event);
  return outcome;
}

/** Told to the chosen scheduler, and to the stop rules: they differ only for a report that lacks the metric. */
interface Told {
  readonly scheduler?: SchedulerEvent | undefined;
  readonly rules?: SchedulerEvent | undefined;
}

const both = (event: SchedulerEvent): Told => ({ scheduler: event, rules: event });

function applyFact(experiment: Experiment, event: ExperimentEvent): Told {
  const quiet = event.kind === 'idle' || event.kind === 'stalled';
  if (!quiet) experiment.happened += 1;
  switch (event.kind) {
    case 'created':
    case 'closed':
      return {};
    case 'opened':
      applyOpened(experiment, event);
      return {};
    case 'halted':
      experiment.halted = { by: event.by, reason: event.reason, interrupt: event.interrupt === true };
      if (event.interrupt) return {};
      for (const trial of experiment.running) intend(experiment, trial, { kind: 'stop', by: event.by, reason: event.reason });
      return {};
    case 'enqueued':
      experiment.entries.push({ config: event.config, next: 0, of: undefined });
      if (event.preset) experiment.presets += 1;
      experiment.toldExhausted = false;
      return {};
    case 'controlled':
      applyDecision(experiment, event.decision as unknown as Decision, String(event.decision.by ?? 'user'));
      return {};
    case 'idle':
    case 'stalled':
      return both({ kind: event.kind });
    case 'exhausted':
      experiment.searcherDone = true;
      experiment.toldExhausted = true;
      return both({ kind: 'exhausted' });
    default:
      return applyTrialFact(experiment, event);
  }
}

function applyOpened(experiment: Experiment, event: ExperimentEvent & { kind: 'opened' }): void {
  const samples = event.samples === 'unlimited' ? Number.POSITIVE_INFINITY : event.samples;
  if (samples > experiment.samples) {
    experiment.searcherDone = false;
    experiment.toldExhausted = false;
  }
  experiment.samples = samples;
  experiment.slots = event.slots;
  experiment.halted = undefined;
  const interrupted = [...experiment.running].sort((a, b) => a - b);
  for (const trial of interrupted) {
    const actor = actorOf(experiment, trial);
    const { intent } = actor;
    const pausedAlready = intent?.kind === 'pause' && actor.savedStep === rowOf(experiment, trial).step;
    actor.interrupted = true;
    actor.run = undefined;
    const endsNow = intent?.kind === 'stop' && !(actor.canSave && wantsSave(experiment, trial)); // else what it reported last would never be saved
    if (endsNow || intent?.kind === 'exploit' || intent?.kind === 'fail' || pausedAlready) experiment.due.push(trial);
  }
  experiment.runnable.unshift(...interrupted.filter((trial) => !experiment.due.includes(trial)));
  experiment.running.clear();
}

function applyTrialFact(experiment: Experiment, event: TrialEvent): Told {
  const { trial } = event;
  if (event.kind === 'queued') return applyQueued(experiment, event);
  const actor = actorOf(experiment, trial);
  switch (event.kind) {
    case 'started':
      experiment.running.add(trial);
      take(experiment.runnable, trial);
      take(experiment.paused, trial);
      experiment.runs = Math.max(experiment.runs, event.run + 1);
      actor.run = event.run;
      actor.interrupted = false;
      return both({ kind: 'started', trial, step: event.step });
    case 'reported':
      return applyReported(experiment, actor, event);
    case 'checkpointed':
      actor.savedStep = event.step;
      if (actor.intent?.kind === 'checkpoint') actor.intent = undefined;
      return both({ kind: 'checkpointed', trial, step: event.step, checkpoint: event.checkpoint });
    case 'exploited':
      leaveSlot(experiment, trial);
      actor.savedStep = event.step;
      toHistory(experiment, actor, (history) => history.leave(actor.row));
      actor.isEvidence = false;
      experiment.runnable.push(trial);
      return {};
    case 'retried':
      leaveSlot(experiment, trial);
      experiment.runnable.push(trial);
      return {};
    case 'paused':
      return applyPaused(experiment, actor, event);
    case 'completed':
    case 'stopped':
    case 'failed': {
      leaveSlot(experiment, trial);
      const { kind } = event;
      toHistory(experiment, actor, (history) => history.end(actor.row, kind));
      actor.isEvidence = false;
      return both({ kind, trial });
    }
  }
}

function applyQueued(experiment: Experiment, event: TrialEvent & { kind: 'queued' }): Told {
  const { trial, config, by, note, asked } = event;
  const { history } = experiment;
  const row = experiment.actors.length;
  remember(experiment, () => history.add({ config, by: by.kind, asked, ...(note === undefined ? {} : { note }) }));
  experiment.actors.push({
    row,
    intent: undefined,
    resumes: false,
    scored: false,
    canSave: false,
    savedStep: 0,
    run: undefined,
    interrupted: false,
    isEvidence: true,
  });
  experiment.runnable.push(trial);
  if (by.kind === 'searcher') {
    experiment.proposed = by.index + 1;
    if (event.last) experiment.searcherDone = true;
  } else {
    const entry = experiment.entries[by.entry];
    if (entry) Object.assign(entry, { next: by.part + 1, of: by.of });
    if (by.part + 1 === by.of) experiment.entryAt = by.entry + 1;
    experiment.toldExhausted = false; // told again once no entry waits
  }
  return both({ kind: 'queued', trial, config });
}

function applyReported(experiment: Experiment, actor: Actor, event: TrialEvent & { kind: 'reported' }): Told {
  const { trial, step, metrics } = event;
  const { objectives } = experiment.created;
  const row = rowOf(experiment, trial);
  actor.canSave = event.canSave === true;
  if (metrics['done'] === true) intend(experiment, trial, { kind: 'stop', by: 'done', reason: 'the trial reported done' });
  const reported = row.last ?? metrics; // the automatic keys may be objectives too
  const losses = toLosses(objectives, reported);
  const told: SchedulerEvent = { kind: 'reported', trial, step, losses: losses ?? [], metrics: numbersOf({ ...row.last, config: null }) };
  if (losses === undefined) {
    const missing = objectives.find((objective) => toLosses([objective], reported) === undefined);
    if (!actor.scored && missing) {
      intend(experiment, trial, { kind: 'fail', error: toErrorData(metricMissing(missing.metric, metrics)) });
      return {};
    }
    return { rules: told };
  }
  actor.scored = true;
  toHistory(experiment, actor, (history) => history.report(actor.row, step, losses, event.violation));
  return both(told);
}

function applyPaused(experiment: Experiment, actor: Actor, event: TrialEvent & { kind: 'paused' }): Told {
  const { trial } = event;
  const resumes = actor.resumes;
  leaveSlot(experiment, trial);
  experiment.paused.push(trial);
  if (resumes) experiment.runnable.push(trial);
  return both({ kind: 'paused', trial });
}

/** A trial runs no more: its intent is fulfilled, or lapses. */
function leaveSlot(experiment: Experiment, trial: TrialId): void {
  const actor = actorOf(experiment, trial);
  experiment.running.delete(trial);
  take(experiment.runnable, trial);
  take(experiment.paused, trial);
  take(experiment.due, trial);
  Object.assign(actor, { intent: undefined, resumes: false, canSave: false, run: undefined, interrupted: false });
}

/** An exploited trial has left the history, and one that has ended is complete. */
function toHistory(experiment: Experiment, actor: Actor, change: (history: History) => void): void {
  if (actor.isEvidence) remember(experiment, () => change(experiment.history));
}

function remember(experiment: Experiment, change: () => void): void {
  if (experiment.held) experiment.held.push(change);
  else change();
}

/** Lets the history grow again, with everything that it missed. */
export function releaseHistory(experiment: Experiment): void {
  const changes = experiment.held ?? [];
  experiment.held = undefined;
  for (const change of changes) change();
}

function decideAll(experiment: Experiment, told: Told, recorded: readonly DecisionRecord[] | undefined): Advance {
  const decisions: DecisionRecord[] = [];
  const warnings: string[] = [];
  const rules = [...(recorded ?? [])].filter(({ rule }) => rule === true);
  for (const seat of experiment.seats) {
    const event = seat.isRule ? told.rules : told.scheduler;
    if (event === undefined) continue;
    try {
      const made = ask(experiment, seat, event, warnings);
      if (!seat.isRule) decisions.push(...made);
      else if (recorded === undefined) rules.push(...made);
    } catch (error) {
      const fault = toErrorData(error);
      experiment.fault = fault;
      experiment.halted ??= { by: seat.scheduler.name, reason: `${seat.scheduler.name} threw: ${fault.message}`, interrupt: true };
      return { decisions: [], fault, warnings };
    }
  }
  decisions.push(...rules);
  for (const decision of decisions) {
    const lapse = applyDecision(experiment, decision as unknown as Decision, decision.by ?? '');
    if (lapse !== undefined && !experiment.warned.has(lapse)) {
      experiment.warned.add(lapse);
      warnings.push(lapse);
    }
  }
  return { decisions, warnings };
}

function ask(experiment: Experiment, seat: Seat, event: SchedulerEvent, warnings: string[]): DecisionRecord[] {
  const { scheduler } = seat;
  const context = { rng: (...key: readonly (string | number)[]) => experiment.root.fork('schedule', scheduler.name, ...key), ...setupOf(experiment) };
  const outcome = scheduler.decide(seat.state, event, context);
  if (!Array.isArray((outcome as Partial<typeof outcome> | undefined)?.decisions)) {
    throw new TypeError(`expected decide() to return { state, decisions }, got ${describe(outcome)}`);
  }
  const stranger = outcome.decisions.find(({ kind }) => !scheduler.uses.includes(kind));
  if (stranger) throw new TypeError(`expected decisions that its uses name (${scheduler.uses.join(', ')}), got ${JSON.stringify(stranger)}`);
  seat.state = outcome.state;
  if (outcome.warnings) warnings.push(...outcome.warnings);
  return outcome.decisions.map((decision, i): DecisionRecord => {
    const by = outcome.by?.[i] ?? scheduler.name;
    return { ...decision, by, ...(seat.isRule ? { rule: true } : {}) };
  });
}

/** What an event that nobody answered leads to: the loop asks the searcher, or the trial paused longest goes on. */
function settleFact(experiment: Experiment, event: ExperimentEvent): void {
  if (event.kind === 'idle') experiment.idleAt = experiment.happened;
  if (event.kind !== 'stalled') return;
  experiment.stalledAt = experiment.happened;
  const longest = experiment.paused[0];
  if (experiment.runnable.length === 0 && experiment.due.length === 0 && longest !== undefined) experiment.runnable.push(longest);
}

/** Retention: which checkpoints this one replaces. Recorded with the event. */
function nameRemoved(experiment: Experiment, event: TrialEvent & { kind: 'checkpointed' }): void {
  const row = rowOf(experiment, event.trial);
  const candidate = { name: event.checkpoint, step: event.step, row: row.last ?? {} };
  const pinned = new Set<string>();
  for (const trial of [...experiment.running, ...experiment.due]) {
    const { intent } = actorOf(experiment, trial);
    if (intent?.kind === 'exploit' && intent.from === event.trial) pinned.add(intent.source);
  }
  const removed = checkpointsToRemove([...row.checkpoints, candidate], experiment.created.checkpoints, pinned);
  if (removed.length > 0) Object.assign(event, { removed });
}

/** True when replay decided what the journal says was decided. */
export const sameDecisions = (a: readonly unknown[], b: readonly unknown[]): boolean => canonicalJson(a) === canonicalJson(b);
