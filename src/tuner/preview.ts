import { checkNumber, checkOptions } from '../base/options.ts';
import { rng } from '../base/rng.ts';
import type { Run } from '../execute/executor.ts';
import type { World } from '../execute/simulated.ts';
import { checkWorkers } from '../execute/workers-option.ts';
import { checkPart } from '../schedule/compose.ts';
import { countingRules } from '../schedule/counting-rules.ts';
import { endOf, horizonsOf, STEPS } from '../schedule/horizons.ts';
import type { Scheduler } from '../schedule/scheduler.ts';
import { stopRules } from '../schedule/stop-rules.ts';
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

/** What a preview assumes of the run. */
export interface PreviewOptions {
  /** Reports of a trial that nobody stops. Default: the greatest `maxT` of the scheduler and those within it, else where stop rules say that trials end, else 100. */
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
  /** What may end trials or the run earlier than the table says: stop rules that look at more than how far a trial is, and `timeBudgetS`. */
  readonly ignored: readonly string[];
  /** What the user would have been told. */
  readonly warnings: readonly string[];
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
 * follow from counts (`fifo`, `hyperband`), or from ranks that keep their order (`asha` and `moAsha`, with the same order of trials).
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`, `OPTION_RANGE`; `METRIC_INVALID` and others when the scheduler refuses
 * @example
 * import { asha } from 'attune/schedulers';
 * import { preview } from 'attune/testing';
 *
 * const { trained, iterations } = await preview(asha({ maxT: 9, reductionFactor: 3 }), { trials: 20 });
 * iterations < 20 * 9; // => true
 */
export async function preview(scheduler: Scheduler, options: SchedulerPreviewOptions): Promise<Preview> {
  checkPart('preview', scheduler);
  checkOptions('preview', options, ['trials', 'maxT', 'workers', 'space', 'metric', 'seed']);
  const { trials, space = { x: uniform(0, 1) }, metric = 'loss', seed = 0, ...rest } = options;
  checkNumber('preview', 'trials', trials, 'an integer >= 1', (n) => Number.isSafeInteger(n) && n >= 1);
  checkNumber('preview', 'seed', seed, 'a safe integer', Number.isSafeInteger);
  const tuneConfig = { metric, mode: 'min' satisfies Mode, numSamples: trials, scheduler, seed } as object;
  const plan = makePlan(SIMULATED, { paramSpace: space, tuneConfig }, () => seed);
  return previewPlan('preview', plan, rest);
}

/** The same of an experiment: its searcher, presets and checkpoints, and of its stop rules those that look at nothing but how far a trial is. */
export async function previewPlan(where: string, plan: Plan, options: PreviewOptions): Promise<Preview> {
  checkOptions(where, options, ['maxT', 'workers']);
  const { scheduler, run, tune, samples, objectives } = plan;
  const { executor } = run;
  const { maxT = lengthOf(plan), workers = Math.min(executor?.slots || 1, tune.maxConcurrentTrials ?? Infinity) } = options;
  checkMaxT(where, maxT);
  checkWorkers(where, workers);
  checkNumber(where, 'numSamples', samples, 'a number that ends', Number.isFinite);
  const planned = horizonsOf(scheduler).filter((horizon) => Number.isFinite(horizon.maxT));
  const { counting, others } = countingRules(run.stop, [STEPS, ...planned.map(({ timeAttr }) => timeAttr)]);
  const rules = counting.length === 0 ? undefined : stopRules(counting, { objectives });
  const { lines, experiment, warnings } = await simulate({ ...simulationOf({ ...plan, rules }, exemplary(plan, maxT)), workers });
  if (experiment.fault) throw experiment.fault;
  const { trials, trained, iterations, seconds } = summarize(lines, []);
  const failed = new Set(experiment.rows.flatMap(({ error }) => (error ? [`preview: a trial failed: ${error.message}`] : []))); // no fault of its own
  const ignored = [...others, ...(tune.timeBudgetS === undefined ? [] : [`timeBudgetS ${tune.timeBudgetS}`])];
  return { trials, trained, iterations, rounds: seconds, ignored, warnings: [...warnings, ...failed], table: tableOf(trained, iterations, ignored) };
}

/** Reports of a trial that nobody stops, for all that is known: as many as the scheduler plans with, or else the stop rules allow. */
export function lengthOf({ scheduler, rules }: Pick<Plan, 'scheduler' | 'rules'>): number {
  const planned = horizonsOf(scheduler).flatMap(({ maxT }) => (Number.isFinite(maxT) ? [maxT] : []));
  const most = planned.length > 0 ? Math.max(...planned) : endOf(rules, STEPS);
  return Number.isFinite(most) ? Math.max(1, Math.ceil(most)) : DEFAULT_MAX_T;
}

/** @throws {AttuneError} `OPTION_RANGE` */
export const checkMaxT = (where: string, maxT: number): void => checkNumber(where, 'maxT', maxT, 'an integer >= 1', (n) => Number.isSafeInteger(n) && n >= 1);

/** Every trial has its rank from the start, and improves at every step. The metrics that schedulers need say how far a trial is: they are the step. */
function exemplary({ objectives, scheduler, rules, seed }: Plan, maxT: number): World {
  const clocks = [scheduler, rules].flatMap((one) => one?.needs ?? []).filter((metric) => !isAutomatic(metric));
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

function tableOf(trained: readonly Trained[], iterations: number, ignored: readonly string[]): string {
  const head = ['step', 'trials that get there', 'of these no further'];
  const rows = trained.map(({ step, reached, ended }) => [step, reached, ended].map(String));
  const line = (cells: readonly string[]): string => cells.map((cell, i) => cell.padStart((head[i] ?? '').length + (i === 0 ? 4 : 0))).join('  ');
  const trials = trained[0]?.reached ?? 0;
  const sum = `${count(trials, 'trial')}, ${count(iterations, 'iteration')} in all`;
  return [line(head), ...rows.map(line), sum, ...(ignored.length > 0 ? [`not looked at: ${ignored.join('; ')}`] : [])].join('\n');
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
