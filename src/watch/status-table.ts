import type { Json, JsonObject } from '../base/json.ts';
import { flatten, metricAt, numbersOf } from '../trial/metrics.ts';
import { isAutomatic } from '../trial/row.ts';
import { clip } from './cell-text.ts';
import { type Column, numberCells, tableLines } from './columns.ts';
import { type Paint, painter, type Style } from './paint.ts';
import type { Snapshot, TrialSnapshot } from './snapshot.ts';
import { headerLines } from './status-header.ts';
import { rowsToShow } from './status-rows.ts';
import { valueText } from './value-text.ts';

/** The room that a reporter has. Its text may have `rows` lines of `columns` columns; what is more is cut. */
export interface Room {
  readonly columns: number;
  readonly rows: number;
  /** Whether escape sequences for colours may be used. */
  readonly color: boolean;
}

/** Turns an experiment at one moment into text. Pure: it is called several times a second. */
export type Reporter = (snapshot: Snapshot, terminal: Room) => string;

/** Lines that go before anything else is left out: the title, the header of the table, one row, the count of the others. */
const TABLE_LINES = 4;
const INDENT = 2;
const STATUS_STYLE: Readonly<Partial<Record<TrialSnapshot['status'], Style>>> = { RUNNING: 'cyan', ERROR: 'red', PAUSED: 'yellow', PENDING: 'dim' };

/** Other metrics than the objectives that are looked at. */
const MOST_METRICS = 20;
const MOST_PARAMETERS = 40;

/**
 * The status of an experiment as the console shows it: what is searched and how, what is in use, where the results are, how
 * many trials stand how, the best one, and a table of trials with the running ones on top, then the best of the others.
 *
 * Fits the room exactly: no line is wider than `columns`, there are at most `rows` of them, none has a control character,
 * and without `color` no escape sequence. Less important columns, lines and rows are left out first. Costs O(trials) with a
 * small constant, and O(rows × columns) for what is shown.
 *
 * @example
 * import { type RunConfig, statusTable } from 'attune';
 *
 * const runConfig: RunConfig = { reporter: (snapshot, room) => `${snapshot.name}\n${statusTable(snapshot, { ...room, rows: room.rows - 1 })}` };
 */
export function statusTable(snapshot: Snapshot, { columns, rows, color }: Room): string {
  const paint = painter(color);
  const header = headerLines(snapshot, { columns, lines: Math.max(1, rows - TABLE_LINES), paint });
  const space = rows - header.length;
  if (snapshot.trials.length === 0 || space < 2) return header.slice(0, Math.max(1, rows)).join('\n');
  const spaced = space > TABLE_LINES ? [...header, ''] : header;
  return [...spaced, ...trialLines(snapshot, columns, rows - spaced.length, paint)].join('\n');
}

/** The table: a header, at least one row, and a line about the rows that found no room. */
function trialLines(snapshot: Snapshot, columns: number, lines: number, paint: Paint): readonly string[] {
  const all = snapshot.trials.length <= lines - 1;
  const { shown, rest } = rowsToShow(snapshot, all ? lines - 1 : Math.max(1, lines - 2));
  const trials = shown.flatMap((index) => snapshot.trials[index] ?? []);
  const best = new Set(snapshot.best);
  const isBest = (row: number): boolean => best.has(shown[row] ?? -1);
  const indent = columns > 40 ? INDENT : 0;
  const [head = '', ...body] = tableLines(...columnsOf(snapshot, trials, isBest, paint), columns - indent);
  const marked = body.map((line, row) => (indent > 0 ? `${isBest(row) ? paint('green', '*') : ' '} ${line}` : line));
  const restLine = rest === '' ? [] : [paint('dim', clip(`${' '.repeat(indent)}${rest}`, columns))];
  return [paint('dim', `${' '.repeat(indent)}${head}`), ...marked, ...restLine].slice(0, Math.max(2, lines));
}

