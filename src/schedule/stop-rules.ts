import { AttuneError } from '../base/errors.ts';
import { compileExpression } from '../base/expression.ts';
import type { Json } from '../base/json.ts';
import { checkNumber, checkOptions, describe } from '../base/options.ts';
import type { TrialId } from '../trial/ids.ts';
import type { Mode, Objective } from '../trial/metrics.ts';
import { askEach, checkStopsOnly, strongest, together } from './compose.ts';
import { type Reported, reportedValue } from './reported-value.ts';
import type { Scheduler } from './scheduler.ts';

/** Stops a trial when any of its metrics is at or above its threshold. Nested metrics are written `eval/loss`. */
export type StopThresholds = Readonly<Record<string, number>>;
/** Stops a trial when the metric is at or below `value` (mode `'min'`), or at or above it (`'max'`). */
export interface StopAt {
  readonly metric: string;
  readonly mode: Mode;
  readonly value: number;
}
/** Stops a trial when it returns true. `metrics` are the numbers of the report, nested ones under `eval/loss`. Not stored with the experiment. */
export type StopFunction = (trialId: string, metrics: Readonly<Record<string, number>>) => boolean;
/** A string is an expression such as `"loss < 0.01 or training_iteration >= 100"`; nested metrics are written `eval.loss`. */
export type StopRule = StopThresholds | StopAt | string | StopFunction | Scheduler;

export interface StopRulesOptions {
  /** Used to notice a threshold that was meant as an upper bound. */
  readonly objectives: readonly Objective[];
  /** The public id that stop functions are given. Default: the number as text. */
  readonly trialName?: (trial: TrialId) => string;
}

/** What one rule makes of one report: why the trial stops, if it does, and what the user should know. */
interface Verdict {
  readonly reason?: string | undefined;
  readonly warnings?: readonly Warning[];
}
/** `about` tells warnings of one rule apart: each comes once. */
interface Warning {
  readonly about: string;
  readonly text: string;
}
/** `first` is true for the first report of the experiment. */
type Judge = (event: Reported, first: boolean) => Verdict;

/** What a rule keeps: whether it has seen a report, and what it has warned about. */
interface RuleState {
  readonly reported: boolean;
  readonly warned: readonly string[];
}

interface Part {
  readonly record: Json;
  readonly scheduler: Scheduler;
}

/**
 * One rule or several, of which any stops, as a scheduler; of several that stop a trial at once the first is the reason. A comparison with a metric that a report lacks, or that is NaN,
 * is false; each rule warns once for each such metric. A scheduler among the rules must only stop.
 * As `options` it records its rules, functions as `{ function: true }`.
 *
 * @throws {AttuneError} `OPTION_RANGE` or `OPTION_UNKNOWN` for a rule that is none, `EXPRESSION_INVALID`, `SCHEDULER_UNSUPPORTED`
 */
export function stopRules(rules: StopRule | readonly StopRule[], options: StopRulesOptions): Scheduler<readonly unknown[]> {
  const parts = (isList(rules) ? rules : [rules]).map((rule) => asPart(rule, options));
  const schedulers = parts.map(({ scheduler }) => scheduler);
  return {
    name: 'stop',
    options: parts.map(({ record }) => record),
    uses: [...new Set(['stop' as const, ...schedulers.flatMap(({ uses }) => uses)])],
    needs: schedulers.flatMap(({ needs = [] }) => needs),
    check: (setup) => schedulers.forEach((scheduler) => scheduler.check?.(setup)),
    init: () => schedulers.map((scheduler) => scheduler.init()),
    decide(state, event, context) {
      const outcomes = askEach(schedulers, state, event, context);
      return together(outcomes, strongest(outcomes));
    },
  };
}

const isList = (rules: StopRule | readonly StopRule[]): rules is readonly StopRule[] => Array.isArray(rules);

function asPart(rule: StopRule, options: StopRulesOptions): Part {
  if (typeof rule === 'string') return { record: rule, scheduler: asScheduler(byExpression(rule)) };
  if (typeof rule === 'function') return { record: { function: true }, scheduler: asScheduler(byFunction(rule, options.trialName ?? String)) };
  if (typeof rule !== 'object' || rule === null || Array.isArray(rule)) {
    throw new AttuneError(
      'OPTION_RANGE',
      `stop: expected thresholds, { metric, mode, value }, an expression, a function or a scheduler, got ${describe(rule)}.`,
    );
  }
  if (isScheduler(rule)) {
    checkStopsOnly('stop', rule);
    return { record: { scheduler: rule.name, options: rule.options ?? null }, scheduler: rule };
  }
  return { record: { ...rule }, scheduler: asScheduler(isStopAt(rule) ? byValue(rule) : byThresholds(rule, options.objectives)) };
}

export const isScheduler = (rule: StopThresholds | StopAt | Scheduler): rule is Scheduler => 'decide' in rule && typeof rule.decide === 'function';
export const isStopAt = (rule: StopThresholds | StopAt): rule is StopAt => typeof rule.metric === 'string';

