import type { Json } from '../base/json.ts';
import { wrongUse } from './command.ts';

/** `model.num_units=2,3,4` as it was written on a command line. */
export interface Override {
  /** As it was written, for messages. */
  readonly text: string;
  readonly path: readonly string[];
  /** `+key=…`: the key may be new. */
  readonly isNew: boolean;
  /** Several: each is tried. */
  readonly values: readonly Json[];
}

/** One value of a list, and at which character of the override it begins. */
interface Piece {
  readonly text: string;
  readonly at: number;
}

const PAIRS: Readonly<Record<string, string>> = { '[': ']', '{': '}', '(': ')' };
/** More than this is a slip of the pen. */
const MOST_VALUES = 100_000;

/**
 * Reads `key=value`, `key=value,value` and `+key=value`. Values are YAML 1.2, one by one: commas in quotes and brackets do not separate.
 * `range(start,stop,step)` is the numbers from start (default 0) in steps (default 1) until before stop; `choice(a,b)` is `a,b`.
 *
 * @throws {TypeError} of a wrong call, with the character at which the text goes wrong, counted from 0
 */
export async function parseOverrides(texts: readonly string[]): Promise<readonly Override[]> {
  if (texts.length === 0) return [];
  const readYaml = await yamlReader();
  const overrides = texts.map((text) => parseOverride(text, readYaml));
  const twice = overrides.find(({ path }, i) => overrides.findIndex((other) => other.path.join('.') === path.join('.')) < i);
  if (twice) throw wrongUse(`expected each key once, got "${twice.path.join('.')}" again: ${twice.text}.`);
  return overrides;
}

type ReadYaml = (piece: Piece, whole: string) => Json;

function parseOverride(text: string, readYaml: ReadYaml): Override {
  const equals = text.indexOf('=');
  if (equals < 0) throw wrongUse(`expected key=value, got "${text}".`);
  const isNew = text.startsWith('+');
  const key = text.slice(isNew ? 1 : 0, equals);
  const path = key.split('.');
  if (path.some((part) => part === '' || part === '__proto__' || /[\s'"[\]{}(),]/.test(part))) {
    throw wrongUse(`expected a key such as model.num_units at character ${isNew ? 1 : 0}, got "${key}": ${text}.`);
  }
  const pieces = split(text, equals + 1, text.length);
  const [only] = pieces;
  const values = pieces.length === 1 && only ? (swept(only, text, readYaml) ?? [readYaml(only, text)]) : pieces.map((piece) => readYaml(piece, text));
  return { text, path, isNew, values };
}

/** Cuts at the commas that are in no quotes and no brackets. */
function split(text: string, begin: number, end: number): readonly Piece[] {
  const pieces: Piece[] = [];
  const open: { readonly close: string; readonly at: number }[] = [];
  let start = begin;
  let isFresh = true; // where a value begins, so that a quote is one
  for (let at = begin; at < end; at++) {
    const character = text[at] as string;
    if (isFresh && (character === '"' || character === "'")) {
      at = endOfQuote(text, at, end);
      isFresh = false;
    } else if (character === ',' && open.length === 0) {
      pieces.push(piece(text, start, at));
      start = at + 1;
      isFresh = true;
    } else {
      const close = PAIRS[character];
      if (close !== undefined) open.push({ close, at });
      else if (character === open.at(-1)?.close) open.pop();
      isFresh = close !== undefined || (isFresh && character === ' ') || (open.length > 0 && /[,:\s]/.test(character));
    }
  }
  const unclosed = open.at(-1);
  if (unclosed) throw wrongUse(`expected "${unclosed.close}" for the "${text[unclosed.at]}" at character ${unclosed.at}, got the end: ${text}.`);
  return [...pieces, piece(text, start, end)];
}

function piece(text: string, begin: number, end: number): Piece {
  const value = text.slice(begin, end);
  if (value.trim() !== '') return { text: value, at: begin };
  throw wrongUse(`expected a value at character ${begin}, got none: ${text}. For an empty text write '' in quotes, for nothing null.`);
}

/** The index of the quote that ends the one at `at`. In double quotes a backslash protects the next character, in single ones a second quote does. */
function endOfQuote(text: string, at: number, end: number): number {
  const quote = text[at];
  for (let i = at + 1; i < end; i++) {
    if (quote === '"' && text[i] === '\\') i += 1;
    else if (text[i] === quote && quote === "'" && text[i + 1] === "'") i += 1;
    else if (text[i] === quote) return i;
  }
  throw wrongUse(`expected the quote at character ${at} to end, got the end of ${text}.`);
}

/** What `range(…)` and `choice(…)` stand for; `undefined` for any other value. */
function swept({ text, at }: Piece, whole: string, readYaml: ReadYaml): readonly Json[] | undefined {
  const [, before = '', name] = /^(\s*(range|choice)\().*\)\s*$/s.exec(text) ?? [];
  if (name === undefined) return undefined;
  const end = at + text.lastIndexOf(')');
  const values = split(whole, at + before.length, end).map((part) => readYaml(part, whole));
  return name === 'choice' ? values : rangeOf(values, whole);
}

function rangeOf(bounds: readonly Json[], whole: string): readonly number[] {
  if (bounds.length > 3 || !bounds.every((bound) => typeof bound === 'number' && Number.isFinite(bound))) {
    throw wrongUse(`expected range(stop), range(start,stop) or range(start,stop,step) of numbers, got ${whole}.`);
  }
  const [first, second, step = 1] = bounds as readonly number[];
  const [start, stop] = second === undefined ? [0, first as number] : [first as number, second];
  const count = Math.ceil((stop - start) / step - 1e-9); // 0.3 is not below 0.3, whatever 0.1 three times is
  if (!(count >= 1 && count <= MOST_VALUES)) throw wrongUse(`expected a range of 1 to ${MOST_VALUES} numbers, got ${whole}.`);
  return Array.from({ length: count }, (_, i) => Number((start + i * step).toPrecision(15)));
}

/** yaml is loaded by the first command that reads some. */
async function yamlReader(): Promise<ReadYaml> {
  const { parseDocument } = await import('yaml');
  return ({ text, at }, whole) => {
    const word = text.trim();
    const refuse = (expected: string, why = ''): never => {
      throw wrongUse(`expected ${expected} at character ${at}, got ${word}${why === '' ? '' : ` (${why})`}: ${whole}. Put it in quotes to have it as text.`);
    };
    const document = parseDocument(word, { logLevel: 'silent' });
    const { contents, comment, commentBefore } = document;
    const [fault] = [...document.errors, ...document.warnings];
    if (fault) refuse('YAML', fault.message.split(/ at line|\n/)[0]);
    if (comment || commentBefore || contents?.comment) refuse('a value without #, which begins a comment,');
    if (contents?.tag?.startsWith('!') || (contents && 'anchor' in contents && contents.anchor)) refuse('a value without tag or anchor');
    const value = document.toJS() as Json;
    if (value === null && !/^(null|Null|NULL|~)$/.test(word)) refuse('a value');
    if (typeof value === 'number' && !Number.isSafeInteger(value) && /^[-+]?\d+$/.test(word)) refuse('a whole number up to 2^53 - 1');
    return value;
  };
}
