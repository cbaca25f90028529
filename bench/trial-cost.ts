import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Tuner, threads, uniform } from 'attune';
import { Piscina } from 'piscina';
import type { Measure, Plan } from './plan.ts';
import { ratioOf } from './plan.ts';
import { Rounds, timed } from './rounds.ts';
import { noop } from './trainables.ts';

/** A trial that does nothing, with all its files, against a bare piscina task and the same folder and files made with plain calls. */
export async function trialCost({ root, workers, warmUp, rounds, size }: Plan): Promise<Measure> {
  const sizes = [warmUp, ...Array.from({ length: rounds }, () => size)];
  const stages = new Rounds(sizes, (index) => ({ x: 1 / (index + 1) }));
  const tuner = new Tuner(noop, {
    paramSpace: { x: uniform(0, 1) },
    tuneConfig: { metric: 'loss', mode: 'min', numSamples: stages.trials, searchAlg: stages.searcher },
    runConfig: { executor: threads({ workers }), storagePath: root, name: 'trials', verbose: 0, callbacks: [stages.callback] },
  });
  const fitted = tuner.fit();
  await Promise.race([stages.next(), fitted]);
  const copies = copiesOf(join(root, 'trials'));
  const pool = new Piscina({
    filename: fileURLToPath(new URL('./raw-task.js', import.meta.url)),
    name: 'task',
    minThreads: workers,
    maxThreads: workers,
    idleTimeout: Infinity,
    execArgv: [],
  });
  const tasks = (count: number): Promise<void> => runTasks(pool, workers, count);
  await tasks(warmUp);
  copies.make(join(root, 'raw-warm-up'), warmUp);

  const ours: number[] = [];
  const raw: number[] = [];
  for (let round = 0; round < rounds; round++) {
    raw.push((await timed(() => tasks(size))) + (await timed(() => copies.make(join(root, `raw-${round}`), size))));
    ours.push(await stages.next());
  }
  await Promise.all([fitted, pool.destroy()]);
  const what = `a no-op trial / (piscina task + folder with ${copies.names.join(', ')})`;
  return ratioOf(what, { ours, raw, size, limit: 6 });
}

async function runTasks(pool: Piscina, inFlight: number, count: number): Promise<void> {
  let left = count;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await pool.run({ x: 1 / (left + 1) });
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
}

/** The folder of one of the trials, to be made again many times. */
function copiesOf(experiment: string): { readonly names: readonly string[]; make(into: string, count: number): void } {
  const folder = readdirSync(experiment).find((name) => name.startsWith('noop_'));
  if (folder === undefined) throw new Error(`no trial has a folder in ${experiment}`);
  const names = readdirSync(join(experiment, folder));
  const files = names.map((name) => [name, readFileSync(join(experiment, folder, name))] as const);
  return {
    names,
    make(into, count) {
      mkdirSync(into);
      for (let i = 0; i < count; i++) {
        const dir = join(into, `${folder}_${i}`);
        mkdirSync(dir);
        for (const [name, bytes] of files) writeFileSync(join(dir, name), bytes);
      }
    },
  };
}
