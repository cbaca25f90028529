import { AttuneError } from '../base/errors.ts';
import { canonicalJson, type JsonObject } from '../base/json.ts';
import { describe } from '../base/options.ts';
import type { Decision, ScheduleContext, SchedulerEvent } from '../schedule/scheduler.ts';
import type { History } from '../search/history.ts';
import { cloneJson } from '../space/clone-json.ts';
import { checkpointsToRemove } from '../store/retention.ts';
import { toErrorData } from '../trial/error-data.ts';
import type { DecisionRecord, ExperimentEvent, TrialEvent } from '../trial/events.ts';
import type { TrialId } from '../trial/ids.ts';
import { metricAt, metricMissing, numbersOf, toLosses } from '../trial/metrics.ts';
import type { TrialRow } from '../trial/rows.ts';
import { advanceTrials } from '../trial/rows.ts';
import { applyControl, applyDecision, intend } from './decide.ts';
import type { Actor, Entry, Experiment, Seat } from './experiment.ts';
import { actorOf, isSaved, rowOf, setupOf, take } from './experiment.ts';
import { eventInWords, pluginFailed, problemOf } from './plugin-failed.ts';
import { wantsSave } from './settle.ts';

/** What an event led to. `lapsed` and `warnings` are for people; `decisions` and `fault` are journaled with the event. */
export interface Advance {
  readonly decisions: readonly DecisionRecord[];
  readonly fault?: AttuneError;
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
  countTime(experiment, event, at);
  const told = applyFact(experiment, event);
  const warned = experiment.warned.size;
  const outcome = experiment.fault ? { decisions: [], fault: experiment.fault, warnings: [] } : decideAll(experiment, told, recorded);
  settleFact(experiment, event, experiment.warned.size > warned);
  return told.lapsed === undefined ? outcome : { ...outcome, warnings: [...outcome.warnings, told.lapsed] };
}

/** What the time budget counts: sessions from their first to their last line. Downtime is free. */
function countTime({ time }: Experiment, event: ExperimentEvent, at: number): void {
  if (event.kind === 'opened') {
    time.spent += Math.max(0, time.last - time.opened);
    time.opened = at;
  }
  time.last = event.kind === 'created' ? time.last : at;
}

/** Told to the chosen scheduler, and to the stop rules: they differ only for a report that lacks the metric. */
interface Told {
  readonly scheduler?: SchedulerEvent | undefined;
  readonly rules?: SchedulerEvent | undefined;
  /** Why what a hand decided does not apply. */
  readonly lapsed?: string | undefined;
}

const both = (event: SchedulerEvent): Told => ({ scheduler: event, rules: event });

function applyFact(experiment: Experiment, event: ExperimentEvent): Told {
  const quiet = event.kind === 'idle' || event.kind === 'stalled' || event.kind === 'muted';
  if (!quiet) experiment.happened += 1;
  switch (event.kind) {
    case 'created':
    case 'closed':
    case 'muted':
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
      experiment.entries.push({ config: event.config, restarts: event.restarts, next: 0, of: undefined });
      if (event.preset) experiment.presets += 1;
      else experiment.unnamed.push(experiment.entries.length - 1);
      experiment.toldExhausted = false;
      return {};
    case 'controlled':
      return { lapsed: applyControl(experiment, event.decision as unknown as Decision, String(event.decision.by ?? 'user')) };
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
    const pausedAlready = intent?.kind === 'pause' && !intent.midway && isSaved(experiment, trial);
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
      else if (actor.intent?.kind === 'pause') actor.intent = { kind: 'pause', by: actor.intent.by, reason: actor.intent.reason };
      return both({ kind: 'checkpointed', trial, step: event.step, checkpoint: event.checkpoint });
    case 'exploited':
      leaveSlot(experiment, trial);
      actor.savedStep = event.step;
      toHistory(experiment, actor, (history) => history.leave(actor.row));
      actor.isEvidence = false;
      actor.alone = false; // it is another model now
      experiment.runnable.push(trial);
      keepHold(actor);
      return both({ kind: 'exploited', trial, from: event.from, step: event.step, config: event.config });
    case 'retried':
      if (event.damaged !== undefined) actor.savedStep = rowOf(experiment, trial).checkpoints.at(-1)?.step ?? 0;
      leaveSlot(experiment, trial);
      experiment.runnable.push(trial);
      if (event.alone) actor.alone = true;
      if (event.resumed) actor.isEvidence = experiment.history.at(actor.row).state === 'failed';
      keepHold(actor);
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
      actor.held = undefined;
      return both({ kind, trial });
    }
  }
}

