import { rng } from '../../base/rng.ts';
import type { Decision, ScheduleContext, SchedulerEvent } from '../../schedule/scheduler.ts';
import { type TrialId, trialId } from '../../trial/ids.ts';
import { isWorst } from '../../trial/metrics.ts';
import { halvingOptions, Ledger } from './halving.ts';
import { broken, inWords, type Law, sound } from './law.ts';
import { type FullWorld, fullWorld, METRIC } from './law-world.ts';
import { type Play, type Reported, type Told, timeOf } from './play.ts';
import type { Subject } from './subject.ts';
import { anySpeed, ranksOnly } from './symmetry.ts';

const variantOf = (subject: Subject): string => halvingOptions(subject).variant;
const stopsOnly = (subject: Subject): string | undefined => (variantOf(subject) === 'stop' ? undefined : `its variant is ${variantOf(subject)}, which pauses`);
const promotes = (subject: Subject): string | undefined => (variantOf(subject) === 'stop' ? 'its variant is stop, which promotes nobody' : undefined);
const oneBracket = (subject: Subject): string | undefined =>
  halvingOptions(subject).brackets === 1 ? undefined : 'with several brackets, that of a trial is not told';

const goesAgainst = (decisions: readonly Decision[], trial: TrialId): Decision | undefined =>
  decisions.find((decision) => decision.kind !== 'end' && decision.trial === trial && decision.kind !== 'checkpoint');

/** Every report with the rung it was recorded at, and the ledger then. */
async function* reports(
  subject: Subject,
  world: FullWorld,
): AsyncGenerator<Told & { readonly event: Reported; readonly rung: number | undefined; readonly ledger: Ledger }> {
  const played = await sound(subject, world);
  const ledger = new Ledger(subject);
  for (const told of played?.told ?? []) {
    const { event } = told;
    const rung = ledger.told(event);
    if (event.kind === 'reported') yield { ...told, event, rung, ledger };
    for (const decision of told.decisions) ledger.decided(decision);
  }
}

const D1: Law = {
  name: 'D1',
  law: 'The stopping variant decides as the slow oracle does: on at rank max(1, floor(n / reductionFactor)) or better of all that were recorded at the rung, and never past maxT.',
  skips: (subject) => stopsOnly(subject) ?? oneBracket(subject),
  async holds(subject, world) {
    const { maxT, eta, milestones } = halvingOptions(subject);
    for await (const { event, decisions, rung, ledger } of reports(subject, world)) {
      const [loss = 0] = event.losses;
      const entries = rung === undefined ? [] : ledger.at(rung);
      const rank = 1 + entries.filter((entry) => entry.loss < loss).length;
      const kept = Math.max(1, Math.floor(entries.length / eta));
      const isKept = rung === undefined || (isWorst(loss) ? rank === 1 : rank <= kept);
      const time = timeOf(subject, event);
      const goesOn = isKept && !(time >= maxT);
      const against = goesAgainst(decisions, event.trial);
      const place = rung === undefined ? `time ${time}, no new rung` : `rung ${milestones[rung]}: rank ${rank} of ${entries.length}, ${kept} kept`;
      if (goesOn && against) broken(`trial ${event.trial} to go on at step ${event.step} (${place})`, inWords(against));
      if (!goesOn && against?.kind !== 'stop') broken(`trial ${event.trial} to be stopped at step ${event.step} (${place})`, 'no stop');
    }
  },
};

/** Every resume, with the ledger just before it. */
async function* promotions(
  subject: Subject,
  world: FullWorld,
): AsyncGenerator<{ readonly trial: TrialId; readonly rung: number; readonly ledger: Ledger; readonly told: Told }> {
  const { inFlight: _, ...endless } = world; // where the searcher waits, a stalled run resumes somebody: no promotion
  const played = await sound(subject, endless);
  const ledger = new Ledger(subject);
  for (const told of played?.told ?? []) {
    ledger.told(told.event);
    for (const decision of told.decisions) {
      if (decision.kind === 'resume') yield { trial: decision.trial, rung: ledger.reached.get(decision.trial) ?? -1, ledger, told };
      ledger.decided(decision);
    }
  }
}

