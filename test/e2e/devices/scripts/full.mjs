import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineTrainable, gridSearch, processes, Tuner } from 'attune';

const OOM =
  'Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[4096,4096] and type float on /job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc';
const until = async (file) => {
  while (!existsSync(file)) await sleep(5);
};

const train = defineTrainable(
  import.meta.url,
  async ({ kind }, trial) => {
    appendFileSync('log', `begin ${kind} ${process.pid}\n`);
    try {
      if (kind === 'beside') {
        writeFileSync('beside', '');
        await until('full');
      }
      if (kind === 'large' && !existsSync('full')) {
        await until('beside');
        writeFileSync('full', '');
        throw new Error(OOM);
      }
      if (kind === 'too large') throw new Error('training failed', { cause: new Error(OOM) });
    } finally {
      appendFileSync('log', `end ${kind} ${process.pid}\n`);
    }
    return { loss: 1, device: trial.device };
  },
  { name: 'train' },
);
const tuner = new Tuner(train, {
  paramSpace: { kind: gridSearch(['large', 'beside', 'too large', 'small', 'small']) },
  tuneConfig: { metric: 'loss', mode: 'min', seed: 1 },
  runConfig: { executor: processes({ workers: 2, devices: ['cuda:0'] }), resources: { gpu: 0.5 }, verbose: 0, failureConfig: { maxFailures: 3, backoffS: 30 } },
});
const grid = await tuner.fit();
const lines = readFileSync(`${grid.experimentPath}/journal.jsonl`, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));
const retried = lines.filter(({ kind }) => kind === 'retried').map(({ trial, alone, error }) => [trial, alone ?? false, error.code]);
const trials = [...grid].map(({ status, error }) => [status, error?.code ?? null, error?.message ?? null]);
console.log(JSON.stringify({ trials, retried, log: readFileSync('log', 'utf8').trim().split('\n') }));
