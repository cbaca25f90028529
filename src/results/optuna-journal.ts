import type { Json, JsonObject } from '../base/json.ts';
import type { Config } from '../space/config.ts';
import { encode } from '../space/encode.ts';
import type { Parameter, Space } from '../space/space.ts';
import { spaceFromJson } from '../space/space.ts';
import type { DecisionRecord, JournalLine } from '../trial/events.ts';
import { flatten, metricAt } from '../trial/metrics.ts';
import { reasonText } from '../trial/outcomes.ts';
import { isAutomatic } from '../trial/row.ts';
import type { ExperimentRecord, TrialRecord } from '../trial/trial-record.ts';
import { lastValue } from './best-result.ts';
import { eachLine } from './journal-rows.ts';
import { numberOf } from './scope.ts';
import type { TrialHistory } from './trial-history.ts';

/** Optuna's numbers for operations, directions and states. */
const CREATE_STUDY = 0;
const CREATE_TRIAL = 4;
const DIRECTIONS = { min: 1, max: 2 } as const;
const STATES = { RUNNING: 0, COMPLETE: 1, PRUNED: 2, FAIL: 3, WAITING: 4 } as const;
const WORKER = { worker_id: 'attune' };

/** The journal that Optuna would have written: one study, and a line for each trial. Cost: reads the journal, and with one objective every history. */
export function optunaJournal(record: ExperimentRecord, histories: readonly TrialHistory[]): string {
  const { name, objectives, space } = record.created;
  const directions = objectives.length === 0 ? [DIRECTIONS.min] : objectives.map(({ mode }) => DIRECTIONS[mode]);
  const study = { op_code: CREATE_STUDY, ...WORKER, study_name: name, directions };
  const [known, courses] = [spaceFromJson(space), coursesOf(record)];
  const distribution = distributions(known, record.trials);
  const trials = histories.map((history) => {
    const course = courses.get(history.trial.id) ?? {};
    return { op_code: CREATE_TRIAL, ...WORKER, study_id: 0, ...outcomeOf(record, history, course), ...paramsOf(known, history.trial.config, distribution) };
  });
  return [study, ...trials].map((line) => `${toPython(line as unknown as Json)}\n`).join('');
}

/** When a trial first started and at last ended, and whether the end was the scheduler's wish before the trial had run its length. */
interface Course {
  readonly from?: number;
  readonly to?: number;
  readonly isPruned?: boolean;
}

/** By the number of the trial. */
function coursesOf(record: ExperimentRecord): ReadonlyMap<number, Course> {
  const courses = new Map<number, Course>();
  const decided = new Map<number, DecisionRecord>();
  eachLine(record, (line: JournalLine) => {
    for (const decision of line.decisions ?? []) if (decision.kind === 'stop') decided.set(Number(decision['trial']), decision);
    if (!('trial' in line)) return;
    const course = courses.get(line.trial) ?? {};
    if (line.kind === 'started') courses.set(line.trial, { from: line.at, ...course });
    if (line.kind === 'completed' || line.kind === 'failed') courses.set(line.trial, { ...course, to: line.at });
    if (line.kind === 'stopped') courses.set(line.trial, { ...course, to: line.at, isPruned: isCutShort(line.by, decided.get(line.trial)) });
  });
  return courses;
}

/** By a scheduler or by hand; not by a stop rule, at the end of what the scheduler gives, or because the trial has said that it is done. */
function isCutShort(by: string, decision: DecisionRecord | undefined): boolean {
  if (by === 'done') return false;
  return decision?.by !== by || !(decision.rule === true || String(decision['reason']).startsWith('reached maxT'));
}

function outcomeOf({ created }: ExperimentRecord, history: TrialHistory, { from, to, isPruned = false }: Course): JsonObject {
  const { trial } = history;
  const { objectives } = created;
  const values = trial.last === undefined ? [] : objectives.map(({ metric }) => lastValue(history, metric) ?? Number.NaN);
  const isWhole = trial.status === 'TERMINATED' && values.length > 0 && values.every((value) => !Number.isNaN(value));
  const state = isWhole
    ? isPruned
      ? STATES.PRUNED
      : STATES.COMPLETE
    : trial.status === 'PENDING'
      ? STATES.WAITING
      : isOpen(trial)
        ? STATES.RUNNING
        : STATES.FAIL;
  const violation = trial.last?.['constraint_violation'];
  return {
    state,
    ...(isWhole && values.length > 1 ? { value: null, values } : { value: isWhole ? (values[0] as number) : null, values: null }),
    datetime_start: from === undefined ? null : isoTime(from),
    ...(to === undefined || isOpen(trial) || trial.status === 'PENDING' ? {} : { datetime_complete: isoTime(to) }),
    intermediate_values: objectives.length === 1 ? curveOf(history, objectives[0]?.metric ?? '') : {},
    user_attrs: attributesOf(trial),
    system_attrs: typeof violation === 'number' ? { constraints: [violation] } : {},
  };
}

