import { rng } from '../../base/rng.ts';
import { isWorst } from '../../base/worst.ts';
import type { Decision, ScheduleContext, SchedulerEvent } from '../../schedule/scheduler.ts';
import { type TrialId, trialId } from '../../trial/ids.ts';
import { betterIsNoWorse } from './better-is-no-worse.ts';
import { bracketProbe, contextOf, halvingOptions, Ledger, type Rung, rankIn, reportAt, Telling } from './halving.ts';
import { broken, inWords, type Law, sound } from './law.ts';
import { eachReport, type FullWorld, fullWorld, METRIC } from './law-world.ts';
import { type Play, type Reported, type Told, timeOf } from './play.ts';
import type { Subject } from './subject.ts';
import { anySpeed, ranksOnly } from './symmetry.ts';

const variantOf = (subject: Subject): string => halvingOptions(subject).variant;
const stopsOnly = (subject: Subject): string | undefined => (variantOf(subject) === 'stop' ? undefined : `its variant is ${variantOf(subject)}, which pauses`);
const promotes = (subject: Subject): string | undefined => (variantOf(subject) === 'stop' ? 'its variant is stop, which promotes nobody' : undefined);
const oneBracket = (subject: Subject): string | undefined => (halvingOptions(subject).brackets === 1 ? undefined : 'it has several brackets');

const goesAgainst = (decisions: readonly Decision[], trial: TrialId): Decision | undefined =>
  decisions.find((decision) => decision.kind !== 'end' && decision.trial === trial && decision.kind !== 'checkpoint');

/** Every report with the rung it was recorded at, and the ledger then. */
async function* reports(
  subject: Subject,
  world: FullWorld,
): AsyncGenerator<Told & { readonly event: Reported; readonly rung: Rung | undefined; readonly ledger: Ledger }> {
  const played = await sound(subject, world);
  const ledger = new Ledger(subject, world.seed);
  for (const told of played?.told ?? []) {
    const { event } = told;
    const rung = ledger.told(event);
    if (event.kind === 'reported') yield { ...told, event, rung, ledger };
    for (const decision of told.decisions) ledger.decided(decision);
  }
}

const D1: Law = {
  name: 'D1',
  law: 'The stopping variant decides as the slow oracle: on at rank max(1, floor(n / reductionFactor)) or better of those recorded at the rung, and never past maxT.',
  skips: stopsOnly,
  async holds(subject, world) {
    const { maxT, eta } = halvingOptions(subject);
    for await (const { event, decisions, rung } of reports(subject, world)) {
      const [loss = 0] = event.losses;
      const n = rung?.entries.length ?? 0;
      const rank = rung ? rankIn(rung, loss) : 1;
      const kept = Math.max(1, Math.floor(n / eta));
      const time = timeOf(subject, event);
      const goesOn = rank <= (isWorst(loss) ? 1 : kept) && !(time >= maxT);
      const against = goesAgainst(decisions, event.trial);
      const place = rung === undefined ? `time ${time}, no new rung` : `rung ${rung.milestone}: rank ${rank} of ${n}, ${kept} kept`;
      if (goesOn && against) broken(`trial ${event.trial} to go on at step ${event.step} (${place})`, inWords(against));
      if (!goesOn && against?.kind !== 'stop') broken(`trial ${event.trial} to be stopped at step ${event.step} (${place})`, 'no stop');
    }
  },
};

/** Where the searcher waits, a stalled run resumes or stops somebody: no promotion. */
const withoutLimit = ({ inFlight: _, ...world }: FullWorld): FullWorld => world;

/** Every event, with the ledger just before what was decided on it. */
async function* halvings(subject: Subject, world: FullWorld): AsyncGenerator<Told & { readonly ledger: Ledger }> {
  const played = await sound(subject, withoutLimit(world));
  const ledger = new Ledger(subject, world.seed);
  for (const told of played?.told ?? []) {
    ledger.told(told.event);
    yield { ...told, ledger };
    for (const decision of told.decisions) ledger.decided(decision);
  }
}

const resumesIn = (decisions: readonly Decision[]): readonly TrialId[] => decisions.flatMap((one) => (one.kind === 'resume' ? [one.trial] : []));

