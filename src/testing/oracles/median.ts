import { isWorst } from '../../base/worst.ts';

/** A report as the median and percentile rules see it; `loss` is `WORST` where the metric was NaN or infinite. */
export interface TimedReport {
  readonly trial: number;
  readonly time: number;
  readonly loss: number;
}

/** The options of `percentileStopping`, without `interval`. */
export interface PercentileRule {
  readonly percentile: number;
  readonly gracePeriod: number;
  readonly minSamplesRequired: number;
}

/** What a trial has at a report, and what it must not be worse than; no line: it goes on. */
export interface PercentileOpinion {
  readonly best: number;
  readonly line?: number;
  readonly others: number;
}

/**
 * The percentile stopping rule, slow and obvious: for each report what its trial is held against, from a list of all reports and
 * nothing else; it must stop when `best > line`. Times of a trial must not decrease. It never removes a trial from the list: give
 * it what was reported. The median rule is its 50th percentile. Cost: O(n²) for n reports.
 *
 * @example
 * import { percentileOracle } from 'attune/testing';
 *
 * const rule = { percentile: 50, gracePeriod: 0, minSamplesRequired: 1 };
 * const reports = [0.2, 0.4].map((loss, trial) => ({ trial, time: 1, loss }));
 * percentileOracle(rule, reports)[1]; // => { best: 0.4, line: 0.2, others: 1 }
 */
export function percentileOracle(
  { percentile, gracePeriod, minSamplesRequired }: PercentileRule,
  reports: readonly TimedReport[],
): readonly PercentileOpinion[] {
  return reports.map(({ trial, time }, now) => {
    const past = reports.slice(0, now + 1);
    const own = past.filter((report) => report.trial === trial);
    const best = Math.min(...own.map(({ loss }) => loss));
    const others = [...new Set(past.map((report) => report.trial))].filter((other) => other !== trial);
    const means = others.flatMap((other) => {
      const theirs = past.filter((report) => report.trial === other);
      if (Math.max(...theirs.map((report) => report.time)) < time) return []; // has not come as far
      const results = theirs.filter((report) => report.time >= gracePeriod && report.time <= time && !isWorst(report.loss));
      return results.length === 0 ? [] : [results.reduce((sum, { loss }) => sum + loss, 0) / results.length];
    });
    if (time < gracePeriod || means.length < minSamplesRequired) return { best, others: means.length };
    means.sort((a, b) => a - b);
    const place = (percentile / 100) * (means.length - 1);
    const below = means[Math.floor(place)] as number;
    const above = means[Math.ceil(place)] as number;
    return { best, line: below + (above - below) * (place - Math.floor(place)), others: means.length };
  });
}
