import type { Decision, ScheduleContext, SchedulerEvent } from '../../schedule/scheduler.ts';
import { type TrialId, trialId } from '../../trial/ids.ts';
import { isWorst, WORST } from '../../trial/metrics.ts';
import { betterIsNoWorse } from './better-is-no-worse.ts';
import { bare, broken, inWords, type Law, sound } from './law.ts';
import { eachReport, type FullWorld, METRIC } from './law-world.ts';
import { same } from './lifecycle.ts';
import { type Play, type Reported, retell, type Told, timeOf } from './play.ts';
import { numberOption, type Subject } from './subject.ts';
import { anySpeed } from './symmetry.ts';

interface Point {
  readonly time: number;
  readonly loss: number;
}

/** Every report with a time, with what was reported before it by trial, its own included. */
async function* reports(
  subject: Subject,
  world: FullWorld,
): AsyncGenerator<Told & { readonly event: Reported; readonly time: number; readonly curves: ReadonlyMap<TrialId, readonly Point[]> }> {
  const played = await sound(subject, world);
  const curves = new Map<TrialId, Point[]>();
  for (const told of played?.told ?? []) {
    const { event } = told;
    if (event.kind !== 'reported') continue;
    const time = timeOf(subject, event);
    if (!Number.isFinite(time)) continue;
    curves.set(event.trial, [...(curves.get(event.trial) ?? []), { time, loss: event.losses[0] ?? WORST }]);
    yield { ...told, event, time, curves };
  }
}

const stopIn = (decisions: readonly Decision[], trial: TrialId): Decision | undefined => decisions.find((one) => one.kind === 'stop' && one.trial === trial);

const graceOf = (subject: Subject): number => numberOption(subject, 'gracePeriod') ?? 0;
const samplesOf = (subject: Subject): number => numberOption(subject, 'minSamplesRequired') ?? 1;

const E1: Law = {
  name: 'E1',
  law: 'Nobody is stopped before gracePeriod, nor before minSamplesRequired other trials have come as far.',
  async holds(subject, world) {
    for await (const { event, decisions, time, curves } of reports(subject, world)) {
      const stop = stopIn(decisions, event.trial);
      if (stop === undefined) continue;
      const others = [...curves].filter(([trial, curve]) => trial !== event.trial && (curve.at(-1)?.time ?? 0) >= time).length;
      if (time < graceOf(subject)) broken(`trial ${event.trial} to go on at ${time}, before gracePeriod ${graceOf(subject)}`, inWords(stop));
      if (others < samplesOf(subject)) broken(`trial ${event.trial} to go on with ${others} others at ${time}`, inWords(stop));
    }
  },
};

const E2: Law = {
  name: 'E2',
  law: 'The trial with the best result of all is never stopped.',
  async holds(subject, world) {
    for await (const { event, decisions, curves } of reports(subject, world)) {
      const best = (trial: TrialId): number => Math.min(...(curves.get(trial) ?? []).map(({ loss }) => loss));
      const own = best(event.trial);
      const stop = stopIn(decisions, event.trial);
      if (stop && !isWorst(own) && [...curves.keys()].every((trial) => own <= best(trial)))
        broken(`trial ${event.trial}, with the best result ${own}, to go on`, inWords(stop));
    }
  },
};

/** The events with one more trial among them, that reports nothing but NaN, before every report of another. */
function withSick(subject: Subject, { told, world }: Play): readonly Told[] {
  const trial = trialId(world.trials.length);
  const tell = (event: SchedulerEvent, context: ScheduleContext): Told => ({ event, context, decisions: [] });
  let step = 0;
  return told.flatMap((one, i) => {
    const { event, context } = one;
    const first = i === 0 ? [tell({ kind: 'queued', trial, config: {} }, context), tell({ kind: 'started', trial, step: 0 }, context)] : [];
    if (event.kind !== 'reported') return [...first, one];
    step += 1;
    const { timeAttr } = subject;
    const metrics = { [METRIC]: Number.NaN, ...(timeAttr === undefined ? {} : { [timeAttr]: 1000 + step }) };
    return [...first, tell({ kind: 'reported', trial, step: 1000 + step, losses: [WORST], metrics }, context), one];
  });
}

const E3: Law = {
  name: 'E3',
  law: 'A trial that reports nothing but NaN is no yardstick: with it, everybody else fares as without it.',
  async holds(subject, world) {
    const played = await sound(subject, world);
    if (played === undefined) return;
    const told = withSick(subject, played);
    const made = retell(subject.make({ metric: METRIC, mode: world.mode }), told);
    const others = told.flatMap(({ event }, i) => ('trial' in event && event.trial >= world.trials.length ? [] : [bare(made[i] ?? [])]));
    same(
      played.told.map(({ decisions }) => bare(decisions)),
      others,
      'as without it',
    );
  },
};

const E4: Law = {
  name: 'E4',
  law: 'As long as all results are equal nobody is stopped.',
  async holds(subject, world) {
    const alike = eachReport(world, (report) => ({ ...report, value: 0.1 }));
    for await (const { event, decisions } of reports(subject, alike)) {
      const stop = stopIn(decisions, event.trial);
      if (stop) broken(`trial ${event.trial} to go on, as good as all others`, inWords(stop));
    }
  },
};

/** The value at a percentile, between two of them by a straight line. */
function percentileOf(values: readonly number[], percentile: number): number {
  const ascending = [...values].sort((a, b) => a - b);
  const place = ((ascending.length - 1) * percentile) / 100;
  const [low = 0, high = 0] = [ascending[Math.floor(place)], ascending[Math.ceil(place)]];
  return low + (high - low) * (place - Math.floor(place));
}

const E7: Law = {
  name: 'E7',
  law: 'It decides as the slow oracle: a trial is stopped when its best result is worse than the percentile of the means of those that have come as far.',
  skips: (subject) => ((numberOption(subject, 'interval') ?? 0) > 0 ? 'it looks at trials once in each interval only' : undefined),
  async holds(subject, world) {
    const grace = graceOf(subject);
    const percentile = numberOption(subject, 'percentile') ?? 50;
    const calm = eachReport(world, (report) => ({
      ...report,
      fails: 0,
      value: Number.isFinite(report.value) ? 8 * Math.trunc(report.value % 1e6) : report.value,
    }));
    for await (const { event, decisions, time, curves } of reports(subject, calm)) {
      const own = Math.min(...(curves.get(event.trial) ?? []).map(({ loss }) => loss));
      const means = [...curves].flatMap(([trial, curve]) => {
        const valid = curve.filter((point) => point.time >= grace && point.time <= time && !isWorst(point.loss)).map(({ loss }) => loss);
        const isThere = trial !== event.trial && (curve.at(-1)?.time ?? 0) >= time && valid.length > 0;
        return isThere ? [valid.reduce((sum, loss) => sum + loss, 0) / valid.length] : [];
      });
      if (time < grace || means.length < samplesOf(subject)) continue;
      const line = percentileOf(means, percentile);
      const stop = stopIn(decisions, event.trial);
      const isClose = Math.abs(own - line) < 1e-9 * (1 + Math.abs(line)); // by rounding it may lie on either side
      if (!isClose && own > line !== (stop !== undefined))
        broken(
          `trial ${event.trial}, with ${own} against ${line} of ${means.length} others, ${own > line ? 'to be stopped' : 'to go on'}`,
          stop ? inWords(stop) : 'no stop',
        );
    }
  },
};

/** The median rule and other percentiles. Their options are read from `scheduler.options`. */
export const medianLaws: readonly Law[] = [anySpeed, betterIsNoWorse, E1, E2, E3, E4, E7];
