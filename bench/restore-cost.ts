import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Measure } from './plan.ts';

interface Size {
  readonly trials: number;
  readonly reports: number;
}

/** Many trials with many reports, opened and restored in a process of their own, without logs and with the usual ones: against JSON.parse of each line, and its memory. */
export const restoreCost = (size: Size): readonly Measure[] => [...costWith('none', size), ...costWith('default', size)];

function costWith(loggers: 'none' | 'default', { trials, reports }: Size): readonly Measure[] {
  const script = fileURLToPath(new URL('./restore-scale.ts', import.meta.url));
  const text = execFileSync(process.execPath, [...process.execArgv, script, loggers, String(trials), String(reports)], { encoding: 'utf8' });
  const found = JSON.parse(text) as Readonly<Record<'events' | 'bytes' | 'wrote' | 'parsed' | 'opened' | 'openedRatio' | 'restored' | 'ratio' | 'rss', number>>;
  const those = `${trials.toLocaleString('en')} trials × ${reports} reports${loggers === 'none' ? '' : ' with logs'}`;
  const what = `${those} restored`;
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
  const each = `${(found.bytes / found.events).toFixed(0)} bytes and ${((found.wrote / found.events) * 1000).toFixed(0)} µs an event to run and write`;
  return [
    {
      what: `${those} opened as a grid / reading and JSON.parse`,
      got: found.openedRatio,
      limit: 3,
      unit: '×',
      detail: `${seconds(found.opened)} / ${seconds(found.parsed)}`,
    },
    {
      what: `${what} / JSON.parse of each line`,
      got: found.ratio,
      limit: 4,
      unit: '×',
      detail: `${seconds(found.restored)} / ${seconds(found.parsed)}; ${each}`,
    },
    { what: `${what}, memory`, got: found.rss / 1e6, limit: 1000, unit: 'MB', detail: 'the most that was resident, the run that wrote it included' },
  ];
}
