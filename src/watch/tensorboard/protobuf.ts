/** The wire format of Protocol Buffers, as much of it as event files need. Each function gives one field of a message, with its tag. */

const VARINT = 0;
const EIGHT_BYTES = 1;
const LENGTH = 2;
const FOUR_BYTES = 5;

/** An unsigned number in as few bytes as it takes. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return bytes;
}

const tag = (field: number, type: number): number => (field << 3) | type;

/** An int64: fractions are cut off, and what is out of range becomes the nearest there is. `value` is finite. */
export function int64(field: number, value: number): Uint8Array {
  const whole = Math.trunc(value);
  if (whole >= 0 && whole <= Number.MAX_SAFE_INTEGER) return Uint8Array.of(tag(field, VARINT), ...varint(whole));
  return Uint8Array.of(tag(field, VARINT), ...wideVarint(BigInt(whole)));
}

/** Two's complement in 64 bits, of what a number holds less well. */
function wideVarint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value > MAX_INT64 ? MAX_INT64 : value < MIN_INT64 ? MIN_INT64 : value);
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return bytes;
}

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);

export function double(field: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(9, tag(field, EIGHT_BYTES));
  bytes.writeDoubleLE(value, 1);
  return bytes;
}

/** The last four bytes are the number. */
export function float(field: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(5, tag(field, FOUR_BYTES));
  bytes.writeFloatLE(value, 1);
  return bytes;
}

export const text = (field: number, value: string): Uint8Array => message(field, Buffer.from(value));

/** A message in a message, or bytes. */
export const message = (field: number, ...fields: readonly Uint8Array[]): Uint8Array => Buffer.concat([messageHead(field, lengthOf(fields)), ...fields]);

/** What comes before the `length` bytes of a message. */
export const messageHead = (field: number, length: number): Uint8Array => Uint8Array.of(tag(field, LENGTH), ...varint(length));

export function lengthOf(fields: readonly Uint8Array[]): number {
  let length = 0;
  for (const { byteLength } of fields) length += byteLength;
  return length;
}
