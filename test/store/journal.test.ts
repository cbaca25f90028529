import fs, { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { journalLines, lastLine, openJournal, readJournal } from '../../src/store/journal.ts';
import type { JournalLine } from '../../src/trial/events.ts';
import { FaultyDisk } from './faulty-disk.ts';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'attune-journal-'));
  path = join(dir, 'journal.jsonl');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const created = { kind: 'created', schema: 1, name: 'n', seed: 1, at: 0 } as unknown as JournalLine;
const read = (): { lines: JournalLine[]; bytes: number } => {
  const lines: JournalLine[] = [];
  const bytes = readJournal(path, (line) => lines.push(line));
  return { lines, bytes };
};
const write = (lines: readonly JournalLine[], keep = 0): void => {
  using journal = openJournal(path, keep);
  journal.append(lines);
};

describe('the journal', () => {
  test('gives back what was appended, NaN and infinities included', () => {
    const line = {
      kind: 'reported',
      trial: 0,
      step: 1,
      seconds: 1,
      metrics: { a: Number.NaN, b: Number.NEGATIVE_INFINITY, c: -0 },
      at: 3,
    } as unknown as JournalLine;
    write([created, line]);
    expect(read().lines).toEqual([created, line]);
  });

  test('a torn last line is dropped, and cut off before anything is appended', () => {
    const closed: JournalLine = { kind: 'closed', why: 'done', at: 5 };
    write([created]);
    appendFileSync(path, '{"kind":"clos');
    const { lines, bytes } = read();
    expect(lines).toEqual([created]);
    write([closed], bytes);
    expect(read().lines).toEqual([created, closed]);
  });

  test('property: cut at any byte, it reads the whole lines before the cut', () => {
    const event = fc.record({ why: fc.string(), at: fc.nat() }).map(({ why, at }): JournalLine => ({ kind: 'closed', why, at }));
    fc.assert(
      fc.property(fc.array(event, { maxLength: 5 }), fc.nat(), (events, where) => {
        rmSync(path, { force: true });
        write([created, ...events]);
        const whole = readFileSync(path);
        const cut = where % (whole.length + 1);
        truncateSync(path, cut);
        const { lines, bytes } = read();
        expect(lines).toEqual([created, ...events].slice(0, lines.length));
        expect(bytes).toBe(whole.subarray(0, cut).lastIndexOf(10) + 1);
      }),
    );
  });

  test('a line longer than a chunk is read whole', () => {
    const long: JournalLine = { kind: 'closed', why: 'é'.repeat(1_500_000), at: 1 };
    write([created, long, created]);
    expect(read().lines).toEqual([created, long, created]);
  });

  test('refuses a journal of an unknown schema, and one that is damaged in the middle', () => {
    write([{ ...created, schema: 99 } as unknown as JournalLine]);
    expect(() => read()).toThrow(expect.objectContaining({ code: 'JOURNAL_VERSION' }));
    writeFileSync(path, `${JSON.stringify(created)}\nnot json\n${JSON.stringify(created)}\n`);
    expect(() => read()).toThrow(expect.objectContaining({ code: 'JOURNAL_INVALID' }));
  });
});

describe('a journal on a disk that fails', () => {
  const closed: JournalLine = { kind: 'closed', why: 'done', at: 5 };
  const refused = { code: 'STORAGE_UNWRITABLE' };

  test('a write that stops in the middle leaves whole lines', () => {
    write([created]);
    const { size } = statSync(path);
    using journal = openJournal(path, size);
    {
      const real = fs.writeSync;
      fs.writeSync = ((file: number, bytes: Uint8Array, offset: number) => {
        if (offset > 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
        return real(file, bytes, 0, 7);
      }) as typeof fs.writeSync;
      syncBuiltinESMExports();
      expect(() => journal.append([closed])).toThrow(expect.objectContaining({ ...refused, message: expect.stringContaining('Make room there') }));
      fs.writeSync = real;
      syncBuiltinESMExports();
    }
    expect(statSync(path).size).toBe(size);
    expect(() => journal.append([closed])).toThrow(expect.objectContaining(refused)); // there is room again, but what came before is missing
  });

  test('tells what waits for the disk, and only then', async () => {
    using disk = new FaultyDisk(dir);
    using journal = openJournal(path, 0, { syncPeriodMs: 60_000 });
    const told: string[] = [];
    journal.append([created]);
    journal.afterSync(() => told.push(`after ${disk.story.at(-1)}`));
    expect(told).toEqual([]);
    await journal.flush();
    expect(told).toHaveLength(1);
    expect(disk.story).toContain('fsync journal.jsonl');
    journal.afterSync(() => told.push('at once'));
    expect(told).toHaveLength(2);
  });

  test('does not tell, and is told itself, when the disk fails', async () => {
    using disk = new FaultyDisk(dir);
    const faults: unknown[] = [];
    using journal = openJournal(path, 0, { syncPeriodMs: 60_000, onFault: (error) => faults.push(error) });
    journal.append([created]);
    journal.afterSync(() => faults.push('told'));
    disk.fails = ({ what }) => (what === 'fsync' ? 'EIO' : undefined);
    await expect(journal.flush()).rejects.toMatchObject(refused);
    expect(faults).toMatchObject([refused]);
    expect(() => journal.append([closed])).toThrow(expect.objectContaining(refused));
  });

  test('with a period of 0 nobody goes on before a line is on the disk', () => {
    using disk = new FaultyDisk(dir);
    using journal = openJournal(path, 0, { syncPeriodMs: 0 });
    journal.append([created]);
    expect(disk.story).toContain('fsync journal.jsonl');
    journal.append([closed]);
    expect(disk.story.at(-1)).toBe('fsync journal.jsonl');
  });
});

test('lines that nobody wants are not parsed', () => {
  write([created, { kind: 'closed', why: 'a', at: 1 }]);
  appendFileSync(path, '{"kind":"reported", but not JSON}\n');
  const lines = journalLines(path, (text) => !text.startsWith('{"kind":"reported"'));
  expect([...lines].map(({ kind }) => kind)).toEqual(['created', 'closed']);
});

test('the last line of a kind is found wherever it stands, in a long journal too', () => {
  const filler = (count: number): readonly JournalLine[] => Array.from({ length: count }, (_, i) => ({ kind: 'closed', why: 'π'.repeat(i % 97), at: i }));
  const opened = (pid: number): JournalLine => ({ kind: 'opened', pid, host: 'here', samples: 1, slots: 1, at: 1 });
  for (let count = 0; count < 1500; count += 37) {
    write([created, opened(1), ...filler(count), opened(2), ...filler(1500 - count)]);
    expect(lastLine(path, '{"kind":"opened"')).toMatchObject({ kind: 'opened', pid: 2 });
  }
  write([created, ...filler(3)]);
  appendFileSync(path, '{"kind":"opened","torn'); // no line end
  expect(lastLine(path, '{"kind":"opened"')).toBeUndefined();
});
