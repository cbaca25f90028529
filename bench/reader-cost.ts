import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Reader } from 'attune';
import type { Measure, Plan } from './plan.ts';
import { ratioOf } from './plan.ts';
import { timed } from './rounds.ts';

const QUERY = "info.status == 'COMPLETE' & config.model.num_units < 4";
/** One query takes less than a millisecond. */
const QUERIES = 20;

/**
 * A query over the index of many runs, against the same predicate written by hand over that index. That a second open reads the index and what has
 * changed, and nothing else, is counted.
 */
export async function readerCost({ root, rounds, runs }: Pick<Plan, 'root' | 'rounds'> & { readonly runs: number }): Promise<Measure> {
  const dir = experimentOf(root, runs);
  await Reader.open(dir);
  mkdirSync(join(dir, 'train_7/artifacts/json'), { recursive: true });
  const reader = await Reader.open(dir);
  const { directories, files } = reader.reads;
  if (directories !== 2 || files !== 1)
    throw new Error(`a second open read ${directories} directories and ${files} files, not the 2 that are new and the index`);
  const index = [...reader.filter().toTable({ lazy: true })];
  const byHand = (): number => index.filter((run) => run['info.status'] === 'COMPLETE' && (run['config.model.num_units'] as number) < 4).length;
  const byQuery = (): number => reader.filter(QUERY).length;
  if (byQuery() !== byHand()) throw new Error(`a query found ${byQuery()} runs, and the predicate ${byHand()}`);
  const times = async (act: () => number): Promise<number> =>
    timed(() => {
      for (let i = 0; i < QUERIES; i++) act();
    });
  const ours: number[] = [];
  const raw: number[] = [];
  for (let round = 0; round < rounds; round++) {
    raw.push(await times(byHand));
    ours.push(await times(byQuery));
  }
  return ratioOf(`a query over ${runs.toLocaleString('en')} runs / the predicate by hand`, { ours, raw, size: QUERIES, limit: 5 });
}

/** An experiment as its journal, every second trial of which has ended. */
function experimentOf(root: string, runs: number): string {
  const dir = join(root, 'reader');
  const plugin = { name: 'basicVariant' };
  const checkpoints = { frequency: 1, atEnd: false };
  const settings = { seed: 7, space: {}, objectives: [], trainable: { name: 'train' }, searcher: plugin, scheduler: plugin, checkpoints };
  const created = { kind: 'created', at: 1, schema: 1, name: 'reader', ...settings, maxFailures: 0, failFast: false, versions: {} };
  const lines: object[] = [created, { kind: 'opened', at: 1, pid: 1, host: 'bench', samples: runs, slots: 1 }];
  for (let trial = 0; trial < runs; trial++) {
    const config = { model: { num_units: 2 + (trial % 3) }, lr: 1 / (trial + 1), seed: trial };
    const by = { kind: 'searcher', index: trial };
    lines.push(
      { kind: 'queued', trial, at: 2, config, tag: String(trial), dir: `train_${trial}`, by, asked: 0 },
      { kind: 'started', trial, at: 2, run: trial, step: 0 },
    );
    if (trial % 2 === 0) lines.push({ kind: 'completed', trial, at: 3 });
  }
  mkdirSync(dir);
  writeFileSync(join(dir, 'journal.jsonl'), `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
  return dir;
}
