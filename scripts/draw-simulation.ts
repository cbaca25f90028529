import type { JournalLine } from '../src/trial/events.ts';
import { BOX, ENDS, type End, endOf, escaped, evenly, frame, type LegendEntry, tick, upright } from './svg-frame.ts';

type Point = readonly [at: number, value: number];

interface Curve {
  end: End;
  /** Who stopped it. */
  by?: string;
  /** Pieces of a line: an exploit begins another. */
  readonly pieces: Point[][];
  /** From where a trial was to where it went on. */
  readonly jumps: (readonly [from: Point, to: Point])[];
}

export interface DrawOptions {
  /** Default `'loss'`. */
  readonly metric?: string;
  /** Steps on a logarithmic scale, where rungs are equally far apart (default), or evenly; or virtual seconds. */
  readonly along?: 'rungs' | 'steps' | 'seconds';
  /** What the horizontal axis is called. Default: `step`, or `seconds`. */
  readonly called?: string;
  /** A dashed line at a value of the metric, or at a place of the horizontal axis. */
  readonly line?: { readonly value?: number; readonly step?: number; readonly text: string };
  /** Colours trials that were stopped by who stopped them. */
  readonly byWhom?: true;
  /** A point at each report. */
  readonly dots?: true;
  /** Another simulation, pale behind this one, and what it is. */
  readonly behind?: { readonly journal: readonly JournalLine[]; readonly text: string };
}

interface Style {
  readonly colour: string;
  readonly width: number;
  readonly text: string;
}

const WHO = ['#8e6bbf', '#d98e04', '#2f7fb8'] as const;
const JUMP = '#c2458a';
const BEHIND: Style = { colour: '#c9d1d9', width: 1, text: '' };

/** A simulation as a small SVG: one line for each trial, its metric by its step, coloured by how it ended. The same journal gives the same text. */
export function drawSimulation(title: string, journal: readonly JournalLine[], options: DrawOptions = {}): string {
  const { metric = 'loss', along = 'rungs', called = along === 'seconds' ? 'seconds' : 'step', line, dots, behind } = options;
  const curves = curvesOf(journal, metric, along);
  const pale = behind === undefined ? [] : curvesOf(behind.journal, metric, along);
  const points = [...curves, ...pale].flatMap(({ pieces }) => pieces.flat());
  const values = [...points.map(([, value]) => value), ...(line?.value === undefined ? [] : [line.value])];
  const [least, largest] = [Math.min(...values), Math.max(...values)];
  const first = along === 'seconds' ? 0 : 1;
  const most = Math.max(first + 1, ...points.map(([at]) => at));
  const scale = along === 'rungs' ? (at: number) => Math.log(at) / Math.log(most) : (at: number) => (at - first) / (most - first);
  const x = (at: number): string => (BOX.left + scale(at) * (BOX.right - BOX.left)).toFixed(1);
  const y = (value: number): string => (BOX.bottom - ((value - least) / (largest - least || 1)) * (BOX.bottom - BOX.top)).toFixed(1);
  const place = ([at, value]: Point): string => `${x(at)} ${y(value)}`;
  const groups = groupsOf(curves, options);
  const jumps = curves.flatMap((curve) => curve.jumps);
  const drawn = [
    ...(along === 'rungs' ? ticks(most) : evenly(first, most)).map((step) => tick(x(step), step)),
    ...upright(metric, least, largest),
    ...(pale.length === 0 ? [] : [linesOf(BEHIND, pale, place)]),
    ...groups.map(({ style, lines }) => linesOf(style, lines, place, dots)),
    ...jumps.map(([from, to]) => `<path d="M${place(from)}L${place(to)}" stroke="${JUMP}" stroke-dasharray="3 3"/>${dot(place(to), 2.4, JUMP)}`),
    ...(line === undefined ? [] : [boundAt(line, x, y)]),
  ];
  const entries: LegendEntry[] = groups.toReversed().map(({ style, lines }) => ({ colour: style.colour, text: `${lines.length} ${style.text}` }));
  if (jumps.length > 0) entries.push({ colour: JUMP, text: `${jumps.length} ${jumps.length === 1 ? 'exploit' : 'exploits'}`, dashed: true });
  if (behind !== undefined) entries.push({ colour: BEHIND.colour, text: behind.text });
  return frame(title, called, drawn, entries);
}