/** The columns by importance, and as they stand. */
function columnsOf(
  snapshot: Snapshot,
  trials: readonly TrialSnapshot[],
  isBest: (row: number) => boolean,
  paint: Paint,
): [readonly Column[], readonly Column[]] {
  const bold = (cell: string, row: number): string => (isBest(row) ? paint('bold', cell) : cell);
  const ofStatus = (cell: string, row: number): string => {
    const style = STATUS_STYLE[trials[row]?.status ?? 'PENDING'];
    return style ? paint(style, cell) : cell;
  };
  const name = { ...textColumn('trial', each(trials, 'name'), 24), paint: bold };
  const status = { ...textColumn('status', each(trials, 'status'), 10), paint: ofStatus };
  const objectives = snapshot.objectives.map(({ metric }) => {
    const values = trials.map(({ metrics }) => metrics && metricAt(metrics, metric));
    return { ...valueColumn(metric, values, 14), paint: bold };
  });
  const iteration = valueColumn('iter', each(trials, 'iteration'), 4);
  const time = timeColumn(trials);
  const parameters = parameterColumns(snapshot, trials);
  const metrics = metricColumns(snapshot, trials);
  const loc = textColumn('loc', each(trials, 'loc'), 24);
  const reason = reasonColumn(snapshot, trials, paint);
  const [first, second, ...others] = parameters;
  const few = [first, second].flatMap((column) => column ?? []);
  return [
    [name, status, ...objectives, iteration, ...few, ...reason, ...others, time, loc, ...metrics],
    [name, status, loc, ...parameters, ...objectives, ...metrics, time, iteration, ...reason],
  ];
}

const each = <K extends keyof TrialSnapshot>(trials: readonly TrialSnapshot[], key: K): readonly TrialSnapshot[K][] => trials.map((trial) => trial[key]);

const textColumn = (header: string, cells: readonly (string | undefined)[], least: number): Column => ({
  header,
  cells: cells.map((cell = '') => clip(cell, 100)),
  align: 'left',
  least,
});

function timeColumn(trials: readonly TrialSnapshot[]): Column {
  const decimals = trials.every(({ timeTotalS }) => timeTotalS < 10) ? 2 : 1;
  const cells = trials.map(({ timeTotalS, metrics, status }) => (metrics || status === 'RUNNING' ? timeTotalS.toFixed(decimals) : ''));
  return { header: 'time (s)', cells, align: 'right', least: 8 };
}

/** None when nobody has a reason. The scheduler's name is left out: it stands above the table. */
function reasonColumn({ scheduler }: Snapshot, trials: readonly TrialSnapshot[], paint: Paint): readonly Column[] {
  if (trials.every(({ reason }) => reason === undefined)) return [];
  const prefix = `${scheduler.name}: `;
  const reasons = trials.map(({ reason = '' }) => (reason.startsWith(prefix) ? reason.slice(prefix.length) : reason));
  return [{ ...textColumn('reason', reasons, 12), paint: (cell, row) => paint(trials[row]?.status === 'ERROR' ? 'red' : 'dim', cell) }];
}

function parameterColumns({ parameters }: Snapshot, trials: readonly TrialSnapshot[]): readonly Column[] {
  const configs = trials.map(({ config }) => flatten(config));
  const varies = (key: string): boolean => parameters.some((path) => path === key || path.startsWith(`${key}/`) || key.startsWith(`${path}/`));
  const keys = [...new Set(configs.flatMap((config) => Object.keys(config)))].filter(varies).slice(0, MOST_PARAMETERS);
  return keys.map((key) => {
    const values = configs.map((config) => config[key]);
    return valueColumn(key, values, 8);
  });
}

/** The numbers that were reported beside the objectives. */
function metricColumns({ objectives }: Snapshot, trials: readonly TrialSnapshot[]): readonly Column[] {
  const known = new Set(objectives.map(({ metric }) => metric));
  const rows = trials.map(({ metrics = {} }) => numbersOf(withoutAutomatic(metrics)));
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((key) => !known.has(key)).slice(0, MOST_METRICS);
  return keys.map((key) => {
    const values = rows.map((row) => row[key]);
    return { ...valueColumn(key, values, 6), spare: true };
  });
}

function withoutAutomatic(row: JsonObject): JsonObject {
  const own: Record<string, Json> = {};
  for (const key of Object.keys(row)) if (!isAutomatic(key)) own[key] = row[key] as Json;
  return own;
}

/** Numbers are aligned on the right with the same decimals; anything else stands on the left, cut when it is long. */
function valueColumn(key: string, values: readonly (Json | undefined)[], least: number): Column {
  const header = clip(key, 40);
  if (values.every((value) => value === undefined || typeof value === 'number')) {
    const cells = numberCells(values);
    return { header, cells, align: 'right', least: Math.max(least, ...cells.map((cell) => cell.length)) };
  }
  const cells = values.map((value) => (value === undefined ? '' : valueText(value)));
  return { header, cells, align: 'left', least };
}
