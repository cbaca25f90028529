import { isWorst } from '../../../src/base/worst.ts';
import type { Scheduler } from '../../../src/schedule/scheduler.ts';

/** What may be wrong with it. */
export type PercentileFlaw =
  | 'NaN is averaged'
  | 'NaN counts as a sample'
  | 'one sample too few'
  | 'judges before the grace period'
  | 'equals stop'
  | 'its latest result, not its best'
  | 'counts itself'
  | 'comparison flipped'
  | 'the mean, not the median';

interface State {
  readonly curves: Record<string, { step: number; loss: number | null }[]>;
}

const [GRACE, SAMPLES] = [2, 2];

/** The median rule in a few lines: right without a flaw. */
export function percentile(flaw?: PercentileFlaw): Scheduler<State> {
  return {
    name: 'percentile',
    options: { gracePeriod: GRACE, minSamplesRequired: SAMPLES },
    uses: ['stop'],
    init: () => ({ curves: {} }),
    decide(state, event) {
      if (event.kind !== 'reported') return { state, decisions: [] };
      const { trial, step, losses } = event;
      const [loss = 0] = losses;
      (state.curves[trial] ??= []).push({ step, loss });
      const grace = flaw === 'judges before the grace period' ? GRACE - 1 : GRACE;
      if (step < grace) return { state, decisions: [] };
      const own = (state.curves[trial] ?? []).map((point) => point.loss ?? 0);
      const best = flaw === 'its latest result, not its best' ? loss : Math.min(...own);
      const means = Object.entries(state.curves).flatMap(([other, curve]) => {
        if ((Number(other) === trial && flaw !== 'counts itself') || (curve.at(-1)?.step ?? 0) < step) return [];
        const all = curve.filter((point) => point.step >= grace && point.step <= step).map((point) => point.loss ?? 0);
        const valid = flaw === 'NaN is averaged' ? all : all.filter((value) => !isWorst(value));
        if (valid.length === 0) return flaw === 'NaN counts as a sample' && all.length > 0 ? [Number.MAX_VALUE] : [];
        return [Math.max(Math.min(...valid), valid.reduce((sum, value) => sum + value, 0) / valid.length)];
      });
      if (means.length < SAMPLES - (flaw === 'one sample too few' ? 1 : 0)) return { state, decisions: [] };
      const line = flaw === 'the mean, not the median' ? means.reduce((sum, mean) => sum + mean / means.length, 0) : median(means);
      const stops = flaw === 'comparison flipped' ? best < line : flaw === 'equals stop' ? best >= line : best > line;
      return { state, decisions: stops ? [{ kind: 'stop', trial, reason: `${best} against ${line}` }] : [] };
    },
  };
}

function median(values: readonly number[]): number {
  const ascending = [...values].sort((a, b) => a - b);
  const place = (ascending.length - 1) / 2;
  const [low = 0, high = 0] = [ascending[Math.floor(place)], ascending[Math.ceil(place)]];
  return low + (high - low) * (place - Math.floor(place));
}
