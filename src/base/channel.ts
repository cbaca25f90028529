/** A queue with one reader, who takes everything that is there at once. */
export interface Channel<T> extends AsyncIterable<readonly T[]>, Disposable {
  /** Never blocks. After disposal, or once the reader has left, the item is dropped. */
  push(item: T): void;
}

/**
 * Batches of what has come in, oldest first.
 *
 * @param settle - awaited before each batch, so that what is ready at the same instant comes in one: a turn of the event loop
 */
export function channel<T>(settle: () => Promise<void>): Channel<T> {
  let items: T[] = [];
  let ready = false;
  let closed = false;
  let resume = (): void => {};

  const close = (): void => {
    closed = true;
    items = [];
    resume();
  };
  return {
    push(item) {
      if (closed) return;
      items.push(item);
      ready = true;
      resume();
    },
    async *[Symbol.asyncIterator]() {
      try {
        while (!closed) {
          if (!ready) await new Promise<void>((resolve) => (resume = resolve));
          await settle();
          if (closed) return;
          const batch = items;
          items = [];
          ready = false;
          yield batch;
        }
      } finally {
        close();
      }
    },
    [Symbol.dispose]: close,
  };
}
