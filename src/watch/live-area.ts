import { widthOf } from './cell-text.ts';
import type { Room } from './status-table.ts';

/** Begins what a terminal shows at once, if it can, without a cursor, and without wrapping lines that it takes for wider than we do. */
const BEGIN = '\x1b[?2026h\x1b[?25l\x1b[?7l';
const END = '\x1b[?7h\x1b[?25h\x1b[?2026l';
const ERASE_LINE = '\x1b[2K';
const ERASE_BELOW = '\x1b[J';
/** Prints between two frames after which the frame is not drawn anew for each of them. */
const MOST_REDRAWS = 50;

/** The lines at the bottom of a terminal that are drawn anew in place. Between two calls the cursor is visible, below them. */
export interface LiveArea {
  /** Puts these lines in the place of the last ones, cut to the room that there is, and `above`, whole lines, over them. */
  draw(text: string, above?: string): void;
  /** Runs `print`, which writes whole lines to the terminal, so that they come to stand above. */
  above(print: () => void): void;
}

/**
 * @param write - to the terminal, past everyone who guards it
 * @param room - of the terminal, as it is now
 */
export function liveArea(write: (text: string) => void, room: () => Omit<Room, 'color'>): LiveArea {
  let shown: readonly string[] = [];
  let columns = 0;
  let last: readonly string[] = [];
  let redraws = 0;
  /** To the beginning of the first line. A terminal that has become narrower has wrapped the lines that were wider. */
  const home = (): string => {
    const now = room().columns;
    const height = now < columns ? shown.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(withoutStyle(line)) / now)), 0) : shown.length;
    return height > 0 ? `\r\x1b[${height}A` : '\r';
  };
  const put = (lines: readonly string[]): string => {
    shown = lines;
    columns = room().columns;
    return lines.map((line) => `${ERASE_LINE}${line}\n`).join('') + ERASE_BELOW + END;
  };
  return {
    draw(text, above = '') {
      const start = BEGIN + home() + (above && `${ERASE_BELOW}\x1b[?7h${above}\x1b[?7l`);
      const { columns: width, rows } = room();
      last = cutLines(text, width, rows - 1);
      redraws = 0;
      write(start + put(last));
    },
    above(print) {
      const redraw = ++redraws <= MOST_REDRAWS;
      write(`${redraw ? BEGIN : ''}${home()}${ERASE_BELOW}${redraw ? '\x1b[?7h' : ''}`);
      shown = [];
      print();
      if (redraw) write(`\x1b[?7l${put(last)}`);
    },
  };
}

const STYLE = /\x1b\[[0-9;]*m/g;
const ANY_ESCAPE = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])/g;
const withoutStyle = (line: string): string => line.replace(STYLE, '');

/** `text` as at most `rows` lines of `columns` columns, with no control character but those of colours. */
export function cutLines(text: string, columns: number, rows: number): readonly string[] {
  const lines = text.split(/\r?\n/, Math.max(1, rows));
  return lines.map((line) => cutLine(line, columns));
}

function cutLine(line: string, columns: number): string {
  const plain = line.replace(ANY_ESCAPE, (escape) => (escape.match(STYLE) ? escape : '')).replace(/[\x00-\x1a\x1c-\x1f\x7f-\x9f]/g, ' ');
  if (widthOf(withoutStyle(plain)) <= columns) return plain;
  let room = columns;
  let kept = '';
  for (const piece of plain.split(/(\x1b\[[0-9;]*m)/)) {
    if (piece.startsWith('\x1b')) kept += piece;
    else {
      for (const { segment } of new Intl.Segmenter().segment(piece)) {
        room -= widthOf(segment);
        if (room >= 0) kept += segment;
      }
    }
  }
  return kept;
}
