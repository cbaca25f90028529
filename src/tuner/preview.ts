import { checkNumber, checkOptions } from '../base/options.ts';
import { rng } from '../base/rng.ts';
import type { Run } from '../execute/executor.ts';
import type { World } from '../execute/simulated.ts';
import { checkWorkers } from '../execute/workers-option.ts';
import type { Scheduler } from '../schedule/scheduler.ts';
import type { StopRule } from '../schedule/stop-rules.ts';
import { uniform } from '../space/domains.ts';
import type { TrainableRef } from '../trainable/trainable-ref.ts';
import type { Mode } from '../trial/metrics.ts';
import { isAutomatic } from '../trial/row.ts';
import type { Plan } from './plan.ts';
import { makePlan } from './plan.ts';
import { simulate, simulationOf } from './simulate.ts';
import { summarize, type Trained } from './summarize.ts';

/** Where nobody says how long a trial is. */
const DEFAULT_MAX_T = 100;

export interface PreviewOptions {
  /** Reports of a trial that nobody stops. Default: the scheduler's own `maxT`, else 100. */
  readonly maxT?: number;
  /** How many trials run at once. Default: what the run would have, as far as it is known, else 1. */
  readonly workers?: number;
}

/** How many trials train how far. */
export interface Preview {
  readonly trials: number;
  /** One entry for each step at which a trial stays, ascending: `reached` come there, `ended` of these no further. */
  readonly trained: readonly Trained[];
  /** Steps of all trials together. */
  readonly iterations: number;
  /** Steps from the start to the end, with all workers and steps of the same length. */
  readonly rounds: number;
  /** The same as text. */
  readonly table: string;
}

/** A scheduler that is looked at by itself. */
export type SchedulerPreviewOptions = PreviewOptions & {
  readonly trials: number;
  /** Of a scheduler that asks for parameters, such as those that it mutates. Default `{ x: uniform(0, 1) }`. */
  readonly space?: object;
  /** Several, of a scheduler for several objectives. Default `'loss'`. */
  readonly metric?: string | readonly string[];
  /** A whole number, for the order of the trials by how good they are. Default 0. */
  readonly seed?: number;
};

/** What is simulated where only the scheduler matters. */
export const SIMULATED: TrainableRef = { kind: 'trainable', name: 'simulated', form: 'class', implementation: () => undefined };

/**
 * How many trials a scheduler trains how far, and what that costs in all, before anything runs: it is run, on trials that improve at every step
 * and never overtake each other, good ones and bad ones in random order. What runs is exactly that wherever nothing fails and the decisions
 * follow from counts (`fifo`, `hyperband`), or from ranks that keep their order (`asha`, with the same order of trials).
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`, `OPTION_RANGE`; `METRIC_INVALID` and others when the scheduler refuses
 */
export async function preview(scheduler: Scheduler, options: SchedulerPreviewOptions): Promise<Preview> {
  checkOptions('preview', options, ['trials', 'maxT', 'workers', 'space', 'metric', 'seed']);
  const { trials, space = { x: uniform(0, 1) }, metric = 'loss', seed = 0, ...rest } = options;
  checkNumber('preview', 'trials', trials, 'an integer >= 1', (n) => Number.isSafeInteger(n) && n >= 1);
  checkNumber('preview', 'seed', seed, 'a safe integer', Number.isSafeInteger);
  const tuneConfig = { metric, mode: 'min' satisfies Mode, numSamples: trials, scheduler, seed } as object;
  const plan = makePlan(SIMULATED, { paramSpace: space, tuneConfig }, () => seed);
  return previewPlan('preview', plan, rest);
}

/** The same of an experiment: its searcher, presets and checkpoints, and of its stop rules those that count iterations. */
export async function previewPlan(where: string, plan: Plan, options: PreviewOptions): Promise<Preview> {
  checkOptions(where, options, ['maxT', 'workers']);
  const { scheduler, run, tune, samples } = plan;
  const { executor } = run;
  const { maxT = maxTOf(scheduler), workers = Math.min(executor?.slots || 1, tune.maxConcurrentTrials ?? Infinity) } = options;
  checkMaxT(where, maxT);
  checkWorkers(where, workers);
  checkNumber(where, 'numSamples', samples, 'a number that ends', Number.isFinite);
  const world = exemplary(plan, Math.min(maxT, ...limitsOf(run.stop)));
  const { lines, experiment } = await simulate({ ...simulationOf({ ...plan, rules: undefined }, world), workers });
  if (experiment.fault) throw experiment.fault;
  const { trials, trained, iterations, seconds } = summarize(lines, []);
  return { trials, trained, iterations, rounds: seconds, table: tableOf(trained, iterations) };
}

/** Reports of a trial that nobody stops: what the scheduler says of itself. */
export function maxTOf({ options }: Scheduler): number {
  const maxT: unknown = (options as { readonly maxT?: unknown } | null | undefined)?.maxT;
  return typeof maxT === 'number' && maxT >= 1 && Number.isFinite(maxT) ? Math.ceil(maxT) : DEFAULT_MAX_T;
}

/** @throws {AttuneError} `OPTION_RANGE` */
export const checkMaxT = (where: string, maxT: number): void => checkNumber(where, 'maxT', maxT, 'an integer >= 1', (n) => Number.isSafeInteger(n) && n >= 1);

/** The iterations that stop rules name. */
function limitsOf(stop: StopRule | readonly StopRule[] | undefined): readonly number[] {
  const rules = stop === undefined ? [] : Array.isArray(stop) ? (stop as readonly StopRule[]) : [stop as StopRule];
  return rules.flatMap((rule) => {
    if (typeof rule !== 'object') return [];
    const { training_iteration: threshold, options } = rule as {
      readonly training_iteration?: unknown;
      readonly options?: { readonly maxIter?: unknown } | null;
    };
    const limit = threshold ?? options?.maxIter;
    return typeof limit === 'number' ? [Math.max(1, Math.ceil(limit))] : [];
  });
}

/** Every trial has its rank from the start, and improves at every step. The metric that a scheduler reads the time from is the step. */
function exemplary({ objectives, scheduler, seed }: Plan, maxT: number): World {
  const { timeAttr } = (scheduler.options ?? {}) as { readonly timeAttr?: unknown };
  const clocks = typeof timeAttr === 'string' && !isAutomatic(timeAttr) ? [timeAttr] : [];
  const shown = objectives.filter(({ metric }) => !isAutomatic(metric) && !clocks.includes(metric));
  const rank = ({ trial }: Run, metric: string): number => rng(seed).fork('preview', trial, metric).next();
  return {
    report(run, step) {
      if (step > maxT) return undefined;
      const values = shown.map(({ metric, mode }) => [metric, (mode === 'min' ? 1 : -1) * (rank(run, metric) + 1 / step)] as const);
      return { seconds: 1, metrics: Object.fromEntries([...values, ...clocks.map((clock) => [clock, step] as const)]) };
    },
  };
}

function tableOf(trained: readonly Trained[], iterations: number): string {
  const head = ['step', 'trials that get there', 'of these no further'];
  const rows = trained.map(({ step, reached, ended }) => [step, reached, ended].map(String));
  const line = (cells: readonly string[]): string => cells.map((cell, i) => cell.padStart((head[i] ?? '').length + (i === 0 ? 4 : 0))).join('  ');
  const trials = trained[0]?.reached ?? 0;
  return [line(head), ...rows.map(line), `${count(trials, 'trial')}, ${count(iterations, 'iteration')} in all`].join('\n');
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
