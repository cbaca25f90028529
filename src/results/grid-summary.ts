import { INSPECT } from '../base/inspect.ts';
import type { JsonObject } from '../base/json.ts';
import { oneLine } from '../base/one-line.ts';
import { cloneJson } from '../space/clone-json.ts';
import { STATUSES, type Status } from '../trial/lifecycle.ts';
import { flatten, type Mode, type Objective } from '../trial/metrics.ts';
import { outcomes } from '../trial/outcomes.ts';
import type { ExperimentRecord } from '../trial/trial-record.ts';
import { bestOf, lastValue } from './best-result.ts';
import type { TrialHistory } from './trial-history.ts';

/**
 * An experiment in short. It prints as text; `JSON.stringify` gives the data.
 *
 * @example
 * ```ts
 * import { type GridSummary, run, uniform } from 'attune';
 *
 * const grid = await run(({ x }: { x: number }) => ({ loss: x ** 2 }), { config: { x: uniform(-1, 1) }, metric: 'loss', mode: 'min', verbose: 0 });
 * const summary: GridSummary = grid.summary();
 * console.log(`${summary}`, summary.trials.TERMINATED);
 * ```
 */
export interface GridSummary {
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** How many trials there are, and how many of each status. */
  readonly trials: Readonly<Record<Status | 'total', number>>;
  /** Seconds that its sessions were open, from their first to their last event; NaN of a simulation. */
  readonly wall_s: number;
  /** Seconds that trials took together, as far as they reported: the sum of `time_total_s`. */
  readonly trial_s: number;
  /** Reports that the trials stand at, in all: the sum of `training_iteration`. */
  readonly reports: number;
  /** Per objective the best trial by its last value, as `getBestResult` finds it; none for an objective by which no trial qualifies. */
  readonly best: readonly { readonly metric: string; readonly mode: Mode; readonly value: number; readonly trial_id: string; readonly config: JsonObject }[];
  /** Of the trials with status ERROR. */
  readonly errors: readonly { readonly trial_id: string; readonly message: string }[];
  /** As `grid.interrupted`. */
  readonly interrupted?: string;
  /** The text. */
  toString(): string;
}

/** Errors beyond these are counted in the text. */
const MOST_ERRORS = 3;
const LONGEST = 200;

export function gridSummary(record: ExperimentRecord, histories: readonly TrialHistory[]): GridSummary {
  const { created, path, trials, interrupted, openMs = Number.NaN } = record;
  const counts = Object.fromEntries(STATUSES.map((status) => [status, trials.filter((trial) => trial.status === status).length]));
  const data = {
    name: created.name,
    path,
    trials: { total: trials.length, ...counts } as GridSummary['trials'],
    wall_s: openMs / 1000,
    trial_s: sum(trials.map(({ last }) => last?.['time_total_s'])),
    reports: sum(trials.map(({ step }) => step)),
    best: created.objectives.flatMap((objective) => bestBy(objective, histories)),
    errors: trials.flatMap(({ name, status, error }) => (status === 'ERROR' && error ? [{ trial_id: name, message: `${error.name}: ${error.message}` }] : [])),
    ...(interrupted === undefined ? {} : { interrupted }),
  };
  const text = (): string => linesOf(data, created.objectives, outcomes(trials)).join('\n');
  return Object.defineProperties(data, { toString: { value: text }, [INSPECT]: { value: text } });
}

const sum = (values: readonly unknown[]): number =>
  values.reduce<number>((total, value) => total + (typeof value === 'number' && !Number.isNaN(value) ? value : 0), 0);

function bestBy(objective: Objective, histories: readonly TrialHistory[]): GridSummary['best'] {
  const best = histories[bestOf(histories, { objective, scope: 'last', filterNanAndInf: true })];
  if (best === undefined) return [];
  const { name, config } = best.trial;
  return [{ ...objective, value: lastValue(best, objective.metric) as number, trial_id: name, config: cloneJson(config) as JsonObject }];
}

/** In order of what one asks first. */
function linesOf(summary: Omit<GridSummary, 'toString'>, objectives: readonly Objective[], outcome: string): readonly string[] {
  const { name, path, wall_s, trial_s, reports, errors, interrupted } = summary;
  const time = `${Number.isNaN(wall_s) ? '' : `${seconds(wall_s)} from start to end, `}${seconds(trial_s)} in trials, ${reports} reports`;
  const failed = errors.slice(0, MOST_ERRORS).map(({ trial_id, message }) => `error of ${trial_id}: ${oneLine(message, LONGEST)}`);
  return [
    `${oneLine(name)}: ${outcome}${interrupted === undefined ? '' : `; interrupted by ${oneLine(interrupted, LONGEST)}`}`,
    ...objectives.map((objective) => bestLine(objective, summary.best)),
    `time: ${time}`,
    ...failed,
    ...(errors.length > failed.length ? [`${errors.length - failed.length} more errors: grid.errors`] : []),
    `path: ${oneLine(path)}`,
  ];
}

function bestLine({ metric, mode }: Objective, best: GridSummary['best']): string {
  const found = best.find((each) => each.metric === metric);
  const what = `best ${oneLine(metric, LONGEST)} (${mode})`;
  if (found === undefined) return `${what}: none`;
  const config = Object.entries(flatten(found.config)).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return `${what}: ${found.value} of ${found.trial_id}, ${oneLine(config.join(' '), LONGEST) || 'no parameters'}`;
}

function seconds(value: number): string {
  const whole = Math.round(value);
  if (value < 60) return `${Number(value.toPrecision(3))} s`;
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${whole % 60} s`;
}
