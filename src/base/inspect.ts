import { oneLine } from './one-line.ts';

/** The name under which Node's console asks an object how it is to be shown. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as typeof INSPECT;

/** `util.inspect`, as it is handed over: no room has to import it. */
export type Inspect = (value: unknown, options?: object) => string;

/** Longer ones are shown in lines of their own. */
const LONGEST_LINE = 80;
/** For `oneLine`: text of a user's in such a line. */
export const LONGEST_TEXT = 300;
const LONGEST_KEY = 40;
const LONGEST_VALUE = { depth: 1, breakLength: Infinity, compact: true, maxArrayLength: 6, maxStringLength: 60 } as const;
const MOST_PAIRS = 10;

/**
 * An object in the console: `Checkpoint(path=/data/checkpoint_000002)`, in lines of its own when it is long, and `[Checkpoint]` where
 * Node shows `[Object]`: below the depth that it was asked for.
 *
 * @param lines - what it says, each in one line: see `oneLine` and `pairs`
 */
export function block(name: string, depth: number | null, lines: () => readonly string[]): string {
  if (depth !== null && depth < 0) return `[${name}]`;
  const said = lines();
  const short = `${name}(${said.join('; ')})`;
  return said.length === 1 || short.length <= LONGEST_LINE ? short : `${name}(\n${said.map((line) => `  ${line}\n`).join('')})`;
}

/** `lr=0.01 optimizer='sgd'`, in the colours that `options` has; long values are cut, and after the tenth pair the rest is counted. */
export function pairs(values: Readonly<Record<string, unknown>>, options: object, inspect: Inspect): string {
  const entries = Object.entries(values);
  const shown = entries.slice(0, MOST_PAIRS).map(([key, value]) => `${oneLine(key, LONGEST_KEY)}=${inspect(value, { ...options, ...LONGEST_VALUE })}`);
  return entries.length > shown.length ? `${shown.join(' ')} … ${entries.length - shown.length} more` : shown.join(' ');
}
