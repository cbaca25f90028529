import { writeSync } from 'node:fs';
import { decodeJson, encodeJson, type Json } from '../base/json.ts';

/**
 * Messages on a stream of bytes, as JSON text sequences (RFC 7464): each is the byte 0x1E, JSON, and a line feed. JSON text
 * holds neither byte unescaped, so a reader finds the next message whatever else was written between two of them.
 */

const BEGIN = 0x1e;
const END = 0x0a;

/** One message; NaN, infinities and -0 are kept. */
export function encodeFrame(message: unknown): string {
  return `\x1e${encodeJson(message)}\n`;
}

/** What was between two messages and is none: prints of native code, or of a process that inherited the stream. */
export type Foreign = { readonly foreign: Uint8Array };

/** @internal A frame that something was written into, or that something else wrote. */
export type Corrupt = { readonly corrupt: string };

/** Takes a stream apart. `take` gives what the bytes complete, in order; the pieces of a large message are put together once. */
export class FrameReader {
  private pieces: Uint8Array[] | undefined;

  take(chunk: Uint8Array): readonly ({ readonly message: Json } | Foreign | Corrupt)[] {
    const found: ({ readonly message: Json } | Foreign | Corrupt)[] = [];
    for (let at = 0; at < chunk.length; ) {
      const inside = this.pieces !== undefined;
      const mark = chunk.indexOf(inside ? END : BEGIN, at);
      const part = chunk.subarray(at, mark < 0 ? chunk.length : mark);
      at += part.length + 1;
      if (this.pieces !== undefined) this.pieces.push(part);
      else if (part.length > 0) found.push({ foreign: part });
      if (mark < 0) break;
      if (this.pieces !== undefined) found.push(decode(Buffer.concat(this.pieces).toString()));
      this.pieces = inside ? undefined : [];
    }
    return found;
  }
}

function decode(text: string): { readonly message: Json } | Corrupt {
  try {
    return { message: decodeJson(text) };
  } catch {
    return { corrupt: text };
  }
}

/**
 * Writes messages, each whole before `write` returns, from several threads of a process: `lock` is shared by them.
 * Waits while the reader is behind.
 *
 * @throws what `writeSync` does, when nobody reads any more
 */
export class FrameWriter {
  private readonly fd: number;
  private readonly lock: Int32Array;

  constructor(fd: number, lock: Int32Array = new Int32Array(new SharedArrayBuffer(4))) {
    this.fd = fd;
    this.lock = lock;
  }

  write(message: unknown): void {
    const bytes = Buffer.from(encodeFrame(message));
    while (Atomics.compareExchange(this.lock, 0, 0, 1) !== 0) Atomics.wait(this.lock, 0, 1, 10);
    try {
      for (let at = 0; at < bytes.length; ) at += this.some(bytes, at);
    } finally {
      Atomics.store(this.lock, 0, 0);
      Atomics.notify(this.lock, 0, 1);
    }
  }

  private some(bytes: Uint8Array, from: number): number {
    try {
      return writeSync(this.fd, bytes, from);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(this.lock, 0, 1, 1); // a descriptor that does not block is full; nobody else changes the lock
      return 0;
    }
  }
}
