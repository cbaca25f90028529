import { nearest } from './edit-distance.ts';
import { AttuneError } from './errors.ts';

/**
 * Refuses options that nobody reads. Call it first, then destructure with defaults.
 *
 * @param where - begins the message: the name of the function, `asha`
 * @throws {AttuneError} `OPTION_UNKNOWN` for the first key outside `allowed`, with the nearest name; `OPTION_RANGE` when `options` is no plain object
 */
export function checkOptions(where: string, options: unknown, allowed: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new AttuneError('OPTION_RANGE', `${where}: expected one object of options, got ${describe(options)}.`);
  }
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined || allowed.includes(key)) continue;
    const meant = nearest(key, allowed);
    throw new AttuneError(
      'OPTION_UNKNOWN',
      `${where}: expected ${allowed.length > 0 ? `options among ${allowed.join(', ')}` : 'no options'}, got ${describe(key)}.`,
      meant === undefined ? {} : { hint: `Did you mean "${meant}"?` },
    );
  }
}

/**
 * Refuses a number that lies outside what the option allows; NaN always does.
 *
 * @param expected - completes "expected", such as `an integer >= 1`
 * @throws {AttuneError} `OPTION_RANGE` unless `value` is a number and `holds` of it
 */
export function checkNumber(where: string, option: string, value: unknown, expected: string, holds: (value: number) => boolean): void {
  if (typeof value === 'number' && holds(value)) return;
  throw new AttuneError('OPTION_RANGE', `${where}: expected ${option} to be ${expected}, got ${describe(value)}.`);
}

/** @throws {AttuneError} `OPTION_RANGE` for what is no string */
export function checkText(where: string, option: string, value: unknown): void {
  if (typeof value !== 'string') throw new AttuneError('OPTION_RANGE', `${where}: expected ${option} to be a string, got ${describe(value)}.`);
}

/** The most characters of a text, and keys of an object, that a message shows. */
const SHOWN_CHARACTERS = 200;
const SHOWN_KEYS = 20;

/** A value as an error message shows it: short, and never throwing. */
export function describe(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'undefined' || value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return value.length > SHOWN_CHARACTERS ? beginning(value) : JSON.stringify(value);
  if (typeof value === 'function') return value.name ? `the function ${value.name}` : 'a function';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return typeof value === 'object' ? `an object with the keys ${keysOf(value) || '(none)'}` : `a ${typeof value}`;
}

const beginning = (text: string): string => `${JSON.stringify(`${text.slice(0, SHOWN_CHARACTERS)}…`)} (${text.length} characters)`;

function keysOf(value: object): string {
  const keys = Object.keys(value);
  const shown = keys
    .slice(0, SHOWN_KEYS)
    .map((key) => key.slice(0, SHOWN_CHARACTERS))
    .join(', ');
  return keys.length > SHOWN_KEYS ? `${shown} and ${keys.length - SHOWN_KEYS} more` : shown;
}
