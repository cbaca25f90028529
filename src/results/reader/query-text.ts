import { AttuneError } from '../../base/errors.ts';
import { oneLine } from '../../base/one-line.ts';

export type Scalar = string | number | boolean | null;

const SPACE = /\s*/y;
const FIELD = /\w+(?:\.\w+)*/y;
const WORD = /[A-Za-z_]\w*/y;
/** As Python writes numbers, decimals with any number of leading zeros left out. */
const NUMBER = /[+-]?(?:0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)/y;
const WORDS: Readonly<Record<string, Scalar>> = { true: true, false: false, null: null, none: null };
const STRAY_ZERO = /^[+-]?0[\d_]*[1-9][\d_]*$/;
/** The most of the text that an error shows. */
const SHOWN = 20;

/** The text of a query, and how far it has been read. */
export class QueryText {
  readonly text: string;
  /** The next character. */
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  skipSpace(): void {
    this.#take(SPACE);
  }

  isAtEnd(): boolean {
    this.skipSpace();
    return this.at === this.text.length;
  }

  /** Goes past a mark, if it is next. */
  takes(mark: string): boolean {
    this.skipSpace();
    if (!this.text.startsWith(mark, this.at)) return false;
    this.at += mark.length;
    return true;
  }

  /** Goes past a word, if it is next as a whole. */
  takesWord(word: string): boolean {
    this.skipSpace();
    const before = this.at;
    if (this.#take(WORD) === word) return true;
    this.at = before;
    return false;
  }

  /** The name of a field, plain or in back quotes. */
  field(): string {
    this.skipSpace();
    if (this.text[this.at] === '`') return this.#quoted('`', backQuoteEscape);
    const name = this.#take(FIELD);
    if (name !== undefined && name !== 'in') return name;
    if (name !== undefined) this.at -= name.length;
    throw this.expected('a field such as config.lr, `(` or `~`');
  }

  /** A text, a number, `true`, `false`, `null` or `None`. */
  scalar(): Scalar {
    this.skipSpace();
    const next = this.text[this.at];
    if (next === "'" || next === '"') return this.#texts();
    const before = this.at;
    const number = this.#take(NUMBER);
    if (number !== undefined && !/\w/.test(this.text[this.at] ?? '')) return this.#toNumber(number, before);
    this.at = before;
    const word = this.#take(WORD)?.toLowerCase();
    if (word !== undefined && Object.hasOwn(WORDS, word)) return WORDS[word] as Scalar;
    this.at = before;
    throw this.expected('a literal: a number, a text in quotes, true, false or null');
  }

  /** The error for what stands next. @param hint - default: that of the code */
  expected(what: string, hint?: string): AttuneError {
    const rest = this.text.slice(this.at);
    const got = rest === '' ? 'the end' : `"${oneLine(rest, SHOWN)}"`;
    return new AttuneError('QUERY_INVALID', `query, column ${this.at + 1}: expected ${what}, got ${got}.`, hint === undefined ? {} : { hint });
  }

  /** Texts that follow each other are one, as in Python. */
  #texts(): string {
    let text = '';
    for (let quote = this.text[this.at]; quote === "'" || quote === '"'; quote = this.text[this.at]) {
      text += this.#quoted(quote, this.#escape);
      this.skipSpace();
    }
    return text;
  }

  #toNumber(text: string, at: number): number {
    const digits = text.replaceAll('_', '').replace(/^[+-]/, '');
    const value = STRAY_ZERO.test(text) ? Number.NaN : Number(digits);
    if (!Number.isNaN(value)) return text.startsWith('-') ? -value : value;
    this.at = at;
    throw this.expected('a number without leading zeros');
  }

  /** What stands between two quotes. */
  #quoted(quote: string, escape: () => string | undefined): string {
    const opened = this.at;
    let value = '';
    for (this.at += 1; this.text[this.at] !== quote; ) {
      const character = this.text[this.at];
      if (character === undefined) {
        this.at = opened;
        throw this.expected(`a ${quote} that ends what begins here`);
      }
      const meant = character === '\\' ? escape.call(this) : undefined;
      if (meant === undefined) this.at += 1;
      value += meant ?? character;
    }
    this.at += 1;
    return value;
  }

  /** What an escape of Python's means, and past it; `undefined` for one that it does not have, whose backslash stays. */
  #escape(this: QueryText): string | undefined {
    const found = this.#take(/\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{1,3}|[\\'"abfnrtv\n])/y);
    if (found !== undefined) return meaningOf(found.slice(1)) ?? this.#wrongEscape(found.length);
    return /\\[xuUN]/y.test(this.text.slice(this.at, this.at + 2)) ? this.#wrongEscape(0) : undefined;
  }

  #wrongEscape(past: number): never {
    this.at -= past;
    throw this.expected('an escape such as \\n, \\x41 or \\u00e9');
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }
}

const LETTERS: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\n': '' };

function meaningOf(escape: string): string | undefined {
  const first = escape[0] ?? '';
  if (first === '\\' || first === "'" || first === '"') return first;
  if (Object.hasOwn(LETTERS, first)) return LETTERS[first];
  const code = /[xuU]/.test(first) ? Number.parseInt(escape.slice(1), 16) : Number.parseInt(escape, 8);
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

/** In the name of a field: a back quote or a backslash. */
function backQuoteEscape(this: QueryText): string | undefined {
  const next = this.text[this.at + 1];
  if (next !== '`' && next !== '\\') return undefined;
  this.at += 2;
  return next;
}
