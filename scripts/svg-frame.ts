import type { JournalLine } from '../src/trial/events.ts';

/** How a trial ended, in the order in which the lines lie on each other, and what its line looks like. */
export const ENDS = {
  failed: { colour: '#c0392b', width: 1.2, text: 'failed' },
  stopped: { colour: '#9aa5b1', width: 1, text: 'stopped early' },
  paused: { colour: '#d98e04', width: 1, text: 'left paused' },
  trained: { colour: '#1f7a4d', width: 1.8, text: 'trained to the end' },
} as const;

export type End = keyof typeof ENDS;

/** What the line of a trial says of its end; `undefined` when it is no end. */
export function endOf(line: JournalLine): End | undefined {
  if (line.kind === 'completed') return 'trained';
  if (line.kind === 'stopped') return line.reason.startsWith('reached maxT') ? 'trained' : 'stopped';
  return line.kind === 'failed' || line.kind === 'paused' ? line.kind : undefined;
}

export const WIDTH = 640;
export const HEIGHT = 300;
export const BOX = { left: 52, right: WIDTH - 16, top: 38, bottom: HEIGHT - 58 };

export interface LegendEntry {
  readonly colour: string;
  readonly text: string;
  readonly dashed?: boolean;
}

/** A picture: its title, what is drawn, what the colours mean, and what stands along the horizontal axis. */
export function frame(title: string, along: string, drawn: readonly string[], entries: readonly LegendEntry[]): string {
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#333">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${BOX.left}" y="20" font-size="13">${escaped(title)}</text>`,
    ...drawn,
    `<text x="${BOX.right}" y="${HEIGHT - 12}" text-anchor="end" fill="#777">${escaped(along)}</text>`,
    ...legend(entries),
    '</svg>',
  ].join('\n')}\n`;
}

/** One after the other: a character is about 6.2 wide. */
function legend(entries: readonly LegendEntry[]): readonly string[] {
  let left = BOX.left;
  return entries.map(({ colour, text, dashed }) => {
    const at = left;
    left += 24 + text.length * 6.2 + 18;
    const dashes = dashed ? ' stroke-dasharray="3 3"' : '';
    return `<path d="M${at.toFixed(0)} ${HEIGHT - 16}h18" stroke="${colour}" stroke-width="2"${dashes}/><text x="${(at + 24).toFixed(0)}" y="${HEIGHT - 12}">${escaped(text)}</text>`;
  });
}

/** A vertical line with a number under it. */
export const tick = (x: string, label: number | string): string =>
  `<path d="M${x} ${BOX.top}V${BOX.bottom}" stroke="#eee"/><text x="${x}" y="${BOX.bottom + 16}" text-anchor="middle">${label}</text>`;

/** Numbers at the ends of the vertical axis, and its name between them. */
export function upright(name: string, least: number, largest: number): readonly string[] {
  const left = BOX.left - 8;
  const [low, high] = [short(least), short(largest)];
  return [
    `<text x="${left}" y="${BOX.top + 9}" text-anchor="end">${high}</text>`,
    `<text x="${left}" y="${BOX.bottom}" text-anchor="end">${low}</text>`,
    `<text x="${left}" y="${(BOX.top + BOX.bottom) / 2 + 4}" text-anchor="end" fill="#777">${escaped(name)}</text>`,
  ];
}

/** At most eight round numbers from `first` to `last`. */
export function evenly(first: number, last: number): readonly number[] {
  const size = [1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000].find((step) => (last - first) / step <= 8) ?? last;
  const ticks: number[] = [];
  for (let at = Math.ceil(first / size) * size; at <= last; at += size) ticks.push(at);
  return first === 1 && size > 1 ? [1, ...ticks] : ticks;
}

const short = (value: number): string => String(Number(value.toPrecision(2)));

export const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
