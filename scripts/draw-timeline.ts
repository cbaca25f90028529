import type { JournalLine } from '../src/trial/events.ts';
import { BOX, ENDS, type End, endOf, evenly, frame, tick } from './svg-frame.ts';

interface Row {
  end: End;
  readonly runs: { readonly from: number; to: number; step: number }[];
  /** Since when it is paused. */
  waits?: number | undefined;
  readonly waited: (readonly [from: number, to: number])[];
}

/**
 * A simulation as a timeline: one row for each trial, in the order in which they were proposed, by virtual seconds. A bar is a run, with the step that it
 * came to; a dotted line is a pause that ended. The same journal gives the same text.
 */
export function drawTimeline(title: string, journal: readonly JournalLine[]): string {
  const rows = rowsOf(journal);
  const most = Math.max(1, ...rows.flatMap(({ runs }) => runs.map(({ to }) => to)));
  const x = (at: number): string => (BOX.left + (at / most) * (BOX.right - BOX.left)).toFixed(1);
  const height = (BOX.bottom - BOX.top) / rows.length;
  const bars = rows.map(({ end, runs, waited }, i) => {
    const top = BOX.top + i * height;
    const middle = (top + height / 2).toFixed(1);
    const size = Math.min(11, height - 1);
    const { colour } = ENDS[end];
    return [
      ...waited.map(([from, to]) => `<path d="M${x(from)} ${middle}H${x(to)}" stroke="${ENDS.paused.colour}" stroke-width="1.5" stroke-dasharray="2 3"/>`),
      ...runs.map(
        ({ from, to, step }) =>
          `<rect x="${x(from)}" y="${(top + 0.5).toFixed(1)}" width="${(Number(x(to)) - Number(x(from)) - 1).toFixed(1)}" height="${(height - 1).toFixed(1)}" fill="${colour}"/>` +
          `<text x="${(Number(x(to)) - 4).toFixed(1)}" y="${(top + height / 2 + size * 0.36).toFixed(1)}" text-anchor="end" font-size="${size.toFixed(1)}" fill="#fff">${step}</text>`,
      ),
    ].join('');
  });
  const ends = (['trained', 'paused', 'stopped', 'failed'] as const).filter((end) => rows.some((row) => row.end === end));
  const entries = ends.map((end) => ({ colour: ENDS[end].colour, text: `${rows.filter((row) => row.end === end).length} ${ENDS[end].text}` }));
  const pauses = rows.reduce((sum, { waited }) => sum + waited.length, 0);
  return frame(
    title,
    'seconds',
    [
      ...evenly(0, most).map((at) => tick(x(at), at)),
      ...rows.map((_, i) =>
        rows.length > 12 && i % 4 !== 0 ? '' : `<text x="${BOX.left - 8}" y="${(BOX.top + (i + 0.5) * height + 4).toFixed(1)}" text-anchor="end">${i}</text>`,
      ),
      ...bars,
    ].filter((text) => text !== ''),
    [...entries, ...(pauses === 0 ? [] : [{ colour: ENDS.paused.colour, text: 'paused, then resumed or stopped', dashed: true }])],
  );
}

function rowsOf(journal: readonly JournalLine[]): readonly Row[] {
  const rows: Row[] = [];
  for (const line of journal) {
    if (!('trial' in line)) continue;
    const row = (rows[line.trial] ??= { end: 'stopped', runs: [], waited: [] });
    const at = line.at / 1000;
    const isOver = row.waits !== undefined && (line.kind === 'started' || line.kind === 'stopped');
    if (isOver) row.waited.push([row.waits ?? at, at]);
    if (isOver) row.waits = undefined;
    if (line.kind === 'paused') row.waits = at;
    if (line.kind === 'started') row.runs.push({ from: at, to: at, step: line.step });
    const run = row.runs.at(-1);
    if (run && line.kind === 'reported') Object.assign(run, { to: at, step: line.step });
    row.end = endOf(line) ?? row.end;
  }
  return rows;
}
