import { isWorst } from '../../../src/base/worst.ts';
import type { Decision, ScheduleContext, Scheduler } from '../../../src/schedule/scheduler.ts';
import type { Config } from '../../../src/space/config.ts';
import { trialId } from '../../../src/trial/ids.ts';

/** What may be wrong with it. */
export type PopulationFlaw =
  | 'explores without clipping'
  | 'slice(-0)'
  | 'the worst are copied'
  | 'copies the diverged'
  | 'the second best is copied too'
  | 'an old checkpoint'
  | 'copies itself'
  | 'explores what it should copy'
  | 'compares at every report'
  | 'forgets the burn-in'
  | 'stops the worst'
  | 'the wrong source'
  | 'never exploits'
  | 'the wrong factor';

interface Member {
  config: Config;
  time: number;
  loss: number | null;
  checkpoint: string | null;
  first: string | null;
  taken: { config: Config } | null;
}

interface State {
  readonly members: Record<string, Member>;
}

const [INTERVAL, BURN_IN] = [2, 3];
const FACTORS = [0.8, 1.2] as const;

/** Population based training in a few lines, for as many workers as members: right without a flaw. */
export function population(quantileFraction: number, flaw?: PopulationFlaw): Scheduler<State> {
  return {
    name: 'population',
    options: {
      perturbationInterval: INTERVAL,
      burnIn: BURN_IN,
      quantileFraction,
      hyperparamMutations: { lr: { $domain: 'loguniform', lower: 1e-4, upper: 1 } },
      perturbationFactors: FACTORS,
      resampleProbability: 0,
    },
    uses: flaw === 'stops the worst' ? ['exploit', 'stop'] : ['exploit'],
    init: () => ({ members: {} }),
    decide(state, event, context) {
      const none = { state, decisions: [] };
      if (!('trial' in event)) return none;
      const { trial } = event;
      if (event.kind === 'queued') state.members[trial] = { config: event.config, time: 0, loss: null, checkpoint: null, first: null, taken: null };
      const member = state.members[trial];
      if (member === undefined) return none;
      if (event.kind === 'checkpointed') {
        member.checkpoint = event.checkpoint;
        member.first ??= event.checkpoint;
      }
      if (event.kind === 'exploited' && member.taken) {
        const { config } = member.taken;
        Object.assign(member, { config, time: event.step, loss: null, checkpoint: null, first: null, taken: null });
      }
      if (event.kind === 'completed' || event.kind === 'failed' || event.kind === 'stopped') delete state.members[trial];
      if (event.kind !== 'reported' || member.taken) return none;
      if (event.step < BURN_IN && flaw !== 'forgets the burn-in') return none;
      if (event.step - member.time < (flaw === 'compares at every report' ? 1 : INTERVAL)) return none;
      Object.assign(member, {
        time: event.step,
        loss: event.losses[0] ?? 0,
        checkpoint: flaw === 'an old checkpoint' || flaw === 'copies itself' ? member.checkpoint : null,
      });
      return { state, decisions: compared(state, trial, context) };
    },
  };

  function compared(state: State, trial: number, context: ScheduleContext): Decision[] {
    const ranked = Object.entries(state.members)
      .flatMap(([id, { loss }]) => (loss === null ? [] : [{ id: Number(id), loss }]))
      .sort((a, b) => a.loss - b.loss || a.id - b.id);
    const n = ranked.length;
    const k = Math.min(Math.ceil(n * quantileFraction - 1e-9), Math.floor(n / 2));
    const more = flaw === 'the second best is copied too' ? 1 : 0;
    let upper = flaw === 'slice(-0)' ? [...ranked].reverse().slice(-k) : ranked.slice(0, k + more);
    let lower = flaw === 'slice(-0)' ? ranked.slice(-k) : ranked.filter(({ loss }, i) => k > 0 && (i >= n - k || isWorst(loss)));
    if (flaw === 'the worst are copied') [upper, lower] = [lower, upper];
    if (flaw !== 'copies the diverged') upper = upper.filter(({ loss }) => !isWorst(loss));
    const able = upper.filter(({ id }) => state.members[id]?.checkpoint !== null && (id !== trial || flaw === 'copies itself'));
    const target = lower.find(({ id }) => id === trial);
    const member = state.members[trial] as Member;
    if (target && flaw === 'stops the worst' && n > 3) return [{ kind: 'stop', trial: trialId(trial), reason: 'the worst' }];
    const drawn = able[context.rng('source', trial, member.time).int(Math.max(1, able.length))];
    const source = flaw === 'copies itself' ? (able.find(({ id }) => id === trial) ?? drawn) : drawn;
    const isDrawn = flaw === 'copies itself' ? source !== undefined && n > 1 : target !== undefined;
    const from = source && state.members[source.id];
    if (flaw === 'never exploits' || !isDrawn || source === undefined || from === undefined) return [];
    const config = explored(flaw === 'the wrong source' ? member.config : from.config, context.rng('explore', trial, member.time).next());
    member.taken = { config };
    const checkpoint = (flaw === 'an old checkpoint' ? from.first : from.checkpoint) ?? '';
    return [{ kind: 'exploit', trial: trialId(trial), from: trialId(source.id), checkpoint, config, reason: `from ${source.id}` }];
  }

  function explored(config: Config, draw: number): Config {
    const { lr, width, ...rest } = config as { lr: number; width: number };
    const moved = lr * FACTORS[draw < 0.5 ? 0 : 1] * (flaw === 'the wrong factor' ? 1.01 : 1);
    const clipped = flaw === 'explores without clipping' ? moved * 10 : Math.min(Math.max(moved, 1e-4), 1 - 1e-9);
    return { ...rest, lr: clipped, width: flaw === 'explores what it should copy' ? (width === 8 ? 16 : 8) : width };
  }
}
