import type { JsonObject } from '../base/json.ts';
import { childrenOf } from '../space/count.ts';
import { type SpaceNode, spaceFromJson } from '../space/space.ts';
import { gridSize } from '../space/variants.ts';
import { bestTrial } from '../trial/best-trial.ts';
import type { Created, PluginRecord } from '../trial/events.ts';
import { hasEnded, STATUSES, type Status } from '../trial/lifecycle.ts';
import type { Objective } from '../trial/metrics.ts';
import { reasonText } from '../trial/outcomes.ts';
import type { TrialRecord } from '../trial/trial-record.ts';
import type { ExperimentView } from './callback.ts';
import { errorHeadline } from './error-text.ts';

/** How much is used, of how much there is. */
export interface Usage {
  readonly used: number;
  readonly total: number;
}

/** One row of the status. */
export interface TrialSnapshot {
  /** `6e465_00007` */
  readonly name: string;
  readonly status: Status;
  /** `host:pid`, once it has got a place to run at. */
  readonly loc?: string;
  readonly config: JsonObject;
  /** The last report, nested, with the automatic keys. */
  readonly metrics?: JsonObject;
  /** Reports so far. */
  readonly iteration: number;
  /** Seconds, as of the last report; before the first one, since it was started. */
  readonly timeTotalS: number;
  /** Why it was stopped early or paused, or with what error it failed. */
  readonly reason?: string;
}

/** An experiment at one moment, as plain data: everything that a status shows. */
export interface Snapshot {
  readonly name: string;
  readonly trainable: string;
  readonly searcher: PluginRecord;
  readonly scheduler: PluginRecord;
  readonly objectives: readonly Objective[];
  /** Paths of the parameters that vary, `model/lr`. */
  readonly parameters: readonly string[];
  /** The experiment directory, an absolute path. */
  readonly path: string;
  /** Of this session. */
  readonly elapsedS: number;
  /** Trials that have ended. */
  readonly done: number;
  /** How many trials there will be, as far as that is known. */
  readonly expected?: number;
  readonly counts: Readonly<Record<Status, number>>;
  /** Bytes of this machine, or of the container. */
  readonly memory: Usage;
  readonly cpus: Usage;
  readonly gpus: Usage;
  /** For each objective its best trial by the last reports, an index into `trials`; -1 for none. */
  readonly best: readonly number[];
  /** In order of queueing. */
  readonly trials: readonly TrialSnapshot[];
  /** Why the run is over, once it is. */
  readonly ended?: string;
}

/** What a machine has, and how much of it is taken now. */
export interface Machine {
  readonly memory: Usage;
  readonly cpus: number;
  readonly gpus: number;
}

/** What a snapshot needs beside the experiment itself. */
export interface SnapshotFacts {
  readonly machine: Machine;
  readonly elapsedS: number;
  /** Milliseconds since the epoch, by the clock of the journal. */
  readonly now: number;
  /** What each running trial takes: `{ cpu, gpu }`. */
  readonly resources: JsonObject;
  /** How many devices the trials share, where they are given any: those of the machine do not count then. */
  readonly devices?: number;
  readonly swept: Swept;
  readonly samples: number | 'unlimited';
  /** The searcher has no more. */
  readonly exhausted: boolean;
  readonly ended?: string;
}

/** What the space says about the trials to come. */
export interface Swept {
  readonly parameters: readonly string[];
  /** Trials of one sample; unknown where the searcher has a grid of its own. */
  readonly perSample: number | undefined;
}

export function sweptBy({ space, searcher }: Created): Swept {
  const compiled = spaceFromJson(space);
  const parameters = new Set([...compiled.parameters.map(({ path }) => path), ...derivedPaths(compiled.root)]);
  const perSample = searcher.name === 'grid' ? undefined : searcher.name === 'basicVariant' ? gridSize(compiled) : 1;
  return { parameters: [...parameters], perSample };
}

/** What follows from parameters varies with them. */
const derivedPaths = (node: SpaceNode): readonly string[] => (node.kind === 'derived' ? [node.path] : childrenOf(node).flatMap(derivedPaths));

/** The experiment as it stands now. Pure; O(trials), without looking into their reports. */
export function snapshotOf(view: ExperimentView, facts: SnapshotFacts): Snapshot {
  const { created, path, trials } = view;
  const { machine, resources, swept, elapsedS, now, ended } = facts;
  const counts = Object.fromEntries(STATUSES.map((status) => [status, 0])) as Record<Status, number>;
  for (const { status } of trials) counts[status] += 1;
  const expected = expectedOf(facts, trials.length);
  return {
    name: created.name,
    trainable: created.trainable.name,
    searcher: created.searcher,
    scheduler: created.scheduler,
    objectives: created.objectives,
    parameters: swept.parameters,
    path,
    elapsedS,
    done: STATUSES.filter(hasEnded).reduce((sum, status) => sum + counts[status], 0),
    ...(expected === undefined ? {} : { expected }),
    counts,
    memory: machine.memory,
    cpus: { used: counts.RUNNING * amount(resources['cpu'] ?? 1), total: machine.cpus },
    gpus: gpusOf(counts.RUNNING * amount(resources['gpu']), facts),
    best: created.objectives.map((objective) => bestTrial(trials, objective)?.id ?? -1),
    trials: trials.map((trial) => trialSnapshot(trial, now)),
    ...(ended === undefined ? {} : { ended }),
  };
}

function expectedOf({ exhausted, samples, swept: { perSample } }: SnapshotFacts, trials: number): number | undefined {
  if (exhausted) return trials;
  if (samples === 'unlimited' || perSample === undefined) return undefined;
  return Math.max(samples * perSample, trials);
}

/** A trial that waits for its device has taken none of it. */
function gpusOf(wanted: number, { machine, devices }: SnapshotFacts): Usage {
  return devices === undefined ? { used: wanted, total: machine.gpus } : { used: Math.min(wanted, devices), total: devices };
}

const amount = (value: unknown): number => (typeof value === 'number' && value > 0 ? value : 0);

function trialSnapshot(trial: TrialRecord, now: number): TrialSnapshot {
  const { name, status, config, last, step, error, reason, where } = trial;
  const why = error ? errorHeadline(error) : reason && reason.by !== 'completed' ? reasonText(reason) : undefined;
  return {
    name,
    status,
    config,
    iteration: step,
    timeTotalS: secondsOf(trial, now),
    ...(where && where.host !== '' ? { loc: `${where.host}:${where.pid}` } : undefined),
    ...(last ? { metrics: last } : undefined),
    ...(why === undefined ? undefined : { reason: why }),
  };
}

function secondsOf({ last, status, startedAtMs }: TrialRecord, now: number): number {
  const total = last?.['time_total_s'];
  if (typeof total === 'number') return total;
  return status === 'RUNNING' && startedAtMs !== undefined ? Math.max(0, now - startedAtMs) / 1000 : 0;
}
