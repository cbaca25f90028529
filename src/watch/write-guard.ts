import type { TerminalStream } from './terminal.ts';

/** Text without a line end that is held back at most, in code units. */
const MOST_HELD = 65_536;

type Write = TerminalStream['write'];

/**
 * Shows what others write to a stream by `above`, a whole line at a time; the beginning of a line is held back until its
 * end comes, or the guard is disposed of. Return values and callbacks of `write` are as always.
 *
 * @param above - runs what it is given where whole lines may be written
 */
export function guardWrites(stream: TerminalStream, above: (print: () => void) => void): Disposable & { readonly write: Write } {
  const isOwn = Object.hasOwn(stream, 'write');
  const original = stream.write;
  const write = (...parts: unknown[]): boolean => (original as (...parts: unknown[]) => boolean).apply(stream, parts);
  const read = textReader();
  let held = '';
  let over = false;

  const guarded = (...parts: unknown[]): boolean => {
    const [chunk, encoding] = parts;
    const text = over ? undefined : read(chunk, encoding);
    if (text === undefined) return write(...parts);
    const written = parts.find((part) => typeof part === 'function') as ((error?: Error | null) => void) | undefined;
    held += text;
    const end = held.length > MOST_HELD ? held.length : held.lastIndexOf('\n') + 1;
    if (end === 0) {
      if (written) process.nextTick(written);
      return true;
    }
    const whole = held.slice(0, end);
    held = held.slice(end);
    return printed(whole, written);
  };
  const printed = (text: string, written?: (error?: Error | null) => void): boolean => {
    let drained = true;
    above(() => {
      drained = write(text.endsWith('\n') ? text : `${text}\n`, ...(written ? [written] : []));
    });
    return drained;
  };
  stream.write = guarded;
  return {
    write,
    [Symbol.dispose]() {
      over = true; // whoever has put a guard on top of this one still calls it
      if (stream.write === guarded) {
        if (isOwn) stream.write = original;
        else delete (stream as { write?: Write }).write;
      }
      if (held !== '') printed(held);
      held = '';
    },
  };
}

/** Reads chunks as text, a character in two chunks too; `undefined` for what no stream of text takes: that is for the stream to refuse. */
function textReader(): (chunk: unknown, encoding: unknown) => string | undefined {
  const decoder = new TextDecoder();
  return (chunk, encoding) => {
    if (chunk instanceof Uint8Array) return decoder.decode(chunk, { stream: true });
    if (typeof chunk !== 'string') return undefined;
    const isText = typeof encoding !== 'string' || /^(utf-?8|utf-?16le|ucs-?2)$/i.test(encoding);
    return isText ? chunk : decoder.decode(Buffer.from(chunk, encoding as BufferEncoding), { stream: true });
  };
}
