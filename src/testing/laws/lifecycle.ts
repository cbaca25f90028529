import { canonicalJson } from '../../base/json.ts';
import type { Decision } from '../../schedule/scheduler.ts';
import { cloneJson } from '../../space/clone-json.ts';
import type { Config } from '../../space/config.ts';
import { contains } from '../../space/contains.ts';
import type { JournalLine } from '../../trial/events.ts';
import { hasEnded } from '../../trial/lifecycle.ts';
import { bare, broken, inWords, type Law, sound } from './law.ts';
import { eachReport, type FullWorld } from './law-world.ts';
import { type Play, play, type Reported, timeOf } from './play.ts';
import { Standings } from './standing.ts';
import { numberOption, type Subject } from './subject.ts';

const isReported = (event: { readonly kind: string }): event is Reported => event.kind === 'reported';

/** What makes a decision about a trial pointless, as it stands. */
function objection(subject: Subject, { of, checkpoints }: Standings, decision: Decision): string | undefined {
  if (decision.kind === 'end') return undefined;
  const standing = of.get(decision.trial);
  switch (decision.kind) {
    case 'stop':
      return undefined;
    case 'resume':
      return standing === 'paused' || standing === 'leaving' ? undefined : `it is ${standing}`;
    case 'pause':
    case 'checkpoint':
      return standing === 'running' || standing === 'leaving' ? undefined : `it is ${standing}`;
    case 'exploit':
      if (standing === 'pending') return 'it is pending';
      if (!checkpoints.has(`${decision.from} ${decision.checkpoint}`)) return `trial ${decision.from} has no checkpoint "${decision.checkpoint}"`;
      return contains(subject.space, decision.config) ? undefined : `its configuration ${JSON.stringify(decision.config)} does not lie in the space`;
  }
}

const ENDINGS: readonly string[] = ['completed', 'stopped', 'failed'];

/** Every line of the journal with the trials that run after it. */
function* running(lines: readonly JournalLine[]): Generator<readonly [JournalLine, ReadonlySet<number>]> {
  const live = new Set<number>();
  for (const line of lines) {
    if (line.kind === 'started') live.add(line.trial);
    else if ('trial' in line && ['paused', 'exploited', 'retried', ...ENDINGS].includes(line.kind)) live.delete(line.trial);
    yield [line, live];
  }
}

const A1: Law = {
  name: 'A1',
  law: 'Of a trial that has ended, or that it has stopped, it decides nothing more.',
  async holds(subject, world) {
    const played = await sound(subject, world);
    const standings = new Standings();
    for (const { event, decisions } of played?.told ?? []) {
      standings.told(event);
      for (const decision of decisions) {
        const standing = decision.kind === 'end' ? undefined : (standings.of.get(decision.trial) ?? 'not there');
        const isOver = standing === 'ended' || standing === 'not there' || (standing === 'stopping' && decision.kind !== 'stop');
        if (isOver) broken(`no decision about a trial that is ${standing}`, inWords(decision));
        standings.decided(decision);
      }
    }
  },
};

const A2: Law = {
  name: 'A2',
  law: 'It decides only what it declares, and says why: resumes who is paused, pauses who runs, and exploits from a checkpoint that there is.',
  async holds(subject, world) {
    const played = await sound(subject, world);
    const standings = new Standings();
    for (const { event, decisions } of played?.told ?? []) {
      standings.told(event);
      for (const decision of decisions) {
        if (!subject.uses.has(decision.kind)) broken(`only ${[...subject.uses].join(', ') || 'no decisions'}`, inWords(decision));
        if (typeof decision.reason !== 'string' || decision.reason === '') broken('a reason', inWords(decision));
        if (decision.kind === 'pause' && !subject.pauses) broken('no pause, as declared', inWords(decision));
        const isOver = 'trial' in decision && ['ended', 'stopping', undefined].includes(standings.of.get(decision.trial)); // of these speaks A1
        const problem = isOver ? undefined : objection(subject, standings, decision);
        if (problem !== undefined) broken('a decision that applies', `${inWords(decision)}, but ${problem}`);
        standings.decided(decision);
      }
    }
  },
};

const A3: Law = {
  name: 'A3',
  law: 'Trials are counted from 0 without a gap, each is pending, running, paused or ended, and what has ended stays so.',
  async holds(subject, world) {
    const { lines, experiment } = await play(subject, world);
    const ended = new Set<number>();
    let count = 0;
    for (const line of lines) {
      if (!('trial' in line)) continue;
      if (line.kind === 'queued' && line.trial !== count++) broken(`trial ${count - 1} to be queued`, `trial ${line.trial}`);
      if (line.trial >= count) broken(`trial ${line.trial} to be queued first`, line.kind);
      if (ended.has(line.trial)) broken(`nothing more of trial ${line.trial}, which has ended`, line.kind);
      if (ENDINGS.includes(line.kind)) ended.add(line.trial);
    }
    if (experiment.rows.length !== count) broken(`${count} trials`, `${experiment.rows.length}`);
  },
};

