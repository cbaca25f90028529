import { AttuneError } from '../base/errors.ts';
import { describe } from '../base/options.ts';
import type { Mode, Objective } from '../trial/metrics.ts';

/** What a caller may leave out; types make the wrong combinations impossible, JavaScript does not. */
export interface ObjectiveOptions {
  readonly metric?: string | undefined;
  readonly mode?: Mode | undefined;
}

/**
 * The metric and mode that a call means: its own, else the experiment's.
 *
 * @param where - the function, for the message
 * @throws {AttuneError} `METRIC_INVALID` when no metric or no mode is known; `SEVERAL_OBJECTIVES` when there are several to choose from
 */
export function objectiveFor(where: string, options: ObjectiveOptions, defaults: readonly Objective[]): Objective {
  const { mode } = options;
  if (mode !== undefined && mode !== 'min' && mode !== 'max')
    throw new AttuneError('METRIC_INVALID', `${where}: expected mode 'min' or 'max', got ${describe(mode)}.`);
  if (options.metric !== undefined && typeof options.metric !== 'string')
    throw new AttuneError('METRIC_INVALID', `${where}: expected the name of a metric, got ${describe(options.metric)}.`, { hint: "Write metric: 'loss'." });
  const metric = options.metric ?? soleMetric(where, defaults);
  const known = mode ?? defaults.find((objective) => objective.metric === metric)?.mode;
  if (known === undefined) {
    throw new AttuneError('METRIC_INVALID', `${where}: expected a mode for the metric ${describe(metric)}, got none.`, {
      hint: `Give { metric: ${describe(metric)}, mode: 'min' } or 'max'.`,
    });
  }
  return { metric, mode: known };
}

function soleMetric(where: string, defaults: readonly Objective[]): string {
  const [first, ...others] = defaults;
  if (first === undefined) {
    throw new AttuneError('METRIC_INVALID', `${where}: expected a metric, got none, and the experiment has none.`, {
      hint: "Give { metric: 'loss', mode: 'min' }.",
    });
  }
  if (others.length > 0) {
    const names = defaults.map(({ metric }) => `"${metric}"`).join(', ');
    throw new AttuneError('SEVERAL_OBJECTIVES', `${where}: expected one metric, got the ${defaults.length} of the experiment: ${names}.`, {
      hint: 'Name one: { metric, mode }; or call grid.getBestResults() for the Pareto front.',
    });
  }
  return first.metric;
}
