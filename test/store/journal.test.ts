import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openJournal, readJournal } from '../../src/store/journal.ts';
import type { JournalLine } from '../../src/trial/events.ts';

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
