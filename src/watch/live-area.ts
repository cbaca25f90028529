import { widthOf } from './cell-text.ts';
import type { Room } from './status-table.ts';

/** What stands between the two is shown at once where the terminal can do that. */
const BEGIN = '\x1b[?2026h';
const END = '\x1b[?2026l';
/** Only within one write: a process may be killed between two. */
const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
/** A line that the terminal takes for wider than we do is cut by it. */
const NO_WRAP = '\x1b[?7l';
const WRAP = '\x1b[?7h';
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
  /** The lines are no longer where they were: the next ones are drawn below everything. */
  forget(): void;
}

/**
 * @param write - to the terminal, past everyone who guards it
 * @param room - of the terminal, as it is now
 */
export function liveArea(write: (text: string) => void, room: () => Room): LiveArea {
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
    return HIDE_CURSOR + NO_WRAP + lines.map((line) => `${ERASE_LINE}${line}\n`).join('') + ERASE_BELOW + WRAP + SHOW_CURSOR;
  };
  return {
    draw(text, above = '') {
      const start = BEGIN + home() + (above && ERASE_BELOW + above);
      const now = room();
      last = cutLines(text, { ...now, rows: now.rows - 1 });
      redraws = 0;
      write(start + put(last) + END);
    },
    above(print) {
      redraws += 1;
      const redraw = redraws <= MOST_REDRAWS;
      write((redraw ? BEGIN : '') + home() + ERASE_BELOW);
      shown = [];
      print();
      if (redraw) write(put(last) + END);
    },
    forget() {
      shown = [];
    },
  };
}

const STYLE = /\x1b\[[0-9;]*m/g;
const ESCAPE = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])/g;
const CONTROL = /\x1b(?!\[[0-9;]*m)|[\x00-\x1a\x1c-\x1f\x7f-\x9f]/g;
/** Code units of a line that are looked at, for each column. */
const UNITS_PER_COLUMN = 32;
const withoutStyle = (line: string): string => line.replace(STYLE, '');

/** `text` as at most `rows` lines of `columns` columns, with no control character but, where there is `color`, those of colours. */
export function cutLines(text: string, { columns, rows, color }: Room): readonly string[] {
  const lines = text.split(/\r?\n/, Math.max(1, rows));
  const cut = lines.map((line) => cutLine(line.slice(0, columns * UNITS_PER_COLUMN), columns));
  return color ? cut : cut.map(withoutStyle);
}

function cutLine(line: string, columns: number): string {
  const plain = line.replace(ESCAPE, (escape) => (/^\x1b\[[0-9;]*m$/.test(escape) ? escape : '')).replace(CONTROL, ' ');
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
