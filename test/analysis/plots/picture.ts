import { expect } from 'vitest';
import { textWidth } from '../../../src/analysis/plots/font.ts';
import { FONT } from '../../../src/analysis/plots/theme.ts';

type Point = readonly [x: number, y: number];
/** `[a, b, c, d, e, f]` of SVG: x' = a x + c y + e, y' = b x + d y + f. */
type Matrix = readonly [number, number, number, number, number, number];

/** A text where it is drawn: its four corners, by the widths of the font that it is drawn in. */
export interface DrawnText {
  readonly text: string;
  readonly corners: readonly Point[];
}

/** One mark where it is drawn: the numbers of its path, and the point that it stands at. */
export interface DrawnMark {
  readonly at: Point;
  /** The first points of its path, in pixels of the picture. */
  readonly path: readonly Point[];
  readonly fill?: string;
  readonly stroke?: string;
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly texts: readonly DrawnText[];
  /** By the name that the layer has in the specification. */
  readonly marks: ReadonlyMap<string, readonly DrawnMark[]>;
}

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly matrix: Matrix;
  /** The marks that it is one of. */
  readonly of: string | undefined;
  text: string;
}

const unescaped = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');

const times = ([a, b, c, d, e, f]: Matrix, [g, h, i, j, k, l]: Matrix): Matrix => [
  a * g + c * h,
  b * g + d * h,
  a * i + c * j,
  b * i + d * j,
  a * k + c * l + e,
  b * k + d * l + f,
];
const place = ([a, b, c, d, e, f]: Matrix, [x, y]: Point): Point => [a * x + c * y + e, b * x + d * y + f];
const UNMOVED: Matrix = [1, 0, 0, 1, 0, 0];

function matrixOf(transform: string): Matrix {
  let matrix = UNMOVED;
  for (const [, name, list = ''] of transform.matchAll(/(\w+)\(([^)]*)\)/g)) {
    const [x = 0, y] = list.split(/[ ,]+/).map(Number);
    const turn = (x * Math.PI) / 180;
    if (name === 'translate') matrix = times(matrix, [1, 0, 0, 1, x, y ?? 0]);
    else if (name === 'rotate') matrix = times(matrix, [Math.cos(turn), Math.sin(turn), -Math.sin(turn), Math.cos(turn), 0, 0]);
    else if (name === 'scale') matrix = times(matrix, [x, 0, 0, y ?? x, 0, 0]);
    else throw new Error(`unknown transform ${name}`);
  }
  return matrix;
}

/** An SVG, read: every text and every mark with where it is. */
export function readPicture(svg: string): Picture {
  const [elements, root] = elementsOf(svg);
  const marks = new Map<string, DrawnMark[]>();
  for (const { name, attributes, matrix, of } of elements) {
    if (of === undefined || name === 'g' || name === 'text' || name === 'tspan') continue;
    const list = marks.get(of) ?? [];
    marks.set(of, list);
    const { d = '', fill, stroke, x2, y2 } = attributes;
    const end: readonly Point[] = name === 'line' ? [place(matrix, [0, 0]), place(matrix, [Number(x2), Number(y2)])] : [];
    list.push({ at: place(matrix, [0, 0]), path: [...end, ...pathOf(d, matrix)], ...(fill ? { fill } : {}), ...(stroke ? { stroke } : {}) });
  }
  return { width: Number(root.width), height: Number(root.height), texts: elements.flatMap(textOf), marks };
}

