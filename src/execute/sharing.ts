import type { MessagePort } from 'node:worker_threads';
import type { FromShare, ToShare } from './protocol.ts';

interface Entry {
  /** Who is loading it; `undefined` once it is there. */
  loader: MessagePort | undefined;
  value: unknown;
  readonly waiting: MessagePort[];
}

/** The host's part in `shared`: who loads, and what has been loaded, for all threads of one pool. */
export class Shares {
  private readonly entries = new Map<string, Entry>();

  receive(port: MessagePort, { share, kind, value }: ToShare): void {
    const entry = this.entries.get(share);
    if (entry === undefined) {
      if (kind !== 'ask') return;
      this.entries.set(share, { loader: port, value: undefined, waiting: [] });
      return tell(port, { share, kind: 'load' });
    }
    if (kind === 'ask') {
      if (entry.loader === undefined) tell(port, { share, kind: 'given', value: entry.value });
      else entry.waiting.push(port);
    } else if (entry.loader === port) {
      if (kind === 'fail') return this.passOn(share, entry);
      Object.assign(entry, { loader: undefined, value });
      for (const one of entry.waiting.splice(0)) tell(one, { share, kind: 'given', value });
    }
  }

  /** The thread of this port has ended. */
  gone(port: MessagePort): void {
    for (const [share, entry] of this.entries) {
      const at = entry.waiting.indexOf(port);
      if (at >= 0) entry.waiting.splice(at, 1);
      if (entry.loader === port) this.passOn(share, entry);
    }
  }

  private passOn(share: string, entry: Entry): void {
    entry.loader = entry.waiting.shift();
    if (entry.loader === undefined) this.entries.delete(share);
    else tell(entry.loader, { share, kind: 'load' });
  }
}

const tell = (port: MessagePort, message: FromShare): void => port.postMessage(message);

export interface Sharer {
  share<T>(key: string, load: () => Promise<T>): Promise<T>;
  receive(message: FromShare): void;
}

/** A thread's part. */
export function sharer(post: (message: ToShare) => void): Sharer {
  /** What this thread has asked for, and what is to happen at the next word about it. */
  const open = new Map<string, { readonly value: Promise<unknown>; readonly answer: (message: FromShare) => void }>();
  const loadFor = async (key: string, answered: Promise<FromShare>, load: () => Promise<unknown>): Promise<unknown> => {
    const answer = await answered;
    if (answer.kind === 'given') return answer.value;
    try {
      const value = onSharedMemory(await load());
      post({ share: key, kind: 'give', value });
      return value;
    } catch (error) {
      post({ share: key, kind: 'fail' });
      throw error;
    }
  };
  return {
    share<T>(key: string, load: () => Promise<T>): Promise<T> {
      const asked = open.get(key);
      if (asked) return asked.value as Promise<T>;
      let answer = (_: FromShare): void => {};
      const answered = new Promise<FromShare>((resolve) => (answer = resolve));
      const value = loadFor(key, answered, load).finally(() => open.delete(key));
      open.set(key, { value, answer });
      post({ share: key, kind: 'ask' });
      return value as Promise<T>;
    },
    receive: (message) => open.get(message.share)?.answer(message),
  };
}

/** A copy with every typed array on memory that threads can share. */
function onSharedMemory(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(onSharedMemory);
  if (isPlain(value)) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, onSharedMemory(one)]));
  if (!ArrayBuffer.isView(value) || value instanceof DataView) return value;
  if (value.buffer instanceof SharedArrayBuffer) return value;
  const { byteOffset, byteLength, buffer } = value;
  const memory = new SharedArrayBuffer(byteLength);
  new Uint8Array(memory).set(new Uint8Array(buffer, byteOffset, byteLength));
  return new (value.constructor as new (memory: SharedArrayBuffer) => unknown)(memory);
}

/** A Map, a Date and the like are copied whole. */
const isPlain = (value: object): boolean => [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
