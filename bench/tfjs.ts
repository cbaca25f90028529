// How fast the backends of tfjs train a small convnet: `npm run bench:tfjs`, or with `-- --quick` on fewer digits.
// Fails unless wasm is at least 50 times as fast as cpu, to the same loss within 1 %.
import type { BackendName } from 'attune/tfjs';
import { convnetEpoch, type Epoch } from './tfjs/convnet.ts';

const BACKENDS: readonly BackendName[] = ['tfjs-node-gpu', 'tfjs-node', 'wasm', 'cpu'];
const WARM_UP = 64;
const TIMES = 50;

const count = process.argv.includes('--quick') ? 512 : 4_000;
const say = (line: string): boolean => process.stdout.write(`${line}\n`);
say(`one epoch of ${count} digits, in batches of 64`);
const epochs = new Map<BackendName, Epoch>();
for (const backend of BACKENDS) {
  try {
    if (backend !== 'cpu') await convnetEpoch(backend, WARM_UP);
    const epoch = await convnetEpoch(backend, count);
    epochs.set(backend, epoch);
    say(`${backend.padEnd(13)}  ${epoch.seconds.toFixed(2).padStart(7)} s  (${epoch.cpuSeconds.toFixed(2)} s of the processor)  loss ${epoch.loss.toFixed(6)}`);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'BACKEND_UNAVAILABLE')) throw error;
    say(`${backend.padEnd(13)}  NOT MEASURED: ${error.message}`);
  }
}

const [wasm, cpu] = [epochs.get('wasm'), epochs.get('cpu')];
if (wasm === undefined || cpu === undefined) throw new Error('expected wasm and cpu to be installed');
const times = cpu.cpuSeconds / wasm.cpuSeconds;
const apart = Math.abs(wasm.loss - cpu.loss) / cpu.loss;
say(`wasm is ${times.toFixed(0)} times as fast as cpu (≥ ${TIMES}), their losses are ${(100 * apart).toFixed(4)} % apart (≤ 1 %)`);
if (!(times >= TIMES && apart <= 0.01)) process.exitCode = 1;
