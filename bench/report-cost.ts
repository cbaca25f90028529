import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { type Executor, processes, randint, Tuner, threads } from 'attune';
import type { Measure, Plan } from './plan.ts';
import { ratioOf } from './plan.ts';
import { Rounds, timed } from './rounds.ts';
import { reporter } from './trainables.ts';

/** A report that is answered, journaled and logged, against a bare round trip over a port and three appends to open files. */
export function reportCost(plan: Plan): Promise<Measure> {
  return cost(plan, threads({ workers: plan.workers }), 'a report / (port round trip + 3 writeSync on open files)', 5);
}

/** The same from processes, against the same. It is shown beside the other, and has no limit: what a pipe costs is up to the system. */
export function processReportCost(plan: Plan): Promise<Measure> {
  return cost(plan, processes({ workers: plan.workers }), 'a report from a process / the same', Infinity);
}

async function cost({ root, workers, warmUp, rounds, size }: Plan, executor: Executor, what: string, limit: number): Promise<Measure> {
  const share = (reports: number): number => Math.ceil(reports / workers);
  const stages = new Rounds(
    Array.from({ length: rounds + 1 }, () => workers),
    (index) => ({ reports: share(index < workers ? warmUp : size) }),
  );
  const tuner = new Tuner(reporter, {
    paramSpace: { reports: randint(1, 1_000_000) },
    tuneConfig: { metric: 'loss', mode: 'min', numSamples: stages.trials, searchAlg: stages.searcher },
    runConfig: { executor, storagePath: root, name: 'reports', verbose: 0, callbacks: [stages.callback] },
  });
  const fitted = tuner.fit();
  await Promise.race([stages.next(), fitted]);
  const trips = roundTrips(workers);
  const files = appends(root, linesOf(join(root, 'reports')));
  await trips.make(share(warmUp));
  files.make(warmUp);

  const ours: number[] = [];
  const raw: number[] = [];
  for (let round = 0; round < rounds; round++) {
    raw.push((await timed(() => trips.make(share(size)))) + (await timed(() => files.make(size))));
    ours.push(await stages.next());
  }
  files.close();
  await Promise.all([fitted, trips.close()]);
  return ratioOf(what, { ours, raw, size, limit });
}

/** Threads that say something over a port of their own and wait for the answer, all at once. */
function roundTrips(workers: number): { make(each: number): Promise<void>; close(): Promise<unknown> } {
  const pairs = Array.from({ length: workers }, () => {
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker(new URL('./raw-port.js', import.meta.url), { execArgv: [], workerData: { port: port2 }, transferList: [port2] });
    return { port: port1, worker };
  });
  return {
    make: async (each) => void (await Promise.all(pairs.map(({ port }) => converse(port, each)))),
    close: () => Promise.all(pairs.map(({ worker }) => worker.terminate())),
  };
}

function converse(port: MessagePort, trips: number): Promise<void> {
  return new Promise((resolve) => {
    const answer = (message: unknown): void => {
      if (message !== 'done') return port.postMessage('continue');
      port.off('message', answer);
      resolve();
    };
    port.on('message', answer);
    port.postMessage(trips);
  });
}

/** What one report adds to the journal, to result.json and to progress.csv. */
function linesOf(experiment: string): readonly string[] {
  const folder = readdirSync(experiment).find((name) => name.startsWith('reporter_')) ?? '';
  const journal = readFileSync(join(experiment, 'journal.jsonl'), 'utf8').split('\n');
  const logs = ['result.json', 'progress.csv'].map((name) =>
    readFileSync(join(experiment, folder, name), 'utf8')
      .trimEnd()
      .split('\n')
      .at(-1),
  );
  const lines = [journal.findLast((line) => line.includes('"kind":"reported"')), ...logs];
  return lines.map((line) => {
    if (line === undefined) throw new Error(`no report was written in ${experiment}`);
    return `${line}\n`;
  });
}

function appends(root: string, lines: readonly string[]): { make(count: number): void; close(): void } {
  const files = lines.map((line, i) => [openSync(join(root, `raw-${i}.log`), 'a'), line] as const);
  return {
    make(count) {
      for (let i = 0; i < count; i++) for (const [file, line] of files) writeSync(file, line);
    },
    close() {
      for (const [file] of files) closeSync(file);
    },
  };
}
