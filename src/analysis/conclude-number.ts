import type { TableRow } from '../results/table.ts';
import type { NumericAttribute } from './attributes.ts';
import { type Question, range, shown, type Words } from './conclusion.ts';
import { coefficients } from './correlations.ts';
import { linearFit, pairsOf } from './linear-fit.ts';
import { metricOf } from './numbers.ts';

/** What a number does to a metric. */
export interface NumberConclusion {
  readonly metric: string;
  readonly attribute: string;
  /** Trials that have both. */
  readonly n: number;
  /** What the slope is per: one unit of the attribute, or ten times as much of it, where the space searches it on a logarithmic scale. */
  readonly per: 'unit' | 'tenfold';
  /** Units of the metric. NaN where fewer than two distinct values are there. */
  readonly slope: number;
  /** The confidence interval of this slope alone. */
  readonly interval: readonly [number, number];
  /** The wider one that is right together with all others of the report; the conclusion goes by it. */
  readonly corrected: readonly [number, number];
  /** Of Spearman's test, not corrected. */
  readonly pOfRanks: number;
  /** What the metric does as the attribute rises. */
  readonly conclusion: 'rises' | 'falls' | 'none';
  /** Which values are better, lower or higher ones. */
  readonly better: 'lower' | 'higher' | 'none';
  readonly text: string;
}

/** The slope of a metric, and whether it is one. */
export function concludeNumber(rows: readonly TableRow[], attribute: NumericAttribute, question: Question, words: Words): NumberConclusion {
  const { metric, mode, confidence, level } = question;
  const { name, log } = attribute;
  const { x, y } = pairsOf('interpret', attribute.values, metricOf('interpret', rows, metric));
  const about = { metric, attribute: name, n: x.length, per: log ? 'tenfold' : 'unit' } as const;
  if (new Set(x).size < 2) {
    const nothing = { slope: Number.NaN, interval: [Number.NaN, Number.NaN], corrected: [Number.NaN, Number.NaN], pOfRanks: Number.NaN } as const;
    return {
      ...about,
      ...nothing,
      conclusion: 'none',
      better: 'none',
      text: `${words.attribute(name)}: no conclusion, it is the same in all ${x.length} trials.`,
    };
  }
  const { slope, interval } = linearFit(x, y, { confidence, points: 2 });
  const corrected = linearFit(x, y, { confidence: 1 - level, points: 2 }).interval;
  const { spearman, p } = coefficients(x, y);
  const sure = (corrected[0] > 0 || corrected[1] < 0) && p.spearman <= level && Math.sign(spearman) === Math.sign(slope);
  const conclusion = sure ? (slope > 0 ? 'rises' : 'falls') : 'none';
  const better = sure ? (slope > 0 === (mode === 'max') ? 'higher' : 'lower') : 'none';
  const answer = { ...about, slope, interval, corrected, pOfRanks: p.spearman, conclusion, better } as const;
  return { ...answer, text: textOf(answer, confidence, words) };
}

function textOf(
  { metric, attribute, n, per, slope, interval, corrected, conclusion, better }: Omit<NumberConclusion, 'text'>,
  confidence: number,
  words: Words,
): string {
  const name = words.attribute(attribute);
  const percent = Number((100 * confidence).toPrecision(4));
  const numbers = `slope ${shown(slope)} per ${per === 'unit' ? 'unit' : 'ten times as much'}, ${percent} % interval ${range(interval)}, n = ${n}`;
  if (conclusion !== 'none') return `${name}: ${words.metric(metric)} ${conclusion} with it (${numbers}); ${better} values are better.`;
  if (Number.isNaN(interval[0])) return `${name}: no conclusion, ${n} trials are too few (${numbers}).`;
  if (holdsZero(interval)) return `${name}: no conclusion, the interval holds 0 (${numbers}).`;
  return holdsZero(corrected)
    ? `${name}: no conclusion, the interval holds 0 once it is corrected for all questions asked, ${range(corrected)} (${numbers}).`
    : `${name}: no conclusion, the slope comes from a few outliers, the ranks do not show it (${numbers}).`;
}

const holdsZero = ([low, high]: readonly [number, number]): boolean => low <= 0 && high >= 0;
