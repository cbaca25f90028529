import { isWorst } from '../../../src/base/worst.ts';
import type { Decision, Scheduler, SchedulerEvent } from '../../../src/schedule/scheduler.ts';
import { trialId } from '../../../src/trial/ids.ts';

/** What may be wrong with it. */
export type HalvingFlaw =
  | 'comparison flipped'
  | 'floor dropped'
  | 'first rung missing'
  | 'NaN forgotten'
  | 'the stopped are not recorded'
  | 'falls back to a lower rung'
  | 'ties stop'
  | 'before its grace period'
  | 'goes on past maxT'
  | 'remembers in a closure'
  | 'a Map in its state'
  | 'draws from Math.random'
  | 'reads the metric, not the loss'
  | 'a restart is a new trial'
  | 'looks at the wall time'
  | 'counts the metrics'
  | 'forgets who failed'
  | 'writes to configurations'
  | 'throws at a gap'
  | 'compares with the mean'
  | 'decides about who has ended'
  | 'keeps everybody who is better than half'
  | 'gives no reason';

const MILESTONES = [1, 3, 9];
const [MAX_T, ETA] = [9, 3];

interface State {
  rungs: number[][];
  reached: Record<string, number[]>;
  seen: Record<string, number> | Map<number, number>;
}

/** Asynchronous successive halving that stops, in a few lines: right without a flaw. */
export function halving(flaw?: HalvingFlaw, timeAttr?: string): Scheduler<State> {
  const outside: number[][] = MILESTONES.map(() => []);
  const milestones = flaw === 'first rung missing' ? MILESTONES.slice(1) : MILESTONES;
  return {
    name: 'halving',
    options: { maxT: MAX_T, gracePeriod: flaw === 'before its grace period' ? 2 : 1, reductionFactor: ETA, ...(timeAttr === undefined ? {} : { timeAttr }) },
    uses: ['stop'],
    init: () => ({ rungs: MILESTONES.map(() => []), reached: {}, seen: flaw === 'a Map in its state' ? new Map() : {} }),
    decide(state, event) {
      if (flaw === 'writes to configurations' && event.kind === 'queued') (event.config as { extra: number })['extra'] = 1;
      if (flaw === 'a restart is a new trial' && event.kind === 'started') delete state.reached[event.trial];
      if (flaw === 'forgets who failed' && event.kind === 'failed') state.rungs[0] = [];
      if (flaw === 'decides about who has ended' && event.kind === 'completed') return { state, decisions: [stop(event.trial, 'over')] };
      if (event.kind !== 'reported') return { state, decisions: [] };
      const reason = judged(flaw === 'remembers in a closure' ? { ...state, rungs: outside } : state, event);
      return { state, decisions: reason === undefined ? [] : [stop(event.trial, flaw === 'gives no reason' ? '' : reason)] };
    },
  };

  function judged(state: State, event: Extract<SchedulerEvent, { kind: 'reported' }>): string | undefined {
    const { trial, step: report, metrics } = event;
    const step = timeAttr === undefined ? report : (metrics[timeAttr] ?? 0);
    const loss = flaw === 'reads the metric, not the loss' ? (metrics['value'] ?? 0) : (event.losses[0] ?? 0);
    const before = state.seen instanceof Map || flaw === 'a Map in its state' ? (state.seen as Map<number, number>).get(trial) : state.seen[trial];
    if (flaw === 'throws at a gap' && report - (before ?? 0) > 1) throw new Error('a step is missing');
    if (state.seen instanceof Map) state.seen.set(trial, report);
    else state.seen[trial] = report;
    if (flaw === 'before its grace period' && step === 1 && loss > 5) return 'bad';
    if (flaw === 'looks at the wall time' && (metrics['time_total_s'] ?? 0) > 6) return 'too slow';
    if (flaw === 'counts the metrics' && Object.keys(metrics).length > 12) return 'too many metrics';
    if (step >= MAX_T && flaw !== 'goes on past maxT') return 'reached maxT';
    const known = state.reached[trial] ?? [];
    const isOpen = (rung: number): boolean => (flaw === 'falls back to a lower rung' ? !known.includes(rung) : rung > Math.max(-1, ...known));
    const passed = milestones.findLastIndex((milestone) => milestone <= step);
    const rung = flaw === 'falls back to a lower rung' ? milestones.findLastIndex((_, i) => i <= passed && isOpen(i)) : passed;
    if (rung < 0 || !isOpen(rung)) return undefined;
    state.reached[trial] = [...known, rung];
    return placed(state.rungs[rung] ?? [], loss);
  }

  function placed(losses: number[], loss: number): string | undefined {
    const all = [...losses, loss];
    const better = all.filter((other) => (flaw === 'comparison flipped' ? other > loss : other < loss)).length;
    const equal = all.filter((other) => other === loss).length - 1;
    const kept = flaw === 'floor dropped' ? all.length / ETA : Math.floor(all.length / (flaw === 'keeps everybody who is better than half' ? 2 : ETA));
    const mean = all.reduce((sum, other) => sum + other / all.length, 0);
    let stops = (flaw === 'ties stop' ? better + equal : better) >= Math.max(1, kept);
    if (flaw === 'compares with the mean') stops = loss > mean;
    if (isWorst(loss) && flaw !== 'NaN forgotten' && flaw !== 'compares with the mean') stops = all.some((other) => !isWorst(other));
    if (flaw === 'draws from Math.random' && stops) stops = Math.random() >= 0;
    if (!stops || flaw !== 'the stopped are not recorded') losses.push(loss);
    return stops ? `rank ${better + 1} of ${all.length}` : undefined;
  }
}

const stop = (trial: number, reason: string): Decision => ({ kind: 'stop', trial: trialId(trial), reason });