/** Those that look alike, the last on top. */
function groupsOf(curves: readonly Curve[], { byWhom }: DrawOptions): readonly { readonly style: Style; readonly lines: readonly Curve[] }[] {
  const who = [...new Set(curves.flatMap(({ by, end }) => (byWhom && end === 'stopped' && by !== undefined ? [by] : [])))].sort();
  const groups = (Object.keys(ENDS) as End[]).flatMap((end) => {
    const lines = curves.filter((curve) => curve.end === end);
    if (end !== 'stopped' || who.length === 0) return [{ style: ENDS[end] as Style, lines }];
    return who.map((by, i) => ({
      style: { colour: WHO[i % WHO.length] as string, width: 1.2, text: `stopped by ${by}` },
      lines: lines.filter((curve) => curve.by === by),
    }));
  });
  return groups.filter(({ lines }) => lines.length > 0);
}

const dot = (place: string, radius: number, colour: string): string => {
  const [cx, cy] = place.split(' ');
  return `<circle cx="${cx}" cy="${cy}" r="${radius}" fill="${colour}" stroke="none"/>`;
};

/** A line of one point is a dot. */
function linesOf({ colour, width }: Style, curves: readonly Curve[], place: (point: Point) => string, dots = false): string {
  const paths = curves.flatMap(({ pieces }) =>
    pieces.map((piece) => {
      const places = piece.map(place);
      const [only = ''] = places;
      if (places.length === 1) return dot(only, 1.6, colour);
      return `<path d="M${places.join('L')}"/>${dots ? places.map((each) => dot(each, 2, colour)).join('') : ''}`;
    }),
  );
  return `<g fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round">${paths.join('')}</g>`;
}

function boundAt({ value, step, text }: NonNullable<DrawOptions['line']>, x: (at: number) => string, y: (value: number) => string): string {
  const line = (path: string): string => `<path d="${path}" stroke="#444" stroke-dasharray="5 4"/>`;
  if (value !== undefined) {
    const above = Number(y(value)) - 5;
    return `${line(`M${BOX.left} ${y(value)}H${BOX.right}`)}<text x="${BOX.right}" y="${above < BOX.top ? above + 18 : above}" text-anchor="end">${escaped(text)}</text>`;
  }
  const at = x(step ?? 1);
  const isRight = Number(at) > (BOX.left + BOX.right) / 2;
  return `${line(`M${at} ${BOX.top - 10}V${BOX.bottom}`)}<text x="${Number(at) + (isRight ? -6 : 6)}" y="${BOX.top}" text-anchor="${isRight ? 'end' : 'start'}">${escaped(text)}</text>`;
}

/** 1, 3, 9, … or, where that is too few, 1, 2, 4, …; the last step too. */
function ticks(most: number): readonly number[] {
  const by = most > 8 ? 3 : 2;
  const steps = [1];
  for (let step = by; step <= most; step *= by) steps.push(step);
  return steps.at(-1) === most || most / (steps.at(-1) ?? 1) < 1.5 ? steps : [...steps, most];
}

function curvesOf(journal: readonly JournalLine[], metric: string, along: DrawOptions['along']): readonly Curve[] {
  const curves: Curve[] = [];
  const scores = new Map<string, number>();
  for (const line of journal) {
    if (!('trial' in line)) continue;
    const curve = (curves[line.trial] ??= { end: 'stopped', pieces: [[]], jumps: [] });
    const value = line.kind === 'reported' ? line.metrics[metric] : undefined;
    if (line.kind === 'exploited') {
      const from = curve.pieces.at(-1)?.at(-1);
      const score = scores.get(`${line.from} ${line.step}`);
      const to: readonly Point[] = score === undefined ? [] : [[line.step, score]];
      if (from && to[0]) curve.jumps.push([from, to[0]]);
      curve.pieces.push([...to]);
    }
    if (line.kind === 'reported' && typeof value === 'number' && Number.isFinite(value)) {
      curve.pieces.at(-1)?.push([along === 'seconds' ? line.at / 1000 : line.step, value]);
      scores.set(`${line.trial} ${line.step}`, value);
    }
    curve.end = endOf(line) ?? curve.end;
    if (line.kind === 'stopped') curve.by = line.by;
  }
  return curves.map((curve) => ({ ...curve, pieces: curve.pieces.filter(({ length }) => length > 0) }));
}
