import type { TerminalStream } from './terminal.ts';

/** Text without a line end that is held back at most, in code units. */
const MOST_HELD = 65_536;

type Write = TerminalStream['write'];

/** Stands between a stream and everyone who writes to it. */
export interface WriteGuard extends Disposable {
  /** Writes past the guard. */
  readonly write: Write;
  /** Whether the beginning of a line is held back. */
  isHolding(): boolean;
  /** Writes what is held back, with a line end. */
  flush(): void;
}

/**
 * Shows what others write to a stream by `above`, a whole line at a time; the beginning of a line is held back until its
 * end comes. Return values and callbacks of `write` are as always. Disposing of it gives the stream back as it was.
 *
 * @param above - runs what it is given where whole lines may be written
 */
export function guardWrites(stream: TerminalStream, above: (print: () => void) => void): WriteGuard {
  const isOwn = Object.hasOwn(stream, 'write');
  const original = stream.write;
  const write = (...parts: unknown[]): boolean => (original as (...parts: unknown[]) => boolean).apply(stream, parts);
  const read = textReader();
  let held = '';
  let isOver = false;

  const guarded = (...parts: unknown[]): boolean => {
    const [chunk, encoding] = parts;
    const text = isOver ? undefined : read(chunk, encoding);
    if (text === undefined) return write(...parts); // for the stream to refuse, or for nobody to guard
    const written = parts.find((part) => typeof part === 'function') as ((error?: Error | null) => void) | undefined;
    held += text;
    const end = held.length > MOST_HELD ? held.length : held.lastIndexOf('\n') + 1;
    if (end === 0) {
      if (written) process.nextTick(written);
      return true;
    }
    const whole = held.slice(0, end);
    held = held.slice(end);
    let isDrained = true;
    above(() => {
      isDrained = write(whole.endsWith('\n') ? whole : `${whole}\n`, ...(written ? [written] : []));
    });
    return isDrained;
  };
  stream.write = guarded;
  return {
    write,
    isHolding: () => held !== '',
    flush() {
      if (held !== '') write(`${held}\n`);
      held = '';
    },
    [Symbol.dispose]() {
      isOver = true; // whoever has put something on top of this guard still calls it
      if (stream.write !== guarded) return;
      if (isOwn) stream.write = original;
      else delete (stream as { write?: Write }).write;
    },
  };
}

/** Reads chunks as text, a character in two chunks too; `undefined` for what no stream of text takes. */
function textReader(): (chunk: unknown, encoding: unknown) => string | undefined {
  const decoder = new TextDecoder();
  return (chunk, encoding) => {
    if (chunk instanceof Uint8Array) return decoder.decode(chunk, { stream: true });
    if (typeof chunk !== 'string') return undefined;
    const isText = typeof encoding !== 'string' || /^(utf-?8|utf-?16le|ucs-?2)$/i.test(encoding);
    return isText ? chunk : decoder.decode(Buffer.from(chunk, encoding as BufferEncoding), { stream: true });
  };
}