function asScheduler(judge: Judge): Scheduler {
  const scheduler: Scheduler<RuleState> = {
    name: 'stop',
    uses: ['stop'],
    init: () => ({ reported: false, warned: [] }),
    decide(state, event) {
      if (event.kind !== 'reported') return { state, decisions: [] };
      const { reason, warnings = [] } = judge(event, !state.reported);
      const fresh = warnings.filter(({ about }) => !state.warned.includes(about));
      return {
        state: state.reported && fresh.length === 0 ? state : { reported: true, warned: [...state.warned, ...fresh.map(({ about }) => about)] },
        decisions: reason === undefined ? [] : [{ kind: 'stop', trial: event.trial, reason }],
        ...(fresh.length > 0 ? { warnings: fresh.map(({ text }) => text) } : {}),
      };
    },
  };
  return scheduler;
}

function byThresholds(thresholds: StopThresholds, objectives: readonly Objective[]): Judge {
  for (const [key, threshold] of Object.entries(thresholds)) {
    if (typeof threshold === 'object' && threshold !== null) {
      const hint = `Write nested metrics with a slash: { '${key}/${Object.keys(threshold)[0] ?? 'name'}': … }.`;
      throw new AttuneError('OPTION_RANGE', `stop: expected a number as the threshold of "${key}", got ${describe(threshold)}.`, { hint });
    }
    checkNumber('stop', `the threshold of "${key}"`, threshold, 'a finite number', Number.isFinite);
  }
  const entries = Object.entries(thresholds);
  return (event, first) => {
    const met = entries.filter(([key, threshold]) => (reportedValue(event, key) ?? NaN) >= threshold);
    const [reached] = met.map(([key, threshold]) => `${key} ${reportedValue(event, key)} >= ${threshold}`);
    const backwards = first ? met.filter(([key]) => objectives.some(({ metric, mode }) => metric === key && mode === 'min')) : [];
    const warnings = [...missing(event, Object.keys(thresholds)), ...backwards.map(([key, threshold]) => isBackwards(key, threshold, event))];
    return { reason: reached, warnings };
  };
}

function isBackwards(key: string, threshold: number, event: Reported): Warning {
  const text = `stop: { ${JSON.stringify(key)}: ${threshold} } stops at ${key} >= ${threshold}, which the first report (${reportedValue(event, key)}) already meets, while mode is 'min'.`;
  return { about: `backwards ${key}`, text: `${text} To stop at or below it, write { metric: ${JSON.stringify(key)}, mode: 'min', value: ${threshold} }.` };
}

function byValue(rule: StopAt): Judge {
  checkOptions('stop', rule, ['metric', 'mode', 'value']);
  const { metric, mode, value } = rule;
  if (mode !== 'min' && mode !== 'max') throw new AttuneError('OPTION_RANGE', `stop: expected mode 'min' or 'max' for "${metric}", got ${describe(mode)}.`);
  checkNumber('stop', `the value for "${metric}"`, value, 'a finite number', Number.isFinite);
  return (event) => {
    const now = reportedValue(event, metric) ?? NaN;
    const isMet = mode === 'min' ? now <= value : now >= value;
    return { reason: isMet ? `${metric} ${now} ${mode === 'min' ? '<=' : '>='} ${value}` : undefined, warnings: missing(event, [metric]) };
  };
}

function byExpression(text: string): Judge {
  const expression = compileExpression(text);
  const keys = expression.names.map((name) => name.replaceAll('.', '/'));
  return (event) => {
    const value = expression.evaluate((key) => reportedValue(event, key));
    const warnings = typeof value === 'boolean' ? [] : [isNoAnswer(`the expression ${JSON.stringify(text)}`, value)];
    return { reason: value === true ? `${text} is true` : undefined, warnings: [...missing(event, keys), ...warnings] };
  };
}

function byFunction(rule: StopFunction, trialName: (trial: TrialId) => string): Judge {
  const who = rule.name === '' || rule.name === 'stop' ? 'the stop function' : `the stop function ${rule.name}`;
  return (event) => {
    const value: unknown = rule(trialName(event.trial), event.metrics);
    return { reason: value === true ? `${who} returned true` : undefined, warnings: typeof value === 'boolean' ? [] : [isNoAnswer(who, value)] };
  };
}

function isNoAnswer(who: string, value: unknown): Warning {
  return { about: 'answer', text: `stop: expected true or false from ${who}, got ${describe(value)}; that stops nobody.` };
}

function missing(event: Reported, keys: readonly string[]): readonly Warning[] {
  const lacking = keys.filter((key) => Number.isNaN(reportedValue(event, key) ?? NaN));
  return lacking.map((key) => {
    const got = Object.hasOwn(event.metrics, key) ? 'is NaN' : 'is missing or no number';
    return { about: `missing ${key}`, text: `stop: the metric "${key}" of a stop rule ${got} in a report; comparisons with it are false.` };
  });
}
