import type { Json, JsonObject } from '../../base/json.ts';
import { ARTIFACTS_DIR } from '../../checkpoint/save-artifact.ts';
import { foldExperiment } from '../../store/read-experiment.ts';
import type { Created, JournalLine, Opened } from '../../trial/events.ts';
import type { TrialRecord } from '../../trial/trial-record.ts';
import { artifactsIn } from './artifacts-in.ts';
import { addLeaves, type IndexedRun } from './run.ts';
import { addMetricNames } from './trial-metrics.ts';
import { isUnchanged, type Reads, Watch } from './watched.ts';

export const JOURNAL = 'journal.jsonl';

/** What the trials table does not keep. */
interface Told {
  startedMs?: number;
  endedMs?: number;
  session?: Opened;
  readonly metrics: Set<string>;
}

/**
 * The trials of an experiment of ours, in order. Cost: one pass over its journal, and a look at the artifacts of every trial.
 *
 * @param before - what an earlier look found: artifacts of trials whose directories are as they were then are not listed again
 * @throws {AttuneError} as `readExperiment`
 */
export function readAttuneRuns(dir: string, watch: Watch, reads: Reads, before: readonly IndexedRun[] = []): readonly IndexedRun[] {
  watch.reads(JOURNAL);
  const told: Told[] = [];
  let session: Opened | undefined;
  const { created, trials } = foldExperiment(
    dir,
    (line) => {
      if (line.kind === 'opened') session = line;
      if ('trial' in line) note((told[line.trial] ??= { metrics: new Set() }), line, session);
    },
    'Reader.open',
  );
  const known = new Map(before.map((run) => [run.trial?.dir, run]));
  const runs = trials.map((trial, i) => indexed(trial, told[i] ?? { metrics: new Set() }, created, known.get(trial.dir)));
  return withArtifacts(dir, runs, reads);
}

/** The runs with the artifacts that they have now. A run whose directories are as they were stays the same object, after a look at their times. */
export const withArtifacts = (dir: string, runs: readonly IndexedRun[], reads: Reads): readonly IndexedRun[] =>
  runs.map((run) => {
    const { trial } = run;
    if (trial === undefined) return run;
    const { unlisted: _, ...rest } = trial;
    try {
      if (trial.seen.length > 0 && isUnchanged(dir, trial.seen)) return run;
      const watch = new Watch(dir, reads);
      const artifacts = artifactsIn(watch, `${trial.dir}/${ARTIFACTS_DIR}`, 'attune');
      return { ...run, artifacts, trial: { ...rest, seen: watch.seen } };
    } catch (error) {
      return { ...run, artifacts: {}, trial: { ...rest, seen: [], unlisted: String(error instanceof Error ? error.message : error) } };
    }
  });

function note(told: Told, line: JournalLine, session: Opened | undefined): void {
  switch (line.kind) {
    case 'started':
      told.startedMs ??= line.at;
      delete told.endedMs;
      if (session) told.session = session;
      return;
    case 'reported':
      return addMetricNames(line.metrics, told.metrics);
    case 'completed':
    case 'stopped':
    case 'failed':
      told.endedMs = line.at;
      return;
    default:
  }
}

function indexed(trial: TrialRecord, told: Told, created: Created, known: IndexedRun | undefined): IndexedRun {
  const values: Record<string, Json> = {};
  addLeaves(trial.config, 'config', values);
  addLeaves(infoOf(trial, told, created), 'info', values);
  if (trial.last) addMetricNames(trial.last, told.metrics); // the automatic ones
  return {
    values,
    metrics: { '': [...told.metrics].sort() },
    artifacts: known?.artifacts ?? {},
    trial: { id: trial.id, name: trial.name, dir: trial.dir, ...(trial.last ? { last: lastOf(trial.last) } : {}), seen: known?.trial?.seen ?? [] },
  };
}

/** As much of it as tells whether result.json has come as far. */
const lastOf = ({ training_iteration = null, time_total_s = null, date = null }: JsonObject): JsonObject => ({ training_iteration, time_total_s, date });

/** In MLXP's words. Times are UTC. */
function infoOf(trial: TrialRecord, told: Told, created: Created): JsonObject {
  const { session } = told;
  const where = trial.where?.host ? trial.where : undefined;
  return {
    status: STATUSES[trial.status],
    trial_status: trial.status,
    hostname: where?.host ?? session?.host,
    process_id: where?.pid ?? session?.pid,
    executable: session?.executable,
    cmd: session?.cmd,
    user: session?.user,
    work_dir: session?.workDir,
    current_file_path: session?.file ?? created.trainable.module,
    ...momentOf('start', told.startedMs),
    ...momentOf('end', told.endedMs),
    log_id: trial.id,
    version_manager: { commit_hash: created.commit },
  } as JsonObject; // a key without a value is none
}

/** Of an experiment that nobody runs, one that has not ended is INTERRUPTED: that is looked at when the index is read. */
const STATUSES: Readonly<Record<TrialRecord['status'], string>> = {
  PENDING: 'RUNNING',
  RUNNING: 'RUNNING',
  PAUSED: 'RUNNING',
  TERMINATED: 'COMPLETE',
  ERROR: 'FAILED',
};

/** `25/08/2023` and `17:42:27`. */
function momentOf(name: 'start' | 'end', ms: number | undefined): JsonObject {
  if (ms === undefined) return {};
  const iso = new Date(ms).toISOString();
  return { [`${name}_date`]: iso.slice(0, 10).split('-').reverse().join('/'), [`${name}_time`]: iso.slice(11, 19) };
}
