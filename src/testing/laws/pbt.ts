import { isWorst } from '../../base/worst.ts';
import type { Decision, SchedulerEvent } from '../../schedule/scheduler.ts';
import type { Config } from '../../space/config.ts';
import { contains } from '../../space/contains.ts';
import type { TrialId } from '../../trial/ids.ts';
import { checkExplored } from './explored.ts';
import { broken, inWords, type Law, sound } from './law.ts';
import { eachReport, type FullWorld } from './law-world.ts';
import { same } from './lifecycle.ts';
import { type Play, play, type Reported, type Told, timeOf } from './play.ts';
import { numberOption, type Subject } from './subject.ts';
import { anySpeed, ranksOnly } from './symmetry.ts';

type Exploit = Decision & { readonly kind: 'exploit' };

/** What is known of a member. */
interface Member {
  config: Config;
  standing: 'queued' | 'running' | 'paused' | 'ended';
  /** How far it was when it was last compared, or made anew, and with what loss. */
  time: number;
  loss: number | undefined;
  checkpoint: string | undefined;
  /** It has saved since it was compared. */
  saved: boolean;
  /** The step of the report at which it last was. */
  comparedAt: number | undefined;
  /** How far it was when it became what it is: 0, or as far as whom it was copied from. */
  born: number;
  /** An exploit of it that has not been carried out yet, and how far its source was when that was compared. */
  taken: { readonly time: number } | undefined;
}

const NEW = { standing: 'queued', time: 0, loss: undefined, checkpoint: undefined, saved: false, comparedAt: undefined, born: 0, taken: undefined } as const;

const isTogether = ({ options }: Subject): boolean => options['synch'] === true;
const intervalOf = (subject: Subject): number => numberOption(subject, 'perturbationInterval') ?? 60;
const burnInOf = (subject: Subject): number => numberOption(subject, 'burnIn') ?? 0;
const quantileOf = (subject: Subject): number => numberOption(subject, 'quantileFraction') ?? 0.25;

/** The members of a population, from events and decisions alone. */
class Population {
  readonly members = new Map<TrialId, Member>();
  private readonly subject: Subject;

  constructor(subject: Subject) {
    this.subject = subject;
  }

  /** Before what was decided on it. */
  told({ event }: Told): void {
    if (!('trial' in event)) return;
    const { trial } = event;
    if (event.kind === 'queued') {
      this.members.set(trial, { ...NEW, config: event.config });
    }
    const member = this.members.get(trial);
    if (member === undefined) return;
    switch (event.kind) {
      case 'started':
        Object.assign(member, { standing: 'running', taken: undefined });
        return;
      case 'checkpointed':
        Object.assign(member, { checkpoint: event.checkpoint, saved: true });
        return;
      case 'paused':
        Object.assign(member, { standing: 'paused', taken: undefined });
        return;
      case 'exploited':
        this.renew(member, event);
        return;
      case 'completed':
      case 'stopped':
      case 'failed':
        member.standing = 'ended';
        return;
      case 'reported': {
        const time = timeOf(this.subject, event);
        const [loss] = event.losses;
        const isDue = isTogether(this.subject)
          ? Number.isFinite(time)
          : Number.isFinite(time) && time >= burnInOf(this.subject) && time - member.time >= intervalOf(this.subject);
        if (!member.taken && loss !== undefined && isDue) Object.assign(member, { time, loss, saved: false, comparedAt: event.step });
        return;
      }
      default:
    }
  }

  /** After an exploit it is a member with another configuration, and the checkpoint of another trial. */
  private renew(member: Member, { config, step }: SchedulerEvent & { readonly kind: 'exploited' }): void {
    const time = this.subject.timeAttr === undefined ? step : (member.taken?.time ?? member.time);
    Object.assign(member, { ...NEW, config, time, born: time });
  }

  /** Whether the member was compared at this report, which has been told. */
  isCompared({ trial, step }: Reported): boolean {
    return this.members.get(trial)?.comparedAt === step;
  }

  decided({ decisions }: Told): void {
    for (const decision of decisions) {
      const member = decision.kind === 'exploit' ? this.members.get(decision.trial) : undefined;
      if (member && decision.kind === 'exploit') member.taken = { time: this.members.get(decision.from)?.time ?? 0 };
    }
  }

  /** Those that were compared, best first; who has ended is gone. */
  ranked(): readonly { readonly trial: TrialId; readonly loss: number }[] {
    return [...this.members]
      .flatMap(([trial, { loss, standing }]) => (loss === undefined || standing === 'ended' ? [] : [{ trial, loss }]))
      .sort((a, b) => a.loss - b.loss || a.trial - b.trial);
  }