const isOpen = ({ status }: TrialRecord): boolean => status === 'RUNNING' || status === 'PAUSED';

/** Microseconds, as Python writes them. */
const isoTime = (at: number): string => new Date(at).toISOString().replace('Z', '000+00:00');

function curveOf({ rows }: TrialHistory, metric: string): JsonObject {
  const values: Record<string, number> = {};
  for (const row of rows) {
    const [step, value] = [row['training_iteration'], numberOf(metricAt(row, metric))];
    if (Number.isSafeInteger(step) && value !== undefined) values[String(step)] = value;
  }
  return values;
}

/** What Optuna has no place for. */
function attributesOf({ name, status, reason, error, config, last = {} }: TrialRecord): JsonObject {
  const { config: _, ...row } = last;
  const metrics = Object.fromEntries(Object.entries(flatten(row)).filter(([key]) => !isAutomatic(key)));
  return {
    ...{ trial_id: name, status, config, metrics },
    ...(reason ? { reason: reasonText(reason) } : {}),
    ...(error ? { error: `${error.name}: ${error.message}` } : {}),
  };
}

type Distributions = ReadonlyMap<Parameter, string>;

/** Of every parameter, as JSON within JSON. A normal distribution, which Optuna lacks, becomes the range of the values that were tried. */
function distributions(space: Space, trials: readonly TrialRecord[]): Distributions {
  const tried = trials.map(({ config }) => encode(space, config));
  return new Map(
    space.parameters.map((parameter, i) => {
      const values = tried.flatMap((encoded) => (Number.isNaN(encoded[i]) ? [] : [encoded[i] as number]));
      return [parameter, toPython(distributionOf(parameter, values))];
    }),
  );
}

function distributionOf({ domain }: Parameter, tried: readonly number[]): Json {
  const float = (low: number, high: number, step: number | null, log: boolean): Json => ({ name: 'FloatDistribution', attributes: { step, low, high, log } });
  const int = (low: number, high: number, step: number, log: boolean): Json => ({ name: 'IntDistribution', attributes: { log, step, low, high } });
  switch (domain.kind) {
    case 'uniform':
    case 'loguniform':
      return float(domain.lower, domain.upper, null, domain.kind === 'loguniform');
    case 'quniform':
      return float(domain.lower, domain.upper, domain.q, false);
    case 'qloguniform':
      return float(domain.lower, domain.upper, null, true); // there, logarithms take no step
    case 'randint':
    case 'lograndint':
      return int(domain.lower, domain.upper - 1, 1, domain.kind === 'lograndint');
    case 'qrandint':
      return int(domain.lower, domain.upper, domain.q, false);
    case 'qlograndint':
      return int(domain.lower, domain.upper, 1, true);
    case 'randn':
    case 'qrandn':
      return float(
        least(tried, domain.mean),
        -least(
          tried.map((value) => -value),
          -domain.mean,
        ),
        null,
        false,
      );
    default:
      return { name: 'CategoricalDistribution', attributes: { choices: domain.options.map(choiceOf) } };
  }
}

const least = (values: readonly number[], otherwise: number): number => values.reduce((low, value) => Math.min(low, value), values[0] ?? otherwise);

/** Optuna's choices are null, booleans, numbers and texts. */
const choiceOf = (option: unknown): Json => (typeof option === 'object' && option !== null ? JSON.stringify(option) : (option as Json));

/** The parameters that a configuration has: numbers as they are, for a choice the number of the option. */
function paramsOf(space: Space, config: Config, all: Distributions): JsonObject {
  const encoded = encode(space, config);
  const present = space.parameters.filter((_, i) => !Number.isNaN(encoded[i]));
  const valueOf = (parameter: Parameter): number => {
    const number = encoded[space.parameters.indexOf(parameter)] as number;
    if (!parameter.range.log) return number;
    const exact = parameter.path.split('/').reduce<Json | undefined>((value, key) => (value as Record<string, Json> | undefined)?.[key], config);
    return typeof exact === 'number' ? exact : Math.exp(number);
  };
  return {
    params: Object.fromEntries(present.map((parameter) => [parameter.name, valueOf(parameter)])),
    distributions: Object.fromEntries(present.map((parameter) => [parameter.name, all.get(parameter) as string])),
  };
}

/** JSON as Python writes and reads it: with `NaN`, `Infinity` and `-Infinity`. */
function toPython(value: Json | undefined): string {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(toPython).join(',')}]`;
  return `{${Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .map(([key, inner]) => `${JSON.stringify(key)}:${toPython(inner)}`)
    .join(',')}}`;
}
