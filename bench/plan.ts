import { median } from './rounds.ts';

/** How a ratio is measured. */
export interface Plan {
  /** An empty directory, for everything that is written. */
  readonly root: string;
  readonly workers: number;
  /** Tasks before the first round. */
  readonly warmUp: number;
  readonly rounds: number;
  /** Tasks in a round. */
  readonly size: number;
}

/** One line of the table. */
export interface Measure {
  readonly what: string;
  readonly got: number;
  readonly limit: number;
  readonly unit: '×' | '%' | 'MB';
  /** What stands behind the number, for people. */
  readonly detail: string;
}

/** The median over the rounds of what ours took of what the raw parts took in the same round. Times are in milliseconds. */
export function ratioOf(
  what: string,
  { ours, raw, size, limit }: { readonly ours: readonly number[]; readonly raw: readonly number[]; readonly size: number; readonly limit: number },
): Measure {
  const ratios = ours.map((ms, round) => ms / (raw[round] ?? Number.NaN));
  const each = (values: readonly number[]): string => `${((median(values) / size) * 1000).toFixed(0)} µs`;
  const spread = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`;
  return { what, got: median(ratios), limit, unit: '×', detail: `${each(ours)} / ${each(raw)}, rounds ${spread}` };
}