  /** The best and the worst of them. */
  halves(): { readonly upper: ReadonlySet<TrialId>; readonly lower: ReadonlySet<TrialId> } {
    const ranked = this.ranked();
    const n = ranked.length;
    const k = Math.min(Math.ceil(n * quantileOf(this.subject) - 1e-9), Math.floor(n / 2));
    const is = (holds: (loss: number, i: number) => boolean): Set<TrialId> =>
      new Set(ranked.filter(({ loss }, i) => k > 0 && holds(loss, i)).map(({ trial }) => trial));
    return { upper: is((loss, i) => i < k && !isWorst(loss)), lower: is((loss, i) => i >= n - k || isWorst(loss)) };
  }
}

/** Every exploit, with the population just before it. @param now - is filled with how far each trial is */
async function* exploits(
  subject: Subject,
  world: FullWorld,
  now?: Map<TrialId, number>,
): AsyncGenerator<{ readonly exploit: Exploit; readonly population: Population; readonly told: Told }> {
  const played = await sound(subject, world);
  const population = new Population(subject);
  for (const told of played?.told ?? []) {
    population.told(told);
    if (told.event.kind === 'reported') now?.set(told.event.trial, timeOf(subject, told.event));
    for (const decision of told.decisions) if (decision.kind === 'exploit') yield { exploit: decision, population, told };
    population.decided(told);
  }
}

const F1: Law = {
  name: 'F1',
  law: 'The source is one of the best min(ceil(quantileFraction n), floor(n / 2)) of the n that were compared and have not ended, has not diverged, and the target is one of as many worst, or has diverged.',
  async holds(subject, world) {
    for await (const { exploit, population } of exploits(subject, world)) {
      const { upper, lower } = population.halves();
      if (upper.has(exploit.from) && lower.has(exploit.trial)) continue;
      broken(`one of ${[...lower].join(', ') || 'nobody'} to go on from one of ${[...upper].join(', ') || 'nobody'}`, inWords(exploit));
    }
  },
};

const F2: Law = {
  name: 'F2',
  law: 'With quantileFraction 0, and where fewer than two were compared, nobody is copied.',
  async holds(subject, world) {
    for await (const { exploit, population } of exploits(subject, world)) {
      const scored = population.ranked().length;
      if (quantileOf(subject) === 0 || scored < 2) broken(`no exploit of ${scored} with quantileFraction ${quantileOf(subject)}`, inWords(exploit));
    }
  },
};

const F3: Law = {
  name: 'F3',
  law: 'The checkpoint is the latest of the source, and nobody goes on from itself.',
  async holds(subject, world) {
    for await (const { exploit, population } of exploits(subject, world)) {
      const latest = population.members.get(exploit.from)?.checkpoint;
      if (exploit.from === exploit.trial) broken('a source other than its target', inWords(exploit));
      if (latest === undefined || latest !== exploit.checkpoint)
        broken(`the checkpoint ${latest ?? 'of another trial, since this one has none'}`, exploit.checkpoint);
    }
  },
};

const F4: Law = {
  name: 'F4',
  law: 'The new configuration lies in the space and in the bounds given, and differs from that of the source in what is explored alone; with resampleProbability 0 a number is that of the source times one of perturbationFactors, and a value of a list is next to it.',
  async holds(subject, world) {
    for await (const { exploit, population } of exploits(subject, world)) {
      if (!contains(subject.space, exploit.config)) broken('a configuration in the space', JSON.stringify(exploit.config));
      checkExplored(subject, population.members.get(exploit.from)?.config ?? {}, exploit.config);
    }
  },
};

const F5: Law = {
  name: 'F5',
  law: 'The population stays as large as it is: nobody is stopped.',
  async holds(subject, world) {
    const played = await sound(subject, world);
    const stop = played?.told.flatMap(({ decisions }) => decisions).find(({ kind }) => kind === 'stop' || kind === 'end');
    if (stop) broken('nobody to be stopped', inWords(stop));
  },
};

/** No time that jumps: where all wait for all, a member that jumps over a round makes the next one shorter. */
const steady = (subject: Subject, world: FullWorld): FullWorld =>
  isTogether(subject) ? eachReport(world, ({ missing: _, ...report }, _trial, at) => ({ ...report, time: at + 1 })) : world;

const F6: Law = {
  name: 'F6',
  law: 'Nobody is copied to before burnIn, nor twice within perturbationInterval.',
  async holds(subject, world) {
    const now = new Map<TrialId, number>();
    for await (const { exploit, population, told } of exploits(subject, steady(subject, withoutLimit(world)), now)) {
      const time = now.get(exploit.trial) ?? 0;
      const gap = time - (population.members.get(exploit.trial)?.born ?? 0);
      if (time < burnInOf(subject)) broken(`no exploit before burnIn ${burnInOf(subject)}`, `${inWords(exploit)} at ${time}`);
      if (gap < intervalOf(subject)) broken(`${intervalOf(subject)} between two changes of trial ${exploit.trial}, on "${told.event.kind}"`, `${gap}`);
    }
  },
};

