/** What is used of an event emitter. */
interface Emitter<E extends string> {
  on(event: E, listener: () => void): unknown;
  off(event: E, listener: () => void): unknown;
  listenerCount(event: E): number;
  getMaxListeners(): number;
  setMaxListeners(most: number): unknown;
}

/** Everyone who listens, behind the one listener that the emitter knows. */
interface Shared {
  readonly acts: Set<() => void>;
  readonly listener: () => void;
}

const listeners = new WeakMap<object, Map<string, Shared>>();

/**
 * Calls `act` on each `event`. However many listen, the emitter has one listener of ours, and none when the last one has
 * gone: runs side by side do not add up to what Node takes for a leak. An `act` that listens already is called once.
 *
 * @returns how to end that; calling it again does nothing
 */
export function listen<E extends string>(emitter: Emitter<E>, event: E, act: () => void): () => void {
  const events = listeners.get(emitter) ?? new Map<string, Shared>();
  listeners.set(emitter, events);
  let shared = events.get(event);
  if (shared === undefined) {
    const acts = new Set<() => void>();
    shared = {
      acts,
      listener: () => {
        for (const each of [...acts]) each();
      },
    };
    events.set(event, shared);
    addQuietly(emitter, event, shared.listener);
  }
  const { acts, listener } = shared;
  acts.add(act);
  return () => {
    if (!acts.delete(act) || acts.size > 0) return;
    events.delete(event);
    emitter.off(event, listener);
  };
}

/** Node pipes each worker thread into standard output and past its own warning: our one listener must not be the one that it warns of. */
function addQuietly<E extends string>(emitter: Emitter<E>, event: E, listener: () => void): void {
  const most = emitter.getMaxListeners();
  const isFull = most > 0 && emitter.listenerCount(event) >= most;
  if (isFull) emitter.setMaxListeners(0);
  emitter.on(event, listener);
  if (isFull) emitter.setMaxListeners(most);
}
