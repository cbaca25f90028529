import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { LOCK_FILE, lockExperiment } from '../../../src/store/lock.ts';

/** Takes the lock of a directory again and again, and each time leaves it as a process does that dies with it, until all have had it so often. */
const [dir = '', times = '0', dead = ''] = process.argv.slice(2);
const owner = { pid: process.pid, host: hostname() };
const wins = join(dir, 'wins');

while (readFileSync(wins, 'utf8').length < Number(times)) {
  try {
    lockExperiment(dir, owner);
  } catch (error) {
    if ((error as { code?: string }).code !== 'EXPERIMENT_LOCKED') throw error;
    continue;
  }
  writeFileSync(join(dir, 'held'), '', { flag: 'wx' }); // throws when somebody else has the lock too
  appendFileSync(wins, '.');
  rmSync(join(dir, 'held'));
  writeFileSync(join(dir, `dead-${process.pid}`), dead);
  renameSync(join(dir, `dead-${process.pid}`), join(dir, LOCK_FILE));
}
