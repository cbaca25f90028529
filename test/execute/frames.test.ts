import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeFrame, FrameReader, FrameWriter } from '../../src/execute/frames.ts';

type Found = ReturnType<FrameReader['take']>[number];

/** What a reader finds when the bytes come in these pieces. */
function read(bytes: Uint8Array, cuts: readonly number[] = []): Found[] {
  const reader = new FrameReader();
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.flatMap((end, i) => reader.take(bytes.subarray(ends[i - 1] ?? 0, end)));
}

const messages = (found: readonly Found[]): unknown[] => found.flatMap((one) => ('message' in one ? [one.message] : []));
const foreign = (found: readonly Found[]): string => Buffer.concat(found.flatMap((one) => ('foreign' in one ? [one.foreign] : []))).toString('latin1');

const message = fc.oneof(
  fc.jsonValue(),
  fc.record({ loss: fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Infinity, -Infinity, -0)), text: fc.string({ unit: 'binary' }) }),
);
const cuts = fc.array(fc.nat(), { maxLength: 20 });
/** Anything but the byte with which a message begins. */
const noise = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0x1e)));

test('any chunking gives the same messages, with NaN, infinities and -0', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 8 }), cuts, (sent, pieces) => {
      expect(messages(read(Buffer.from(sent.map(encodeFrame).join('')), pieces))).toEqual(sent);
    }),
  );
});

test('what is written between messages does them no harm, and comes out as it went in', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(noise, message), { maxLength: 8 }), noise, cuts, (sent, last, pieces) => {
      const bytes = Buffer.concat([...sent.flatMap(([before, one]) => [before, Buffer.from(encodeFrame(one))]), last]);
      const found = read(bytes, pieces);
      expect(messages(found)).toEqual(sent.map(([, one]) => one));
      expect(foreign(found)).toBe(Buffer.concat([...sent.map(([before]) => before), last]).toString('latin1'));
    }),
  );
});

test('what is written into a message is told from it, and the next one is whole', () => {
  const spoiled = encodeFrame({ loss: 1 }).replace('loss', 'lo\nss');
  expect(read(Buffer.from(spoiled + encodeFrame({ loss: 2 })))).toEqual([{ corrupt: '{"lo' }, { foreign: Buffer.from('ss":1}\n') }, { message: { loss: 2 } }]);
  expect(read(Buffer.from(`\x1e{"loss":\x1e{"loss":2}\n${encodeFrame(3)}`))).toEqual([{ corrupt: '{"loss":\x1e{"loss":2}' }, { message: 3 }]);
});

test('a message that has not ended is none', () => {
  expect(read(Buffer.from('\x1e{"loss":1}'))).toEqual([]);
});

test('a large message in many small pieces takes a time that grows with its size, not with its square', () => {
  const text = 'x'.repeat(4_000_000);
  const bytes = Buffer.from(encodeFrame({ text }));
  const every = Array.from({ length: Math.floor(bytes.length / 64) }, (_, i) => i * 64);
  expect(messages(read(bytes, every))).toEqual([{ text }]);
});

test('a writer writes what a reader reads', () => {
  const folder = mkdtempSync(join(tmpdir(), 'attune-frames-'));
  const fd = openSync(join(folder, 'frames'), 'w');
  const writer = new FrameWriter(fd);
  for (const one of [{ loss: Number.NaN }, { text: 'ä'.repeat(100_000) }]) writer.write(one);
  closeSync(fd);
  expect(messages(read(readFileSync(join(folder, 'frames'))))).toEqual([{ loss: Number.NaN }, { text: 'ä'.repeat(100_000) }]);
  rmSync(folder, { recursive: true });
});
