import { createRequire } from 'node:module';

const require = (id: string): unknown => createRequire(import.meta.url)(id); // not at once: a bundle may have no URL

/** What could move the cursor, end the line or turn it around: control characters, halves of pairs, line separators, marks of direction. */
const UNSAFE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
/** Characters of one column each. */
const NARROW = /^[ -~…]*$/;
/** A character with more marks on it than this is no text. */
const LONGEST_CLUSTER = 20;
/** Code units that are looked at for one column of the terminal. */
const UNITS_PER_COLUMN = 4;

/** Text that stays in its line and cannot steer the terminal: a line feed shows as `\n`, an escape as `\x1b`. */
export function oneLine(text: string): string {
  return NARROW.test(text) ? text : text.replace(UNSAFE, escaped);
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd';
  return ESCAPES[character] ?? (code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`);
}

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