const withoutLimit = ({ inFlight: _, ...world }: FullWorld): FullWorld => world;

const F8: Law = {
  name: 'F8',
  law: 'Where all wait for all, everybody has come to the milestone before somebody goes on, and the outcome is the same in whatever order they come.',
  skips: (subject) => (isTogether(subject) ? undefined : 'its members do not wait for each other'),
  async holds(subject, world) {
    const calm = withoutLimit(steady(subject, world));
    const played = await sound(subject, calm);
    const population = new Population(subject);
    for (const told of played?.told ?? []) {
      population.told(told);
      const goesOn = told.decisions.some(({ kind }) => kind === 'resume' || kind === 'exploit');
      const late = [...population.members].find(([, { standing }]) => standing !== 'paused' && standing !== 'ended');
      if (goesOn && late) broken(`everybody to wait for trial ${late[0]}`, told.decisions.map(inWords).join(', '));
      population.decided(told);
    }
    const other = eachReport({ ...calm, workers: (calm.workers % 5) + 1 }, (report, trial, at) => ({ ...report, seconds: ((trial * 7 + at * 3) % 4) + 0.5 }));
    const again = await sound(subject, other);
    const outcome = ({ experiment }: Play): readonly string[] =>
      experiment.rows.map(({ id, status, step, config }) => `trial ${id}: ${status} at step ${step} with ${JSON.stringify(config)}`);
    if (played && again) same(outcome(played), outcome(again), 'as in another order');
  },
};

const F10: Law = {
  name: 'F10',
  law: 'After an exploit the steps of a trial go on from those of the checkpoint that it took.',
  async holds(subject, world) {
    const { lines } = await play(subject, world);
    const steps = new Map<string, number>();
    for (const [i, line] of lines.entries()) {
      if (line.kind === 'checkpointed') steps.set(`${line.trial} ${line.checkpoint}`, line.step);
      if (line.kind !== 'exploited') continue;
      const step = steps.get(`${line.from} ${line.source}`);
      steps.set(`${line.trial} ${line.checkpoint}`, line.step);
      if (line.step !== step) broken(`trial ${line.trial} at step ${step}`, `${line.step}`);
      const next = lines.slice(i).find((one) => one.kind === 'reported' && one.trial === line.trial);
      if (next?.kind === 'reported' && next.step <= line.step) broken(`a report of trial ${line.trial} after step ${line.step}`, `step ${next.step}`);
    }
  },
};

const F11: Law = {
  name: 'F11',
  law: 'One of the worst goes on from one of the best: together everybody who is, once one of the best has saved; else at the report at which it is compared, when all of the best have saved since they were, and it does not make room.',
  async holds(subject, world) {
    const played = await sound(subject, world);
    const population = new Population(subject);
    for (const told of played?.told ?? []) {
      const { event, decisions } = told;
      population.told(told);
      const { upper, lower } = population.halves();
      const best = [...upper].map((trial) => population.members.get(trial) as Member);
      const copied = decisions.flatMap((decision) => (decision.kind === 'exploit' ? [decision.trial] : []));
      if (isTogether(subject)) {
        const left = [...lower].find((trial) => !copied.includes(trial));
        const goesOn = decisions.some(({ kind }) => kind === 'resume' || kind === 'exploit');
        if (goesOn && left !== undefined && best.some(({ saved }) => saved)) broken(`trial ${left} to go on from one of ${[...upper].join(', ')}`, 'as it was');
      } else if (event.kind === 'reported' && lower.has(event.trial) && population.isCompared(event)) {
        const { trial } = event;
        const makesRoom = decisions.some((one) => one.kind === 'pause' && one.trial === trial);
        const mayCopy = best.length > 0 && best.every(({ saved, taken }) => saved && !taken);
        if (mayCopy && !makesRoom && !copied.includes(trial)) broken(`trial ${trial} to go on from one of ${[...upper].join(', ')}`, 'nothing of the kind');
      }
      population.decided(told);
    }
  },
};

/** Where a model weighs by how much a metric got better, more than the ranks counts. */
const byRanks: Law = {
  ...ranksOnly,
  skips: ({ options }) => (options['hyperparamBounds'] === undefined ? undefined : 'its model weighs how much a trial gains'),
};

/** Population based training. Its options are read from `scheduler.options`. */
export const pbtLaws: readonly Law[] = [byRanks, anySpeed, F1, F2, F3, F4, F5, F6, F8, F10, F11];
