// Prints what the worker sees of the options that Node was started with.
import { defineTrainable, processes, run, threads } from 'attune';

const look = defineTrainable(import.meta.url, async function look() {
  const { kind } = await import('conditional');
  return { loss: 1, kind, gc: typeof globalThis.gc === 'function', hooked: globalThis.hooked ?? 0 };
});
const execArgv = process.argv[2]?.startsWith('[') || process.argv[2]?.startsWith('"') ? { execArgv: JSON.parse(process.argv[2]) } : {};
const workers = process.env.EXECUTOR === 'processes' ? processes : threads;
try {
  const grid = await run(look, { metric: 'loss', mode: 'min', executor: workers({ workers: 1, ...execArgv }), verbose: 0 });
  const { kind, gc, hooked } = grid.at(0).metrics;
  console.log(JSON.stringify({ kind, gc, hooked }));
} catch ({ code, message }) {
  console.log(`${code}: ${message}`);
}
