import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';

const script = join(import.meta.dirname, 'scripts/orphans.mjs');
const folder = mkdtempSync(join(tmpdir(), 'attune-groups-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ALL = ['never waits', 'waits', 'reports for ever'];

interface Driver {
  readonly process: ChildProcess;
  readonly cwd: string;
  readonly printed: () => string;
  /** The worker processes, and what each has started. */
  readonly pids: readonly number[];
}

/** Runs trials, one in each slot, in a process group of its own as a terminal would; resolves when all of them are at work. */
async function driver(ways: readonly string[]): Promise<Driver> {
  const cwd = mkdtempSync(join(folder, 'run-'));
  const child = spawn(process.execPath, [script, ...ways], { cwd, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.on('data', (bytes) => (printed += String(bytes)));
  const file = join(cwd, 'pids');
  const pids = (): readonly number[] => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : []);
  await until(() => pids().length === 2 * ways.length);
  return { process: child, cwd, printed: () => printed, pids: pids() };
}

/** Looks again until it holds; the time limit of the test is the only one. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await after(10);
}

/** A process that has ended may be left as an entry in the system's table, when nobody asks for its exit code. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync('/proc/self/stat') || !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

const gone = (pids: readonly number[]): Promise<void> => until(() => !pids.some(isAlive));

describe('kill -9 of the driver leaves no process:', () => {
  test.each([[['never waits']], [['waits']], [['reports for ever']], [['ends', 'waits']], [ALL]])('%j', async (ways) => {
    const { process: child, pids } = await driver(ways);
    expect(pids.every(isAlive)).toBe(true);
    child.kill('SIGKILL');
    await gone(pids);
  });
});

test('the end of a run leaves none either, also of those that its trials have started', async () => {
  const { process: child, pids } = await driver(['ends', 'ends']);
  await once(child, 'close');
  await gone(pids);
});

test('whole groups of workers can be killed: their trials fail, and the driver goes on', async () => {
  const { process: child, pids, printed } = await driver(['waits', 'waits']);
  for (const pid of pids) {
    try {
      process.kill(-pid, 'SIGKILL'); // two of the four lead a group
    } catch {
      // the other two are in it
    }
  }
  await once(child, 'close');
  await gone(pids);
  expect(JSON.parse(printed())).toEqual([0, 1].map(() => ['ERROR', expect.stringContaining('signal SIGKILL')]));
});

test("the terminal's Ctrl-C goes to the driver alone: trials end as they are told to", async () => {
  const { process: child, pids, cwd, printed } = await driver(['reports for ever', 'waits']);
  process.kill(-(child.pid ?? 0), 'SIGINT'); // as a terminal does it: to all in the foreground
  await once(child, 'close');
  await gone(pids);
  expect(existsSync(join(cwd, 'interrupted'))).toBe(false);
  const trials = JSON.parse(printed()) as readonly (readonly [string, string | null])[];
  expect(trials.map(([status]) => status)).not.toContain('ERROR');
});
