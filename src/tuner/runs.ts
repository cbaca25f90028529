import { AttuneError } from '../base/errors.ts';
import { warn as warnUser } from '../base/warn.ts';
import type { Answer, ExecutorEvent, Run } from '../execute/executor.ts';
import type { ErrorData, JournalLine, TrialEvent, Where } from '../trial/events.ts';
import type { RunId, TrialId } from '../trial/ids.ts';
import { runId } from '../trial/ids.ts';
import type { TrialRow } from '../trial/rows.ts';
import { announceDone, announcePlace, announceSave } from '../trial/rows.ts';
import { type BackOff, backOffS } from './back-off.ts';
import { actorOf, rowOf } from './experiment.ts';
import { endingOf, finishOf, settleReport } from './settle.ts';
import type { Shell } from './shell.ts';

/** A run that the executor has: which trial, how it is told to stop, and where it is until that is journaled. */
interface Running {
  readonly trial: TrialId;
  readonly stop: AbortController;
  /** It was told to stop before this run, which only repeats what is lost, to save it. */
  readonly owes: boolean;
  /** Its open report came with a saver. */
  canSave: boolean;
  where: Where | undefined;
  /** Its signal was aborted. */
  told: boolean;
}

/** The runs in hand: starts them, turns what the executor says into events, and answers reports. */
export class Runs {
  private readonly shell: Shell;
  private readonly backOff: BackOff;
  private readonly running = new Map<RunId, Running>();
  private starts: Run[] = [];
  /** Reports that wait for their answer, with the line to which is added what becomes of them: the name of a checkpoint, that it is the last. */
  private readonly open = new Map<RunId, JournalLine | undefined>();
  /** Runs that have ended, which the executor is to be told of once that is written. */
  private ended: RunId[] = [];
  /** The count of stops and exploits of which every run that they are about has been told. */
  private seen = 0;

  constructor(shell: Shell, backOff: BackOff) {
    this.shell = shell;
    this.backOff = backOff;
  }

  get resting(): ReadonlySet<TrialId> {
    return this.backOff.resting;
  }

  get size(): number {
    return this.running.size;
  }

  /** Journals the start of a trial; `launch` carries it out. */
  begin(trial: TrialId): void {
    const { experiment, recorder, trainable, resources, pathOf } = this.shell;
    const row = rowOf(experiment, trial);
    const run = runId(experiment.runs);
    const checkpoint = row.checkpoints.at(-1);
    const step = checkpoint?.step ?? 0;
    recorder.record({ kind: 'started', trial, run, step, ...(checkpoint ? { checkpoint: checkpoint.name } : {}) });
    const { intent, alone } = actorOf(experiment, trial);
    const owes = intent?.kind === 'stop';
    this.running.set(run, { trial, stop: new AbortController(), owes, canSave: false, where: undefined, told: false });
    if (owes) this.seen = -1; // it may have to be told
    const [objective, another] = experiment.created.objectives;
    this.starts.push({
      run,
      trial,
      id: row.name,
      name: `${trainable.name}_${row.name}`,
      trainable,
      config: row.config,
      dir: pathOf(trial),
      step,
      ...(checkpoint ? { checkpoint: pathOf(trial, checkpoint.name) } : {}),
      ...(checkpoint?.manifest === undefined ? {} : { manifest: checkpoint.manifest }),
      ...(objective && !another ? { metric: objective.metric } : {}),
      get seed() {
        return experiment.root.fork('trial', trial).int(2 ** 32); // a stream costs more than all else here, and few ask
      },
      resources,
      ...(alone ? { alone } : {}),
    });
  }

  /** Starts what was begun, now that it is written. */
  launch(): void {
    const starts = this.starts;
    this.starts = [];
    for (const run of starts) {
      const running = this.running.get(run.run);
      if (running) this.shell.executor.start(run, running.stop.signal);
    }
  }

  /** Carries out an intent that needs no worker. */
  finish(trial: TrialId): void {
    const { experiment, recorder, pathOf, copyCheckpoint } = this.shell;
    const event = finishOf(experiment, trial);
    if (event.kind === 'exploited') copyCheckpoint(pathOf(event.from, event.source), pathOf(trial, event.checkpoint));
    recorder.record(event);
  }

  accept(event: ExecutorEvent): void {
    const { experiment, warn } = this.shell;
    const running = this.running.get(event.run);
    if (running === undefined) return; // of an older run
    const { trial } = running;
    switch (event.kind) {
      case 'started':
        running.where = { pid: event.pid, host: event.host, thread: event.thread };
        announcePlace(rowOf(experiment, trial), running.where);
        return;
      case 'warned':
        return warn(`${rowOf(experiment, trial).name}: ${event.message}`);
      case 'reported':
        return this.acceptReport(running, event);
      case 'checkpointed':
        return this.acceptCheckpoint(running, event);
      case 'ended':
        return this.acceptEnd(running, event);
    }
  }

  /** Answers every open report as its trial's intent now stands, after the batch is written; says which ends that has. */
  answer(): void {
    const { experiment, recorder, executor, pathOf } = this.shell;
    const answers: RunId[] = [];
    const said: Answer[] = [];
    for (const [run, line] of this.open) {
      const running = this.running.get(run);
      if (running === undefined) continue;
      const { trial, canSave } = running;
      const settlement = settleReport(experiment, trial, canSave);
      if (line && actorOf(experiment, trial).intent?.kind === 'stop') {
        announceDone(rowOf(experiment, trial));
        Object.assign(line, { done: true });
      }
      answers.push(run);
      if (settlement.kind === 'then') {
        said.push(settlement.answer);
        continue;
      }
      announceSave(rowOf(experiment, trial), settlement.name);
      if (line) Object.assign(line, { save: settlement.name });
      said.push({ save: pathOf(trial, settlement.name), then: 'continue' });
    }
    recorder.flush();
    this.tellOthers();
    this.open.clear();
    for (let i = 0; i < answers.length; i++) executor.answer(answers[i] as RunId, said[i] as Answer);
    const { ended } = this;
    if (ended.length === 0) return;
    this.ended = [];
    for (const run of ended) executor.endWritten?.(run);
  }

