import { isWorst } from '../base/worst.ts';
import type { JournalLine } from '../trial/events.ts';
import type { TrialId } from '../trial/ids.ts';
import type { Objective } from '../trial/metrics.ts';
import { toLosses } from '../trial/metrics.ts';

/** How far trials have come: `reached` of them made report number `step`, and `ended` of these made none after it. */
export interface Trained {
  readonly step: number;
  readonly reached: number;
  readonly ended: number;
}

/** What a journal comes to. */
export interface Summary {
  readonly trials: number;
  /** One entry for each step at which a trial stayed, ascending; 0 for trials that never reported. */
  readonly trained: readonly Trained[];
  /** Reports: one is one iteration of training. */
  readonly iterations: number;
  /** From the start to the last thing that happened to a trial. */
  readonly seconds: number;
  /** Seconds in which a worker had a trial, summed over the workers; also those in which a trial repeated what it had lost. */
  readonly busySeconds: number;
  readonly completed: number;
  readonly stopped: number;
  readonly failed: number;
  /** Left paused: nobody resumed them. */
  readonly paused: number;
  /** The best value that was ever reported of the first metric, and after how many seconds and iterations that was. Absent when there is none. */
  readonly best?: { readonly trial: TrialId; readonly step: number; readonly value: number; readonly seconds: number; readonly iterations: number };
}

/** One pass over a journal. */
export function summarize(lines: readonly JournalLine[], objectives: readonly Objective[]): Summary {
  const steps: number[] = [];
  const counts = { completed: 0, stopped: 0, failed: 0 };
  const paused = new Set<TrialId>();
  const since = new Map<TrialId, number>();
  const began = lines[0]?.at ?? 0;
  const [first] = objectives;
  let [iterations, seconds, busyMs] = [0, 0, 0];
  let best: Summary['best'];
  let least = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    if (line.kind === 'closed') for (const at of since.values()) busyMs += line.at - at; // what was interrupted
    if (line.kind === 'closed') since.clear();
    if (!('trial' in line)) continue;
    const { trial, at } = line;
    seconds = (at - began) / 1000;
    switch (line.kind) {
      case 'queued':
        steps[trial] = 0;
        break;
      case 'started':
        since.set(trial, at);
        paused.delete(trial);
        break;
      case 'reported': {
        iterations += 1;
        steps[trial] = Math.max(steps[trial] ?? 0, line.step);
        const loss = first && toLosses([first], line.metrics)?.[0];
        if (first === undefined || loss === undefined || isWorst(loss) || loss >= least) break;
        least = loss;
        best = { trial, step: line.step, value: first.mode === 'min' ? loss : -loss, seconds, iterations };
        break;
      }
      case 'checkpointed':
        break;
      default:
        busyMs += at - (since.get(trial) ?? at);
        since.delete(trial);
        paused.delete(trial);
        if (line.kind === 'paused') paused.add(trial);
        if (line.kind === 'completed' || line.kind === 'stopped' || line.kind === 'failed') counts[line.kind] += 1;
    }
  }
  const trained = trainedTo(steps);
  return { trials: steps.length, trained, iterations, seconds, busySeconds: busyMs / 1000, ...counts, paused: paused.size, ...(best ? { best } : {}) };
}

function trainedTo(steps: readonly number[]): readonly Trained[] {
  const ended = new Map<number, number>();
  for (const step of steps) ended.set(step, (ended.get(step) ?? 0) + 1);
  let reached = steps.length;
  return [...ended]
    .sort(([a], [b]) => a - b)
    .map(([step, count]) => {
      const row = { step, reached, ended: count };
      reached -= count;
      return row;
    });
}
