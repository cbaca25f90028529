import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineTrainable, processes, run } from 'attune';

const { GPU, GONE } = process.env; // while the module loads
const look = defineTrainable(
  import.meta.url,
  async () => {
    writeFileSync(`slot-${GPU}`, '');
    while (![0, 1, 2].every((slot) => existsSync(`slot-${slot}`))) await sleep(5); // all at the same time
    return { loss: 1, GPU: GPU ?? null, GONE: GONE ?? null, KEPT: process.env.KEPT ?? null, argv: process.argv.length, flag: typeof globalThis.gc };
  },
  { name: 'look' },
);
process.env.GONE = 'there';
process.env.KEPT = 'kept';
const grid = await run(look, {
  metric: 'loss',
  mode: 'min',
  numSamples: 3,
  executor: processes({ workers: 3, env: (slot) => ({ GPU: String(slot), GONE: undefined }), execArgv: ['--expose-gc'] }),
  verbose: 0,
});
console.log(JSON.stringify([...grid].map(({ metrics: { GPU, GONE, KEPT, argv, flag } }) => ({ GPU, GONE, KEPT, argv, flag }))));
