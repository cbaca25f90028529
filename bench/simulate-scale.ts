import type { JournalLine } from 'attune';
import { asha } from 'attune/schedulers';
import { simulate } from 'attune/testing';
import { median } from './rounds.ts';

/**
 * In a process of its own: what an event costs in a simulation, against what it costs to push it into a bare heap and pop it again, and with
 * few trials against many. Processor time, not the clock's: a machine has other things to do too.
 */
const [trials = 10_000, many = 100_000, rounds = 5] = process.argv.slice(2).map(Number);
const WORKERS = 64;
const REPORTS = 27;
const FEW = 1_000;
const HAPPEN = new Set(['started', 'reported', 'completed', 'stopped']);

/** Of trials in random order a third passes each rung; of those that are each better than all before, all pass all of them. */
type Kind = 'random' | 'improving';

const random = await costs('random', trials);
const improving = await costs('improving', trials);
process.stdout.write(JSON.stringify({ random, improving, growth: await growth() }));

async function costs(kind: Kind, count: number): Promise<{ readonly us: number; readonly heapUs: number; readonly ratio: number; readonly events: number }> {
  const chains = chainsOf(await run(kind, count)); // and everything is warm
  const events = chains.reduce((sum, { length }) => sum + length, 0);
  const us: number[] = [];
  const heapUs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    heapUs.push(await worked(events, () => throughHeap(chains)));
    us.push(await worked(events, () => run(kind, count)));
  }
  return { us: median(us), heapUs: median(heapUs), ratio: median(us.map((one, round) => one / (heapUs[round] ?? Number.NaN))), events };
}

/** Microseconds of an event among few trials, before and after, and among many. */
async function growth(): Promise<{ readonly few: number; readonly many: number; readonly ratio: number }> {
  const several = Math.round(many / FEW / 4);
  const few = async (): Promise<number> => {
    let events = 0;
    const us = await worked(1, async () => {
      for (let i = 0; i < several; i++) events += eventsIn(await run('random', FEW));
    });
    return us / events;
  };
  const before = await few();
  let events = 0;
  const us = await worked(1, async () => {
    events = eventsIn(await run('random', many));
  });
  const mean = (before + (await few())) / 2;
  return { few: mean, many: us / events, ratio: us / events / mean };
}

async function run(kind: Kind, count: number): Promise<readonly JournalLine[]> {
  let last = 0;
  const { journal } = await simulate({
    scheduler: asha({ maxT: REPORTS, reductionFactor: 3 }),
    trials: count,
    workers: WORKERS,
    curve: kind === 'random' ? (config, step) => config.x + 1 / step : () => --last,
    durations: ({ x }) => 0.5 + x,
  });
  return journal;
}

/** Microseconds of the processor for each of so many events. */
async function worked(events: number, act: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / events;
}

function eventsIn(journal: readonly JournalLine[]): number {
  let count = 0;
  for (const { kind } of journal) if (HAPPEN.has(kind)) count += 1;
  return count;
}

/** The times of what happened to each trial: each event is scheduled when the one before it has happened. */
function chainsOf(journal: readonly JournalLine[]): readonly (readonly number[])[] {
  const chains: number[][] = [];
  for (const line of journal) if ('trial' in line && HAPPEN.has(line.kind)) (chains[line.trial] ??= []).push(line.at);
  return chains;
}

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly chain: readonly number[];
  readonly next: number;
}

/** The same events through a binary heap of (time, sequence), as many trials at a time as there are workers, and nothing else. */
function throughHeap(chains: readonly (readonly number[])[]): void {
  const heap: Entry[] = [];
  let [order, begun, popped] = [0, 0, 0];
  const begin = (): void => {
    const chain = chains[begun++];
    if (chain) push(heap, { at: chain[0] ?? 0, order: order++, chain, next: 1 });
  };
  for (let worker = 0; worker < WORKERS; worker++) begin();
  while (heap.length > 0) {
    const { chain, next } = pop(heap);
    popped += 1;
    const at = chain[next];
    if (at === undefined) begin();
    else push(heap, { at, order: order++, chain, next: next + 1 });
  }
  if (popped !== chains.reduce((sum, { length }) => sum + length, 0)) throw new Error('the heap has lost events');
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function push(heap: Entry[], entry: Entry): void {
  let hole = heap.length;
  heap.push(entry);
  for (let parent = (hole - 1) >> 1; hole > 0 && isBefore(entry, heap[parent] as Entry); parent = (hole - 1) >> 1) {
    heap[hole] = heap[parent] as Entry;
    hole = parent;
  }
  heap[hole] = entry;
}

function pop(heap: Entry[]): Entry {
  const top = heap[0] as Entry;
  const last = heap.pop() as Entry;
  if (heap.length === 0) return top;
  let hole = 0;
  for (;;) {
    let child = 2 * hole + 1;
    if (child + 1 < heap.length && isBefore(heap[child + 1] as Entry, heap[child] as Entry)) child += 1;
    if (child >= heap.length || !isBefore(heap[child] as Entry, last)) break;
    heap[hole] = heap[child] as Entry;
    hole = child;
  }
  heap[hole] = last;
  return top;
}
