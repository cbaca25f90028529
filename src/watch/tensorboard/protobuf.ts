/** The wire format of Protocol Buffers, as much of it as event files need. Each function gives one field of a message, with its tag. */

const VARINT = 0;
const EIGHT_BYTES = 1;
const LENGTH = 2;
const FOUR_BYTES = 5;

/** A number without a sign, at most 2^64 - 1. */
export function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return bytes;
}

const tag = (field: number, type: number): number => (field << 3) | type;

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);

/** An int64: fractions are cut off, and what is out of range becomes the nearest there is. `value` is finite. */
export function int64(field: number, value: number): Uint8Array {
  const whole = BigInt(Math.trunc(value));
  const inRange = whole > MAX_INT64 ? MAX_INT64 : whole < MIN_INT64 ? MIN_INT64 : whole;
  return Uint8Array.from([tag(field, VARINT), ...varint(BigInt.asUintN(64, inRange))]);
}

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
export function message(field: number, ...fields: readonly Uint8Array[]): Uint8Array {
  const length = fields.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return Buffer.concat([Uint8Array.from([tag(field, LENGTH), ...varint(BigInt(length))]), ...fields]);
}
