import type { Mode } from '../trial/metrics.ts';
import type { AutoMetrics } from '../trial/row.ts';

/** Metrics whose names are not known to the compiler. */
export type AnyMetrics = { readonly [key: string]: unknown };

/** The names of the numbers in `M`, nested ones joined by `/`, and of the automatic numbers; any string when `M` has no names. */
export type MetricKey<M> = string extends keyof M ? string : NumberKey<M> | NumberKey<AutoMetrics>;

type NumberKey<M> = { [K in keyof M & string]-?: KeyAt<K, NonNullable<M[K]>> }[keyof M & string];

type KeyAt<K extends string, V> = V extends number ? K : V extends readonly unknown[] ? never : V extends object ? `${K}/${NumberKey<V>}` : never;

/** A metric with its mode; without both, those of the experiment. `mode` alone turns the experiment's metric around. */
export type MetricOptions<M> = { readonly metric: MetricKey<M>; readonly mode: Mode } | { readonly metric?: undefined; readonly mode?: Mode };
