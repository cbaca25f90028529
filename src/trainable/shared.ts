import { workerMark } from './worker-global.ts';

/**
 * What `load` gives. In the threads of a pool one of them loads it, for all: the others wait, and get copies in which every typed array
 * is on the same memory, so write into none. When that one throws or dies, the next one loads. Elsewhere, in a process of its own and
 * on the main thread, it is loaded each time: keep it.
 *
 * @param load - gives typed arrays, and plain objects and arrays of such and of JSON
 */
export function shared<T>(key: string, load: () => Promise<T>): Promise<T> {
  const share = workerMark()?.share;
  return share ? share(key, load) : load();
}