const D2: Law = {
  name: 'D2',
  law: 'Who is promoted is, at that moment, among the best floor(n / reductionFactor) of its rung, and has not diverged.',
  skips: (subject) => promotes(subject) ?? oneBracket(subject),
  async holds(subject, world) {
    const { eta, milestones } = halvingOptions(subject);
    for await (const { trial, rung, ledger } of promotions(subject, world)) {
      const entries = ledger.at(rung);
      const loss = ledger.lossOf(trial, rung);
      const rank = 1 + entries.filter((entry) => entry.loss < loss).length;
      const most = Math.floor(entries.length / eta);
      if (rank > most || !(loss < Number.MAX_VALUE))
        broken(`a promotion from the best ${most} of rung ${milestones[rung]}`, `trial ${trial}, rank ${rank} of ${entries.length}`);
    }
  },
};

const D3: Law = {
  name: 'D3',
  law: 'From a rung a trial is promoted at most once, and it pauses at each rung below maxT that it is recorded at.',
  skips: (subject) => promotes(subject) ?? oneBracket(subject),
  async holds(subject, world) {
    const { maxT } = halvingOptions(subject);
    for await (const { trial, rung, ledger } of promotions(subject, world)) {
      if (ledger.promoted.has(`${trial} ${rung}`)) broken(`trial ${trial} to be promoted once from rung ${rung}`, 'a second time');
    }
    for await (const { event, decisions, rung } of reports(subject, world)) {
      const against = goesAgainst(decisions, event.trial);
      const time = timeOf(subject, event);
      const expected = time >= maxT ? 'stop' : rung === undefined ? undefined : 'pause';
      if (against?.kind !== expected) broken(`${expected ?? 'nothing'} at time ${time} of trial ${event.trial}`, against ? inWords(against) : 'nothing');
    }
  },
};

const D4: Law = {
  name: 'D4',
  law: 'A free slot goes to the best trial of the highest rung that has somebody to promote; a new trial starts only when nobody can be.',
  skips: (subject) => promotes(subject) ?? oneBracket(subject),
  async holds(subject, world) {
    const { eta, variant } = halvingOptions(subject);
    const played = await sound(subject, withoutLimit(world));
    const ledger = new Ledger(subject);
    for (const { event, decisions } of played?.told ?? []) {
      ledger.told(event);
      const promotable = ledger.promotable(eta, variant === 'delayed');
      const resumes = decisions.flatMap((decision) => (decision.kind === 'resume' ? [decision] : []));
      if (event.kind === 'idle' && resumes.length === 0 && promotable.length > 0) broken(`trial ${promotable.at(-1)?.trial} to be promoted`, 'no promotion');
      for (const { trial } of resumes) {
        const rung = ledger.reached.get(trial) ?? -1;
        const loss = ledger.lossOf(trial, rung);
        const better = promotable.find((other) => other.rung > rung || (other.rung === rung && other.loss < loss));
        if (better) broken(`trial ${better.trial} of rung number ${better.rung} first`, `trial ${trial} of rung number ${rung}`);
      }
      for (const decision of decisions) ledger.decided(decision);
    }
  },
};

const withoutLimit = ({ inFlight: _, ...world }: FullWorld): FullWorld => world;

const D5: Law = {
  name: 'D5',
  law: 'Of a rung with n at most n - reductionFactor + 1 are promoted (delayed: floor(n / reductionFactor)), and in the end nobody is left who could be.',
  skips: (subject) => promotes(subject) ?? oneBracket(subject),
  async holds(subject, world) {
    const { eta, variant } = halvingOptions(subject);
    const played = await sound(subject, withoutLimit(world));
    const ledger = new Ledger(subject);
    for (const { event, decisions } of played?.told ?? []) {
      ledger.told(event);
      for (const decision of decisions) ledger.decided(decision);
      for (const [rung, { length }] of ledger.rungs.entries()) {
        const most = variant === 'delayed' ? Math.floor(length / eta) : Math.max(0, length - Math.ceil(eta) + 1);
        if (ledger.promotedFrom(rung) > most) broken(`at most ${most} of the ${length} at rung number ${rung} to be promoted`, `${ledger.promotedFrom(rung)}`);
      }
    }
    const [left] = played ? ledger.promotable(eta, variant === 'delayed') : [];
    if (left) broken('nobody left to promote in the end', `trial ${left.trial} at rung number ${left.rung}`);
  },
};

const SEEDS = 8;
const STREAM = 500;

