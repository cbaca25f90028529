import { AttuneError } from '../base/errors.ts';
import type { Config } from '../space/config.ts';
import type { TrialId } from '../trial/ids.ts';
import type { Control } from '../trial/lifecycle.ts';
import { CONTROLS, notAllowed } from '../trial/lifecycle.ts';
import type { TrialRecord } from '../trial/trial-record.ts';
import type { Asker } from './asker.ts';
import type { Experiment } from './experiment.ts';
import { actorOf, rowOf } from './experiment.ts';
import type { Ordered } from './inbox.ts';
import type { Shell } from './shell.ts';

/** The author of what a hand decides. */
const BY = 'user';
const PAST = { stop: 'stopped', pause: 'paused', resume: 'resumed' } as const satisfies Record<Control, string>;

/** Journals what a hand asks for, or refuses it and leaves the experiment as it is. */
export class Orders {
  private readonly shell: Shell;
  private readonly asker: Asker;
  private unwritten: (() => void)[] = [];

  constructor(shell: Shell, asker: Asker) {
    this.shell = shell;
    this.asker = asker;
  }

  take({ order, accept, refuse }: Ordered): void {
    const { experiment, recorder } = this.shell;
    let id = '';
    switch (order.kind) {
      case 'end':
        if (!experiment.halted) recorder.record({ kind: 'halted', by: BY, reason: order.reason });
        break;
      case 'enqueue': {
        const error = this.enqueue(order.config);
        if (error) return refuse(error.error);
        id = experiment.rows.at(-1)?.name ?? '';
        break;
      }
      default: {
        const { kind, reason } = order;
        const trial = findTrial(experiment.rows, order.id);
        const error = trial === undefined ? unknownTrial(kind, order.id) : refusalNow(experiment, trial, kind);
        if (error || trial === undefined) return refuse(error);
        recorder.record({ kind: 'controlled', decision: { kind, trial, reason, by: BY } });
        ({ id } = order);
      }
    }
    this.unwritten.push(() => accept(id));
  }

  /** To be called when everything is written. */
  settle(): void {
    const { unwritten } = this;
    this.unwritten = [];
    for (const accept of unwritten) accept();
  }

  /** Queues the trial at once, so that it has its id; the other points of a grid that is swept wait for a free slot. */
  private enqueue(config: Config): { readonly error: unknown } | undefined {
    const { experiment, recorder } = this.shell;
    const { halted, entries, rows } = experiment;
    if (halted) return { error: new AttuneError('NOT_RUN', `enqueue(): expected a run that goes on, got one that ends: ${halted.reason}.`, RESTORE_FIRST) };
    const entry = entries.length;
    try {
      this.asker.complete(entry, config);
    } catch (error) {
      return { error };
    }
    const before = rows.length;
    recorder.record({ kind: 'enqueued', config });
    this.asker.queueEntry(entry);
    return rows.length > before ? undefined : this.asker.failure;
  }
}

const RESTORE_FIRST = { hint: 'Use Tuner.restore, enqueue, then fit().' };

/** Before the run, when only the statuses are known. @throws {AttuneError} `CONTROL_REFUSED` */
export function checkControl(trials: readonly TrialRecord[], kind: Control, id: string): void {
  const trial = findTrial(trials, id);
  const status = trial === undefined ? undefined : trials[trial]?.status;
  if (status === undefined) throw unknownTrial(kind, id);
  if (!isAllowed(CONTROLS[status], kind)) throw refused(id, status, kind, CONTROLS[status]);
}

/** The ids of trials that were enqueued before the run count from those that were there. */
export function checkUnchanged(read: readonly unknown[] = [], { length }: readonly unknown[]): void {
  const before = read.length;
  if (before === length) return;
  throw new AttuneError('RESTORE_MISMATCH', `enqueue: expected the experiment to have ${before} trials, as when it was read, got ${length}.`, {
    hint: 'Another process has gone on with it. Restore it again.',
  });
}

/** The number stands in the id; the rest of it must be right as well. */
function findTrial(trials: readonly TrialRecord[], id: string): TrialId | undefined {
  const record = trials[Number(id.slice(id.lastIndexOf('_') + 1))];
  return record?.name === id ? record.id : undefined;
}

function refusalNow(experiment: Experiment, trial: TrialId, kind: Control): AttuneError | undefined {
  const { name, status, step, checkpoints } = rowOf(experiment, trial);
  const { intent, held, resumes, saves } = actorOf(experiment, trial);
  const ends = intent?.kind === 'stop' || intent?.kind === 'fail';
  const changes = {
    stop: true,
    pause: !held && !ends,
    resume: status === 'PAUSED' ? !ends && !experiment.runnable.includes(trial) : intent?.kind === 'pause' && !resumes,
  };
  const allowed = CONTROLS[status].filter((control) => changes[control]);
  if (!isAllowed(allowed, kind)) return refused(name, statusText(experiment, trial), kind, allowed);
  if (kind !== 'pause' || status === 'PAUSED' || step === 0 || saves || checkpoints.length > 0) return undefined;
  return new AttuneError('PAUSE_WITHOUT_CHECKPOINT', `pauseTrial(): expected a trial that can go on from a checkpoint, got ${name}, which reports without.`);
}

const isAllowed = (allowed: readonly Control[], kind: Control): boolean => allowed.includes(kind);

/** With what is to happen to the trial before anything else: it has been asked for, and has not happened yet. */
function statusText(experiment: Experiment, trial: TrialId): string {
  const { status } = rowOf(experiment, trial);
  const { intent, held, resumes } = actorOf(experiment, trial);
  if (intent?.kind === 'stop' || intent?.kind === 'fail') return `${status}, and about to end`;
  if (status === 'PAUSED') return experiment.runnable.includes(trial) ? `${status}, and about to go on` : status;
  if (!held && intent?.kind !== 'pause') return status;
  return resumes ? `${status}, and about to pause and go on` : `${status}, and about to pause`;
}

const refused = (id: string, status: string, kind: Control, allowed: readonly Control[]): AttuneError =>
  new AttuneError('CONTROL_REFUSED', notAllowed(id, status, PAST[kind], allowed));

const unknownTrial = (kind: Control, id: string): AttuneError =>
  new AttuneError('CONTROL_REFUSED', `${kind}Trial(): expected the id of a trial of this experiment, got ${JSON.stringify(id)}.`);
