import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { systemClock } from '../base/clock.ts';
import { AttuneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { describe } from '../base/options.ts';
import { copyCheckpoint } from '../checkpoint/copy-checkpoint.ts';
import { NO_RESOURCES } from '../execute/devices/resources.ts';
import type { Executor } from '../execute/executor.ts';
import { cloneJson } from '../space/clone-json.ts';
import { EXPERIMENT_FILE, JOURNAL_FILE, journalPath, removeUnnamed, writeWhole } from '../store/experiment-directory.ts';
import { openJournal } from '../store/journal.ts';
import { LOCK_FILE } from '../store/lock.ts';
import { dirNames } from '../trial/dir-names.ts';
import type { ExperimentEvent, JournalLine } from '../trial/events.ts';
import type { TrialId } from '../trial/ids.ts';
import { trialName } from '../trial/ids.ts';
import { hasEnded } from '../trial/lifecycle.ts';
import type { TrialRow } from '../trial/rows.ts';
import { experimentTag, trialDirName } from '../trial/tag.ts';
import type { ExperimentView } from '../watch/callback.ts';
import { announceClosed } from './announce-closed.ts';
import { DEFAULT_BACKOFF_S } from './back-off.ts';
import { caller } from './caller.ts';
import { samplesRecord } from './created.ts';
import type { Experiment } from './experiment.ts';
import { actorOf, rowOf } from './experiment.ts';
import type { Inbox } from './inbox.ts';
import { runLoop } from './loop.ts';
import type { Observers } from './observers.ts';
import type { Plan } from './plan.ts';
import { pluginFailed } from './plugin-failed.ts';
import { recorder } from './recorder.ts';
import { sessionRecord } from './session-record.ts';
import type { Shell } from './shell.ts';

export interface SessionOptions {
  readonly plan: Plan;
  readonly experiment: Experiment;
  readonly executor: Executor;
  /** Closed when the session is over, before the journal is. */
  readonly watching: Observers;
  /** Absolute path of the experiment directory. */
  readonly path: string;
  /** Bytes of the journal that are whole lines. */
  readonly bytes: number;
  /** Lines that come before this session's, told to callbacks first: the `created` line of a new experiment. */
  readonly first?: readonly JournalLine[];
  readonly inbox: Inbox;
  warn(message: string): void;
  /** Events that begin the session, after `opened`: presets of a new experiment, retried trials of a restored one. */
  readonly begin: readonly ExperimentEvent[];
}

/** One session of an experiment: opens the journal, runs the loop, closes everything again, whatever happens. */
export async function runSession(options: SessionOptions): Promise<{ readonly why: string; readonly failure: { readonly error: unknown } | undefined }> {
  const { plan, experiment, executor, path, bytes, first = [], inbox, warn, begin } = options;
  const owner = { pid: process.pid, host: hostname(), ...caller(plan.trainable) };
  using journal = openJournal(journalPath(path), bytes, {
    ...(plan.run.syncPeriodMs === undefined ? {} : { syncPeriodMs: plan.run.syncPeriodMs }),
    onFault: (error) => inbox.put({ kind: 'storage-failed', error }),
  });
  await using watching = options.watching;
  const clock: Clock = executor.clock ?? systemClock;
  const view: ExperimentView = { path, created: experiment.created, trials: experiment.rows, trial: (id) => experiment.rows[id] };
  const removals = new Set<Promise<void>>();
  const pathOf = (trial: TrialId, checkpoint?: string): string => {
    const { dir } = rowOf(experiment, trial);
    return checkpoint === undefined ? join(path, dir) : join(path, dir, checkpoint);
  };
  let unwritten = first;
  const sink = {
    append(lines: readonly JournalLine[]) {
      journal.append([...unwritten, ...lines]);
      for (const line of unwritten) watching.observe(line, view);
      unwritten = [];
    },
    observe: (line: JournalLine) => watching.observe(line, view),
    // Not before the journal has the one that replaces it, whatever happens to the power.
    removeCheckpoint: (trial: TrialId, name: string) =>
      journal.afterSync(() => {
        const removal: Promise<void> = rm(pathOf(trial, name), { recursive: true, force: true })
          .catch((error: unknown) => warn(`checkpoint "${name}" of trial ${trial} could not be deleted: ${String(error)}`))
          .finally(() => removals.delete(removal));
        removals.add(removal);
      }),
    warn,
  };
  const recording = recorder(experiment, sink, clock);
  const shell: Shell = { ...shellParts(plan, experiment, bytes > 0 ? path : undefined), experiment, recorder: recording, executor, inbox, clock, pathOf, warn };
  if (first.length > 0) writeWhole(join(path, EXPERIMENT_FILE), `${JSON.stringify(first[0], null, 2)}\n`);
  for (const row of experiment.rows) if (mayHaveSaved(experiment, row)) removeUnnamed(join(path, row.dir), new Set(row.checkpoints.map(({ name }) => name)));
  const slots = Math.min(executor.slots, shell.maxConcurrentTrials);
  const stop = plan.rules?.options;
  recording.record({
    kind: 'opened',
    ...owner,
    samples: samplesRecord(plan),
    slots,
    ...(plan.run.resources === undefined ? {} : { resources: shell.resources }), // not the default: a restored session finds its own
    ...(executor.devices === undefined ? {} : { devices: executor.devices }),
    ...(stop === undefined ? {} : { stop }),
    ...sessionRecord(plan, experiment.created),
  });
  if (first.length === 0) recording.flush(); // whoever watches sees the session open before anything happens to a trial
  for (const event of begin) recording.record(event);
  using _timer = wakeAfter(plan.tune.timeBudgetS, experiment.time.spent, inbox);
  using _orders = { [Symbol.dispose]: () => inbox.close() }; // a callback may wait for an order, and the end for that callback
  const ended = await runLoop(shell); // its first write: a new experiment is there with its samples and presets, or not at all
  recording.record({ kind: 'closed', why: ended.why });
  recording.flush();
  await journal.flush();
  announceClosed(experiment, path);
  await Promise.all(removals);
  return ended;
}

/** Of trials that have ended, those that could not save are left alone: there may be very many, and a look into a directory takes long. */
const mayHaveSaved = (experiment: Experiment, { id, status, named }: TrialRow): boolean => !hasEnded(status) || named > 0 || actorOf(experiment, id).saves;

function shellParts(
  plan: Plan,
  experiment: Experiment,
  restored: string | undefined,
): Pick<Shell, 'searcher' | 'trainable' | 'maxConcurrentTrials' | 'timeBudgetS' | 'backoffS' | 'resources' | 'describe' | 'copyCheckpoint' | 'breathe'> {
  const { trainable, searcher, tune, run, space } = plan;
  const varied = space.parameters.map(({ path }) => path);
  const freeDir = dirNames([JOURNAL_FILE, EXPERIMENT_FILE, LOCK_FILE, ...experiment.rows.map(({ dir }) => dir)]);
  return {
    searcher,
    trainable,
    maxConcurrentTrials: tune.maxConcurrentTrials ?? Number.POSITIVE_INFINITY,
    timeBudgetS: tune.timeBudgetS,
    backoffS: run.failureConfig?.backoffS ?? DEFAULT_BACKOFF_S,
    resources: cloneJson(run.resources ?? NO_RESOURCES) as JsonObject,
    describe(trial, config) {
      const name = trialName(experiment.created.seed, trial);
      const tag = experimentTag(trial, config, varied);
      const where = `runConfig.trialDirName of trial ${name}`;
      const wanted = attempt(where, () => run.trialDirName?.({ name, tag, config }));
      if (wanted !== undefined && typeof wanted !== 'string') throw new AttuneError('PLUGIN_FAILED', `${where}: expected a string, got ${describe(wanted)}.`);
      const dir = freeDir(wanted ?? trialDirName({ trainable: trainable.name, id: name, tag }), name);
      if (restored !== undefined) removeUnnamed(join(restored, dir), new Set()); // no event names what an earlier session left there
      return { tag, dir };
    },
    copyCheckpoint,
    breathe: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

function attempt(where: string, call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    throw pluginFailed(where, error);
  }
}

/** Past it Node's timers fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Wakes the loop when the time budget is used up, so that it looks at the clock. */
function wakeAfter(seconds: number | undefined, spent: number, inbox: Inbox): Disposable {
  const left = seconds === undefined ? undefined : Math.min(Math.max(0, seconds * 1000 - spent) + 1, LONGEST_TIMER_MS);
  const timer = left === undefined ? undefined : setTimeout(() => inbox.put({ kind: 'woken' }), left);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
