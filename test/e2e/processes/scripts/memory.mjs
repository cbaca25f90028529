import { setTimeout as sleep } from 'node:timers/promises';
import { defineTrainable, gridSearch, processes, run } from 'attune';

const blockFor = (ms) => {
  for (const end = performance.now() + ms; performance.now() < end; );
};
globalThis.kept = [];
const ways = {
  'fills the heap': () => {
    for (const kept = []; ; ) kept.push(new Array(1e5).fill(kept.length));
  },
  'fills buffers, and never waits': () => {
    for (const kept = []; ; blockFor(1)) kept.push(Buffer.alloc(5e6, 1));
  },
  'fills buffers, and waits': async () => {
    for (const kept = []; ; await sleep(1)) kept.push(Buffer.alloc(5e6, 1));
  },
  'leaves much behind': () => void globalThis.kept.push(Buffer.alloc(130e6, 1)),
  'comes after it': () => {},
  'comes last': () => {},
};
const eats = defineTrainable(
  import.meta.url,
  async ({ way }) => {
    await ways[way]();
    return { loss: 1, pid: process.pid, kept: globalThis.kept.length };
  },
  { name: 'eats' },
);
const options = { metric: 'loss', mode: 'min', verbose: 0 };
const outcome = ({ config, metrics, status, error }) => [config.way, error?.code ?? status, error?.message ?? metrics.kept, metrics.pid];
const limited = await run(eats, { ...options, config: { way: gridSearch(Object.keys(ways)) }, executor: processes({ workers: 1, memoryMb: 256 }) });
const heap = await run(eats, { ...options, config: { way: 'fills the heap' }, executor: processes({ workers: 1, execArgv: ['--max-old-space-size=40'] }) });
console.log(JSON.stringify({ limited: [...limited].map(outcome), heap: outcome(heap.at(0)), stderr: heap.at(0).path }));
