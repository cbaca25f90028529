/** What a domain is known by, also one that another copy of this package made. */
export const DOMAIN: unique symbol = Symbol.for('attune.domain');

/** The key that makes a JSON object a domain: `{ "$domain": "uniform", "lower": 0, "upper": 1 }`. */
export const TAG = '$domain';

declare const produces: unique symbol;

/** A domain whose values are `T`s. The second property exists for the compiler only. */
export interface Produces<T> {
  readonly [DOMAIN]: true;
  readonly [produces]: () => T;
}

export const isDomain = (value: unknown): boolean => typeof value === 'object' && value !== null && (value as { [DOMAIN]?: unknown })[DOMAIN] === true;
