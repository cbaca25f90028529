import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { renamePatiently, renamePatientlyNow } from '../../src/checkpoint/rename.ts';
import { FaultyDisk } from '../store/faulty-disk.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'attune-rename-'));
  writeFileSync(join(dir, 'a'), 'a');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Time that passes only while somebody waits. */
class Waits {
  elapsed = 0;
  readonly now = (): number => this.elapsed;
  readonly pass = (ms: number): void => void (this.elapsed += ms);
}

const FORMS = {
  renamePatiently: async (waits: Waits) => renamePatiently(join(dir, 'a'), join(dir, 'b'), { now: waits.now, wait: async (ms) => waits.pass(ms) }),
  renamePatientlyNow: async (waits: Waits) => renamePatientlyNow(join(dir, 'a'), join(dir, 'b'), { now: waits.now, wait: waits.pass }),
};

describe.each(Object.entries(FORMS))('%s', (_, rename) => {
  test.each(['EPERM', 'EBUSY'])('tries again while the system says %s', async (code) => {
    using disk = new FaultyDisk(dir);
    disk.fails = (__, count) => (count < 4 ? code : undefined);
    const waits = new Waits();
    await rename(waits);
    expect(existsSync(join(dir, 'b'))).toBe(true);
    expect([disk.calls.length, waits.elapsed]).toEqual([5, 10 + 20 + 40 + 80]);
  });

  test('gives up after a second', async () => {
    using disk = new FaultyDisk(dir);
    disk.fails = () => 'EPERM';
    const waits = new Waits();
    await expect(rename(waits)).rejects.toMatchObject({ code: 'EPERM' });
    expect(waits.elapsed).toBe(1000);
  });

  test('does not wait for what does not pass', async () => {
    using disk = new FaultyDisk(dir);
    disk.fails = () => 'EIO';
    const waits = new Waits();
    await expect(rename(waits)).rejects.toMatchObject({ code: 'EIO' });
    expect([disk.calls.length, waits.elapsed]).toEqual([1, 0]);
  });
});
