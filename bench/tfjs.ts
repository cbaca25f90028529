// What tfjs costs on each backend: an epoch of a small convnet, model files, the start of a worker, trials by the minute.
// `npm run bench:tfjs`, with `-- --quick` smaller. tfjs-node is set up by itself, except under CI without `--native`.
// Fails unless wasm is at least 50 times as fast as cpu, to the same loss within 1 %.
import { execFile } from 'node:child_process';
import { loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { BackendName } from 'attune/tfjs';
import { machine, nvidiaGpus } from './tfjs/machine.ts';
import { nativeProject } from './tfjs/native-project.ts';
import type { NotMeasured, OnBackend, Task } from './tfjs/on-backend.ts';

const BACKENDS: readonly BackendName[] = ['tfjs-node-gpu', 'webgpu', 'tfjs-node', 'wasm', 'cpu'];
const TIMES = 50;
const FULL = { count: 4_000, countOfTrial: 1_024, trials: 16, rounds: 5 };
const QUICK = { count: 192, countOfTrial: 256, trials: 8, rounds: 1 };

const quick = process.argv.includes('--quick');
const native = process.argv.includes('--native') || process.env['CI'] === undefined;
const size = quick ? QUICK : FULL;

const say = (line = ''): void => void process.stdout.write(`${line}\n`);
const load = (): string =>
  loadavg()
    .map((one) => one.toFixed(2))
    .join(' ');

machine().forEach((line) => say(line));
say(`load before: ${load()}`);
const results: (OnBackend | NotMeasured)[] = [];
for (const backend of BACKENDS) {
  process.stderr.write(`… ${backend}\n`);
  results.push(await onBackend({ backend, ...size }));
}
const measured = results.filter((result): result is OnBackend => 'epoch' in result);
say(`load after: ${load()}`);
epochs();
files();
starts();
rates();
bar();

async function onBackend(task: Task): Promise<OnBackend | NotMeasured> {
  let at = resolve(import.meta.dirname, '..');
  if (native && (task.backend === 'tfjs-node' || (task.backend === 'tfjs-node-gpu' && nvidiaGpus().length > 0))) {
    try {
      at = await nativeProject(task.backend);
    } catch (error) {
      const { stderr, message } = error as Error & { readonly stderr?: string };
      return { backend: task.backend, why: (stderr ?? message).trim() };
    }
  }
  const args = [...process.execArgv, join(at, 'bench/tfjs/on-backend.ts'), JSON.stringify(task)];
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: at, maxBuffer: 2 ** 26 });
    process.stderr.write(stderr);
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as OnBackend | NotMeasured;
  } catch (error) {
    process.exitCode = 1; // it is there, and broke
    return { backend: task.backend, why: (error as Error).message };
  }
}

/** A title, rows in columns, and after them what is not measured. */
function table(title: string, rows: readonly (readonly string[])[], more: readonly NotMeasured[] = []): void {
  say(`\n${title}`);
  const lacking = [...more, ...results.filter((result): result is NotMeasured => 'why' in result)];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const all = [...rows, ...lacking.map(({ backend, why }) => [backend, `NOT MEASURED: ${why}`])];
  for (const [backend = '', ...cells] of all) {
    const aligned = cells.map((cell, i) => (/^[\d.]+ /.test(cell) ? cell.padStart(widths[i + 1] ?? 0) : cell.padEnd(widths[i + 1] ?? 0)));
    say(`  ${[backend.padEnd('tfjs-node-gpu'.length), ...aligned].join('  ').trimEnd()}`);
  }
}

function epochs(): void {
  const cpu = measured.find(({ backend }) => backend === 'cpu');
  const rows = measured.map(({ backend, device, version, epoch: { seconds, cpuSeconds, loss } }) => [
    backend,
    `${seconds.toFixed(2)} s`,
    `${cpuSeconds.toFixed(2)} s of the processor`,
    `loss ${loss.toFixed(6)}`,
    cpu === undefined ? '' : `${(100 * Math.abs(loss / cpu.epoch.loss - 1)).toFixed(4)} % from cpu`,
    [version, device].filter((part) => part !== undefined).join(' on '),
  ]);
  table(`one epoch of ${size.count} digits, in batches of 64`, rows);
}

function files(): void {
  const rows = measured.flatMap(({ backend, files: costs }) =>
    costs.map(({ what, ours, raw, size: bytes }) => [
      backend,
      what,
      `${(bytes / 1e6).toFixed(2)} MB`,
      `${ours.toFixed(1)} ms`,
      `${raw.toFixed(1)} ms`,
      `${(ours / raw).toFixed(1)} ×`,
    ]),
  );
  table('model files: ours, the same bytes written and synced, or read and made tensors, with plain calls, and the ratio', rows);
}

function starts(): void {
  const rows = measured.flatMap(({ backend, starts: all }) =>
    all.map(({ executor, bare, withBackend }) => [
      backend,
      executor,
      `${bare.toFixed(0)} ms`,
      `${withBackend.toFixed(0)} ms`,
      `${(withBackend - bare).toFixed(0)} ms more`,
      `${(withBackend / bare).toFixed(1)} ×`,
    ]),
  );
  table('from fit() to the first report in a new worker: without tfjs, and with useBackend', rows);
}

function rates(): void {
  const rows = measured.flatMap(({ backend, rates: all }) =>
    all.map(({ atOnce, where, perMinute }) => [
      backend,
      `${atOnce} at once`,
      `in ${where}`,
      `${perMinute.toFixed(0)} a minute`,
      `${(perMinute / (all[0]?.perMinute ?? Number.NaN)).toFixed(2)} × of 1 at once`,
    ]),
  );
  const slow = measured.filter(({ rates: all }) => all.length === 0).map(({ backend }) => ({ backend, why: 'its epochs are too long for that' }));
  table(`trials of one epoch of ${size.countOfTrial} digits on one device, ${size.trials} each`, rows, slow);
}

function bar(): void {
  const [wasm, cpu] = (['wasm', 'cpu'] as const).map((name) => measured.find(({ backend }) => backend === name)?.epoch);
  if (wasm === undefined || cpu === undefined) throw new Error('expected wasm and cpu to be installed');
  const times = cpu.cpuSeconds / wasm.cpuSeconds;
  const apart = Math.abs(wasm.loss - cpu.loss) / cpu.loss;
  say(
    `\nwasm is ${times.toFixed(0)} times as fast as cpu (≥ ${TIMES}), in time of the processor; their losses are ${(100 * apart).toFixed(4)} % apart (≤ 1 %)`,
  );
  if (!(times >= TIMES && apart <= 0.01)) process.exitCode = 1;
}
