// A process that dies when it has said that its trial is over, and does not see that it was given another: that one has to run elsewhere.
import fs, { existsSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { defineTrainable, processes, run } from 'attune';

const lives = defineTrainable(
  import.meta.url,
  async () => {
    if (existsSync('died')) return { loss: 1, pid: process.pid };
    writeFileSync('died', '');
    const { writeSync } = fs;
    fs.writeSync = (fd, bytes, ...rest) => {
      const written = writeSync(fd, bytes, ...rest);
      if (!String(bytes).includes('"kind":"done"')) return written;
      while (!existsSync('given'));
      return process.kill(process.pid, 'SIGKILL');
    };
    syncBuiltinESMExports();
    return { loss: 1, pid: process.pid };
  },
  { name: 'lives' },
);
const onEvent = ({ kind, trial }) => kind === 'started' && trial === 1 && writeFileSync('given', '');
const grid = await run(lives, {
  metric: 'loss',
  mode: 'min',
  numSamples: 2,
  executor: processes({ workers: 1 }),
  callbacks: [{ name: 'giver', onEvent }],
  verbose: 0,
});
const pids = [...grid].map(({ metrics }) => metrics.pid);
console.log(JSON.stringify({ outcomes: [...grid].map(({ status, error }) => error?.message ?? status), elsewhere: pids[0] !== pids[1] }));