  /** A trial that is to stop and has no report open is told through its signal. Looks at the runs only when there may be one. */
  private tellOthers(): void {
    const { experiment } = this.shell;
    const { halted, ordered } = experiment;
    if (this.seen === ordered && !halted) return;
    this.seen = ordered;
    for (const [run, running] of this.running) {
      const { trial, stop, owes, told } = running;
      if (told) continue;
      const { intent } = actorOf(experiment, trial);
      const stops = intent?.kind === 'stop' || intent?.kind === 'exploit';
      if (!stops && !halted?.interrupt) continue;
      if (this.open.has(run) || (owes && !halted)) {
        this.seen = -1; // later, if it still runs then
        continue;
      }
      running.told = true;
      stop.abort(new Error(stops ? intent.reason : halted?.reason));
    }
  }

  private acceptReport(running: Running, event: ExecutorEvent & { kind: 'reported' }): void {
    const { experiment, recorder, executor } = this.shell;
    const { trial, where } = running;
    const { run, step, metrics, seconds, violation, canSave } = event;
    const reached = rowOf(experiment, trial).step;
    if (step < reached) return executor.answer(run, { then: 'continue' }); // repeats what an earlier run reported
    running.canSave = canSave;
    if (step === reached) {
      this.open.set(run, undefined);
      return;
    }
    const report: TrialEvent & { kind: 'reported' } = { kind: 'reported', trial, step, metrics, seconds };
    if (violation !== undefined || where || canSave) {
      Object.assign(report, violation === undefined ? undefined : { violation }, where ? { where } : undefined, canSave ? { canSave } : undefined);
    }
    this.open.set(run, recorder.record(report));
    running.where = undefined; // told once per run
  }

  private acceptCheckpoint({ trial }: Running, event: ExecutorEvent & { kind: 'checkpointed' }): void {
    const { experiment, recorder } = this.shell;
    const { run, checkpoint, manifest } = event;
    const saved = { checkpoint: baseName(checkpoint), ...(manifest === undefined ? {} : { manifest }) };
    recorder.record({ kind: 'checkpointed', trial, step: rowOf(experiment, trial).step, ...saved });
    this.open.set(run, undefined);
  }

  private acceptEnd({ trial, where }: Running, event: ExecutorEvent & { kind: 'ended' }): void {
    const { experiment, recorder, executor } = this.shell;
    let line = this.open.get(event.run);
    this.running.delete(event.run);
    this.open.delete(event.run);
    if (executor.endWritten) this.ended.push(event.run);
    const reached = rowOf(experiment, trial).step;
    const step = event.how === 'completed' ? (event.step ?? reached + 1) : 0;
    if (event.how === 'completed' && event.metrics && step > reached) {
      const { metrics, seconds = 0, violation } = event;
      const said = { ...(violation === undefined ? {} : { violation }), ...(where ? { where } : {}) };
      line = recorder.record({ kind: 'reported', trial, step, metrics, seconds, ...said });
    }
    if (event.how === 'failed' && event.error.code === 'STORAGE_UNWRITABLE') throw storageError(event.error); // no fault of this trial
    const ending = endingOf(experiment, trial, event);
    const isLast = typeof ending === 'object' && (ending.kind === 'completed' || ending.kind === 'stopped');
    if (line && isLast) Object.assign(line, { done: true }); // written together
    if (ending === 'exploit') this.finish(trial);
    else if (ending !== undefined) this.end(ending);
  }

  private end(ending: TrialEvent): void {
    const { experiment, recorder, backoffS, warn } = this.shell;
    recorder.record(ending);
    if (ending.kind === 'retried') {
      const row = rowOf(experiment, ending.trial);
      if (ending.alone) warn(`${row.name} is tried again with its device for itself: ${problemIn(ending.error)}`);
      else if (ending.damaged === undefined) this.backOff.rest(ending.trial, backOffS(backoffS, row.failures));
      else tellDamage(row, ending.error); // nobody has failed
    }
    if (ending.kind !== 'failed' || !experiment.created.failFast || experiment.halted) return;
    recorder.record({ kind: 'halted', by: 'failFast', reason: `failFast: trial ${rowOf(experiment, ending.trial).name} failed`, interrupt: true });
  }
}

/** Also with `verbose: 0`: work that is lost is no progress message. */
function tellDamage({ name, checkpoints }: TrialRow, error: ErrorData): void {
  const from = checkpoints.at(-1)?.name ?? 'its start';
  warnUser(`${name} goes on from ${from}: ${problemIn(error)}`);
}

const problemIn = ({ message }: ErrorData): string => message.replace(/ Hint: .*$/s, '');

/** What a worker said, as an error again. */
function storageError({ message }: ErrorData): AttuneError {
  const [, problem = message, hint] = /^(.*?) Hint: (.*) \[STORAGE_UNWRITABLE\]$/s.exec(message) ?? [];
  return new AttuneError('STORAGE_UNWRITABLE', problem, hint === undefined ? {} : { hint });
}

const baseName = (path: string): string => path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
