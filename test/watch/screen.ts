import stringWidth from 'string-width';

/** A line of the screen; `wraps`: the next one is its continuation. */
interface Row {
  cells: string[];
  wraps: boolean;
}

/**
 * What somebody in front of a terminal sees: takes in the escape sequences that the console may send, and throws at any
 * other. It scrolls, keeps what has scrolled away, and wraps its lines anew when it is resized, as most terminals do.
 */
export class Screen {
  columns: number;
  readonly height: number;
  isCursorVisible = true;
  isWrapping = true;
  #rows: Row[] = [emptyRow()];
  #row = 0;
  #column = 0;
  #rest = '';

  constructor(columns: number, height: number) {
    this.columns = columns;
    this.height = height;
  }

  write(text: string): void {
    const whole = this.#rest + text;
    const torn = /\x1b(\[[0-?]*)?$/.exec(whole);
    this.#rest = torn ? torn[0] : '';
    for (const piece of whole.slice(0, whole.length - this.#rest.length).split(/(\x1b\[[0-?]*[A-Za-z]|\x1b.|[\n\r])/)) {
      if (piece === '') continue;
      if (piece === '\n') this.#feed();
      else if (piece === '\r') this.#column = 0;
      else if (piece.startsWith('\x1b')) this.#escape(piece);
      else for (const { segment } of new Intl.Segmenter().segment(piece)) this.#put(segment);
    }
  }

  /** Everything that was ever shown and not overwritten, what has scrolled away included. */
  lines(): readonly string[] {
    const all = this.#rows.map(({ cells }) =>
      Array.from(cells, (cell = ' ') => cell)
        .join('')
        .trimEnd(),
    );
    while (all.at(-1) === '') all.pop();
    return all;
  }

  get cursor(): { readonly row: number; readonly column: number } {
    return { row: this.#row, column: this.#column };
  }

  resize(columns: number): void {
    const rows: Row[] = [];
    let cursor = 0;
    for (let i = 0; i < this.#rows.length; i++) {
      if (this.#row === i) cursor = rows.length;
      const cells = [...(this.#rows[i]?.cells ?? [])];
      while (this.#rows[i]?.wraps && i + 1 < this.#rows.length) cells.push(...(this.#rows[++i]?.cells ?? []));
      do rows.push({ cells: cells.splice(0, columns), wraps: cells.length > 0 });
      while (cells.length > 0);
    }
    this.columns = columns;
    this.#rows = rows;
    this.#row = cursor;
  }

  #put(segment: string): void {
    const width = stringWidth(segment);
    if (/\p{Cc}/u.test(segment)) throw new Error(`the screen was sent ${JSON.stringify(segment)}`);
    if (this.#column + width > this.columns) {
      if (!this.isWrapping) return;
      this.#at(this.#row).wraps = true;
      this.#feed();
    }
    const { cells } = this.#at(this.#row);
    for (let i = cells.length; i < this.#column; i++) cells[i] = ' ';
    cells[this.#column] = segment;
    for (let i = 1; i < width; i++) cells[this.#column + i] = '';
    this.#column += width;
  }

  #feed(): void {
    this.#row += 1;
    this.#column = 0;
    this.#at(this.#row);
  }

  #at(row: number): Row {
    while (this.#rows.length <= row) this.#rows.push(emptyRow());
    return this.#rows[row] as Row;
  }

  #escape(sequence: string): void {
    const [, digits = '', letter = ''] = /^\x1b\[([0-?]*)([A-Za-z])$/.exec(sequence) ?? [];
    const n = Number(digits || 1);
    if (letter === 'm' || digits === '?2026') return;
    if (letter === 'A') this.#row = Math.max(this.#rows.length - this.height, this.#row - n, 0);
    else if (letter === 'J' && digits === '') {
      this.#at(this.#row).cells.length = Math.min(this.#at(this.#row).cells.length, this.#column);
      this.#rows.length = this.#row + 1;
    } else if (letter === 'K' && digits === '2') this.#rows[this.#row] = emptyRow();
    else if (digits === '?25') this.isCursorVisible = letter === 'h';
    else if (digits === '?7') this.isWrapping = letter === 'h';
    else throw new Error(`the screen was sent ${JSON.stringify(sequence)}`);
  }
}

const emptyRow = (): Row => ({ cells: [], wraps: false });
