import { type LiveArea, liveArea } from './live-area.ts';
import type { Room } from './status-table.ts';
import { hasColor, isLive, type Terminal } from './terminal.ts';
import { guardWrites, type WriteGuard } from './write-guard.ts';

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

export interface LiveTableOptions {
  /** The text of a frame. Does not throw. */
  readonly render: (room: Room) => string;
  /** Nothing can be written any more. */
  readonly isGone: () => boolean;
  /** How much of the height of the terminal the table may have, from 0 to 1. */
  readonly share: number;
}

/** Takes the terminal, unless it is none or another table has it already. */
export function liveTable(terminal: Terminal, options: LiveTableOptions): LiveTable | undefined {
  return isLive(terminal) && !(TAKEN in terminal.stderr) ? new Table(terminal, options) : undefined;
}

class Table implements LiveTable {
  readonly #terminal: Terminal;
  readonly #options: LiveTableOptions;
  readonly #color: boolean;
  readonly #guards: readonly WriteGuard[];
  readonly #area: LiveArea;
  readonly #ends: readonly (() => void)[];
  /** What stands above the table with the next frame. */
  #lines = '';
  #isDirty = false;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #cost = 0;

  constructor(terminal: Terminal, options: LiveTableOptions) {
    const { stderr, stdout } = terminal;
    this.#terminal = terminal;
    this.#options = options;
    this.#color = hasColor(terminal);
    (stderr as { [TAKEN]?: true })[TAKEN] = true;
    const streams = stdout && stdout !== stderr ? [stderr, stdout] : [stderr];
    this.#guards = streams.map((stream) => guardWrites(stream, (print) => this.#above(print)));
    this.#area = liveArea(
      (text) => this.#write(text),
      () => ({ ...this.#room(), color: this.#color }),
    );
    stderr.on('resize', this.#draw);
    this.#ends = [
      () => stderr.off('resize', this.#draw),
      terminal.every(LOOK_EVERY_MS, () => this.#look()),
      terminal.onResume(() => this.#drawBelow()),
      terminal.onExit(() => this.#leave()),
    ];
    this.#draw();
  }

  touch(): void {
    this.#isDirty = true;
  }

  say(line: string): void {
    this.#lines += `${line}\n`;
  }

  close(): void {
    for (const end of this.#ends) end();
    for (const guard of this.#guards) if (guard.isHolding()) this.#above(() => guard.flush());
    this.#draw();
    for (const guard of this.#guards) guard[Symbol.dispose]();
    delete (this.#terminal.stderr as { [TAKEN]?: true })[TAKEN];
  }

  #look(): void {
    const rested = this.#terminal.now() - this.#drawnAt;
    if (rested >= REST * this.#cost && (this.#isDirty || this.#lines !== '' || rested >= CLOCK_MS)) this.#draw();
  }

  readonly #draw = (): void => {
    if (this.#options.isGone()) return;
    const began = this.#terminal.now();
    const { columns, rows } = this.#room();
    this.#isDirty = false;
    const text = this.#options.render({ columns, rows: Math.max(1, Math.floor((rows - 1) * this.#options.share)), color: this.#color });
    this.#area.draw(text, this.#takeLines());
    this.#drawnAt = this.#terminal.now();
    this.#cost = this.#drawnAt - began;
  };

  /** Somebody else has had the terminal. */
  #drawBelow(): void {
    this.#area.forget();
    this.#draw();
  }

  /** The process ends. Where the cursor is, nobody knows: someone may have said why. */
  #leave(): void {
    this.#write(this.#takeLines());
    for (const guard of this.#guards) guard.flush();
  }

  #above(print: () => void): void {
    this.#area.above(() => {
      this.#write(this.#takeLines());
      print();
    });
  }

  #takeLines(): string {
    const lines = this.#lines;
    this.#lines = '';
    return lines;
  }

  #write(text: string): void {
    if (text !== '' && !this.#options.isGone()) this.#guards[0]?.write(text);
  }

  /** 0 columns: a terminal that does not know. */
  #room(): Omit<Room, 'color'> {
    const { columns, rows } = this.#terminal.stderr;
    return { columns: columns || 80, rows: rows || 24 };
  }
}