function applyQueued(experiment: Experiment, event: TrialEvent & { kind: 'queued' }): Told {
  const { trial, config, by, note, asked } = event;
  const row = experiment.actors.length;
  remember(experiment, (history) => history.add({ config, by: by.kind, asked, ...(note === undefined ? {} : { note }) }));
  experiment.actors.push({
    row,
    intent: undefined,
    resumes: false,
    held: undefined,
    scored: false,
    canSave: false,
    saves: false,
    savedStep: 0,
    run: undefined,
    interrupted: false,
    alone: false,
    isEvidence: true,
  });
  experiment.runnable.push(trial);
  if (by.kind === 'searcher') {
    experiment.proposed = by.index + 1;
    if (event.last) experiment.searcherDone = true;
  } else {
    const entry = experiment.entries[by.entry];
    if (entry) Object.assign(entry, { next: by.part + 1, of: by.of });
    take(experiment.unnamed, by.entry);
    while (isQueued(experiment.entries[experiment.entryAt])) experiment.entryAt += 1; // one enqueued by hand may come first
    experiment.toldExhausted = false; // told again once no entry waits
  }
  return both({ kind: 'queued', trial, config });
}

const isQueued = (entry: Entry | undefined): boolean => entry !== undefined && entry.next === entry.of;

function applyReported(experiment: Experiment, actor: Actor, event: TrialEvent & { kind: 'reported' }): Told {
  const { trial, step, metrics } = event;
  const { objectives } = experiment.created;
  const row = rowOf(experiment, trial);
  actor.canSave = event.canSave === true;
  actor.saves ||= actor.canSave;
  const lapsed = dropHopelessPause(actor, row);
  if (metrics['done'] === true) intend(experiment, trial, { kind: 'stop', by: 'done', reason: 'the trial reported done' });
  const reported = row.last ?? metrics; // the automatic keys may be objectives too
  const losses = toLosses(objectives, reported);
  const missing = actor.scored ? undefined : missingFrom(experiment, reported, losses);
  if (missing) {
    intend(experiment, trial, { kind: 'fail', error: toErrorData(metricMissing(missing.metric, metrics, missing.scheduler)) });
    return { lapsed };
  }
  const told: SchedulerEvent = { kind: 'reported', trial, step, losses: losses ?? [], metrics: numbersOf(row.last ?? {}, 'config') };
  if (losses === undefined) return { rules: told, lapsed };
  actor.scored = true;
  toHistory(experiment, actor, (history) => history.report(actor.row, step, losses, event.violation));
  return { ...both(told), lapsed };
}

/** What a first report lacks: a metric of the experiment, or one that a scheduler needs. */
function missingFrom({ created, seats }: Experiment, reported: JsonObject, losses: readonly number[] | undefined): Missing | undefined {
  const lacking = losses ? undefined : created.objectives.find((objective) => toLosses([objective], reported) === undefined);
  if (lacking) return { metric: lacking.metric };
  for (const { scheduler } of seats) {
    const metric = scheduler.needs?.find((name) => !Number.isFinite(metricAt(reported, name)));
    if (metric !== undefined) return { metric, scheduler: scheduler.name };
  }
  return undefined;
}

interface Missing {
  readonly metric: string;
  readonly scheduler?: string;
}

