import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openJournal } from '../src/store/journal.ts';
import type { JournalLine } from '../src/trial/events.ts';
import { trialId } from '../src/trial/ids.ts';
import type { Measure, Plan } from './plan.ts';
import { ratioOf } from './plan.ts';
import { median, timed } from './rounds.ts';

const METRICS = 5;
/** An event takes microseconds: a round of a few thousand would measure the neighbours. */
const EVENTS_PER_TASK = 20;

/** Reports appended one by one, each its own batch, against JSON.stringify and a write of the same text; and the last round against the first. */
export async function journalCost({ root, warmUp, rounds, size }: Pick<Plan, 'root' | 'warmUp' | 'rounds' | 'size'>): Promise<readonly Measure[]> {
  const lines = linesOf(size * EVENTS_PER_TASK);
  const path = join(root, 'journal.jsonl');
  using journal = openJournal(path, 0);
  const raw = openSync(join(root, 'raw.jsonl'), 'a');
  const append = (some: readonly JournalLine[]) => () => {
    for (const line of some) journal.append([line]);
  };
  const write = (some: readonly JournalLine[]) => () => {
    for (const line of some) writeSync(raw, `${JSON.stringify(line)}\n`);
  };
  append(lines.slice(0, warmUp))();
  write(lines.slice(0, warmUp))();
  const [ours, plain]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    plain.push(await timed(write(lines)));
    ours.push(await timed(append(lines)));
  }
  await journal.flush();
  const bytes = fstatSync(raw).size / (warmUp + rounds * lines.length);
  closeSync(raw);
  const [first = Number.NaN, last = Number.NaN] = [ours[0], ours.at(-1)];
  const cost = ratioOf('a report in the journal / JSON.stringify and a write', { ours, raw: plain, size: lines.length, limit: 3 });
  return [
    { ...cost, detail: `${cost.detail}; ${bytes.toFixed(0)} bytes and ${((median(ours) / lines.length) * 1000).toFixed(1)} µs an event` },
    { what: `the journal, the last of ${rounds} rounds / the first`, got: last / first, limit: 1.5, unit: '×', detail: `${rounds * lines.length} events` },
  ];
}

function linesOf(count: number): readonly JournalLine[] {
  return Array.from({ length: count }, (_, i) => {
    const metrics = Object.fromEntries(Array.from({ length: METRICS }, (__, k) => [`metric_${k}`, 1 / (i + k + 1)]));
    return { kind: 'reported', trial: trialId(i % 16), step: i, metrics, seconds: 0.1, at: 1_700_000_000_000 + i };
  });
}
