import { isWorst } from '../../base/worst.ts';

/** The options of `hyperband`. */
export interface HyperbandRule {
  readonly maxT: number;
  readonly reductionFactor: number;
  readonly table: 'paper' | 'paper-example' | 'ceil';
  readonly order: 'largest-first' | 'smallest-first';
}

/** So many trials of a bracket train so far. */
export interface BracketRung {
  readonly trials: number;
  readonly milestone: number;
}

/** All that a trial would report if nobody stopped it, and how it then ends; `loss` is `WORST` where the metric was NaN or infinite. */
export interface WholeTrial {
  readonly reports: readonly { readonly time: number; readonly loss: number }[];
  readonly ends: 'completed' | 'failed';
}

/** What became of a trial: its last report, and why there is none after it. */
export interface Fate {
  readonly time: number;
  readonly how: 'completed' | 'failed' | 'stopped' | 'maxT';
}

/**
 * HyperBand, slow and obvious: bracket after bracket, rung after rung, as if time did not pass. `trials` in the order in which they
 * were proposed; nobody pauses or stops them by hand, none is retried, and the searcher has no more after the last.
 *
 * @example
 * import { hyperbandOracle } from 'attune/testing';
 *
 * const rule = { maxT: 3, reductionFactor: 3, table: 'paper', order: 'largest-first' } as const;
 * const trials = [0.3, 0.2, 0.4].map((loss) => ({ reports: [1, 2, 3].map((time) => ({ time, loss })), ends: 'completed' }) as const);
 * hyperbandOracle(rule, trials).map(({ time, how }) => `${how} at ${time}`); // => ['stopped at 1', 'maxT at 3', 'stopped at 1']
 */
export function hyperbandOracle(rule: HyperbandRule, trials: readonly WholeTrial[]): readonly Fate[] {
  const brackets = bracketTable(rule);
  const fates: Fate[] = [];
  let next = 0;
  for (let number = 0; next < trials.length; number++) {
    const rungs = brackets[number % brackets.length] ?? [];
    const [first] = rungs;
    let here = trials.map((_, trial) => trial).slice(next, next + (first?.trials ?? 1));
    next += first?.trials ?? 1;
    for (const [rung, { milestone }] of rungs.entries()) {
      const ranked: { trial: number; time: number; loss: number }[] = [];
      for (const trial of here) {
        const { reports, ends } = trials[trial] as WholeTrial;
        const report = reports.find(({ time }) => time >= milestone);
        if (report === undefined) fates[trial] = { time: reports.at(-1)?.time ?? 0, how: ends };
        else if (report.time >= rule.maxT) fates[trial] = { time: report.time, how: 'maxT' };
        else if (isWorst(report.loss)) fates[trial] = { time: report.time, how: 'stopped' };
        else ranked.push({ trial, ...report });
      }
      ranked.sort((a, b) => a.loss - b.loss || a.trial - b.trial);
      const places = rungs[rung + 1]?.trials ?? 0;
      for (const { trial, time } of ranked.slice(places)) fates[trial] = { time, how: 'stopped' };
      here = ranked.slice(0, places).map(({ trial }) => trial);
    }
  }
  return fates;
}

/**
 * The brackets in the order in which they are filled, again and again; with `'smallest-first'` from the other end. No logarithm: that is off by one for 243.
 *
 * @example
 * import { bracketTable } from 'attune/testing';
 *
 * const [first] = bracketTable({ maxT: 9, reductionFactor: 3, table: 'paper', order: 'largest-first' });
 * first?.map(({ trials, milestone }) => `${trials} to ${milestone}`); // => ['9 to 1', '3 to 3', '1 to 9']
 */
export function bracketTable({ maxT, reductionFactor: eta, table, order }: HyperbandRule): readonly (readonly BracketRung[])[] {
  let most = 0;
  while (eta ** (most + 1) <= maxT) most += 1;
  const brackets: BracketRung[][] = [];
  for (let s = most; s >= 0; s--) {
    const rungs: BracketRung[] = [];
    const n = Math.ceil(table === 'paper-example' ? Math.floor((most + 1) / (s + 1)) * eta ** s : ((most + 1) * eta ** s) / (s + 1));
    for (let i = 0; i <= s; i++) {
      const share = n / eta ** i;
      rungs.push({ trials: table === 'ceil' ? Math.ceil(share) : Math.floor(share), milestone: maxT / eta ** (s - i) });
    }
    brackets.push(rungs);
  }
  return order === 'largest-first' ? brackets : brackets.reverse();
}