const D2: Law = {
  name: 'D2',
  law: 'Who is promoted is, at that moment, among the best floor(n / reductionFactor) of its rung, and has not diverged.',
  skips: promotes,
  async holds(subject, world) {
    const { eta } = halvingOptions(subject);
    for await (const { decisions, ledger } of halvings(subject, world)) {
      for (const trial of resumesIn(decisions)) {
        const rung = ledger.reached.get(trial);
        const loss = rung?.entries.find((entry) => entry.trial === trial)?.loss ?? Number.MAX_VALUE;
        const rank = rung ? rankIn(rung, loss) : 0;
        const [n, most] = [rung?.entries.length ?? 0, Math.floor((rung?.entries.length ?? 0) / eta)];
        if (rank > most || isWorst(loss))
          broken(`a promotion of the best ${most} of ${n} at rung ${rung?.milestone}`, `trial ${trial}, rank ${rank}, loss ${loss}`);
      }
    }
  },
};

const D3: Law = {
  name: 'D3',
  law: 'A trial pauses at each rung below maxT that it is recorded at, and is promoted from it at most once; one that has diverged may be stopped.',
  skips: promotes,
  async holds(subject, world) {
    const { maxT } = halvingOptions(subject);
    for await (const { decisions, ledger } of halvings(subject, world)) {
      for (const trial of resumesIn(decisions)) {
        const rung = ledger.reached.get(trial);
        if (rung && ledger.wasPromoted(trial, rung)) broken(`trial ${trial} to be promoted once from rung ${rung.milestone}`, 'a second time');
      }
    }
    for await (const { event, decisions, rung } of reports(subject, world)) {
      const against = goesAgainst(decisions, event.trial);
      const time = timeOf(subject, event);
      const expected = time >= maxT ? 'stop' : rung === undefined ? undefined : 'pause';
      const isSpared = expected === 'pause' && against?.kind === 'stop' && isWorst(event.losses[0] ?? 0);
      if (against?.kind !== expected && !isSpared)
        broken(`${expected ?? 'nothing'} at time ${time} of trial ${event.trial}`, against ? inWords(against) : 'nothing');
    }
  },
};

/** Many come to their rungs at one instant: several rungs have somebody to promote. */
const crowded = (world: FullWorld, waves: number): FullWorld =>
  eachReport({ ...world, workers: 1 + Math.floor(world.trials.length / waves) }, (report) => ({ ...report, seconds: 1, fails: 0 }));

/** Each promotion is of the best of the highest rung, and nobody who could be is left at a free slot. */
async function checkOrder(halvings: AsyncIterable<Told & { readonly ledger: Ledger }>, eta: number, variant: string): Promise<void> {
  for await (const { event, decisions, ledger } of halvings) {
    const promotable = ledger.promotable(eta, variant === 'delayed');
    const resumes = resumesIn(decisions);
    if (event.kind === 'idle' && resumes.length === 0 && promotable.length > 0) broken(`trial ${promotable.at(-1)?.trial} to be promoted`, 'no promotion');
    for (const trial of resumes) {
      const rung = ledger.reached.get(trial);
      const loss = rung?.entries.find((entry) => entry.trial === trial)?.loss ?? 0;
      const better = promotable.find((one) => one.rung.milestone > (rung?.milestone ?? 0) || (one.rung === rung && one.loss < loss));
      if (better) broken(`trial ${better.trial} of rung ${better.rung.milestone} first`, `trial ${trial} of rung ${rung?.milestone}`);
    }
  }
}

const D4: Law = {
  name: 'D4',
  law: 'A free slot goes to the best trial of the highest rung that has somebody to promote; a new trial starts only when nobody can be.',
  skips: promotes,
  async holds(subject, world) {
    const { eta, variant } = halvingOptions(subject);
    for (const waves of [3, 4]) await checkOrder(halvings(subject, crowded(world, waves)), eta, variant);
  },
};