/** A hand could not know that the trial reports without a saver: that is no reason to end it. */
function dropHopelessPause(actor: Actor, { name, checkpoints }: TrialRow): string | undefined {
  if (!actor.held || actor.intent?.kind !== 'pause' || actor.canSave || checkpoints.length > 0) return undefined;
  Object.assign(actor, { held: undefined, intent: undefined });
  return `${name} was not paused: it reports without a checkpoint that it could go on from.`;
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

/** A hand wanted it paused before it was retried or exploited: it still does. */
function keepHold(actor: Actor): void {
  if (actor.held) actor.intent = { kind: 'pause', ...actor.held, midway: true };
}

/** An exploited trial has left the history, and one that has ended is complete. */
function toHistory(experiment: Experiment, actor: Actor, change: (history: History) => void): void {
  if (actor.isEvidence) remember(experiment, change);
}

function remember(experiment: Experiment, change: (history: History) => void): void {
  if (experiment.held) experiment.held.push(change);
  else change(experiment.history);
}

/** Lets the history grow again, with everything that it missed. */
export function releaseHistory(experiment: Experiment): void {
  const changes = experiment.held ?? [];
  experiment.held = undefined;
  for (const change of changes) change(experiment.history);
}

const NOTHING: Advance = Object.freeze({ decisions: Object.freeze([]), warnings: Object.freeze([]) });

function decideAll(experiment: Experiment, told: Told, recorded: readonly DecisionRecord[] | undefined): Advance {
  if (told.scheduler === undefined && told.rules === undefined && recorded === undefined) return NOTHING;
  const decisions: DecisionRecord[] = [];
  const warnings: string[] = [];
  const rules = recorded === undefined ? [] : recorded.filter(({ rule }) => rule === true);
  for (const seat of experiment.seats) {
    const event = seat.isRule ? told.rules : told.scheduler;
    if (event === undefined) continue;
    const into = !seat.isRule ? decisions : recorded === undefined ? rules : [];
    try {
      ask(experiment, seat, event, into, warnings);
    } catch (error) {
      const fault = pluginFailed(placeOf(experiment, seat, event), error);
      experiment.fault = fault;
      experiment.halted ??= { by: seat.scheduler.name, reason: problemOf(fault), interrupt: true };
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

/** `asha.decide on "reported" of trial 3af6c_00002` */
function placeOf({ rows }: Experiment, { scheduler, isRule }: Seat, event: SchedulerEvent): string {
  const trial = 'trial' in event ? rows[event.trial]?.name : undefined;
  return `${isRule ? 'runConfig.stop' : `${scheduler.name}.decide`} ${eventInWords(event.kind, trial)}`;
}

function ask(experiment: Experiment, seat: Seat, event: SchedulerEvent, into: DecisionRecord[], warnings: string[]): void {
  const { scheduler } = seat;
  const outcome = scheduler.decide(seat.state, event, contextOf(experiment, scheduler.name));
  if (!Array.isArray((outcome as Partial<typeof outcome> | undefined)?.decisions)) {
    throw misbehaved(experiment, seat, event, `expected decide() to return { state, decisions }, got ${describe(outcome)}`);
  }
  const stranger = outcome.decisions.find((decision: Partial<Decision> | null) => !scheduler.uses.includes(decision?.kind as Decision['kind']));
  if (stranger !== undefined)
    throw misbehaved(experiment, seat, event, `expected decisions that its uses name (${scheduler.uses.join(', ')}), got ${describe(stranger)}`);
  seat.state = outcome.state;
  if (outcome.warnings) warnings.push(...outcome.warnings);
  for (const [i, decision] of outcome.decisions.entries()) {
    const by = outcome.by?.[i] ?? scheduler.name;
    into.push({ ...(cloneJson(decision) as JsonObject & Decision), by, ...(seat.isRule ? { rule: true } : {}) });
  }
}

function contextOf(experiment: Experiment, name: string): ScheduleContext {
  const context: Omit<ScheduleContext, 'rng'> = setupOf(experiment);
  return Object.assign(context, { rng: (...key: readonly (string | number)[]) => experiment.root.fork('schedule', name, ...key) });
}

const misbehaved = (experiment: Experiment, seat: Seat, event: SchedulerEvent, problem: string): AttuneError =>
  new AttuneError('PLUGIN_FAILED', `${placeOf(experiment, seat, event)}: ${problem}.`);

/**
 * What an event that nobody answered leads to: the loop asks the searcher, or the trial paused longest goes on.
 * @param lapsed - it was answered, with what lapses, and never did before: an idle slot is told of again, for another answer
 */
function settleFact(experiment: Experiment, event: ExperimentEvent, lapsed: boolean): void {
  if (event.kind === 'idle' && !lapsed) experiment.idleAt = experiment.happened;
  if (event.kind !== 'stalled') return;
  experiment.stalledAt = experiment.happened;
  const longest = experiment.paused.find((trial) => actorOf(experiment, trial).held === undefined);
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
export const sameDecisions = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  (a.length === 0 && b.length === 0) || canonicalJson(a) === canonicalJson(b);
