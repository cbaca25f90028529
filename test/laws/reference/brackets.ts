import { isWorst } from '../../../src/base/worst.ts';
import type { Decision, Scheduler } from '../../../src/schedule/scheduler.ts';
import { trialId } from '../../../src/trial/ids.ts';

/** What may be wrong with it. */
export type BracketsFlaw =
  | 'the barrier is ignored'
  | 'the worst go on'
  | 'the best two are dropped'
  | 'one place too many'
  | 'ties to the later'
  | 'ties to the first that came'
  | 'the diverged go on'
  | 'a failure holds its bracket up'
  | 'a bracket that is not full waits for ever'
  | 'rungs by a logarithm'
  | 'judges one step late';

interface Options {
  readonly maxT: number;
  readonly eta: number;
}

interface Bracket {
  readonly s: number;
  rung: number;
  closed: boolean;
  members: number[];
}

interface State {
  readonly brackets: Bracket[];
  readonly bracketOf: Record<string, number>;
  readonly standing: Record<string, 'running' | 'paused' | 'ended'>;
  readonly losses: Record<string, number>;
  readonly arrivals: number[];
  exhausted: boolean;
}

/** HyperBand in a few lines, the table of the paper's algorithm: right without a flaw. */
export function brackets({ maxT, eta }: Options, flaw?: BracketsFlaw): Scheduler<State> {
  const most = flaw === 'rungs by a logarithm' ? Math.ceil(Math.log(maxT) / Math.log(eta)) : exponent(maxT, eta);
  const first = (s: number): number => Math.ceil(((most + 1) * eta ** s) / (s + 1));
  const places = (s: number, rung: number): number => Math.floor(first(s) / eta ** rung) + (flaw === 'one place too many' && rung === 1 ? 1 : 0);
  const milestone = ({ s, rung }: Bracket): number => maxT / eta ** (s - rung) + (flaw === 'judges one step late' && rung === 0 && s > 0 ? 1 : 0);

  return {
    name: 'brackets',
    options: { maxT, reductionFactor: eta, table: 'paper' },
    uses: ['stop', 'pause', 'resume'],
    init: () => ({ brackets: [], bracketOf: {}, standing: {}, losses: {}, arrivals: [], exhausted: false }),
    decide(state, event) {
      switch (event.kind) {
        case 'queued':
          state.exhausted = false;
          join(state, event.trial);
          return { state, decisions: [] };
        case 'started':
          state.standing[event.trial] = 'running';
          return { state, decisions: [] };
        case 'reported': {
          const bracket = state.brackets[state.bracketOf[event.trial] ?? 0] as Bracket;
          const { trial, step, losses } = event;
          if (step >= maxT) return { state, decisions: [{ kind: 'stop', trial, reason: 'reached maxT' }] };
          if (step < milestone(bracket)) return { state, decisions: [] };
          state.losses[trial] = losses[0] ?? 0;
          state.arrivals.push(trial);
          return { state, decisions: [{ kind: 'pause', trial, reason: 'waits for the others' }] };
        }
        case 'exhausted':
          state.exhausted = true;
          break;
        case 'stalled':
          for (const bracket of state.brackets) bracket.closed = true;
          break;
        case 'paused':
          state.standing[event.trial] = 'paused';
          break;
        case 'completed':
        case 'stopped':
        case 'failed':
          if (event.kind !== 'failed' || flaw !== 'a failure holds its bracket up') state.standing[event.trial] = 'ended';
          break;
        default:
          return { state, decisions: [] };
      }
      return { state, decisions: state.brackets.flatMap((bracket) => settle(state, bracket)) };
    },
  };

  function join(state: State, trial: number): void {
    let bracket = state.brackets.at(-1);
    if (bracket === undefined || bracket.closed || bracket.rung > 0 || joined(state) >= first(bracket.s)) {
      bracket = { s: most - (state.brackets.length % (most + 1)), rung: 0, closed: false, members: [] };
      state.brackets.push(bracket);
    }
    bracket.members.push(trial);
    state.bracketOf[trial] = state.brackets.length - 1;
    state.standing[trial] = 'running';
  }

  function joined({ brackets: all, bracketOf }: State): number {
    return Object.values(bracketOf).filter((at) => at === all.length - 1).length;
  }

  function settle(state: State, bracket: Bracket): Decision[] {
    const { standing } = state;
    const isFull = bracket.closed || bracket.rung > 0 || bracket !== state.brackets.at(-1) || joined(state) >= first(bracket.s);
    if (!isFull && (!state.exhausted || flaw === 'a bracket that is not full waits for ever')) return [];
    const alive = bracket.members.filter((trial) => standing[trial] !== 'ended');
    const waiting = alive.filter((trial) => standing[trial] === 'paused');
    const isComplete = flaw === 'the barrier is ignored' ? waiting.length * 2 >= alive.length : waiting.length === alive.length;
    if (waiting.length === 0 || !isComplete) return [];
    bracket.rung += 1;
    const ranked = rank(state, waiting);
    const from = flaw === 'the best two are dropped' && ranked.length > 3 ? 2 : 0;
    const isFit = (trial: number): boolean => flaw === 'the diverged go on' || !isWorst(state.losses[trial] ?? 0);
    const on = ranked.filter(isFit).slice(from, from + places(bracket.s, bracket.rung));
    bracket.members = flaw === 'the barrier is ignored' ? bracket.members : on;
    return ranked.map((trial): Decision => {
      const goes = on.includes(trial);
      standing[trial] = goes ? 'running' : 'ended';
      return { kind: goes ? 'resume' : 'stop', trial: trialId(trial), reason: `rung ${bracket.rung}` };
    });
  }

  function rank({ losses, arrivals }: State, trials: readonly number[]): number[] {
    const tie = (a: number, b: number): number => {
      if (flaw === 'ties to the later') return b - a;
      if (flaw === 'ties to the first that came') return arrivals.lastIndexOf(a) - arrivals.lastIndexOf(b);
      return a - b;
    };
    const sign = flaw === 'the worst go on' ? -1 : 1;
    return [...trials].sort((a, b) => sign * ((losses[a] ?? 0) - (losses[b] ?? 0)) || tie(a, b));
  }
}

function exponent(maxT: number, eta: number): number {
  let s = 0;
  while (eta ** (s + 1) <= maxT) s += 1;
  return s;
}
