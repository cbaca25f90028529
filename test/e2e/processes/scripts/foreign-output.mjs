// What a trial writes past Node, and what it starts, beside the frames.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { defineTrainable, processes, run } from 'attune';

const child = (program) => execFileSync(process.execPath, ['-e', program], { stdio: 'inherit' });
const noisy = defineTrainable(
  import.meta.url,
  async ({ large }, trial) => {
    const text = 'x'.repeat(large);
    const swallowed = once(
      spawn(process.execPath, ['-e', "process.stdin.on('data', (bytes) => console.log('swallowed', String(bytes)))"], { stdio: 'inherit' }),
      'exit',
    );
    for (let step = 0; step < 5; step++) {
      writeSync(1, `native ${step}\n`);
      writeSync(2, '\x1e{"kind":"close"}\n');
      child(`process.stdout.write('child ${step}\\n')`);
      console.log('console', step);
      await trial.report({ loss: step, text });
    }
    await swallowed; // it had nothing to read
    const reports = Array.from({ length: 20 }, (_, i) => trial.report({ loss: i, text })); // nobody waits for the first ones
    await Promise.all(reports);
  },
  { name: 'noisy' },
);
const grid = await run(noisy, { config: { large: 1_000_000 }, metric: 'loss', mode: 'max', executor: processes({ workers: 1 }), loggers: [], verbose: 0 });
const [{ metrics, status, error, path }] = grid;
console.log(
  JSON.stringify({
    status,
    error: error?.message,
    steps: metrics.training_iteration,
    length: metrics.text.length,
    stdout: readFileSync(join(path, 'stdout'), 'utf8').trim().split('\n').sort(),
    stderr: readFileSync(join(path, 'stderr'), 'utf8'),
  }),
);
