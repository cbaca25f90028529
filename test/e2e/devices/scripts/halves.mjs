import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineTrainable, processes, run } from 'attune';

const whileLoading = process.env.CUDA_VISIBLE_DEVICES ?? null;
const NAMES = ['CUDA_VISIBLE_DEVICES', 'CUDA_DEVICE_ORDER', 'TF_FORCE_GPU_ALLOW_GROWTH', 'TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS', 'OMP_NUM_THREADS'];

const look = defineTrainable(
  import.meta.url,
  async (_, trial) => {
    appendFileSync('log', `begin ${trial.device}\n`);
    while (readFileSync('log', 'utf8').split('begin').length <= 4) await sleep(5); // four at once
    appendFileSync('log', `end ${trial.device}\n`);
    const env = Object.fromEntries(NAMES.map((name) => [name, process.env[name] ?? null]));
    return { loss: 1, whileLoading, ...env, device: trial.device ?? null, cpu: trial.resources.cpu, me: process.pid };
  },
  { name: 'look' },
);
const { resources, more = {} } = JSON.parse(process.argv[2] ?? '{}');
const grid = await run(look, { metric: 'loss', mode: 'min', numSamples: 8, executor: processes({ workers: 6, ...more }), resources, verbose: 0 });
const [opened] = readFileSync(`${grid.experimentPath}/journal.jsonl`, 'utf8').split('\n').slice(1, 2).map(JSON.parse);
const seen = [...grid].map(
  ({ metrics, error }) => error?.message ?? Object.fromEntries(['whileLoading', ...NAMES, 'device', 'cpu', 'me'].map((name) => [name, metrics[name]])),
);
console.log(JSON.stringify({ seen, log: readFileSync('log', 'utf8').trim().split('\n'), opened }));