const A4: Law = {
  name: 'A4',
  law: 'No more trials run at once than there are workers.',
  async holds(subject, world) {
    const { lines } = await play(subject, world);
    for (const [line, live] of running(lines)) if (live.size > world.workers) broken(`at most ${world.workers} running`, `${live.size} after "${line.kind}"`);
  },
};

const endsTheRun = ({ told }: Play): boolean => told.some(({ decisions }) => decisions.some(({ kind }) => kind === 'end'));

const A5: Law = {
  name: 'A5',
  law: 'No deadlock: the run ends with every configuration tried and every trial ended; only where that is declared may trials be left paused.',
  async holds(subject, world) {
    const played = await sound(subject, world);
    if (played === undefined || endsTheRun(played)) return;
    const { rows } = played.experiment;
    if (rows.length !== world.trials.length) broken(`all ${world.trials.length} configurations to be tried`, `${rows.length}`);
    const left = rows.find(({ status }) => !hasEnded(status) && !(subject.leavesPaused && status === 'PAUSED'));
    if (left) broken(`trial ${left.id} to end`, `it is left ${left.status}`);
  },
};

const A6: Law = {
  name: 'A6',
  law: 'The run ends: no trial reports a step twice, but after an exploit.',
  async holds(subject, world) {
    const { problem, lines } = await play(subject, world);
    if (problem?.kind === 'endless') broken('an end', problem.message);
    const seen = new Set<string>();
    const exploits = new Map<number, number>();
    for (const line of lines) {
      if (line.kind === 'exploited') exploits.set(line.trial, (exploits.get(line.trial) ?? 0) + 1);
      if (line.kind !== 'reported') continue;
      const key = `step ${line.step} of trial ${line.trial}, after ${exploits.get(line.trial) ?? 0} exploits`;
      if (seen.has(key)) broken('every step once', `${key}, twice`);
      seen.add(key);
    }
  },
};

const A7: Law = {
  name: 'A7',
  law: 'Work conserving: while time passes, no slot is free that a pending trial or a new one could have.',
  async holds(subject, world) {
    const played = await sound(subject, world);
    if (played === undefined || endsTheRun(played)) return;
    const pending = new Set<number>();
    const alive = new Set<number>(); // as the history has it: one that was exploited has left it
    let [queued, at, live] = [0, 0, 0];
    for (const [line, now] of running(played.lines)) {
      const isWaiting = alive.size >= (world.inFlight ?? Number.POSITIVE_INFINITY);
      const isFree = live < world.workers && (pending.size > 0 || (queued < world.trials.length && !isWaiting));
      if (line.at > at && isFree) broken(`${world.workers} running at ${at / 1000} s`, `${live}, with ${pending.size} pending and ${queued} queued`);
      at = line.at;
      live = now.size;
      if (!('trial' in line)) continue;
      if (line.kind === 'queued') queued += 1;
      if (line.kind === 'queued') alive.add(line.trial);
      if (line.kind === 'exploited' || ENDINGS.includes(line.kind)) alive.delete(line.trial);
      if (line.kind === 'queued' || line.kind === 'retried' || line.kind === 'exploited') pending.add(line.trial);
      else if (line.kind === 'started' || ENDINGS.includes(line.kind)) pending.delete(line.trial);
    }
  },
};

const A8: Law = {
  name: 'A8',
  law: 'The steps of a trial grow over pauses and retries; it goes on at a step that it has reached.',
  async holds(subject, world) {
    const { lines } = await play(subject, world);
    const reached = new Map<number, number>();
    for (const line of lines) {
      if (line.kind === 'exploited') reached.set(line.trial, line.step);
      const before = 'trial' in line ? (reached.get(line.trial) ?? 0) : 0;
      if (line.kind === 'started' && line.step > before) broken(`trial ${line.trial} to go on at step ${before} at most`, `${line.step}`);
      if (line.kind !== 'reported') continue;
      if (line.step <= before) broken(`a step of trial ${line.trial} after ${before}`, `${line.step}`);
      reached.set(line.trial, line.step);
    }
  },
};

const A9: Law = {
  name: 'A9',
  law: 'A trial that has reached maxT reports no more, and ends.',
  skips: (subject) => (numberOption(subject, 'maxT') === undefined ? 'its options have no maxT' : undefined),
  async holds(subject, world) {
    const maxT = numberOption(subject, 'maxT') ?? 0;
    const played = await sound(subject, world);
    const done = new Map<number, number>();
    for (const { event } of played?.told ?? []) {
      if (!isReported(event)) continue;
      const { trial, step } = event;
      if (done.has(trial)) broken(`no report of trial ${trial} after it reached maxT ${maxT} at step ${done.get(trial)}`, `step ${step}`);
      if (timeOf(subject, event) >= maxT) done.set(trial, step);
    }
    for (const trial of done.keys()) {
      const status = played?.experiment.rows[trial]?.status;
      if (status !== undefined && !hasEnded(status)) broken(`trial ${trial} to end at maxT ${maxT}`, `it is ${status}`);
    }
  },
};

