import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Callback, inline, Tuner, uniform } from 'attune';
import { noop } from './trainables.ts';

/** Many inline trials in a process of their own: how long the first and the last thousand took, and how large the heap became. */
const [trials = 20_000, warmUp = 1_000] = process.argv.slice(2).map(Number);
const LOOK_EVERY = 100;
const WINDOW = 1_000;

const root = mkdtempSync(join(tmpdir(), 'attune-bench-'));
try {
  await tune('warm-up', warmUp, { name: 'nothing', onEvent: () => {} });
  const times = [performance.now()];
  let heap = 0;
  let ended = 0;
  await tune('trials', trials, {
    name: 'watch',
    onEvent({ kind }) {
      if (kind === 'opened') times[0] = performance.now();
      if (kind !== 'completed') return;
      ended += 1;
      if (ended % WINDOW === 0) times.push(performance.now());
      if (ended % LOOK_EVERY === 0) heap = Math.max(heap, process.memoryUsage().heapUsed);
    },
  });
  const windows = times.slice(1).map((time, i) => time - (times[i] ?? 0));
  process.stdout.write(JSON.stringify({ windows, heap }));
} finally {
  rmSync(root, { recursive: true, force: true });
}

async function tune(name: string, numSamples: number, callback: Callback): Promise<void> {
  const grid = await new Tuner(noop, {
    paramSpace: { x: uniform(0, 1) },
    tuneConfig: { metric: 'loss', mode: 'min', numSamples, seed: 1 },
    runConfig: { executor: inline(), storagePath: root, name, verbose: 0, callbacks: [callback] },
  }).fit();
  if (grid.length !== numSamples || grid.errors.length > 0) throw new Error(`expected ${numSamples} trials without an error, got ${grid.length}`);
}
