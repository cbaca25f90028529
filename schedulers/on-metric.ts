import { AttuneError } from '../src/base/errors.ts';
import { describe } from '../src/base/options.ts';
import { checkPart, partRecord } from '../src/schedule/compose.ts';
import type { ScheduleContext, Scheduler } from '../src/schedule/scheduler.ts';

/**
 * A scheduler for one metric, in an experiment that has several: it is told of the losses of `metric` alone, as if there were
 * no other. Its decisions say so: `by` is `asha on latency`.
 *
 * @param metric - one of those of `tuneConfig`
 * @throws {AttuneError} `OPTION_RANGE` unless `metric` is a name and `scheduler` is one; `METRIC_INVALID` in `new Tuner` unless the experiment has
 * this metric; what the `check` of the scheduler throws
 * @see docs/schedulers/composition.md
 * @example
 * import type { TuneConfig } from 'attune';
 * import { asha, onMetric } from 'attune/schedulers';
 *
 * const objectives = { metric: ['loss', 'latency'], mode: ['min', 'min'] } as const;
 * const tuneConfig: TuneConfig = { scheduler: onMetric('loss', asha({ maxT: 64 })), ...objectives };
 */
export function onMetric<S>(metric: string, scheduler: Scheduler<S>): Scheduler<S> {
  if (typeof metric !== 'string' || metric === '') {
    throw new AttuneError('OPTION_RANGE', `onMetric: expected the name of a metric, got ${describe(metric)}.`, { hint: "Write onMetric('loss', asha())." });
  }
  checkPart('onMetric', scheduler);
  const alone = <C extends Omit<ScheduleContext, 'rng'>>(setup: C): C => ({ ...setup, objectives: 1, metrics: [metric] });
  return {
    name: 'onMetric',
    options: { metric, scheduler: partRecord(scheduler as Scheduler) },
    uses: scheduler.uses,
    ...(scheduler.needs ? { needs: scheduler.needs } : {}),
    check(setup) {
      placeOf(metric, setup);
      scheduler.check?.(alone(setup));
    },
    init: () => scheduler.init(),
    decide(state, event, context) {
      const told = event.kind === 'reported' ? { ...event, losses: event.losses.slice(placeOf(metric, context)).slice(0, 1) } : event;
      const outcome = scheduler.decide(state, told, alone(context));
      if (outcome.decisions.length === 0) return outcome;
      return { ...outcome, by: outcome.decisions.map((_, i) => `${outcome.by?.[i] ?? scheduler.name} on ${metric}`) };
    },
  };
}

/** Where among the losses the metric is. */
function placeOf(metric: string, { metrics, objectives }: Omit<ScheduleContext, 'rng'>): number {
  const place = metrics?.indexOf(metric) ?? (objectives === 1 ? 0 : -1);
  if (place >= 0) return place;
  const has = metrics === undefined || metrics.length === 0 ? 'none' : metrics.map(describe).join(', ');
  throw new AttuneError('METRIC_INVALID', `onMetric: expected one of the metrics of tuneConfig, which has ${has}, got ${describe(metric)}.`, {
    hint: 'Add it to tuneConfig.metric, with its mode.',
  });
}
