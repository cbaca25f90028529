import type { JournalLine } from '../src/trial/events.ts';

/** How a trial ended, in the order in which the lines lie on each other, and what its line looks like. */
const ENDS = {
  failed: { colour: '#c0392b', width: 1.2, text: 'failed' },
  stopped: { colour: '#9aa5b1', width: 1, text: 'stopped early' },
  paused: { colour: '#d98e04', width: 1, text: 'left paused' },
  trained: { colour: '#1f7a4d', width: 1.8, text: 'trained to the end' },
} as const;

type End = keyof typeof ENDS;

interface Curve {
  end: End;
  /** Pieces of a line: an exploit begins another. */
  readonly pieces: (readonly [step: number, value: number])[][];
}

const [WIDTH, HEIGHT] = [640, 300];
const BOX = { left: 44, right: WIDTH - 12, top: 34, bottom: HEIGHT - 52 };

/**
 * A simulation as a small SVG: one line for each trial, its metric by its step (on a logarithmic scale, where rungs are equally far apart),
 * coloured by how it ended. The same journal gives the same text.
 */
export function drawSimulation(title: string, journal: readonly JournalLine[], metric = 'loss'): string {
  const curves = curvesOf(journal, metric);
  const points = curves.flatMap(({ pieces }) => pieces.flat());
  const most = Math.max(2, ...points.map(([step]) => step));
  const values = points.map(([, value]) => value);
  const [least, largest] = [Math.min(...values), Math.max(...values)];
  const x = (step: number): string => (BOX.left + (Math.log(step) / Math.log(most)) * (BOX.right - BOX.left)).toFixed(1);
  const y = (value: number): string => (BOX.bottom - ((value - least) / (largest - least || 1)) * (BOX.bottom - BOX.top)).toFixed(1);
  const ends = (Object.keys(ENDS) as End[]).map((end) => ({ end, lines: curves.filter((curve) => curve.end === end) })).filter(({ lines }) => lines.length > 0);
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#333">`,
    `<title>${title}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${BOX.left}" y="20" font-size="13">${title}</text>`,
    ...ticks(most).map(
      (step) => `<path d="M${x(step)} ${BOX.top}V${BOX.bottom}" stroke="#eee"/><text x="${x(step)}" y="${BOX.bottom + 15}" text-anchor="middle">${step}</text>`,
    ),
    `<text x="${BOX.left - 8}" y="${BOX.top + 4}" text-anchor="end">${short(largest)}</text><text x="${BOX.left - 8}" y="${BOX.bottom}" text-anchor="end">${short(least)}</text>`,
    `<text x="${BOX.left - 8}" y="${(BOX.top + BOX.bottom) / 2}" text-anchor="end">${metric}</text>`,
    ...ends.map(({ end, lines }) => {
      const { colour, width } = ENDS[end];
      const paths = lines.flatMap(({ pieces }) =>
        pieces.map((piece) =>
          pathOf(
            piece.map(([step, value]) => `${x(step)} ${y(value)}`),
            colour,
          ),
        ),
      );
      return `<g fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="round">${paths.join('')}</g>`;
    }),
    ...legend(ends.map(({ end, lines }) => ({ ...ENDS[end], count: lines.length }))),
    '</svg>',
  ].join('\n')}\n`;
}

/** A line of one point is a dot. */
function pathOf([first = '', ...rest]: readonly string[], colour: string): string {
  const [cx, cy] = first.split(' ');
  return rest.length === 0 ? `<circle cx="${cx}" cy="${cy}" r="1.2" fill="${colour}"/>` : `<path d="M${first}L${rest.join(' ')}"/>`;
}

function legend(entries: readonly { readonly colour: string; readonly text: string; readonly count: number }[]): readonly string[] {
  return entries.toReversed().map(({ colour, text, count }, i) => {
    const left = BOX.left + i * 180;
    return `<path d="M${left} ${HEIGHT - 16}h18" stroke="${colour}" stroke-width="2"/><text x="${left + 24}" y="${HEIGHT - 12}">${count} ${text}</text>`;
  });
}

/** 1, 3, 9, … or, where that is too few, 1, 2, 4, …; the last step too. */
function ticks(most: number): readonly number[] {
  const by = most > 8 ? 3 : 2;
  const steps = [1];
  for (let step = by; step <= most; step *= by) steps.push(step);
  return steps.at(-1) === most || most / (steps.at(-1) ?? 1) < 1.5 ? steps : [...steps, most];
}

const short = (value: number): string => String(Number(value.toPrecision(2)));

function curvesOf(journal: readonly JournalLine[], metric: string): readonly Curve[] {
  const curves: Curve[] = [];
  let longest = 0;
  for (const line of journal) {
    if (!('trial' in line)) continue;
    const curve = (curves[line.trial] ??= { end: 'stopped', pieces: [[]] });
    const value = line.kind === 'reported' ? line.metrics[metric] : undefined;
    if (line.kind === 'exploited') curve.pieces.push([]);
    if (line.kind === 'reported') longest = Math.max(longest, line.step);
    if (line.kind === 'reported' && typeof value === 'number' && Number.isFinite(value)) curve.pieces.at(-1)?.push([line.step, value]);
    if (line.kind === 'failed' || line.kind === 'paused' || line.kind === 'stopped') curve.end = line.kind;
    if (line.kind === 'completed') curve.end = 'trained';
  }
  for (const curve of curves) if (curve.end === 'stopped' && curve.pieces.some((piece) => piece.at(-1)?.[0] === longest)) curve.end = 'trained';
  return curves.map(({ end, pieces }) => ({ end, pieces: pieces.filter(({ length }) => length > 0) }));
}
