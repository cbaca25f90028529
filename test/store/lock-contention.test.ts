import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const script = fileURLToPath(new URL('./scripts/contend.ts', import.meta.url));
const TIMES = 200;

test('of many processes that take over the lock of a dead one, one gets it each time', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'attune-contend-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const dead = JSON.stringify({ pid: 2 ** 22 + 1, host: hostname() });
  writeFileSync(join(dir, 'wins'), '');
  // The first one died with the lock, the second while it took it over from that, the third while it took over from both.
  for (const name of ['lock', 'lock.next', 'lock.next.next']) writeFileSync(join(dir, name), dead);
  const contender = (): Promise<unknown> => promisify(execFile)(process.execPath, ['--import', 'tsx', script, dir, String(TIMES), dead]);
  await Promise.all(Array.from({ length: 5 }, contender)); // rejects when one of them finds another with the lock
  expect(readFileSync(join(dir, 'wins'), 'utf8').length).toBeGreaterThanOrEqual(TIMES);
});
