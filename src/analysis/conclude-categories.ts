import type { TableRow } from '../results/table.ts';
import { type Category, categorySummary } from './category-summary.ts';
import { compareSamples } from './compare-samples.ts';
import { type Question, range, shown, type Words } from './conclusion.ts';
import { columnOf } from './rows.ts';

/** One value of a category in its place. */
export interface CategoryPlace extends Pick<Category, 'value' | 'label' | 'n' | 'omitted' | 'mean' | 'best'> {
  /** The mean of the first less this one, with the confidence interval of that difference alone; absent for the first. */
  readonly behind?: {
    readonly difference: number;
    readonly interval: readonly [number, number];
    readonly corrected: readonly [number, number];
    readonly pOfRanks: number;
  };
  /** Whether it is certainly worse than the first. */
  readonly worse: boolean;
}

/** The values of a category by their means, the best first. */
export interface CategoryConclusion {
  readonly metric: string;
  readonly attribute: string;
  /** The best mean first; those without a finite metric last. */
  readonly places: readonly CategoryPlace[];
  /** `first`: the first is better than the second, so than all whose mean is behind it. `some`: some are worse than the first, though not the second. */
  readonly conclusion: 'first' | 'some' | 'none';
  readonly text: string;
}

/** Fewer values than these say nothing about a mean. */
const LEAST = 3;

/** The categories in order, and how sure the order is. */
export function concludeCategories(rows: readonly TableRow[], attribute: string, question: Question, words: Words): CategoryConclusion {
  const { metric, mode, confidence, level } = question;
  const all = categorySummary(columnOf('interpret', rows, attribute), columnOf('interpret', rows, metric), mode, { points: 2 });
  const ranked = [...all].sort((a, b) => Number(b.n > 0) - Number(a.n > 0) || (mode === 'min' ? a.mean - b.mean : b.mean - a.mean) || 0);
  const [first] = ranked as [Category];
  const known = ranked.filter(({ n }) => n > 0).length;
  const share = known > 2 ? level / 2 : level; // half for the second, half for those after it
  const places = ranked.map(({ value, label, n, omitted, mean, best, values }, i): CategoryPlace => {
    const place = { value, label, n, omitted, mean, best };
    if (i === 0 || n === 0) return { ...place, worse: false };
    const own = i === 1 ? share : share / ((known * (known - 1)) / 2);
    const { difference, interval, p, cliffsDelta } = compareSamples(first.values, values, { confidence });
    const corrected = compareSamples(first.values, values, { confidence: 1 - own }).interval;
    const away = difference > 0 ? corrected[0] > 0 : corrected[1] < 0;
    const worse = away && p <= own && Math.sign(cliffsDelta) === Math.sign(difference) && Math.min(n, first.n) >= LEAST;
    return { ...place, behind: { difference, interval, corrected, pOfRanks: p }, worse };
  });
  const conclusion = places[1]?.worse ? 'first' : places.some(({ worse }) => worse) ? 'some' : 'none';
  return { metric, attribute, places, conclusion, text: textOf(words.attribute(attribute), words.metric(metric), places, conclusion) };
}

function textOf(attribute: string, metric: string, places: readonly CategoryPlace[], conclusion: CategoryConclusion['conclusion']): string {
  const order = places
    .map(({ label, n, mean, best }) => (n > 0 ? `${label} ${shown(mean)} (best ${shown(best)}, n = ${n})` : `${label} (no finite value)`))
    .join(', ');
  const [first, second] = places;
  const worse = places.filter((place) => place.worse).map(({ label }) => label);
  const test =
    second?.behind === undefined
      ? ''
      : Number.isNaN(second.behind.interval[0])
        ? '; too few trials to compare the first two'
        : `; first less second ${shown(second.behind.difference)}, interval ${range(second.behind.interval)}, p = ${shown(second.behind.pOfRanks)}`;
  const numbers = `mean ${metric}: ${order}${test}`;
  if (conclusion === 'none') return `${attribute}: no conclusion about which value is best (${numbers}).`;
  if (conclusion === 'first') return `${attribute}: ${first?.label} is better than ${worse.join(', ')} (${numbers}).`;
  return `${attribute}: ${worse.join(', ')} ${worse.length > 1 ? 'are' : 'is'} worse than ${first?.label}; no conclusion between ${first?.label} and ${second?.label} (${numbers}).`;
}