function elementsOf(svg: string): readonly [readonly Element[], Readonly<Record<string, string>>] {
  const elements: Element[] = [];
  const open: Element[] = [];
  for (const [, closing, name = '', list = '', single, between = ''] of svg.matchAll(/<(\/?)([\w:]+)((?:\s+[\w:-]+="[^"]*")*)\s*(\/?)>([^<]*)/g)) {
    const parent = open.at(-1);
    if (closing) {
      expect(open.pop()?.name).toBe(name);
      continue;
    }
    const attributes = Object.fromEntries([...list.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, unescaped(value)]));
    const own = /mark-(?!group|text)\w+ role-mark (\S+)/.exec(attributes.class ?? '')?.[1];
    const element: Element = {
      ...{ name, attributes, text: unescaped(between) },
      of: own ?? (/role-|^background$|foreground/.test(attributes.class ?? '') ? undefined : parent?.of),
      matrix: times(parent?.matrix ?? UNMOVED, matrixOf(attributes.transform ?? '')),
    };
    if (Number(attributes.opacity ?? 1) !== 0 || name === 'path') elements.push(element);
    if (!single) open.push(element);
  }
  expect(open).toEqual([]);
  return [elements, elements[0]?.attributes ?? {}];
}

/** The end points of the pieces of a path; of a circle the point that it begins with. */
function pathOf(d: string, matrix: Matrix): readonly Point[] {
  const points: Point[] = [];
  let at: Point = [0, 0];
  for (const [, command = '', list = ''] of d.matchAll(/([A-Za-z])([^A-Za-z]*)/g)) {
    const numbers = (list.match(/-?\d*\.?\d+(?:e-?\d+)?/g) ?? []).map(Number);
    if (command === 'M' || command === 'L') at = [numbers[0] ?? 0, numbers[1] ?? 0];
    else if (command === 'A' || command === 'C') at = numbers.slice(-2) as unknown as Point;
    else if (command === 'h') at = [at[0] + (numbers[0] ?? 0), at[1]];
    else if (command === 'H') at = [numbers[0] ?? 0, at[1]];
    else if (command === 'v') at = [at[0], at[1] + (numbers[0] ?? 0)];
    else if (command === 'V') at = [at[0], numbers[0] ?? 0];
    else if (command.toUpperCase() === 'Z') continue;
    else throw new Error(`unknown command ${command} of a path`);
    points.push(place(matrix, at));
  }
  return points;
}

/** How far letters reach above and below their line, in units of the font size: without accents, so that lines may be close. */
const [ABOVE, BELOW] = [0.73, 0.2];

function textOf({ name, attributes, matrix, text }: Element, i: number, all: readonly Element[]): readonly DrawnText[] {
  if (name !== 'text' || Number(attributes.opacity ?? 1) === 0) return [];
  expect(attributes['font-family'], text).toBe(FONT);
  const size = Number.parseFloat(attributes['font-size'] ?? '');
  const lines: { text: string; dy: number }[] = text === '' ? [] : [{ text, dy: 0 }];
  for (let next = i + 1; all[next]?.name === 'tspan'; next++) {
    lines.push({ text: all[next]?.text ?? '', dy: (lines.at(-1)?.dy ?? 0) + Number(all[next]?.attributes.dy ?? 0) });
  }
  return lines
    .filter((line) => line.text.trim() !== '')
    .map(({ text, dy }) => {
      const width = textWidth(text) * size;
      const left = attributes['text-anchor'] === 'middle' ? -width / 2 : attributes['text-anchor'] === 'end' ? -width : 0;
      const [top, bottom] = [dy - ABOVE * size, dy + BELOW * size];
      const box: readonly Point[] = [
        [left, top],
        [left + width, top],
        [left + width, bottom],
        [left, bottom],
      ];
      return { text, corners: box.map((corner) => place(matrix, corner)) };
    });
}

/** What is wrong with the texts of a picture: one that lies on another (but for itself, as its halo does), or that leaves the frame. */
export function faultsOf({ width, height, texts }: Picture): readonly string[] {
  const leaving = texts.filter(({ corners }) => corners.some(([x, y]) => x < -0.5 || y < -0.5 || x > width + 0.5 || y > height + 0.5));
  const faults = leaving.map(({ text, corners }) => `${JSON.stringify(text)} leaves the frame at ${corners.map((corner) => corner.map(Math.round)).join(' ')}`);
  for (const [i, a] of texts.entries()) {
    for (const b of texts.slice(i + 1)) {
      const isHalo = a.text === b.text && String(a.corners) === String(b.corners);
      if (!isHalo && overlap(a.corners, b.corners)) faults.push(`${JSON.stringify(a.text)} lies on ${JSON.stringify(b.text)}`);
    }
  }
  return faults;
}

/** Whether two rectangles, turned or not, have more in common than half a pixel: no line separates them. */
function overlap(a: readonly Point[], b: readonly Point[]): boolean {
  return [a, b].every((box) =>
    [0, 1].every((side) => {
      const [[x, y], [u, v]] = [box[side] as Point, box[side + 1] as Point];
      const length = Math.hypot(u - x, v - y) || 1;
      const along = ([p, q]: Point): number => ((u - x) * p + (v - y) * q) / length;
      const [s, t] = [a.map(along), b.map(along)];
      return Math.min(Math.max(...s), Math.max(...t)) - Math.max(Math.min(...s), Math.min(...t)) > 0.5;
    }),
  );
}

/** That pixels are values on a straight axis: equal but for where it begins and how long it is. Needs two values that differ. */
export function expectOnAxis(pixels: readonly number[], values: readonly number[]): void {
  expect(pixels).toHaveLength(values.length);
  const [low, high] = [values.indexOf(Math.min(...values)), values.indexOf(Math.max(...values))];
  const [p, q] = [pixels[low] as number, pixels[high] as number];
  const [v, w] = [values[low] as number, values[high] as number];
  expect(Math.abs(q - p)).toBeGreaterThan(10);
  const wrong = values.map((value, i) => Math.abs((pixels[i] as number) - (p + ((value - v) / (w - v)) * (q - p)))).filter((far) => !(far < 0.1));
  expect(wrong).toEqual([]);
}

/** From the top to the bottom, for outlines, whose points come in an order of their own: `ofPixels` grows downwards, as `ofValues` falls. */
export const falling = {
  ofPixels: (pixels: readonly number[]): readonly number[] => pixels.toSorted((a, b) => a - b),
  ofValues: (values: readonly number[]): readonly number[] => values.toSorted((a, b) => b - a),
};
