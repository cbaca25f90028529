import type { Json } from '../base/json.ts';
import type { PluginRecord } from '../trial/events.ts';
import { STATUSES, type Status } from '../trial/lifecycle.ts';
import { clip, widthOf } from './cell-text.ts';
import type { Paint, Style } from './paint.ts';
import type { Snapshot, Usage } from './snapshot.ts';
import { configText, metricsText } from './trial-line.ts';
import { numberText } from './value-text.ts';

const STYLES: Readonly<Partial<Record<Status, Style>>> = { RUNNING: 'cyan', PAUSED: 'yellow', ERROR: 'red' };
const GIB = 2 ** 30;
const LABEL = 9;

interface Line {
  /** The lower the later it is left out. */
  readonly importance: number;
  readonly text: string;
}

/** The lines above the table: at most `lines`, none wider than `columns`. */
export function headerLines(
  snapshot: Snapshot,
  { columns, lines, paint }: { readonly columns: number; readonly lines: number; readonly paint: Paint },
): readonly string[] {
  const labelled = (label: string, text: string, importance: number): Line => ({
    importance,
    text: `${paint('dim', clip(label, columns).padEnd(Math.min(LABEL, columns)))}${text}`,
  });
  const room = columns - LABEL;
  const { searcher, scheduler, cpus, gpus, memory, path } = snapshot;
  const used = `${usage(cpus)} CPUs, ${usage(gpus)} GPUs, memory ${gib(memory)} GiB`;
  const all: readonly Line[] = [
    { importance: 0, text: paint('bold', clip(titleOf(snapshot), columns)) },
    labelled('Trials', countsOf(snapshot, room, paint), 1),
    labelled('Search', clip(pluginsText(searcher, scheduler, room), room), 4),
    labelled('In use', clip(used, room), 5),
    labelled('Results', clip(path, room, 'end'), 3),
    ...snapshot.best.flatMap((index, i) => bestLine(snapshot, index, i, room).map((text) => labelled('Best', text, 2))),
  ];
  const kept = new Set([...all].sort((a, b) => a.importance - b.importance).slice(0, lines));
  return all.filter((line) => kept.has(line)).map(({ text }) => text);
}

function titleOf({ trainable, done, expected, elapsedS, ended }: Snapshot): string {
  const progress = expected === undefined ? `${done} trials done` : `${done} of ${expected} trials done`;
  return `${ended === undefined ? 'Tuning' : 'Tuned'} ${clip(trainable, 60)}: ${progress} in ${duration(elapsedS)}${ended ? ` (${ended})` : ''}`;
}

function countsOf({ counts, trials }: Snapshot, room: number, paint: Paint): string {
  const parts = STATUSES.filter((status) => counts[status] > 0).map((status) => ({ status, text: `${counts[status]} ${status}` }));
  const plain = `${trials.length}${parts.length > 0 ? ` (${parts.map(({ text }) => text).join(', ')})` : ''}`;
  if (widthOf(plain) > room) return clip(plain, room);
  const painted = parts.map(({ status, text }) => (STYLES[status] ? paint(STYLES[status], text) : text));
  return `${trials.length}${parts.length > 0 ? ` (${painted.join(', ')})` : ''}`;
}

/** Names with their options, as far as there is room; else the names alone. */
function pluginsText(searcher: PluginRecord, scheduler: PluginRecord, room: number): string {
  const full = `searcher ${pluginText(searcher)}, scheduler ${pluginText(scheduler)}`;
  return widthOf(full) <= room ? full : `searcher ${clip(searcher.name, 40)}, scheduler ${clip(scheduler.name, 40)}`;
}

function pluginText({ name, options }: PluginRecord): string {
  const isObject = typeof options === 'object' && options !== null && !Array.isArray(options);
  const all = isObject ? (options as Readonly<Record<string, Json>>) : {};
  const shown = Object.entries(all)
    .filter(([, value]) => typeof value !== 'object')
    .slice(0, 8)
    .map(([key, value]) => `${clip(key, 24)}: ${typeof value === 'number' ? numberText(value) : clip(String(value), 24)}`);
  const parts: readonly unknown[] = [all['scheduler'] ?? all['schedulers'] ?? []].flat(); // of a composition
  const inside = [...shown, ...parts.filter(isPlugin).map(pluginText)].join(', ');
  return `${clip(name, 40)}${inside === '' ? '' : `(${inside})`}`;
}

const isPlugin = (value: unknown): value is PluginRecord => typeof (value as Partial<PluginRecord> | null)?.name === 'string';

function bestLine({ objectives, trials }: Snapshot, index: number, i: number, room: number): readonly string[] {
  const objective = objectives[i];
  const trial = trials[index];
  if (!objective || !trial) return [];
  const text = `${metricsText(trial.metrics, [objective])} (${objective.mode})  ${trial.name}  iter ${trial.iteration}  ${configText(trial.config)}`;
  return [clip(text.trimEnd(), room)];
}

const usage = ({ used, total }: Usage): string => `${numberText(used)}/${total}`;
const gib = ({ used, total }: Usage): string => `${(used / GIB).toFixed(1)}/${(total / GIB).toFixed(1)}`;

/** `41 s`, `3 min 12 s`, `2 h 05 min`, `3 d 4 h`. */
function duration(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const [minutes, hours, days] = [Math.floor(s / 60), Math.floor(s / 3600), Math.floor(s / 86_400)];
  const two = (n: number): string => String(n).padStart(2, '0');
  if (days > 0) return `${days} d ${hours % 24} h`;
  if (hours > 0) return `${hours} h ${two(minutes % 60)} min`;
  return minutes > 0 ? `${minutes} min ${two(s % 60)} s` : `${s} s`;
}