const D5: Law = {
  name: 'D5',
  law: 'Of n at a rung at most n - reductionFactor + 1 are promoted (delayed: floor(n / reductionFactor)), and in the end nobody is left who could be.',
  skips: promotes,
  async holds(subject, world) {
    const { eta, variant } = halvingOptions(subject);
    let last: Ledger | undefined;
    for await (const { ledger } of halvings(subject, world)) {
      last = ledger;
      for (const rung of ledger.rungs) {
        const { length } = rung.entries;
        const most = variant === 'delayed' ? Math.floor(length / eta) : Math.max(0, length - Math.ceil(eta) + 1);
        if (ledger.promotedFrom(rung) > most) broken(`at most ${most} of ${length} at rung ${rung.milestone} to be promoted`, `${ledger.promotedFrom(rung)}`);
      }
    }
    const [left] = last?.promotable(eta, variant === 'delayed') ?? [];
    if (left) broken('nobody left to promote in the end', `trial ${left.trial} at rung ${left.rung.milestone}`);
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
  const telling = new Telling(subject, contextOf(subject, seed));
  const draw = rng(seed).fork('losses');
  let passed = 0;
  for (let i = 0; i < STREAM; i++) {
    const trial = trialId(i);
    telling.tell({ kind: 'queued', trial, config: {} });
    telling.tell({ kind: 'started', trial, step: 0 });
    if (!goesAgainst(telling.tell(reportAt(subject, trial, gracePeriod, draw.next())), trial)) passed += 1;
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
    if (played === undefined) return;
    const expected = variant === 'stop' ? maxT : milestones.reduce((sum, milestone) => sum + milestone, 0);
    const first = played.lines.find((line) => line.kind === 'reported' && line.step === maxT);
    if (first === undefined || first.at !== 1000 * expected) broken(`a trial at maxT ${maxT} after ${expected} s`, first ? `${first.at / 1000} s` : 'none');
  },
};

/** Of 1 - alpha = 0.9999, by degrees of freedom from 1 on. */
const CHI_SQUARE = [15.14, 18.42, 21.11, 23.51, 25.74, 27.86, 29.88, 31.83, 33.72];

const D8: Law = {
  name: 'D8',
  law: 'Trials are drawn into brackets, from the seed of the experiment, with a chance that goes by e to the number of rungs.',
  once: true,
  skips(subject) {
    const { brackets } = halvingOptions(subject);
    return brackets === 1 ? 'it has one bracket' : brackets > CHI_SQUARE.length + 1 ? `it has more than ${CHI_SQUARE.length + 1} brackets` : undefined;
  },
  holds(subject) {
    const { brackets } = halvingOptions(subject);
    const weights = Array.from({ length: brackets }, (_, bracket) => Math.exp(-bracket));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const counts = weights.map(() => 0);
    for (let seed = 0; seed < SEEDS; seed++) {
      const bracketOf = bracketProbe(subject, contextOf(subject, seed));
      for (let i = 0; i < STREAM; i++) counts[bracketOf(trialId(i))] = (counts[bracketOf(trialId(i))] ?? 0) + 1;
    }
    const expected = weights.map((weight) => (SEEDS * STREAM * weight) / total);
    const distance = counts.reduce((sum, count, i) => sum + (count - (expected[i] ?? 0)) ** 2 / (expected[i] ?? 1), 0);
    if (distance > (CHI_SQUARE[brackets - 2] ?? 0)) broken(`about ${expected.map(Math.round).join(', ')} trials in the brackets`, counts.join(', '));
  },
};

const D9: Law = {
  name: 'D9',
  law: 'The best so far at a rung is not stopped there.',
  async holds(subject, world) {
    const { maxT } = halvingOptions(subject);
    for await (const { event, decisions, rung } of reports(subject, world)) {
      const [loss = 0] = event.losses;
      if (rung === undefined || isWorst(loss) || timeOf(subject, event) >= maxT || rankIn(rung, loss) > 1) continue;
      const stop = decisions.find((decision) => decision.kind === 'stop' && decision.trial === event.trial);
      if (stop) broken(`trial ${event.trial}, the best at rung ${rung.milestone}, to go on`, inWords(stop));
    }
  },
};

/** The events of a play with a trial among them that is worse than all. */
function withIntruder(subject: Subject, { told, world }: Play): readonly Told[] {
  const { milestones, maxT } = halvingOptions(subject);
  const trial = trialId(world.trials.length);
  const context = told[0]?.context as ScheduleContext;
  const tell = (event: SchedulerEvent): Told => ({ event, context, decisions: [] });
  const events = milestones.filter((milestone) => milestone < maxT).map((milestone) => reportAt(subject, trial, milestone, 1e300));
  const at = world.seed % told.length;
  const intruder = [{ kind: 'queued', trial, config: {} } as const, { kind: 'started', trial, step: 0 } as const, ...events].map(tell);
  return [...told.slice(0, at), ...intruder, ...told.slice(at)];
}

const B10: Law = {
  name: 'B10',
  law: 'One more trial, worse than all others, never gets another one stopped.',
  async holds(subject, world) {
    const finite = withFiniteValues(withoutLimit(world));
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
export const ashaLaws: readonly Law[] = [ranksOnly, anySpeed, betterIsNoWorse, B10, D1, D2, D3, D4, D5, D6, D7, D8, D9];
