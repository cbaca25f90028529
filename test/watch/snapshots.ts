import type { JsonObject } from '../../src/base/json.ts';
import { rng } from '../../src/base/rng.ts';
import { bestTrial } from '../../src/trial/best-trial.ts';
import { trialId, trialName } from '../../src/trial/ids.ts';
import { hasEnded, STATUSES, type Status } from '../../src/trial/lifecycle.ts';
import type { TrialRecord } from '../../src/trial/trial-record.ts';
import type { Snapshot, TrialSnapshot } from '../../src/watch/snapshot.ts';

const GIB = 2 ** 30;

/** A snapshot of these trials, as of an ASHA run on a machine with 12 cores and one GPU. */
export function snapshotWith(trials: readonly TrialSnapshot[], rest: Partial<Snapshot> = {}): Snapshot {
  const counts = Object.fromEntries(STATUSES.map((status) => [status, trials.filter((trial) => trial.status === status).length])) as Record<Status, number>;
  const { objectives = [{ metric: 'mean_accuracy', mode: 'max' }] } = rest;
  const records = trials.map(({ status, metrics }, i) => ({ id: i, status, last: metrics }) as unknown as TrialRecord);
  return {
    name: 'trainMnist_2026-03-04_17-42-27_x7p2',
    trainable: 'trainMnist',
    searcher: { name: 'tpe', options: { startup: 20, candidates: 24 } },
    scheduler: { name: 'asha', options: { maxT: 100, gracePeriod: 1, reductionFactor: 4 } },
    objectives,
    parameters: ['lr', 'momentum'],
    path: '/home/mia/projects/digits/attune_results/trainMnist_2026-03-04_17-42-27_x7p2',
    elapsedS: 192,
    done: trials.filter(({ status }) => hasEnded(status)).length,
    expected: trials.length,
    counts,
    memory: { used: 11.4 * GIB, total: 16 * GIB },
    cpus: { used: counts.RUNNING, total: 12 },
    gpus: { used: 0, total: 1 },
    best: objectives.map((objective) => bestTrial(records, objective)?.id ?? -1),
    trials,
    ...rest,
  };
}

/** `count` trials, as they stand when `running` of them run and about a tenth still wait. */
export function someTrials(count: number, running: number): readonly TrialSnapshot[] {
  const waiting = count <= 4 ? 0 : Math.floor(count / 10);
  return Array.from({ length: count }, (_, i) => {
    const draw = rng(1).fork('trial', i);
    const config = { lr: 10 ** (draw.next() * 4 - 5), momentum: [0.8, 0.9, 0.99][draw.int(3)] ?? 0 };
    if (i >= count - waiting) return trial(i, 'PENDING', config);
    const isRunning = i >= count - waiting - running;
    const iteration = isRunning ? 1 + draw.int(30) : ([1, 1, 4, 16, 100][draw.int(5)] ?? 1);
    const mean_accuracy = 1 - 0.9 / (1 + iteration * config.lr * 10) - draw.next() * 0.05;
    const metrics = rowOf(iteration, { mean_accuracy, loss: -Math.log(mean_accuracy) });
    if (isRunning) return trial(i, 'RUNNING', config, metrics);
    if (i % 13 === 7) return { ...trial(i, 'ERROR', config, metrics), reason: 'RangeError: loss is not finite' };
    if (iteration === 100) return { ...trial(i, 'TERMINATED', config, metrics), reason: 'asha: reached maxT 100' };
    return { ...trial(i, 'TERMINATED', config, metrics), reason: `asha: rung ${iteration}: rank ${2 + draw.int(9)} of 12, only the best 3 go on` };
  });
}

export const rowOf = (iteration: number, metrics: JsonObject): JsonObject => ({
  ...metrics,
  training_iteration: iteration,
  time_total_s: iteration * 2.4,
  pid: 31115,
  hostname: 'node-3',
});

export function trial(i: number, status: Status, config: JsonObject, metrics?: JsonObject): TrialSnapshot {
  const iteration = Number(metrics?.['training_iteration'] ?? 0);
  return {
    name: trialName(7, trialId(i)),
    status,
    config,
    iteration,
    timeTotalS: iteration * 2.4,
    ...(metrics ? { metrics, loc: 'node-3:31115' } : {}),
  };
}
