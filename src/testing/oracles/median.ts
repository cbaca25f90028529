import { isWorst } from '../../trial/metrics.ts';

/** A report as the median and percentile rules see it; `loss` is `WORST` where the metric was NaN or infinite. */
export interface TimedReport {
  readonly trial: number;
  readonly time: number;
  readonly loss: number;
}

export interface PercentileRule {
  readonly percentile: number;
  readonly gracePeriod: number;
  readonly minSamplesRequired: number;
}

/**
 * The percentile stopping rule, slow and obvious: for each report whether its trial must stop, from a list of all reports and
 * nothing else. Times of a trial must not decrease. It never removes a trial from the list: give it what was reported.
 */
export function percentileOracle({ percentile, gracePeriod, minSamplesRequired }: PercentileRule, reports: readonly TimedReport[]): readonly boolean[] {
  return reports.map(({ trial, time }, now) => {
    if (time < gracePeriod) return false;
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
    if (means.length < minSamplesRequired) return false;
    means.sort((a, b) => a - b);
    const place = (percentile / 100) * (means.length - 1);
    const below = means[Math.floor(place)] as number;
    const above = means[Math.ceil(place)] as number;
    return best > below + (above - below) * (place - Math.floor(place));
  });
}

/** The median stopping rule: the 50th percentile. */
export const medianOracle = (rule: Omit<PercentileRule, 'percentile'>, reports: readonly TimedReport[]): readonly boolean[] =>
  percentileOracle({ ...rule, percentile: 50 }, reports);
