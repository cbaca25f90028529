import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc32c, maskedCrc32c } from '../../../src/watch/tensorboard/crc32c.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

/** Bit by bit, as the definition of a CRC has it. */
function slowly(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

describe('crc32c', () => {
  test.each([
    ['nothing', bytes(''), 0],
    ['the check value of catalogues', bytes('123456789'), 0xe3069283],
    ['32 zeros (RFC 3720)', new Uint8Array(32), 0x8a9136aa],
    ['32 ones (RFC 3720)', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['0 to 31 (RFC 3720)', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['31 to 0 (RFC 3720)', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
  ])('of %s', (_, data, expected) => expect(crc32c(data)).toBe(expected));

  test('is what the definition gives, of any bytes and any part of them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), fc.nat(300), (data, a, b) => {
        const [from, to] = [Math.min(a, b, data.length), Math.min(Math.max(a, b), data.length)];
        expect(crc32c(data, from, to)).toBe(slowly(data.subarray(from, to)));
      }),
    );
  });

  test('is masked so that unmasking gives it back', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (data) => {
        const rotated = (maskedCrc32c(data) - 0xa282ead8) >>> 0;
        expect(((rotated >>> 17) | (rotated << 15)) >>> 0).toBe(crc32c(data));
      }),
    );
  });
});
