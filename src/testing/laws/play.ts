import type { JsonObject } from '../../base/json.ts';
import { rng } from '../../base/rng.ts';
import type { Happening, World } from '../../execute/simulated.ts';
import type { Decision, ScheduleContext, Scheduler, SchedulerEvent } from '../../schedule/scheduler.ts';
import type { History } from '../../search/history.ts';
import type { Searcher } from '../../search/searcher.ts';
import type { Config } from '../../space/config.ts';
import { sample } from '../../space/sample.ts';
import type { JournalLine } from '../../trial/events.ts';
import type { Experiment } from '../../tuner/experiment.ts';
import { problemOf } from '../../tuner/plugin-failed.ts';
import { type Simulation, simulate } from '../../tuner/simulate.ts';
import { type FullWorld, METRIC } from './law-world.ts';
import { isTimed, type Subject } from './subject.ts';

/** One call of `decide`. */
export interface Told {
  readonly event: SchedulerEvent;
  readonly context: ScheduleContext;
  readonly decisions: readonly Decision[];
}

export type Reported = Extract<SchedulerEvent, { kind: 'reported' }>;

/** What happened when a scheduler was tried in a world: the real loop and the real fold, in virtual time. */
export interface Play {
  readonly world: FullWorld;
  /** Every event that the scheduler was told, in order, and what it made of it. */
  readonly told: readonly Told[];
  readonly lines: readonly JournalLine[];
  readonly experiment: Experiment;
  /** It threw, or it went on for so long that it will never end; what is there is what came before. */
  readonly problem: { readonly kind: 'threw' | 'endless'; readonly message: string } | undefined;
}

export interface PlayOptions {
  /** Metrics that every report has too. */
  readonly extra?: JsonObject;
  /** Called with each configuration that the scheduler is shown, before it is: may hand over another object. */
  readonly show?: (config: Config) => Config;
  readonly startup?: World['startup'];
}

/** How many times the reports of a world a scheduler may be told before it counts as endless: an exploit repeats steps. */
const PATIENCE = 20;

export async function play(subject: Subject, world: FullWorld, options: PlayOptions = {}): Promise<Play> {
  const told: Told[] = [];
  const most = 200 + PATIENCE * world.trials.reduce((sum, trial) => sum + trial.length + 4, 0);
  let isEndless = false;
  const inner = subject.make({ metric: METRIC, mode: world.mode });
  const scheduler: Scheduler = {
    name: inner.name,
    uses: inner.uses,
    init: () => inner.init(),
    decide(state, event, context) {
      isEndless ||= told.length >= most;
      if (isEndless) throw new Error(`told of ${most} events, and still there is no end`);
      const shown = event.kind === 'queued' && options.show ? { ...event, config: options.show(event.config) } : event;
      const decisions: Decision[] = [];
      told.push({ event, context, decisions }); // before it throws, for then this is the event that matters
      const outcome = inner.decide(state, shown, context);
      if (Array.isArray(outcome?.decisions)) decisions.push(...outcome.decisions);
      return outcome;
    },
  };
  const { lines, experiment } = await simulate(simulationOf(subject, world, scheduler, options));
  const { fault } = experiment;
  return { world, told, lines, experiment, problem: fault && { kind: isEndless ? 'endless' : 'threw', message: numbered(problemOf(fault), experiment) } };
}

/** With the number of each trial in place of its name, which says nothing here. */
const numbered = (text: string, { rows }: Experiment): string => rows.reduce((changed, { id, name }) => changed.replaceAll(name, String(id)), text);

function simulationOf(subject: Subject, world: FullWorld, scheduler: Scheduler, options: PlayOptions): Simulation {
  const { space, objectives } = subject;
  const { mode, workers, seed, retries, saveEvery, trials } = world;
  const names = [METRIC, ...Array.from({ length: Math.max(0, objectives - 1) }, (_, i) => `${METRIC}${i + 2}`)];
  return {
    space,
    objectives: names.slice(0, objectives).map((metric) => ({ metric, mode })),
    samples: trials.length,
    seed,
    workers,
    scheduler,
    searcher: listed(world),
    world: { report: reporter(subject, world, options.extra), ...(options.startup ? { startup: options.startup } : {}) },
    maxFailures: retries,
    checkpoints: { frequency: saveEvery, atEnd: false },
  };
}

/** Proposes one configuration for each trial of the world; where it can, it says with the last one that it is that. */
function listed({ seed, trials, inFlight }: FullWorld): Searcher {
  return {
    name: 'listed',
    suggest({ index, space, history }) {
      if (index >= trials.length) return { kind: 'done' };
      if (inFlight !== undefined && liveIn(history) >= inFlight) return { kind: 'wait' };
      const config = sample(space, rng(seed).fork('config', index));
      return { kind: 'config', config, ...(trials.length % 2 === 0 && index === trials.length - 1 ? { last: true as const } : {}) };
    },
  };
}

/** One that was exploited has left the history, and ends there never. */
const liveIn = (history: History): number =>
  Array.from({ length: history.length }, (_, row) => history.at(row)).filter(({ state }) => state === 'running').length;

/** The reports of the world as its trials come to them; how often each has failed where is counted. */
function reporter(subject: Subject, { trials }: FullWorld, extra: JsonObject = {}): World['report'] {
  const { timeAttr, objectives } = subject;
  const failed = new Map<string, number>();
  return ({ trial }, step): Happening | undefined => {
    const report = trials[trial]?.[step - 1];
    if (report === undefined) return undefined;
    const { value, seconds, fails, time = step, missing } = report;
    const key = `${trial} ${step}`;
    const failures = failed.get(key) ?? 0;
    if (failures < fails) {
      failed.set(key, failures + 1);
      return { seconds, fails: `it fails before its report ${step}` };
    }
    const others = Object.fromEntries(Array.from({ length: Math.max(0, objectives - 1) }, (_, i) => [`${METRIC}${i + 2}`, -value * (i + 1)]));
    const metrics = {
      ...extra,
      ...(missing ? {} : { [METRIC]: value, ...others }),
      ...(timeAttr !== undefined && isTimed(subject) ? { [timeAttr]: time } : {}),
    };
    return { seconds, metrics };
  };
}

/** Tells a new scheduler the same events again, without a loop: what it makes of each. `told` may have been changed. */
export function retell(scheduler: Scheduler, told: readonly Pick<Told, 'event' | 'context'>[]): readonly (readonly Decision[])[] {
  let state = scheduler.init();
  return told.map(({ event, context }) => {
    const outcome = scheduler.decide(state, event, context);
    state = outcome.state;
    return outcome.decisions;
  });
}

/** How far a trial says it is. */
export function timeOf({ timeAttr }: Subject, { step, metrics }: Reported): number {
  return timeAttr === undefined || timeAttr === 'training_iteration' ? step : (metrics[timeAttr] ?? Number.NaN);
}
