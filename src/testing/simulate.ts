import { random } from '../../algorithms/random.ts';
import { fifo } from '../../schedulers/fifo.ts';
import { AttuneError } from '../base/errors.ts';
import { checkNumber, checkOptions, describe } from '../base/options.ts';
import type { Rng } from '../base/rng.ts';
import { checkWorkers } from '../execute/workers-option.ts';
import { ResultGrid } from '../results/result-grid.ts';
import type { Scheduler } from '../schedule/scheduler.ts';
import type { StopRule } from '../schedule/stop-rules.ts';
import type { Searcher } from '../search/searcher.ts';
import type { Config } from '../space/config.ts';
import type { ConfigOf } from '../space/config-of.ts';
import type { Produces } from '../space/domain-brand.ts';
import { uniform } from '../space/domains.ts';
import type { SpaceInput } from '../space/space-for.ts';
import type { JournalLine } from '../trial/events.ts';
import type { Mode } from '../trial/metrics.ts';
import type { Experiment } from '../tuner/experiment.ts';
import type { CheckpointConfig, TunerOptions } from '../tuner/options.ts';
import { makePlan } from '../tuner/plan.ts';
import { checkMaxT, lengthOf, SIMULATED } from '../tuner/preview.ts';
import { simulate as run, type Simulation, simulationOf } from '../tuner/simulate.ts';
import { type Summary, summarize } from '../tuner/summarize.ts';
import type { Curve, Seconds } from './curve.ts';
import { curveWorld } from './curve-world.ts';

/** The space of curves that need none: `x` in [0, 1]. */
export type DefaultSpace = { readonly x: Produces<number> };

/** What `simulate` takes. */
export interface SimulateOptions<S extends SpaceInput = DefaultSpace> {
  /** Default `fifo()`. */
  readonly scheduler?: Scheduler;
  /** Default `random()`. */
  readonly searcher?: Searcher;
  /** As `numSamples`. Default 10. */
  readonly trials?: number;
  /** How many trials run at once. Default 1. */
  readonly workers?: number;
  /** What trials report, by configuration and step. Pure: two calls with the same arguments give the same. */
  readonly curve: Curve<ConfigOf<S>>;
  /** Default `{ x: uniform(0, 1) }`. */
  readonly space?: S;
  /** Run first, and replace samples. */
  readonly pointsToEvaluate?: readonly ConfigOf<S>[];
  /** One name, or several. Default `'loss'`. */
  readonly metric?: string | readonly string[];
  /** Default `'min'`. */
  readonly mode?: Mode | readonly Mode[];
  /** Reports of a trial that nobody stops. Default: the greatest `maxT` of the scheduler and those within it, else where `stop` says that trials end, else 100. */
  readonly maxT?: number;
  /** As `runConfig.stop`. */
  readonly stop?: StopRule | readonly StopRule[];
  /** Virtual seconds of each step. Default 1. */
  readonly durations?: Seconds<ConfigOf<S>>;
  /** Virtual seconds before the first step of a run, by the step that it goes on from: `(_, step) => step` trains again from scratch. Default 0. */
  readonly startup?: Seconds<ConfigOf<S>>;
  /** Every run takes `1 + |N(0, stragglers)|` times as long. Default 0: all are equally fast. */
  readonly stragglers?: number;
  /** The probability that a step fails, or which steps do. A step that is tried again is drawn anew. Default 0. */
  readonly failures?: number | ((config: ConfigOf<S>, step: number, rng: Rng) => boolean);
  /** How often a failed trial is tried again, from its last checkpoint; -1: always. Default 0. */
  readonly maxFailures?: number;
  /** As `runConfig.checkpointConfig`. Default `{ frequency: 0 }`: saved when a scheduler wants it. */
  readonly checkpointConfig?: CheckpointConfig;
  /** Virtual seconds that each start and each answer to a report takes, one after the other, while the trials wait. Default 0. */
  readonly decisionCost?: number;
  /** A whole number. Default 0. */
  readonly seed?: number;
}

/** What came of a simulation. */
export interface SimulateResult<C = Config> {
  /** As `journal.jsonl` would have it; times are virtual milliseconds. */
  readonly journal: readonly JournalLine[];
  readonly summary: Summary;
  /** As `fit()` gives it; there are no files, and so no checkpoints. */
  readonly grid: ResultGrid<C>;
  /** What the user would have been told. */
  readonly warnings: readonly string[];
}

const OPTIONS = [
  ...(['scheduler', 'searcher', 'trials', 'workers', 'curve', 'space', 'pointsToEvaluate', 'metric', 'mode', 'maxT', 'stop', 'durations', 'startup'] as const),
  ...(['stragglers', 'failures', 'maxFailures', 'checkpointConfig', 'decisionCost', 'seed'] as const),
] satisfies (keyof SimulateOptions)[];

