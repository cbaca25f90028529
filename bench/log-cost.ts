import { join } from 'node:path';
import { NO_TOTALS, nextRow } from '../src/trial/row.ts';
import { JsonLog } from '../src/watch/json-log.ts';
import { TensorBoardLog } from '../src/watch/tensorboard/tensorboard-log.ts';
import type { LoggedRow, TrialLog } from '../src/watch/trial-log.ts';
import type { Measure, Plan } from './plan.ts';
import { ratioOf } from './plan.ts';
import { timed } from './rounds.ts';

const METRICS = 5;
/** A row takes microseconds: a round of a few thousand would measure the neighbours. */
const ROWS_PER_TASK = 10;

/** The rows of a trial with a few metrics, written one by one: result.json with the event file for TensorBoard, against result.json alone. */
export async function logCost({ root, warmUp, rounds, size }: Pick<Plan, 'root' | 'warmUp' | 'rounds' | 'size'>): Promise<Measure> {
  const rows = rowsOf(size * ROWS_PER_TASK);
  const write = (log: TrialLog, some: readonly LoggedRow[]) => () => {
    for (const row of some) log.append([row]);
  };
  const json = new JsonLog(join(root, 'json'));
  const both = [new JsonLog(join(root, 'both')), new TensorBoardLog(join(root, 'both'))];
  for (const log of [json, ...both]) write(log, rows.slice(0, warmUp))();
  const ours: number[] = [];
  const raw: number[] = [];
  for (let round = 0; round < rounds; round++) {
    raw.push(await timed(write(json, rows)));
    let ms = 0;
    for (const log of both) ms += await timed(write(log, rows));
    ours.push(ms);
  }
  for (const log of [json, ...both]) log.close();
  return ratioOf('a row of result.json and of the TensorBoard log / of result.json alone', { ours, raw, size: rows.length, limit: 2 });
}

function rowsOf(count: number): readonly LoggedRow[] {
  const config = { lr: 0.0097813, momentum: 0.9, layers: [64, 32] };
  const facts = { name: '6e465_00007', tag: '7_lr=0.0098,momentum=0.9000', config, pid: 4242, host: 'bench', thread: 3 };
  let totals = NO_TOTALS;
  return Array.from({ length: count }, (_, i) => {
    const metrics = Object.fromEntries(Array.from({ length: METRICS }, (__, k) => [`metric_${k}`, 1 / (i + k + 1)]));
    const next = nextRow(totals, { metrics, at: 1_700_000_000_000 + i, seconds: 0.1 }, facts);
    totals = next.totals;
    return { row: next.row, at: 1_700_000_000_000 + i };
  });
}
