import { createRequire } from 'node:module';
import { oneLine } from '../base/one-line.ts';

const require = (id: string): unknown => createRequire(import.meta.url)(id); // not at once: a bundle may have no URL

/** Characters of one column each. */
const NARROW = /^[ -~…]*$/;
/** A character with more marks on it than this is no text. */
const LONGEST_CLUSTER = 20;
/** Code units that are looked at for one column of the terminal. */
const UNITS_PER_COLUMN = 4;

/** Columns that a terminal takes for `text`, which has no control characters. Anything but ASCII and `…` loads string-width. */
export function widthOf(text: string): number {
  if (NARROW.test(text)) return text.length;
  return (require('string-width') as typeof import('string-width')).default(text);
}

/**
 * `text` in one line of at most `width` columns; one that is too long ends (or, with `keep: 'end'`, begins) with `…`.
 * Costs O(width), however long the text is.
 */
export function clip(text: string, width: number, keep: 'start' | 'end' = 'start'): string {
  if (width <= 0) return '';
  const units = width * UNITS_PER_COLUMN + LONGEST_CLUSTER;
  const part = keep === 'start' ? text.slice(0, units) : text.slice(-units);
  const whole = oneLine(part);
  if (part.length === text.length && isNarrow(whole, width)) return whole;
  const pieces = NARROW.test(whole) ? [...whole] : Array.from(segments(whole), clusterOf);
  if (keep === 'end') pieces.reverse();
  const kept: string[] = [];
  let room = width - 1;
  for (const piece of pieces) {
    room -= widthOf(piece);
    if (room < 0) break;
    kept.push(piece);
  }
  return keep === 'start' ? `${kept.join('')}…` : `…${kept.reverse().join('')}`;
}

/** No character takes more than two columns for each of its code units: what is short enough needs no measuring. */
function isNarrow(text: string, width: number): boolean {
  if (NARROW.test(text)) return text.length <= width;
  return Array.from(segments(text)).every(({ segment }) => segment.length <= LONGEST_CLUSTER) && (text.length * 2 <= width || widthOf(text) <= width);
}

let segmenter: Intl.Segmenter | undefined;
const segments = (text: string): Intl.Segments => (segmenter ??= new Intl.Segmenter()).segment(text);
const clusterOf = ({ segment }: { readonly segment: string }): string => (segment.length > LONGEST_CLUSTER ? '\ufffd' : segment);

/** `text`, already clipped, with spaces up to `width` columns. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const spaces = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'left' ? text + spaces : spaces + text;
}
