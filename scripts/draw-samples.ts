import type { JournalLine } from '../src/trial/events.ts';
import { fieldOf, type Point, regionsBelow } from './contours.ts';
import { BOX, ENDS, evenly, frame, HEIGHT } from './svg-frame.ts';

/**
 * The loss in the pictures of searchers, over the unit square: a narrow valley that lies across, down to 0 at (0.66, 0.4), and a wider one
 * down to 0.5 at (0.22, 0.76).
 */
export function landscape(x: number, y: number): number {
  const [along, across] = [0.8 * (x - 0.66) + 0.6 * (y - 0.4), 0.8 * (y - 0.4) - 0.6 * (x - 0.66)];
  const narrow = Math.log1p((along / 0.25) ** 2 + (across / 0.07) ** 2);
  const wide = 0.5 + Math.log1p(((x - 0.22) / 0.15) ** 2 + ((y - 0.76) / 0.15) ** 2);
  return Math.min(narrow, wide);
}

/** From the highest level to the lowest: what is below it, and in which colour. */
const LEVELS = [
  [3.2, '#eff2f5'],
  [2.6, '#e5eaef'],
  [2, '#dae1e8'],
  [1.5, '#ced8e1'],
  [1, '#c1cdd8'],
  [0.6, '#b3c2cf'],
  [0.25, '#a4b6c5'],
] as const;
const FIELD = fieldOf(landscape, 48, 36);
/** No loss is above it. */
const HIGHEST = 4.2;

/** From left to right; from top to bottom all panels are as high as the box of the frame. */
interface Panel {
  readonly left: number;
  readonly right: number;
}

const MAP: Panel = { left: BOX.left, right: 362 };
const LOSSES: Panel = { left: 414, right: BOX.right };
const PAIR: readonly Panel[] = [
  { left: BOX.left, right: 325 },
  { left: 351, right: BOX.right },
];

interface Sample {
  readonly x: number;
  readonly y: number;
  readonly loss: number;
  /** From 0 for the first trial to 1 for the last. */
  readonly age: number;
}

/**
 * What a searcher proposed: a map of the loss with a point for each trial, light for the first and dark for the last, and the losses in
 * order. Configurations are `{ x, y }` in the unit square. The same journal gives the same text.
 */
export function drawSamples(searcher: string, journal: readonly JournalLine[]): string {
  const samples = samplesOf(journal, 1);
  const best = bestOf(samples);
  const title = `${searcher}: ${samples.length} trials, the lowest loss ${short(best.loss)}`;
  return frame(title, '', [...map(MAP), ...samples.map((one) => dot(MAP, one)), ring(MAP, best), ...lossesOf(LOSSES, samples), ...legend(true)], []);
}

/** Two searchers on the whole numbers from 0 to `most`, without their losses: the more often a point was proposed, the larger it is. */
export function drawRepeats(most: number, panels: readonly (readonly [searcher: string, journal: readonly JournalLine[]])[]): string {
  const all = panels.map(([searcher, journal], i) => ({ searcher, samples: samplesOf(journal, most), panel: PAIR[i] as Panel }));
  const title = all.map(({ searcher, samples }) => `${searcher}: ${countsOf(samples).size} different ones of ${samples.length}`).join('; ');
  const drawn = all.flatMap(({ samples, panel }) => {
    const dots = [...countsOf(samples).values()].map(({ sample, count }) => dot(panel, sample, 2.5 + 1.5 * Math.sqrt(count - 1)));
    return [...map(panel), ...dots, ring(panel, bestOf(samples))];
  });
  return frame(title, '', [...drawn, ...legend(false)], []);
}

function samplesOf(journal: readonly JournalLine[], most: number): readonly Sample[] {
  const losses = new Map(journal.flatMap((line) => (line.kind === 'reported' ? [[line.trial, line.metrics['loss'] as number]] : [])));
  const queued = journal.flatMap((line) => (line.kind === 'queued' ? [line] : []));
  return queued.map(({ trial, config }, i) => ({
    x: (config['x'] as number) / most,
    y: (config['y'] as number) / most,
    loss: losses.get(trial) ?? Number.NaN,
    age: i / (queued.length - 1),
  }));
}

const bestOf = (samples: readonly Sample[]): Sample => samples.reduce((best, sample) => (sample.loss < best.loss ? sample : best));

/** By place: the last trial there, and how many there were. */
function countsOf(samples: readonly Sample[]): ReadonlyMap<string, { readonly sample: Sample; readonly count: number }> {
  const places = new Map<string, { sample: Sample; count: number }>();
  for (const sample of samples) {
    const place = `${sample.x} ${sample.y}`;
    places.set(place, { sample, count: (places.get(place)?.count ?? 0) + 1 });
  }
  return places;
}

