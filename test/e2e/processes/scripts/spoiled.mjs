// Code that writes into the frames themselves: one trial's loss, never a hang.
import { writeSync } from 'node:fs';
import { defineTrainable, gridSearch, processes, run } from 'attune';

const spoils = defineTrainable(
  import.meta.url,
  async ({ bytes }, trial) => {
    if (bytes) writeSync(4, bytes);
    await trial.report({ loss: 1 });
    if (bytes) await new Promise(() => setInterval(() => {}, 1000));
  },
  { name: 'spoils' },
);
const grid = await run(spoils, {
  config: { bytes: gridSearch(['\x1e{"kind":"rep', '\x1enothing of ours\n', '\x1e{"kind":"strange"}\n', '']) },
  metric: 'loss',
  mode: 'max',
  executor: processes({ workers: 1 }),
  verbose: 0,
});
console.log(JSON.stringify([...grid].map(({ status, error }) => [status, error?.code, error?.message])));
