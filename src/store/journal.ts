import { closeSync, fsync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { AttuneError } from '../base/errors.ts';
import { decodeJson, encodeJson } from '../base/json.ts';
import type { JournalLine } from '../trial/events.ts';

const CHUNK = 1 << 20;
const SYNC_PERIOD_MS = 1000;

/** An append-only journal: one synchronous write per batch; `fsync` follows once a second, and at the end. */
export interface Journal extends Disposable {
  /** @throws {AttuneError} `STORAGE_UNWRITABLE`: then nothing may act on these lines, and the session has to end */
  append(lines: readonly JournalLine[]): void;
}

/**
 * Opens `path` for appending. A torn last line (the process was killed while it wrote) is cut off.
 * @param keep - bytes that are whole lines, as `readJournal` found them
 */
export function openJournal(path: string, keep: number): Journal {
  const file = openSync(path, 'a');
  ftruncateSync(file, keep);
  let unsynced = false;
  const timer = setInterval(() => {
    if (!unsynced) return;
    unsynced = false;
    fsync(file, () => {});
  }, SYNC_PERIOD_MS);
  timer.unref();
  return {
    append(lines) {
      if (lines.length === 0) return;
      const bytes = Buffer.from(lines.map((line) => `${encodeJson(line)}\n`).join(''));
      try {
        writeAll(file, bytes);
      } catch (cause) {
        throw unwritable(path, cause);
      }
      unsynced = true;
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      fsyncSync(file);
      closeSync(file);
    },
  };
}

const unwritable = (path: string, cause: unknown): AttuneError =>
  new AttuneError('STORAGE_UNWRITABLE', `journal: expected to write "${path}", got ${(cause as Error).message}.`, {
    hint: 'Make room there, then go on with Tuner.restore: what was written is kept.',
    cause,
  });

function writeAll(file: number, bytes: Buffer): void {
  for (let offset = 0; offset < bytes.length; ) offset += writeSync(file, bytes, offset);
}

/**
 * Every whole line of a journal, in order, read in chunks of 1 MB; a torn last line is left out.
 *
 * @param onLine - `end` is the offset just behind the line
 * @returns the number of bytes that are whole lines
 * @throws {AttuneError} `JOURNAL_INVALID` when a line before the last is not JSON; `JOURNAL_VERSION` on an unknown schema
 */
export function readJournal(path: string, onLine: (line: JournalLine, end: number) => void): number {
  const file = openSync(path, 'r');
  try {
    const chunk = Buffer.alloc(CHUNK);
    let rest = Buffer.alloc(0);
    let end = 0;
    let count = 0;
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      let bytes = Buffer.concat([rest, chunk.subarray(0, read)]);
      for (let stop = bytes.indexOf(10); stop >= 0; stop = bytes.indexOf(10)) {
        end += stop + 1;
        onLine(parseLine(bytes.toString('utf8', 0, stop), path, count++), end);
        bytes = bytes.subarray(stop + 1);
      }
      rest = Buffer.from(bytes);
    }
    return end;
  } finally {
    closeSync(file);
  }
}

function parseLine(text: string, path: string, index: number): JournalLine {
  let line: JournalLine;
  try {
    line = decodeJson(text) as unknown as JournalLine;
  } catch (cause) {
    throw new AttuneError('JOURNAL_INVALID', `${path}: line ${index + 1} is not JSON: ${text.slice(0, 80)}.`, { cause });
  }
  if (index === 0 && (line.kind !== 'created' || line.schema !== 1)) {
    const got = line.kind === 'created' ? `schema ${String((line as { schema: unknown }).schema)}` : `"${line.kind}"`;
    throw new AttuneError('JOURNAL_VERSION', `${path}: expected a journal of schema 1, got ${got}.`);
  }
  return line;
}
