import { AttuneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { checkNumber, checkOptions, describe } from '../base/options.ts';
import { isWorst, WORST } from '../base/worst.ts';
import { checkWorkers } from '../execute/workers-option.ts';
import { type LearningCurves, ResultGrid } from '../results/result-grid.ts';
import { checkPart } from '../schedule/compose.ts';
import type { Scheduler } from '../schedule/scheduler.ts';
import { type Mode, metricAt, type Objective, toLosses } from '../trial/metrics.ts';
import { isAutomatic } from '../trial/row.ts';
import { checkCurves, type RecordedCurve, recorded } from './curves/recorded.ts';
import { simulate } from './simulate.ts';

/** What `checkSafe` takes beside the curves. */
export interface CheckSafeOptions {
  /** Default: that of the grid; of arrays `'loss'`. */
  readonly metric?: string;
  /** Default: that of the grid; of arrays `'min'`. */
  readonly mode?: Mode;
  /** How many of the curves run at once, in their order. Default 1: one after the other. */
  readonly workers?: number;
  /** A whole number, for schedulers that draw. Default 0. */
  readonly seed?: number;
}

/** What a scheduler would have made of trials that ran to their end. */
export interface Safety {
  /** The best trial would have come to its end; of several that are equally good, one of them. True when there is no best. */
  readonly safe: boolean;
  /** The trial with the best last value, the first of equal ones; absent when none ends with a finite number. */
  readonly best?: { readonly trial: number; readonly value: number };
  /** Where the best would have been stopped, or left paused, and why. Absent when it is safe. */
  readonly cut?: { readonly step: number; readonly reason: string };
  /** How much worse the best trial that comes to its end is: 0 when it is safe; absent when none comes to its end with a finite number. */
  readonly regret?: number;
  /** Iterations that would have run, and those that would not. */
  readonly iterations: number;
  readonly saved: number;
  /** What the user would have been told, such as that reports lack what the scheduler looks at: then it was no check of it. */
  readonly warnings: readonly string[];
}

/**
 * Replays learning curves that are known to their end, and says whether the scheduler would have stopped the trial that was to become the
 * best, and how many iterations it would have saved. The curves: those of a grid, whose trials ran without a scheduler, or arrays with what
 * was reported at steps 1, 2, …. What is known of one order of the trials need not hold for another: see `workers`.
 *
 * @throws {AttuneError} `SCHEDULER_UNSUPPORTED` for a scheduler that exploits: what would have come of that, no curve tells; `METRIC_INVALID`
 * for a grid without a metric; `OPTION_UNKNOWN`, `OPTION_RANGE`
 * @example
 * import { asha } from 'attune/schedulers';
 * import { checkSafe } from 'attune/testing';
 *
 * const late = [0.9, 0.8, 0.1];
 * const { safe, cut } = await checkSafe(asha({ maxT: 3, reductionFactor: 3 }), [[0.5, 0.5, 0.5], [0.6, 0.6, 0.6], late]);
 * safe; // => false
 * cut?.step; // => 1
 */
export async function checkSafe<C, M extends object>(
  scheduler: Scheduler,
  curves: ResultGrid<C, M> | readonly RecordedCurve[],
  options: CheckSafeOptions = {},
): Promise<Safety> {
  checkOptions('checkSafe', options, ['metric', 'mode', 'workers', 'seed']);
  const { workers = 1, seed = 0 } = options;
  checkWorkers('checkSafe', workers);
  checkNumber('checkSafe', 'seed', seed, 'a safe integer', Number.isSafeInteger);
  checkPart('checkSafe', scheduler);
  if (scheduler.uses.includes('exploit')) {
    throw new AttuneError('SCHEDULER_UNSUPPORTED', `checkSafe: expected a scheduler that does not exploit, got ${describe(scheduler.name)}.`, {
      hint: 'Simulate it with a learner: simulate({ curve: { init, step }, … }).',
    });
  }
  const { objective, curves: finished } = curves instanceof ResultGrid ? curves.learningCurves('checkSafe', options) : ofArrays(curves, options);
  if (finished.length === 0) throw new AttuneError('OPTION_RANGE', 'checkSafe: expected a grid with a trial that reported and did not fail, got none.');
  const { metric, mode } = objective;
  const known = finished.map(({ rows }) => rows.map((row) => told(row, metric)));
  const durations = ({ curve }: { readonly curve: number }, step: number): number => secondsOf(known[curve]?.[step - 1]);
  const { grid, journal, summary, warnings } = await simulate({ ...recorded(known, mode), durations, scheduler, metric, workers, seed });
  const failed = new Set(grid.errors.map(({ message }) => `checkSafe: a trial failed: ${message}`)); // that is no curve's doing
  const reached = known.map(() => 0);
  for (const line of journal) if (line.kind === 'reported') reached[line.trial] = line.step;
  const isWhole = (index: number, { length }: readonly JsonObject[]): boolean => reached[index] === length && grid.at(index)?.error === undefined;
  const ends = known.map((curve, index): End => ({ index, loss: lossOf(curve.at(-1), objective), isWhole: isWhole(index, curve) }));
  const { best, left } = judge(ends);
  const saved = known.reduce((sum, curve) => sum + curve.length, 0) - summary.iterations;
  const cost = { iterations: summary.iterations, saved, warnings: [...warnings, ...failed] };
  if (best === undefined) return { safe: true, ...cost };
  const safe = left?.loss === best.loss;
  const { reason, error } = grid.at(best.index) ?? {};
  const cut = { step: reached[best.index] ?? 0, reason: reason?.reason ?? error?.message ?? 'it was never started' };
  return {
    safe,
    best: { trial: finished[best.index]?.trial ?? 0, value: mode === 'min' ? best.loss : -best.loss },
    ...(safe ? {} : { cut }),
    ...(left === undefined ? {} : { regret: left.loss - best.loss }),
    ...cost,
  };
}

/** How a curve ends: its last loss, and whether the scheduler let it come to that. */
interface End {
  readonly index: number;
  readonly loss: number;
  readonly isWhole: boolean;
}

/** The best of all, and the best that comes to its end. */
function judge(ends: readonly End[]): { readonly best: End | undefined; readonly left: End | undefined } {
  const finite = ends.filter(({ loss }) => !isWorst(loss));
  const least = (of: readonly End[]): End | undefined => of.reduce<End | undefined>((best, end) => (best && best.loss <= end.loss ? best : end), undefined);
  return { best: least(finite), left: least(finite.filter(({ isWhole }) => isWhole)) };
}

/** What the step took when it was recorded. */
function secondsOf(report: JsonObject | undefined): number {
  const seconds = report?.['time_this_iter_s'];
  return typeof seconds === 'number' && seconds >= 0 && Number.isFinite(seconds) ? seconds : 1;
}

const lossOf = (row: JsonObject | undefined, objective: Objective): number => (row && toLosses([objective], row)?.[0]) ?? WORST;

/** Numbers are reports of the metric. */
function ofArrays(curves: readonly RecordedCurve[], { metric = 'loss', mode = 'min' }: CheckSafeOptions): LearningCurves {
  if (mode !== 'min' && mode !== 'max') throw new AttuneError('METRIC_INVALID', `checkSafe: expected mode 'min' or 'max', got ${describe(mode)}.`);
  checkCurves('checkSafe', curves);
  const rowsOf = (curve: RecordedCurve): JsonObject[] => curve.map((report) => (typeof report === 'number' ? { [metric]: report } : (report as JsonObject)));
  return { objective: { metric, mode }, curves: curves.map((curve, trial) => ({ trial, rows: rowsOf(curve) })) };
}

/** Automatic keys that a scheduler may read the time from. */
const TIMES = ['training_iteration', 'time_total_s', 'time_this_iter_s'];

/** A row as a report: what was added to it is left out, and the NaN that JSON lacks is one again. */
function told(row: JsonObject, metric: string): JsonObject {
  const report = Object.fromEntries(Object.entries(row).filter(([key]) => !isAutomatic(key) || TIMES.includes(key)));
  return metricAt(report, metric) === null ? { ...report, [metric]: Number.NaN } : report;
}
