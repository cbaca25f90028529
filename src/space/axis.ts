import type { NumericDomain } from './domains.ts';
import { fromEncoded, toEncoded } from './numeric.ts';
import type { Parameter } from './space.ts';

/** A parameter that is a number, in the units of its encoding. */
export interface NumericAxis {
  readonly kind: 'numeric';
  /** Into the parameters of the space. */
  readonly index: number;
  readonly domain: NumericDomain;
  /** Between which it lies: half a step beyond the lowest and the highest value; infinite for a normal domain. */
  readonly low: number;
  readonly high: number;
  /** Between which widths are measured: the same, and for a normal domain the ends of the uniform one that varies as much. */
  readonly from: number;
  readonly to: number;
  /** The kernel that stands for what was known before. */
  readonly prior: { readonly mean: number; readonly width: number };
  /** Distance of neighbouring values in the units of the parameter; 0 when continuous. */
  readonly step: number;
  readonly log: boolean;
}

export interface CategoricalAxis {
  readonly kind: 'categorical';
  readonly index: number;
  readonly options: number;
}

export type Axis = NumericAxis | CategoricalAxis;

/** A parameter as a model sees it. */
export function axisOf({ domain, range }: Parameter, index: number): Axis {
  if ('options' in domain) return { kind: 'categorical', index, options: domain.options.length };
  const { log, step = 0 } = range;
  if ('mean' in domain) {
    const reach = Math.sqrt(3) * domain.sd;
    const prior = { mean: domain.mean, width: domain.sd };
    return { kind: 'numeric', index, domain, low: -Infinity, high: Infinity, from: domain.mean - reach, to: domain.mean + reach, prior, step, log };
  }
  const end = (encoded: number, way: -1 | 1): number => {
    if (step === 0) return encoded;
    return log ? Math.log(Math.exp(encoded) + (way * step) / 2) : encoded + (way * step) / 2;
  };
  const [low, high] = [end(range.lower, -1), end(range.upper, 1)];
  return { kind: 'numeric', index, domain, low, high, from: low, to: high, prior: { mean: (low + high) / 2, width: high - low }, step, log };
}

/** The nearest number that encodes a value of the domain. */
export function settled({ domain, step, low, high }: NumericAxis, encoded: number): number {
  const within = Math.min(Math.max(encoded, low), high);
  return step === 0 ? within : toEncoded(domain, fromEncoded(domain, within));
}

/** The ends of the cell of a stepped value, in the units of the encoding. */
export function cell({ domain, log, step }: NumericAxis, encoded: number): readonly [number, number] {
  if (!log) return [encoded - step / 2, encoded + step / 2];
  const value = fromEncoded(domain, encoded);
  return [Math.log(value - step / 2), Math.log(value + step / 2)];
}