const D6: Law = {
  name: 'D6',
  law: 'Of trials in random order as many pass the first rung as the exact formula says, the sum of max(1, floor(i / reductionFactor)) / i.',
  once: true,
  skips(subject) {
    const { milestones, maxT } = halvingOptions(subject);
    return stopsOnly(subject) ?? oneBracket(subject) ?? (milestones.length < 2 || (milestones[0] ?? 0) >= maxT ? 'its only rung is maxT' : undefined);
  },
  holds(subject) {
    const { eta } = halvingOptions(subject);
    const chances = Array.from({ length: STREAM }, (_, i) => Math.max(1, Math.floor((i + 1) / eta)) / (i + 1));
    const expected = SEEDS * chances.reduce((sum, chance) => sum + chance, 0);
    const deviation = Math.sqrt(SEEDS * chances.reduce((sum, chance) => sum + chance * (1 - chance), 0));
    let passed = 0;
    for (let seed = 0; seed < SEEDS; seed++) passed += passing(subject, seed);
    if (Math.abs(passed - expected) > 4 * deviation + 1e-9) {
      broken(`${expected.toFixed(1)} ± ${(4 * deviation).toFixed(1)} of ${SEEDS * STREAM} trials to pass the first rung`, `${passed}`);
    }
  },
};

/** How many of `STREAM` trials with independent losses pass the first rung, one after the other. */
function passing(subject: Subject, seed: number): number {
  const { gracePeriod } = halvingOptions(subject);
  const scheduler = subject.make({ metric: METRIC, mode: 'min' });
  const draw = rng(seed);
  const context: ScheduleContext = { space: subject.space, objectives: 1, samples: STREAM, slots: 1, rng: (...key) => draw.fork('schedule', ...key) };
  let state = scheduler.init();
  let passed = 0;
  for (let i = 0; i < STREAM; i++) {
    const trial = trialId(i);
    const value = draw.next();
    const metrics = { [METRIC]: value, ...(subject.timeAttr === undefined ? {} : { [subject.timeAttr]: gracePeriod }) };
    const events: SchedulerEvent[] = [
      { kind: 'queued', trial, config: {} },
      { kind: 'started', trial, step: 0 },
      { kind: 'reported', trial, step: Math.ceil(gracePeriod), losses: [value], metrics },
    ];
    const outcomes = events.map((event) => {
      const outcome = scheduler.decide(state, event, context);
      state = outcome.state;
      return outcome.decisions;
    });
    if (!goesAgainst(outcomes.flat(), trial)) passed += 1;
  }
  return passed;
}

/** The most workers that the first completion is tried with. */
const MOST_WORKERS = 256;

const D7: Law = {
  name: 'D7',
  law: 'With as many workers as the first rung needs, each run from scratch, the first trial gets to maxT after the sum of the rungs: 13, 40, 85, 341 (stopping variant: maxT).',
  once: true,
  skips(subject) {
    const { eta, gracePeriod, maxT, milestones } = halvingOptions(subject);
    if (subject.timeAttr !== undefined) return `its time is ${subject.timeAttr}`;
    if (!Number.isInteger(eta) || !Number.isInteger(gracePeriod) || milestones.at(-1) !== maxT) return 'maxT is no rung of whole steps';
    return eta ** (milestones.length - 1) > MOST_WORKERS ? `it takes more than ${MOST_WORKERS} workers` : oneBracket(subject);
  },
  async holds(subject) {
    const { eta, maxT, milestones, variant } = halvingOptions(subject);
    const workers = eta ** (milestones.length - 1);
    const trials = Array.from({ length: workers }, (_, i) => Array<number>(maxT).fill((i * 7919) % 1009));
    const played = await sound(subject, fullWorld({ trials, workers }), { startup: ({ step }) => step });
    const expected = variant === 'stop' ? maxT : milestones.reduce((sum, milestone) => sum + milestone, 0);
    const first = played?.lines.find((line) => line.kind === 'reported' && line.step === maxT);
    if (first === undefined || first.at !== 1000 * expected) broken(`a trial at maxT ${maxT} after ${expected} s`, first ? `${first.at / 1000} s` : 'none');
  },
};

