import { compareStandings, type Standing } from '../trial/best-trial.ts';
import { metricAt } from '../trial/metrics.ts';
import { violationOf } from '../trial/row.ts';
import type { Snapshot, TrialSnapshot } from './snapshot.ts';

interface Ranked {
  readonly index: number;
  readonly standing: Standing;
}

/**
 * Which trials a table of `room` rows shows, in its order: the running ones, then the best of the others, then the newest
 * failures (a quarter of the room, at least), then those that wait. O(trials).
 *
 * @returns indices into `snapshot.trials`, and a line about the others: empty when there are none
 */
export function rowsToShow({ trials, objectives }: Snapshot, room: number): { readonly shown: readonly number[]; readonly rest: string } {
  const [objective] = objectives;
  const running: number[] = [];
  const failed: number[] = [];
  const waiting: number[] = [];
  const others: Ranked[] = [];
  for (const [index, trial] of trials.entries()) {
    if (trial.status === 'RUNNING') running.push(index);
    else if (trial.status === 'ERROR') failed.push(index);
    else if (trial.metrics === undefined) waiting.push(index);
    else others.push({ index, standing: standingOf(trial, index, objective) });
  }
  const left = Math.max(0, room - running.length);
  const best = lowest(others, left - Math.min(failed.length, Math.ceil(left / 4)));
  const shown = [...running, ...best, ...failed.reverse(), ...waiting].slice(0, room);
  return { shown, rest: restText(trials, new Set(shown)) };
}

/** Without an objective, or without its value, the newer comes first. */
function standingOf({ metrics }: TrialSnapshot, index: number, objective: Snapshot['objectives'][number] | undefined): Standing {
  const value = metrics && objective ? metricAt(metrics, objective.metric) : -index;
  if (typeof value !== 'number' || Number.isNaN(value)) return { violation: Infinity, loss: Number.NaN };
  return { violation: violationOf(metrics), loss: objective?.mode === 'max' ? -value : value };
}

const compare = (a: Ranked, b: Ranked): number => compareStandings(a.standing, b.standing) || a.index - b.index;

/** The first `count` in order, without sorting the many that are left out. */
function lowest(items: readonly Ranked[], count: number): readonly number[] {
  const kept: Ranked[] = [];
  for (const item of items) {
    const last = kept.at(-1);
    if (count <= 0 || (kept.length === count && last && compare(item, last) >= 0)) continue;
    let at = kept.length;
    while (at > 0 && compare(item, kept[at - 1] as Ranked) < 0) at -= 1;
    kept.splice(at, 0, item);
    if (kept.length > count) kept.pop();
  }
  return kept.map(({ index }) => index);
}

function restText(trials: readonly TrialSnapshot[], shown: ReadonlySet<number>): string {
  const counts = new Map<string, number>();
  for (const [index, { status }] of trials.entries()) if (!shown.has(index)) counts.set(status, (counts.get(status) ?? 0) + 1);
  if (counts.size === 0) return '';
  return `… ${trials.length - shown.size} more: ${[...counts].map(([status, n]) => `${n} ${status}`).join(', ')}`;
}