const across = ({ left, right }: Panel, share: number): string => (left + share * (right - left)).toFixed(1);
const upwards = (share: number): string => (BOX.bottom - share * (BOX.bottom - BOX.top)).toFixed(1);

/** The loss in shades, the darker the lower; a cross where it is lowest. */
function map(panel: Panel): readonly string[] {
  const lineOf = (line: readonly Point[]): string => `M${line.map(([x, y]) => `${across(panel, x)} ${upwards(1 - y)}`).join('L')}Z`;
  const [x, y] = [Number(across(panel, 0.66)), Number(upwards(0.4))];
  return [
    `<rect x="${panel.left}" y="${BOX.top}" width="${panel.right - panel.left}" height="${BOX.bottom - BOX.top}" fill="#f8f9fb"/>`,
    ...LEVELS.map(([level, colour]) => `<path d="${regionsBelow(FIELD, level).map(lineOf).join('')}" fill="${colour}"/>`),
    `<path d="M${x - 5} ${y}h10M${x} ${y - 5}v10" stroke="#333"/>`,
    `<text x="${across(panel, 0.5)}" y="${BOX.bottom + 16}" text-anchor="middle" fill="#777">x</text>`,
    `<text x="${panel.left - 8}" y="${Number(upwards(0.5)) + 4}" text-anchor="end" fill="#777">y</text>`,
  ];
}

const [LIGHT, DARK] = [[255, 205, 90] as const, [122, 32, 16] as const];

/** Light for the first trial, dark for the last. */
const shadeOf = (age: number): string => `rgb(${LIGHT.map((from, i) => Math.round(from + age * ((DARK[i] as number) - from))).join()})`;

const dot = (panel: Panel, { x, y, age }: Sample, radius = 3.4): string =>
  `<circle cx="${across(panel, x)}" cy="${upwards(y)}" r="${radius.toFixed(1)}" fill="${shadeOf(age)}" stroke="#fff" stroke-width=".8"/>`;

const ring = (panel: Panel, { x, y }: Sample): string =>
  `<circle cx="${across(panel, x)}" cy="${upwards(y)}" r="7" fill="none" stroke="${ENDS.trained.colour}" stroke-width="2"/>`;

/** Each loss, and the best so far. */
function lossesOf(panel: Panel, samples: readonly Sample[]): readonly string[] {
  const x = (i: number): string => across(panel, (i + 0.5) / samples.length);
  const y = (loss: number): string => upwards(Math.min(1, loss / HIGHEST));
  let best = Infinity;
  const steps = samples.map(({ loss }, i) => {
    best = Math.min(best, loss);
    return i === 0 ? `M${x(0)} ${y(best)}` : `H${x(i)}V${y(best)}`;
  });
  return [
    `<path d="M${panel.left} ${BOX.bottom}H${panel.right}M${panel.left} ${BOX.top}V${BOX.bottom}" stroke="#ccc" fill="none"/>`,
    ...[0, 1, 2, 3, 4].map((loss) => `<text x="${panel.left - 6}" y="${(Number(y(loss)) + 4).toFixed(1)}" text-anchor="end">${loss}</text>`),
    `<text x="${panel.left - 20}" y="${BOX.top + 60}" text-anchor="end" fill="#777">loss</text>`,
    ...evenly(1, samples.length).map((trial) => `<text x="${x(trial - 1)}" y="${BOX.bottom + 16}" text-anchor="middle">${trial}</text>`),
    `<path d="${steps.join('')}" fill="none" stroke="${ENDS.trained.colour}" stroke-width="1.5"/>`,
    ...samples.map(({ loss, age }, i) => `<circle cx="${x(i)}" cy="${y(loss)}" r="2.2" fill="${shadeOf(age)}"/>`),
  ];
}

function legend(hasLine: boolean): readonly string[] {
  const y = HEIGHT - 16;
  const text = (x: number, words: string): string => `<text x="${x}" y="${y + 4}">${words}</text>`;
  const left = BOX.left;
  return [
    text(left, 'first'),
    ...[0, 0.25, 0.5, 0.75, 1].map((age, i) => `<circle cx="${left + 34 + 11 * i}" cy="${y}" r="3.4" fill="${shadeOf(age)}"/>`),
    text(left + 88, 'last'),
    `<circle cx="${left + 132}" cy="${y}" r="7" fill="none" stroke="${ENDS.trained.colour}" stroke-width="2"/>`,
    text(left + 145, 'the best'),
    `<path d="M${left + 211} ${y}h10M${left + 216} ${y - 5}v10" stroke="#333"/>`,
    text(left + 228, 'the lowest point'),
    ...(hasLine
      ? [`<path d="M${LOSSES.left} ${y}h18" stroke="${ENDS.trained.colour}" stroke-width="1.5"/>`, text(LOSSES.left + 24, 'best so far, trial by trial')]
      : []),
  ];
}

const short = (value: number): string => String(Number(value.toPrecision(2)));