/**
 * Runs an experiment on virtual time: the real loop, fold, searcher and scheduler, in memory, with trials that follow `curve`. Everything that
 * happens at one instant is handled before a slot is filled, ties in the order in which they were scheduled; no clock of the machine is
 * read, and the same options give the same journal. A `curve` that throws rejects; trials fail with `failures`.
 *
 * Cost: some microseconds for each report, and the journal in memory.
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`, `OPTION_RANGE`; what the scheduler and the searcher refuse; `PLUGIN_FAILED` when one of them throws
 * @example
 * import { asha } from 'attune/schedulers';
 * import { powerLaws, simulate } from 'attune/testing';
 *
 * const { summary } = await simulate({ ...powerLaws({ maxT: 81 }), scheduler: asha({ maxT: 81 }), trials: 200, workers: 16 });
 * summary.trials; // => 200
 */
export async function simulate<const S extends SpaceInput = DefaultSpace>(options: SimulateOptions<S>): Promise<SimulateResult<ConfigOf<S>>> {
  const told: string[] = [];
  const simulation = simulationFor(options as unknown as SimulateOptions, (warning) => void told.push(warning));
  const { lines, experiment, warnings } = await run(simulation);
  if (experiment.fault) throw experiment.fault;
  let grid: ResultGrid<ConfigOf<S>> | undefined;
  return {
    journal: lines,
    summary: summarize(lines, simulation.objectives),
    get grid() {
      grid ??= gridOf<ConfigOf<S>>(experiment, lines); // takes as long as much of the run, and not everybody wants it
      return grid;
    },
    warnings: [...told, ...warnings],
  };
}

function gridOf<C>({ created, rows }: Experiment, journal: readonly JournalLine[]): ResultGrid<C> {
  return new ResultGrid<C>({ path: '/simulated', created, trials: rows.map((row) => ({ ...row, checkpoints: [] })), journal });
}

/** The options, checked, with their defaults. */
function simulationFor(options: SimulateOptions, tell: (warning: string) => void): Simulation {
  checkOptions('simulate', options, OPTIONS);
  const { scheduler = fifo(), searcher = random(), trials = 10, workers = 1, curve, space = { x: uniform(0, 1) }, pointsToEvaluate } = options;
  const { metric = 'loss', mode = 'min', stop, maxFailures = 0, checkpointConfig, decisionCost = 0, seed = 0 } = options;
  checkNumber('simulate', 'trials', trials, 'an integer >= 1', (n) => Number.isSafeInteger(n) && n >= 1);
  checkNumber('simulate', 'seed', seed, 'a safe integer', Number.isSafeInteger);
  checkNumber('simulate', 'decisionCost', decisionCost, 'a finite number >= 0', isSeconds);
  checkWorkers('simulate', workers);
  const plan = makePlan(
    SIMULATED,
    {
      paramSpace: space,
      tuneConfig: { metric, mode, numSamples: trials, searchAlg: searcher, scheduler, seed, ...(pointsToEvaluate ? { pointsToEvaluate } : {}) },
      runConfig: {
        ...(stop === undefined ? {} : { stop }),
        failureConfig: { maxFailures },
        checkpointConfig: { frequency: 0, atEnd: false, ...checkpointConfig },
      },
    } as TunerOptions,
    () => seed,
    tell,
  );
  const { maxT = lengthOf(plan), durations = 1, startup = 0, stragglers = 0, failures = 0 } = options;
  if (typeof curve !== 'function' && !(typeof curve?.init === 'function' && typeof curve.step === 'function')) {
    throw new AttuneError('OPTION_RANGE', `simulate: expected curve to be a function (config, step, rng), or { init, step }, got ${describe(curve)}.`);
  }
  checkMaxT('simulate', maxT);
  checkNumber('simulate', 'stragglers', stragglers, 'a finite number >= 0', isSeconds);
  if (typeof durations !== 'function') checkNumber('simulate', 'durations', durations, 'a function, or a finite number >= 0', isSeconds);
  if (typeof startup !== 'function') checkNumber('simulate', 'startup', startup, 'a function, or a finite number >= 0', isSeconds);
  if (typeof failures !== 'function') checkNumber('simulate', 'failures', failures, 'a function, or a probability', (p) => p >= 0 && p <= 1);
  const [only, another] = plan.objectives;
  const ofOne = another === undefined ? only?.metric : undefined;
  const world = curveWorld({ curve, seed, metric: ofOne, maxT, durations, startup, stragglers, failures });
  return { ...simulationOf(plan, world), workers, decisionCost };
}

const isSeconds = (value: number): boolean => value >= 0 && Number.isFinite(value);
