import type { AttributeOptions } from './attributes.ts';
import type { Mode } from './numbers.ts';

/** How things are called. */
export interface Words {
  attribute(name: string): string;
  metric(name: string): string;
}

/** What is asked about one metric. */
export interface Question extends AttributeOptions {
  readonly metric: string;
  readonly mode: Mode;
  /** Of the intervals that are shown. */
  readonly confidence: number;
  /** The probability of an error that one question may have. */
  readonly level: number;
}

/** Three digits. */
export const shown = (value: number): string => (value !== 0 && Math.abs(value) < 1e-300 ? '0' : String(Number(value.toPrecision(3))));

/** An interval in words. */
export const range = ([low, high]: readonly [number, number]): string => `${shown(low)} to ${shown(high)}`;
