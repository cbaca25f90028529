import { isWorst, WORST } from '../../base/worst.ts';
import type { Decision, ScheduleContext, SchedulerEvent } from '../../schedule/scheduler.ts';
import { type TrialId, trialId } from '../../trial/ids.ts';
import { type PercentileOpinion, percentileOracle } from '../oracles/median.ts';
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
    const metrics = { [METRIC]: Number.NaN, ...(timeAttr === undefined ? {} : { [timeAttr]: step }) };
    return [...first, tell({ kind: 'reported', trial, step, losses: [WORST], metrics }, context), one];
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

const E7: Law = {
  name: 'E7',
  law: 'It decides as the slow oracle: a trial is stopped when its best result is worse than the percentile of the means of those that have come as far.',
  skips: (subject) => ((numberOption(subject, 'interval') ?? 0) > 0 ? 'it looks at trials once in each interval only' : undefined),
  async holds(subject, world) {
    const calm = eachReport(world, (report) => ({
      ...report,
      fails: 0,
      value: Number.isFinite(report.value) ? 8 * Math.trunc(report.value % 1e6) : report.value,
    }));
    const rule = { percentile: numberOption(subject, 'percentile') ?? 50, gracePeriod: graceOf(subject), minSamplesRequired: samplesOf(subject) };
    const all: (Told & { readonly event: Reported; readonly time: number })[] = [];
    for await (const report of reports(subject, calm)) all.push(report);
    const opinions = percentileOracle(
      rule,
      all.map(({ event, time }) => ({ trial: event.trial, time, loss: event.losses[0] ?? WORST })),
    );
    for (const [i, { event, decisions }] of all.entries()) {
      const { best, line, others } = opinions[i] as PercentileOpinion;
      if (line === undefined) continue;
      const stop = stopIn(decisions, event.trial);
      const isClose = Math.abs(best - line) < 1e-9 * (1 + Math.abs(line)); // by rounding it may lie on either side
      if (!isClose && best > line !== (stop !== undefined))
        broken(
          `trial ${event.trial}, with ${best} against ${line} of ${others} others, ${best > line ? 'to be stopped' : 'to go on'}`,
          stop ? inWords(stop) : 'no stop',
        );
    }
  },
};

/** The median rule and other percentiles. Their options are read from `scheduler.options`. */
export const medianLaws: readonly Law[] = [anySpeed, betterIsNoWorse, E1, E2, E3, E4, E7];
