import { decodeJson, encodeJson } from '../../base/json.ts';
import type { Decision, ScheduleContext, Scheduler, SchedulerEvent } from '../../schedule/scheduler.ts';
import type { JournalLine } from '../../trial/events.ts';
import { type TrialId, trialId } from '../../trial/ids.ts';
import { replay } from '../../tuner/restore.ts';
import { bare, broken, type Law, sound } from './law.ts';
import { eachReport, type FullWorld, METRIC } from './law-world.ts';
import { same } from './lifecycle.ts';
import { type Play, type PlayOptions, retell, type Told } from './play.ts';
import type { Subject } from './subject.ts';

/** Everything that was told and decided, without reasons and losses. */
export const courseOf = (played: Play): readonly string[] => played.told.map(({ event, decisions }) => `${eventInWords(event)}: ${bare(decisions)}`);

const eventInWords = (event: SchedulerEvent): string =>
  ['trial' in event ? `trial ${event.trial}` : '', event.kind, 'step' in event ? `at step ${event.step}` : ''].filter(Boolean).join(' ');

const decisionsIn = (told: readonly Told[], made: readonly (readonly Decision[])[]): readonly string[] =>
  told.map(({ event }, i) => `${eventInWords(event)}: ${bare(made[i] ?? [])}`);

/** The course of the world, and of a changed one: the same. */
async function sameCourse(subject: Subject, world: FullWorld, changed: FullWorld, what: string, options?: PlayOptions): Promise<void> {
  const [a, b] = [await sound(subject, world), await sound(subject, changed, options)];
  if (a && b) same(courseOf(a), courseOf(b), what);
}

const B1: Law = {
  name: 'B1',
  law: 'Minimising a metric and maximising its negative are the same, decision by decision.',
  async holds(subject, world) {
    const negated = eachReport({ ...world, mode: world.mode === 'min' ? 'max' : 'min' }, (report) => ({ ...report, value: -report.value }));
    await sameCourse(subject, world, negated, 'as in the other mode');
  },
};

/** Ids that no step and no time of these worlds reaches, so that a key of a draw can be told apart. */
const FIRST_ID = 1009;
const renamed = (trial: TrialId): TrialId => trialId(FIRST_ID + 7 * trial);
const original = (key: string | number): string | number => (typeof key === 'number' && key >= FIRST_ID ? (key - FIRST_ID) / 7 : key);

const B4: Law = {
  name: 'B4',
  law: 'Other trial ids in the same order change the ids in the decisions, and nothing else.',
  async holds(subject, world) {
    const tied = eachReport(world, (report) => ({ ...report, value: Math.trunc(report.value) % 3 })); // where ids matter
    const played = await sound(subject, tied);
    if (played === undefined) return;
    const others = played.told.map(({ event, context }) => ({
      event: 'trial' in event ? { ...event, trial: renamed(event.trial) } : event,
      context: { ...context, rng: (...key) => context.rng(...key.map(original)) } satisfies ScheduleContext,
    }));
    const made = retell(subject.make({ metric: METRIC, mode: world.mode }), others).map((decisions) => decisions.map(backAgain));
    same(courseOf(played), decisionsIn(played.told, made), 'but for ids');
  },
};

function backAgain(decision: Decision): Decision {
  if (decision.kind === 'end') return decision;
  const trial = original(decision.trial) as TrialId;
  return decision.kind === 'exploit' ? { ...decision, trial, from: original(decision.from) as TrialId } : { ...decision, trial };
}

const EXTRA = { 'a b': 1, nested: { loss: 3, [METRIC]: -7 }, note: 'text', none: null, list: [1, 2], diverged: Number.NaN, step: -1, trial: 0 };

const B7: Law = {
  name: 'B7',
  law: 'Metrics that nobody asked for change nothing.',
  holds: (subject, world) => sameCourse(subject, world, world, 'as without them', { extra: EXTRA }),
};

const B8: Law = {
  name: 'B8',
  law: 'Its state is all that it remembers, and survives JSON: a new scheduler goes on from the text of it at every event; so does a replay of the journal.',
  async holds(subject, world) {
    const played = await sound(subject, world);
    if (played === undefined) return;
    const make = (): Scheduler => subject.make({ metric: METRIC, mode: world.mode });
    let text = textOf(make().init());
    const made = played.told.map(({ event, context }) => {
      const outcome = make().decide(JSON.parse(text), event, context);
      text = textOf(outcome.state);
      return outcome.decisions;
    });
    same(courseOf(played), decisionsIn(played.told, made), 'with the state as it was');
    const lines = played.lines.map((line) => decodeJson(encodeJson(line)) as unknown as JournalLine);
    replay(lines, { space: subject.space, scheduler: make() });
  },
};

function textOf(state: unknown): string {
  const text: unknown = JSON.stringify(state);
  return typeof text === 'string' ? text : broken('a state that JSON can hold', String(state));
}

const H2: Law = {
  name: 'H2',
  law: 'The same events give the same decisions, with the clock and Math.random out of order.',
  async holds(subject, world) {
    const played = await sound(subject, world);
    if (played === undefined) return;
    const made = withoutChance(() => retell(subject.make({ metric: METRIC, mode: world.mode }), played.told));
    same(courseOf(played), decisionsIn(played.told, made), 'again');
  },
};

/** Runs `act`, which must not wait, while whoever asks for a time or a number out of nowhere gets an error. */
export function withoutChance<T>(act: () => T): T {
  const { Math: maths, performance: timer, Date: date } = globalThis;
  const { random } = maths;
  const { now } = timer;
  const refuse = (what: string) => (): never => broken('draws from context.rng, and no clock', `a call of ${what}`);
  try {
    maths.random = refuse('Math.random');
    timer.now = refuse('performance.now');
    globalThis.Date = Object.assign(refuse('Date'), { now: refuse('Date.now'), parse: date.parse, UTC: date.UTC }) as unknown as DateConstructor;
    return act();
  } finally {
    globalThis.Date = date;
    maths.random = random;
    timer.now = now;
  }
}

/** For every scheduler: what must not matter to it. */
export const symmetryLaws: readonly Law[] = [B1, B4, B7, B8, H2];

const B2: Law = {
  name: 'B2',
  law: 'Only ranks count: any strictly increasing change of the metric leaves every decision.',
  async holds(subject, world) {
    const values = world.trials.flatMap((trial) => trial.map(({ value }) => value)).filter(Number.isFinite);
    const ranks = new Map([...new Set(values.map((value) => value + 0))].sort((a, b) => a - b).map((value, i) => [value, (i + 1) ** 3 - 50]));
    await sameCourse(
      subject,
      world,
      eachReport(world, (report) => ({ ...report, value: ranks.get(report.value + 0) ?? report.value })),
      'as before the change',
    );
  },
};

const B6: Law = {
  name: 'B6',
  law: 'When everything takes four times as long, nothing else changes.',
  skips: ({ timeAttr }) => (timeAttr?.startsWith('time_') ? `its time is ${timeAttr}, a duration` : undefined),
  holds: (subject, world) =>
    sameCourse(
      subject,
      world,
      eachReport(world, (report) => ({ ...report, seconds: 4 * report.seconds })),
      'as at the first speed',
    ),
};

/** For families: those that rank, and those that go by progress. */
export const [ranksOnly, anySpeed] = [B2, B6] as const;
