import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, inline, ResultGrid, type TrialContext, Tuner, uniform } from 'attune';
import { median, timed } from './rounds.ts';

/**
 * In a process of its own: writes the journal of many trials, each with many reports, opens and restores it, against parsing the same lines. All of
 * it happens within a minute of its clock: a restore looks after the logs of such trials.
 */
const [loggers = 'default', ...sizes] = process.argv.slice(2);
const [trials = 10_000, reports = 100, rounds = 3] = sizes.map(Number);

async function train({ lr, layers }: Config, trial: TrialContext): Promise<void> {
  for (let i = 0; i < reports; i++) await trial.report({ loss: (lr as number) / (i + 1), accuracy: 1 - 1 / (i + 2), epoch_s: 0.125 * (layers as number) });
}

const paramSpace = { lr: uniform(0, 1), momentum: uniform(0.8, 1), layers: uniform(1, 4) };
const quiet = { executor: inline(), verbose: 0, handleSignals: false, ...(loggers === 'none' ? { loggers: [] } : {}) } as const;
const [now, began] = [Date.now, Date.now()];
Date.now = () => began + (now() - began) / 1000;
const root = mkdtempSync(join(tmpdir(), 'attune-bench-'));
try {
  const tuneConfig = { metric: 'loss', mode: 'min', numSamples: trials, seed: 1 } as const;
  const wrote = await timed(
    async () => void (await new Tuner(train, { paramSpace, tuneConfig, runConfig: { ...quiet, storagePath: root, name: 'whole' } }).fit()),
  );
  const path = join(root, 'whole');
  const journal = join(path, 'journal.jsonl');
  const bytes = statSync(journal).size;
  const events = parseLines(journal);
  const parsed: number[] = [];
  const opened: number[] = [];
  const restored: number[] = [];
  for (let round = 0; round < rounds; round++) {
    parsed.push(await worked(() => void parseLines(journal)));
    opened.push(await worked(() => open(path)));
    restored.push(await worked(() => restore(path)));
  }
  const ratioOf = (times: readonly number[]): number => median(times.map((ms, round) => ms / (parsed[round] ?? Number.NaN)));
  const report = {
    events,
    bytes,
    wrote,
    parsed: median(parsed),
    opened: median(opened),
    openedRatio: ratioOf(opened),
    restored: median(restored),
    ratio: ratioOf(restored),
    rss: process.resourceUsage().maxRSS * 1024,
  };
  process.stdout.write(JSON.stringify(report));
} finally {
  rmSync(root, { recursive: true, force: true });
}

/** Milliseconds of the processor, not of the clock: a pass takes seconds, in which a machine has other things to do too. */
async function worked(act: () => void | Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** What a script does first: the grid, its best trial, its table. */
function open(path: string): void {
  const grid = ResultGrid.fromDirectory(path);
  const rows = grid.getDataFrame().numRows();
  if (rows !== trials || grid.getBestResult().status !== 'TERMINATED') throw new Error(`expected ${trials} trials that have ended, got ${rows}`);
}

async function restore(path: string): Promise<void> {
  const grid = await (await Tuner.restore(path, train, { runConfig: { ...quiet, executor: inline() } })).fit();
  if (grid.length !== trials || grid.numTerminated !== trials) throw new Error(`expected ${trials} trials that have ended, got ${grid.numTerminated}`);
}

/** What any reader has to do at least: each line through JSON.parse. */
function parseLines(journal: string): number {
  const file = openSync(journal, 'r');
  const chunk = Buffer.allocUnsafe(1 << 20);
  let [count, rest] = [0, ''];
  for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
    const lines = (rest + chunk.toString('latin1', 0, read)).split('\n'); // all of it is ASCII
    rest = lines.pop() ?? '';
    for (const line of lines) JSON.parse(line);
    count += lines.length;
  }
  closeSync(file);
  return count;
}
