import { AttuneError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { checkOptions } from '../../base/options.ts';
import type { TimelineRow } from '../../results/timeline.ts';
import { counted, shown } from './axis.ts';
import { type Frame, PLOT_OPTIONS, type Plot, type PlotOptions, plotOf } from './plot.ts';
import { tips } from './tips.ts';

/** In the order of the legend, and of the colours: green for what ended well, red for what failed. */
const ENDS = ['completed', 'reached maxT', 'stopped', 'paused', 'exploited', 'failed', 'interrupted', 'running'] as const;
const COLOURS = ['#2f9e62', '#74b93a', '#8a97a6', '#d99a1c', '#8a6fd0', '#d0453f', '#c06a9e', '#3f86d6'];

/** A stretch is at least so small a part of the axis. */
const SEEN = 300;

/**
 * When each trial ran, a bar for each stretch, coloured by how that ended; pointing at a bar of the page shows who ended it and why.
 *
 * @param timeline - `grid.timeline()`
 * @throws {AttuneError} `DATA_INSUFFICIENT` when nothing has run
 * @example
 * ```ts
 * import { plotTimeline } from 'attune/analysis';
 * plotTimeline([{ trial: 0, trial_id: 'a', from_s: 0, to_s: 3, from_step: 0, to_step: 5, worker: 'host:1', end: 'stopped', by: 'asha', reason: 'rung 5: rank 3 of 3' }]);
 * ```
 */
export function plotTimeline(timeline: Iterable<TimelineRow>, options: PlotOptions = {}): Plot {
  const where = 'plotTimeline';
  checkOptions(where, options, PLOT_OPTIONS);
  const stretches = [...timeline].map(named).filter(({ from_s, to_s }) => Number.isFinite(from_s) && Number.isFinite(to_s));
  if (stretches.length === 0) throw new AttuneError('DATA_INSUFFICIENT', `${where}: expected at least one stretch in which a trial ran, got none.`);
  const trials = new Set(stretches.map(({ trial }) => trial)).size;
  const [begin, end] = stretches.reduce(([least, most], { from_s, to_s }) => [Math.min(least, from_s), Math.max(most, to_s)], [Infinity, -Infinity]);
  const least = (end - begin || 1) / SEEN; // what took no time is seen all the same
  const values = stretches.map(({ trial, trial_id, from_s, to_s, from_step, to_step, end, by = '', reason = '' }): JsonObject => {
    const why = shown([by, reason].filter(Boolean).join(': '));
    return { trial, name: shown(trial_id), from: from_s, to: Math.max(to_s, from_s + least), steps: `${from_step} to ${to_step}`, end, why };
  });
  const ends = ENDS.filter((end) => stretches.some((stretch) => stretch.end === end));
  const color = { field: 'end', type: 'nominal', title: null, scale: { domain: ends, range: ends.map((end) => COLOURS[ENDS.indexOf(end)] as string) } };
  const last = Math.max(...stretches.map(({ trial }) => trial));
  const view = ({ height }: Frame): JsonObject => {
    const thick = Math.max(0.5, Math.min(14, (0.75 * (height - 110)) / (last + 1)));
    const x = { field: 'from', type: 'quantitative', title: 'seconds since the experiment began', scale: { zero: false, nice: true } };
    const y = {
      field: 'trial',
      type: 'quantitative',
      title: 'trial',
      scale: { domain: [-0.6, last + 0.6], nice: false, reverse: true, zero: false },
      axis: { tickMinStep: 1, format: 'd', grid: false },
    };
    const tooltip = tips({ name: 'trial', end: 'end', why: 'why', steps: 'steps' });
    return {
      layer: [
        {
          name: 'stretches',
          data: { values },
          mark: { type: 'rule', strokeWidth: thick, strokeCap: 'butt' },
          encoding: { x, x2: { field: 'to' }, y, color, tooltip },
        },
      ],
    };
  };
  const height = Math.round(Math.min(900, Math.max(220, 130 + 18 * Math.min(last + 1, 43))));
  const sketch = { width: 700, height, title: 'When trials ran', subtitle: [counted(trials, 'trial'), ...whoStopped(stretches)], view };
  return plotOf(where, sketch, options);
}

/** A trial that a scheduler stopped because it had trained as long as any may has not been given up. */
const named = (stretch: TimelineRow): Omit<TimelineRow, 'end'> & { readonly end: (typeof ENDS)[number] } =>
  stretch.end === 'stopped' && /^reached maxT\b/.test(stretch.reason ?? '') ? { ...stretch, end: 'reached maxT' } : stretch;

/** `stopped by asha, rung 1: 40`: the six commonest reasons, up to their colon. */
function whoStopped(stretches: readonly ReturnType<typeof named>[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { end, by, reason = '' } of stretches) {
    if (end !== 'stopped') continue;
    const why = [by ?? '', /^[^:]{1,24}(?=:|$)/.exec(reason)?.[0] ?? ''].filter(Boolean).join(', ');
    counts.set(why, (counts.get(why) ?? 0) + 1);
  }
  const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, 6);
  return most.length === 0 ? [] : [`stopped by ${most.map(([why, count]) => `${shown(why).slice(0, 60)}: ${count}`).join('; ')}`];
}
