import type { Clock } from '../base/clock.ts';
import type { Executor } from '../execute/executor.ts';
import type { World } from '../execute/simulated.ts';
import { simulated } from '../execute/simulated.ts';
import type { Scheduler } from '../schedule/scheduler.ts';
import type { Searcher } from '../search/searcher.ts';
import type { Config } from '../space/config.ts';
import type { Space } from '../space/space.ts';
import type { CheckpointOptions, Created, ExperimentEvent, JournalLine } from '../trial/events.ts';
import type { Objective } from '../trial/metrics.ts';
import { announceClosed } from './announce-closed.ts';
import type { Experiment } from './experiment.ts';
import { emptyExperiment } from './experiment.ts';
import type { Inbox } from './inbox.ts';
import { inbox } from './inbox.ts';
import { runLoop } from './loop.ts';
import type { Plan } from './plan.ts';
import { recorder } from './recorder.ts';
import { replay } from './restore.ts';

export interface Simulation {
  readonly space: Space;
  readonly objectives: readonly Objective[];
  readonly samples: number;
  readonly seed: number;
  readonly searcher: Searcher;
  readonly scheduler: Scheduler;
  readonly rules?: Scheduler;
  readonly world: World;
  readonly workers?: number;
  /** Virtual seconds for each start and each answered report. Default 0. */
  readonly decisionCost?: number;
  readonly maxFailures?: number;
  /** Default 0: none. */
  readonly backoffS?: number;
  readonly checkpoints?: CheckpointOptions;
  readonly presets?: readonly Config[];
  readonly timeBudgetS?: number;
  /** For orders from outside. Default: one that nobody else knows. */
  readonly inbox?: Inbox;
}

export interface Simulated {
  /** The whole journal: the lines it began with, and this session's. */
  readonly lines: readonly JournalLine[];
  readonly experiment: Experiment;
  readonly why: string;
  readonly warnings: readonly string[];
}

/** An experiment as it is planned, in another world. */
export function simulationOf({ space, objectives, samples, seed, searcher, scheduler, rules, checkpoints, tune, run }: Plan, world: World): Simulation {
  const { pointsToEvaluate: presets = [] } = tune;
  const { maxFailures = 0 } = run.failureConfig ?? {};
  return { space, objectives, samples, seed, searcher, scheduler, ...(rules ? { rules } : {}), checkpoints, presets, maxFailures, world };
}

/**
 * Runs an experiment in virtual time and in memory: the same loop, fold and schedulers, another world.
 *
 * @param journal - go on from here, as a restore does; default: a new experiment
 */
export async function simulate(simulation: Simulation, journal: readonly JournalLine[] = []): Promise<Simulated> {
  const { searcher, scheduler, world, workers = 1, decisionCost = 0, presets = [] } = simulation;
  const executor = simulated({ world, workers, decisionCost });
  const created = createdFor(simulation);
  const parts = { space: simulation.space, scheduler, rules: simulation.rules };
  const lines: JournalLine[] = journal.length > 0 ? [...journal] : [{ ...created, at: 0 }];
  const experiment = journal.length > 0 ? replay(journal, parts) : emptyExperiment(created, parts);
  const begin: readonly ExperimentEvent[] = journal.length > 0 ? [] : presets.map((config) => ({ kind: 'enqueued', config, preset: true }));
  const warnings: string[] = [];
  const warn = (message: string): void => void warnings.push(message);
  const sink = {
    append: (written: readonly JournalLine[]) => void lines.push(...written),
    observe() {},
    removeCheckpoint: (trial: number, name: string) => world.remove?.(pathOf(trial, name)),
    warn,
  };
  const clock = executor.clock as Clock; // it has one
  const recording = recorder(experiment, sink, clock);
  const samples = Number.isFinite(simulation.samples) ? simulation.samples : 'unlimited';
  recording.record({ kind: 'opened', pid: 0, host: 'simulated', samples, slots: workers });
  for (const event of begin) recording.record(event);
  const { why, failure } = await runLoop({ ...shellFor(simulation, experiment, executor), clock, recorder: recording, warn, searcher });
  if (failure) throw failure.error;
  recording.record({ kind: 'closed', why });
  recording.flush();
  announceClosed(experiment, lines);
  return { lines, experiment, why, warnings };
}

function createdFor({ objectives, seed, searcher, scheduler, maxFailures = 0, checkpoints = { frequency: 1, atEnd: false } }: Simulation): Created {
  return {
    kind: 'created',
    schema: 1,
    name: 'simulated',
    seed,
    space: null,
    objectives,
    trainable: { name: 'simulated' },
    searcher: { name: searcher.name },
    scheduler: { name: scheduler.name },
    checkpoints,
    maxFailures,
    failFast: false,
    versions: {},
  };
}

const pathOf = (trial: number, checkpoint?: string): string => (checkpoint === undefined ? `/${trial}` : `/${trial}/${checkpoint}`);

function shellFor({ world, timeBudgetS, backoffS = 0, inbox: given = inbox() }: Simulation, experiment: Experiment, executor: Executor) {
  return {
    experiment,
    executor,
    inbox: given,
    trainable: { kind: 'trainable', name: 'simulated', form: 'function', implementation: () => undefined } as const,
    maxConcurrentTrials: Number.POSITIVE_INFINITY,
    timeBudgetS,
    backoffS,
    resources: {},
    pathOf,
    describe: (trial: number) => ({ tag: String(trial), dir: String(trial) }),
    copyCheckpoint: (from: string, to: string) => world.copy?.(from, to),
    breathe: () => Promise.resolve(),
  };
}
