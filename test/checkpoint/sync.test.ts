import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { saveCheckpoint } from '../../src/checkpoint/save-checkpoint.ts';
import { syncDirectory, syncDirectoryNow, syncFileNow } from '../../src/checkpoint/sync.ts';
import { type DiskCall, FaultyDisk } from '../store/faulty-disk.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'attune-sync-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const when = (what: string, code: string) => (call: DiskCall) => (call.what === what ? code : undefined);

describe.each(Object.entries({ syncDirectory, syncDirectoryNow: async (path: string) => syncDirectoryNow(path) }))('%s', (_, sync) => {
  test.each(['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP'])('a platform that answers %s cannot sync a directory: that is no error', async (code) => {
    using disk = new FaultyDisk(dir);
    for (const what of ['open', 'fsync']) {
      disk.fails = when(what, code);
      await sync(dir);
    }
    expect(disk.calls.length).toBeGreaterThan(2);
  });

  test.each(['EIO', 'ENOSPC', 'EDQUOT'])('%s is a disk that fails', async (code) => {
    using disk = new FaultyDisk(dir);
    disk.fails = when('fsync', code);
    await expect(sync(dir)).rejects.toMatchObject({ code });
  });
});

test('a file has to be synced: there EPERM is an error, and only ENOTSUP and its like are not', () => {
  const file = join(dir, 'weights');
  writeFileSync(file, 'w');
  using disk = new FaultyDisk(dir);
  disk.fails = when('fsync', 'EPERM');
  expect(() => syncFileNow(file)).toThrow(expect.objectContaining({ code: 'EPERM' }));
  disk.fails = when('fsync', 'ENOTSUP');
  syncFileNow(file);
});

describe('a checkpoint', () => {
  const save = (): Promise<string> => saveCheckpoint(join(dir, 'checkpoint_000000'), (at) => writeFileSync(join(at, 'weights'), 'w'));

  test('is saved where directories cannot be synced', async () => {
    using disk = new FaultyDisk(dir);
    disk.fails = ({ what, path }) => (what === 'open' && !path.endsWith('weights') && !path.endsWith('.json') ? 'EISDIR' : undefined);
    expect(await save()).toMatch(/^[0-9a-f]{64}$/);
    expect(disk.story.filter((call) => call.startsWith('fsync'))).toEqual(['fsync weights', 'fsync .attune-manifest.json']);
  });

  test.each(['fsync', 'rename', 'mkdir', 'read'])('is not saved when %s fails, which is an error of the storage and leaves nothing', async (what) => {
    using disk = new FaultyDisk(dir);
    disk.fails = when(what, 'EIO');
    await expect(save()).rejects.toMatchObject({ code: 'STORAGE_UNWRITABLE', message: expect.stringContaining('EIO') });
    disk.fails = () => undefined;
    expect(disk.story.at(-1)).toBe('rm .tmp-checkpoint_000000');
  });

  test.each(['ENOSPC', 'EDQUOT', 'EROFS'])('whose saver runs into %s is an error of the storage too', async (code) => {
    using disk = new FaultyDisk(dir);
    disk.fails = when('writeFile', code);
    await expect(save()).rejects.toMatchObject({ code: 'STORAGE_UNWRITABLE' });
  });
});
