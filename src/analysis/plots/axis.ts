import { AttuneError } from '../../base/errors.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { oneLine } from '../../base/one-line.ts';
import { describe } from '../../base/options.ts';

/** `log` leaves out what is not above 0. */
export type Scale = 'linear' | 'log';

/** Of numbers, from the least to the largest, not from 0. */
export function axis(field: string, title: string, scale: Scale = 'linear', more: JsonObject = {}): JsonObject {
  return { field, type: 'quantitative', title: shown(title), scale: scale === 'log' ? { type: 'log', nice: true } : { zero: false, nice: true }, ...more };
}

/** @throws {AttuneError} `OPTION_RANGE` */
export function checkScale(where: string, option: string, scale: unknown): void {
  if (scale !== undefined && scale !== 'linear' && scale !== 'log')
    throw new AttuneError('OPTION_RANGE', `${where}: expected ${option} to be 'linear' or 'log', got ${describe(scale)}.`);
}

/** A number that has a place on the axis; null is a gap. */
export function placed(value: Json | undefined, scale: Scale = 'linear'): number | null {
  return typeof value === 'number' && Number.isFinite(value) && (scale === 'linear' || value > 0) ? value : null;
}

const LONGEST = 200;

/** A name or a value as a picture has it: one line without anything that steers, or that XML has no place for; cut after 200 characters. */
export const shown = (text: string): string => harmless(text, LONGEST);

const harmless = (text: string, longest?: number): string => oneLine(text, longest).replace(/[\ufffe\uffff]/g, '\ufffd');

/** A name cut in its middle to about so many pixels of a label: names that begin alike stay different. */
export function shortened(text: string, pixels: number): string {
  const characters = [...harmless(text)];
  const most = Math.max(3, Math.floor(pixels / 6.6));
  if (characters.length <= most) return characters.join('');
  const end = Math.floor((most - 1) / 2);
  return `${characters.slice(0, most - 1 - end).join('')}…${characters.slice(characters.length - end).join('')}`;
}

/** Of a logarithmic axis over more than a decade and a half the powers of ten alone, at most nine of them. */
export function ticks(scale: Scale, values: readonly number[]): JsonObject {
  const [low, high] = values.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, 0]);
  if (scale === 'linear' || !(high / low > 30)) return {};
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const step = Math.ceil((last - first + 1) / 9);
  const powers = Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => Number(`1e${first + i * step}`));
  return { axis: { values: powers, format: '~g' } };
}

/** A number as labels have it: three digits. */
export function short(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  return size >= 1e6 || size < 1e-3 ? value.toExponential(2).replace(/\.?0+e/, 'e') : String(Number(value.toPrecision(3)));
}

/** `3 trials`, `1 trial`. */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
