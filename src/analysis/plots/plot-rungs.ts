import { AttuneError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { checkOptions, checkText, describe } from '../../base/options.ts';
import type { TableRow } from '../../results/table.ts';
import { checkMode, type Mode } from '../numbers.ts';
import { columnName, type Rows } from '../rows.ts';
import { axis, checkScale, counted, placed, type Scale, shown } from './axis.ts';
import { PLOT_OPTIONS, type Plot, type PlotOptions, plotOf } from './plot.ts';
import { tips } from './tips.ts';
import { parameterOf, someNumber, trialsOf } from './trials-of.ts';

/** What `plotRungs` shows, and where. */
export interface RungsOptions extends PlotOptions {
  /** A column of the rows. */
  readonly metric: string;
  /** `'min'` when lower is better. */
  readonly mode: Mode;
  /** What rungs are counted in, default `training_iteration`. */
  readonly timeAttr?: string;
  /** Where trials are compared. Default: where most trials ended, at most eight places. */
  readonly rungs?: readonly number[];
  /** Default `linear`; `log` leaves out values that are not above 0. */
  readonly yScale?: Scale;
}

const MOST = 8;

/**
 * What became of trials at each rung of a scheduler that halves, `asha` or `hyperband`: the metric that a trial had there, joined to the next rung that
 * it reached, and coloured by whether it went on.
 *
 * @param rows - a row per report: `grid.getDataFrame({ rows: 'all' })`
 * @throws {AttuneError} `COLUMN_UNKNOWN`, `DATA_INSUFFICIENT` when no trial has a number at a rung
 * @example
 * ```ts
 * import { plotRungs } from 'attune/analysis';
 * const rows = [[1, 3], [1, 1], [3, 1]].map(([training_iteration = 0, loss = 0], i) => ({ trial_id: i === 0 ? 'a' : 'b', training_iteration, loss }));
 * plotRungs(rows, { metric: 'loss', mode: 'min' });
 * ```
 */
export function plotRungs(rows: Rows, options: RungsOptions): Plot {
  const where = 'plotRungs';
  checkOptions(where, options, ['metric', 'mode', 'timeAttr', 'rungs', 'yScale', ...PLOT_OPTIONS]);
  checkText(where, 'metric', options.metric);
  checkMode(where, options.mode);
  checkScale(where, 'yScale', options.yScale);
  const { metric, timeAttr = 'training_iteration', yScale = 'linear' } = options;
  const all = [...rows];
  const [time, value] = [columnName(where, all, timeAttr), columnName(where, all, metric)];
  someNumber(
    where,
    metric,
    all.map((row) => row[value]),
    yScale,
  );
  const trials = trialsOf(all, 'one').map((trial) => ({ ...trial, rows: trial.rows.filter((row) => placed(row[time]) !== null) }));
  const rungs = options.rungs ?? mostEnds(trials.map(({ rows }) => lastTime(rows, time)));
  const values = trials.flatMap(({ trial, name, rows }): JsonObject[] => {
    const last = lastTime(rows, time);
    return rungs.flatMap((rung) => {
      const at = placed(rows.findLast((row) => row[time] === rung)?.[value], yScale);
      return at === null ? [] : [{ trial, name, rung, value: at, fate: last > rung ? 'went on' : 'ended there' }];
    });
  });
  if (values.length === 0)
    throw new AttuneError(
      'DATA_INSUFFICIENT',
      `${where}: expected a report at one of the rungs ${rungs.join(', ')}, got none with a number in ${describe(metric)}.`,
    );
  const scale: Scale = rungs.every((rung) => rung > 0) ? 'log' : 'linear';
  const x = axis('rung', parameterOf(timeAttr), scale, {
    axis: { values: rungs, labelOverlap: 'greedy', grid: true },
    scale: { type: scale, nice: false, padding: 20, ...(scale === 'linear' ? { zero: false } : {}) },
  });
  const y = axis('value', parameterOf(metric), yScale);
  const color = { field: 'fate', type: 'nominal', title: null, scale: { domain: ['went on', 'ended there'] }, legend: { orient: 'top' } };
  const layer = [
    {
      name: 'ways',
      mark: { type: 'line', style: 'faint', strokeWidth: 1, opacity: trials.length > 200 ? 0.2 : 0.7 },
      encoding: { x, y, detail: { field: 'trial' } },
    },
    {
      name: 'points',
      mark: { type: 'point', filled: true, size: 36, opacity: 0.8 },
      encoding: { x, y, color, tooltip: tips({ name: 'trial', value: parameterOf(metric), fate: 'then' }) },
    },
  ];
  const sketch = { width: 640, height: 380, title: `${shown(parameterOf(metric))} at the rungs`, subtitle: [counted(trials.length, 'trial')] };
  return plotOf(where, { ...sketch, view: () => ({ data: { values }, layer }) }, options);
}

const lastTime = (rows: readonly TableRow[], time: string): number => rows.reduce((last, row) => Math.max(last, row[time] as number), -Infinity);

/** The steps at which most trials ended, ascending. */
function mostEnds(ends: readonly number[]): readonly number[] {
  const counts = new Map<number, number>();
  for (const end of ends) if (Number.isFinite(end)) counts.set(end, (counts.get(end) ?? 0) + 1);
  const most = [...counts].sort(([a, n], [b, m]) => m - n || a - b).slice(0, MOST);
  return most.map(([end]) => end).sort((a, b) => a - b);
}