const A10: Law = {
  name: 'A10',
  law: 'The configuration of a trial changes by a recorded exploit alone, and what the scheduler was shown of it is not written to.',
  async holds(subject, world) {
    const shown: (readonly [Config, Config])[] = [];
    const show = (config: Config): Config => {
      const open = cloneJson(config) as Config; // not frozen
      shown.push([open, config]);
      return open;
    };
    const { lines, experiment } = await play(subject, world, { show });
    for (const [open, config] of shown)
      if (canonicalJson(open) !== canonicalJson(config)) broken(`the configuration ${JSON.stringify(config)}`, JSON.stringify(open));
    for (const { id, config } of experiment.rows) {
      const line = lines.findLast((one) => (one.kind === 'queued' || one.kind === 'exploited') && one.trial === id) as { config: Config };
      if (canonicalJson(line.config) !== canonicalJson(config)) broken(`trial ${id} with ${JSON.stringify(line.config)}`, JSON.stringify(config));
    }
  },
};

/** What was decided on each report. */
const onReports = (played: Play | undefined): readonly string[] =>
  (played?.told ?? []).flatMap(({ event, decisions }) =>
    isReported(event) ? [`step ${event.step} of trial ${event.trial}: ${bare(decisions.filter(({ kind }) => kind !== 'checkpoint'))}`] : [],
  );

/** @throws {Broken} at the first difference */
export function same(expected: readonly string[], got: readonly string[], what: string): void {
  const at = expected.findIndex((one, i) => one !== got[i]);
  if (at >= 0) broken(`${what}, ${expected[at]}`, got[at] ?? 'the end');
  if (got.length > expected.length) broken(`${what}, the end`, got[expected.length] ?? '');
}

const withoutFailures = (world: FullWorld): FullWorld => eachReport({ ...world, retries: 0 }, (report) => ({ ...report, fails: 0 }));

const A11: Law = {
  name: 'A11',
  law: 'What a trial repeats after a failure changes nothing: each step is told once, and decided as without the failure.',
  skips: ({ pauses, uses }) => (pauses || uses.has('exploit') ? 'who runs next after a failure may differ where trials are paused or copied' : undefined),
  async holds(subject, world) {
    const once = withoutFailures({ ...world, workers: 1 });
    const twice = eachReport({ ...once, retries: 1 }, (report, trial, at) => ({ ...report, fails: at === trial % 3 ? 1 : 0 }));
    const [calm, retried] = [await sound(subject, once), await sound(subject, twice)];
    if (calm && retried) same(onReports(calm), onReports(retried), 'as without the failure');
  },
};

const A12: Law = {
  name: 'A12',
  law: 'Whatever the reports, sparse, skipping, diverged or none: it never throws.',
  async holds(subject, world) {
    const { problem } = await play(subject, world);
    if (problem?.kind === 'threw') broken('no error', problem.message);
  },
};

const A13: Law = {
  name: 'A13',
  law: 'Before gracePeriod a trial goes on.',
  skips: (subject) => (numberOption(subject, 'gracePeriod') === undefined ? 'its options have no gracePeriod' : undefined),
  async holds(subject, world) {
    const grace = numberOption(subject, 'gracePeriod') ?? 0;
    const played = await sound(subject, world);
    for (const { event, decisions } of played?.told ?? []) {
      if (!isReported(event) || !(timeOf(subject, event) < grace)) continue;
      const against = decisions.find((decision) => 'trial' in decision && decision.trial === event.trial && decision.kind !== 'checkpoint');
      if (against) broken(`trial ${event.trial} to go on at ${timeOf(subject, event)}, before gracePeriod ${grace}`, inWords(against));
    }
  },
};

const A14: Law = {
  name: 'A14',
  law: 'A failure says no more than that the trial reports no more: others fare as if it had been complete there.',
  async holds(subject, world) {
    const calm = withoutFailures(world);
    const who = world.trials.length >> 1;
    const length = (world.trials[who]?.length ?? 0) >> 1;
    const trials = (fails: number): FullWorld['trials'] =>
      calm.trials.map((trial, i) => {
        if (i !== who) return trial;
        const next = trial[length];
        return [...trial.slice(0, length), ...(fails && next ? [{ ...next, fails, seconds: 0 }] : [])];
      });
    if (length === 0) return; // who completes without a report has failed
    const [completed, failed] = [await sound(subject, { ...calm, trials: trials(0) }), await sound(subject, { ...calm, trials: trials(1) })];
    if (completed && failed) same(onReports(completed), onReports(failed), `as if trial ${who} had been complete after ${length} reports`);
  },
};

/** For every scheduler: what may happen to a trial. */
export const lifecycleLaws: readonly Law[] = [A1, A2, A3, A4, A5, A6, A7, A8, A9, A10, A11, A12, A13, A14];
