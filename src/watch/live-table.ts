import { liveArea } from './live-area.ts';
import type { Room } from './status-table.ts';
import { hasColor, isLive, type Terminal } from './terminal.ts';
import { guardWrites } from './write-guard.ts';

const LOOK_EVERY_MS = 250;
/** The clock in the table goes on when nothing happens. */
const CLOCK_MS = 1000;
/** After a frame it rests for so many times as long as that took: half a percent of the time at most. */
const REST = 200;
/** Marks a stream that shows a table, whichever copy of this package draws it. */
const TAKEN = Symbol.for('attune.live-table');

/** A table at the bottom of a terminal, with everything that others print there above it. */
export interface LiveTable {
  /** Something has changed: the next look draws a frame. Costs nothing. */
  touch(): void;
  /** A line that comes to stand above the table with the next frame. */
  say(line: string): void;
  /** Draws a last frame, which stays, and gives the terminal back as it was. */
  close(): void;
}

/**
 * Takes the terminal, unless it is none or another table has it already.
 *
 * @param render - the text of a frame; does not throw
 * @param isGone - nothing can be written any more
 * @param share - how much of its height the table may have, from 0 to 1
 */
export function liveTable(
  terminal: Terminal,
  { render, isGone, share }: { readonly render: (room: Room) => string; readonly isGone: () => boolean; readonly share: number },
): LiveTable | undefined {
  const { stderr, stdout } = terminal;
  const marked = stderr as { [TAKEN]?: true };
  if (!isLive(terminal) || marked[TAKEN]) return undefined;
  marked[TAKEN] = true;

  let lines = '';
  let isDirty = false;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let cost = 0;
  const color = hasColor(terminal);
  const room = (): Omit<Room, 'color'> => ({ columns: stderr.columns || 80, rows: stderr.rows || 24 }); // 0: a terminal that does not know
  const guards = [stderr, ...(stdout && stdout !== stderr ? [stdout] : [])].map((stream) => guardWrites(stream, above));
  const write = (text: string): void => {
    if (!isGone()) guards[0]?.write(text);
  };
  const area = liveArea(write, room);
  function above(print: () => void): void {
    area.above(() => {
      const before = taken();
      if (before !== '') write(before);
      print();
    });
  }
  const taken = (): string => {
    const text = lines;
    lines = '';
    return text;
  };
  const draw = (): void => {
    if (isGone()) return;
    const began = terminal.now();
    const { columns, rows } = room();
    isDirty = false;
    area.draw(render({ columns, rows: Math.max(1, Math.floor((rows - 1) * share)), color }), taken());
    drawnAt = terminal.now();
    cost = drawnAt - began;
  };
  const look = (): void => {
    const rested = terminal.now() - drawnAt;
    if (rested >= REST * cost && (isDirty || lines !== '' || rested >= CLOCK_MS)) draw();
  };
  const release = (): void => {
    for (const guard of guards) guard[Symbol.dispose]();
  };
  const ends = [terminal.every(LOOK_EVERY_MS, look), terminal.onExit(release), () => stderr.off('resize', draw)];
  stderr.on('resize', draw);
  draw();
  return {
    touch() {
      isDirty = true;
    },
    say(line) {
      lines += `${line}\n`;
    },
    close() {
      for (const end of ends) end();
      release();
      draw();
      delete marked[TAKEN];
    },
  };
}