const D9: Law = {
  name: 'D9',
  law: 'The best so far at a rung is not stopped there.',
  skips: oneBracket,
  async holds(subject, world) {
    const { maxT } = halvingOptions(subject);
    for await (const { event, decisions, rung, ledger } of reports(subject, world)) {
      const [loss = 0] = event.losses;
      if (rung === undefined || isWorst(loss) || timeOf(subject, event) >= maxT || ledger.at(rung).some((entry) => entry.loss < loss)) continue;
      const stop = decisions.find((decision) => decision.kind === 'stop' && decision.trial === event.trial);
      if (stop) broken(`trial ${event.trial}, the best at rung number ${rung}, to go on`, inWords(stop));
    }
  },
};

const STRENGTH = ['checkpoint', 'pause', 'stop'];
const strengthOf = (decisions: readonly Decision[], trial: TrialId): number =>
  Math.max(-1, ...decisions.map((decision) => (decision.kind !== 'end' && decision.trial === trial ? STRENGTH.indexOf(decision.kind) : -1)));

const B9: Law = {
  name: 'B9',
  law: 'A better score never makes it worse for the trial that reports it: on before pause, pause before stop.',
  async holds(subject, world) {
    const played = await sound(subject, world);
    const scheduler = subject.make({ metric: METRIC, mode: world.mode });
    let state = scheduler.init();
    for (const { event, context } of played?.told ?? []) {
      const text = JSON.stringify(state);
      const outcome = scheduler.decide(state, event, context);
      const strength = 'trial' in event ? strengthOf(outcome.decisions, event.trial) : -1;
      if (event.kind === 'reported' && strength >= 0) {
        const better = { ...event, losses: event.losses.map((loss) => (loss > 0 ? loss / 2 : 2 * loss - 1)) };
        const again = scheduler.decide(JSON.parse(text), better, context).decisions;
        if (strengthOf(again, event.trial) > strength)
          broken(`${inWords(outcome.decisions[0] as Decision)}, or better, with loss ${better.losses[0]} too`, again.map(inWords).join(', '));
      }
      state = outcome.state;
    }
  },
};

/** The events of a play with a trial among them that is worse than all. */
function withIntruder(subject: Subject, { told, world }: Play): readonly Told[] {
  const { milestones, maxT } = halvingOptions(subject);
  const trial = trialId(world.trials.length);
  const context = told[0]?.context as ScheduleContext;
  const tell = (event: SchedulerEvent): Told => ({ event, context, decisions: [] });
  const events = milestones
    .filter((milestone) => milestone < maxT)
    .map((milestone): SchedulerEvent => {
      const metrics = { [METRIC]: 1e300, ...(subject.timeAttr === undefined ? {} : { [subject.timeAttr]: milestone }) };
      return { kind: 'reported', trial, step: Math.ceil(milestone), losses: [1e300], metrics };
    });
  const at = world.seed % told.length;
  const intruder = [{ kind: 'queued', trial, config: {} } as const, { kind: 'started', trial, step: 0 } as const, ...events].map(tell);
  return [...told.slice(0, at), ...intruder, ...told.slice(at)];
}

const B10: Law = {
  name: 'B10',
  law: 'One more trial, worse than all others, never gets another one stopped.',
  async holds(subject, world) {
    const finite = withFiniteValues(world);
    const played = await sound(subject, finite);
    if (played === undefined || played.told.length === 0) return;
    const scheduler = subject.make({ metric: METRIC, mode: world.mode });
    let state = scheduler.init();
    for (const { event, context, decisions } of withIntruder(subject, played)) {
      const outcome = scheduler.decide(state, event, context);
      state = outcome.state;
      if ('trial' in event && event.trial >= world.trials.length) continue;
      const harm = outcome.decisions.find(
        (decision) =>
          decision.kind === 'stop' && decision.trial < world.trials.length && !decisions.some((one) => one.kind === 'stop' && one.trial === decision.trial),
      );
      if (harm) broken('nobody to be stopped for it', inWords(harm));
    }
  },
};

const withFiniteValues = (world: FullWorld): FullWorld => ({
  ...world,
  trials: world.trials.map((trial) => trial.map((report) => ({ ...report, value: Math.abs(report.value) < 1e300 ? report.value : 0 }))),
});

/** Asynchronous successive halving: stops, or pauses and promotes. Its options are read from `scheduler.options`. */
export const ashaLaws: readonly Law[] = [ranksOnly, anySpeed, B9, B10, D1, D2, D3, D4, D5, D6, D7, D9];
