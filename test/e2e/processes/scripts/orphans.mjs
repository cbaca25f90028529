// Runs trials that never end by themselves; each names its process, and one that it has started, in the file `pids`.
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { defineTrainable, gridSearch, isTrialWorker, processes, run } from 'attune';

const say = (pid) => appendFileSync('pids', `${pid}\n`);
const ways = {
  'never waits': () => {
    for (;;);
  },
  waits: () => new Promise(() => setInterval(() => {}, 1000)),
  'reports for ever': async (trial) => {
    for (;;) await trial.report({ loss: 1 });
  },
  ends: () => {},
};
const stays = defineTrainable(
  import.meta.url,
  async ({ way }, trial) => {
    process.on('SIGINT', () => appendFileSync('interrupted', `${process.pid}\n`));
    const left = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
    say(left.pid);
    say(process.pid);
    await ways[way](trial);
    await trial.report({ loss: 1 });
  },
  { name: 'stays' },
);
const chosen = process.argv.slice(2);
const grid = await run(stays, {
  config: { way: gridSearch(chosen) },
  metric: 'loss',
  mode: 'max',
  stopGraceS: 0.5,
  executor: processes({ workers: chosen.length }),
  verbose: 0,
});
if (!isTrialWorker) console.log(JSON.stringify([...grid].map(({ status, error, reason }) => [status, error?.message ?? reason?.reason])));
