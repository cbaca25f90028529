import type { HeldTensors } from '../trainable/worker-global.ts';

/** A worker in which trials have left more than this is replaced. */
const MOST: HeldTensors = { count: 1000, bytes: 64 * 2 ** 20 };

/**
 * Tensors that trials leave behind in one worker. A leak is small for a trial and the end of a worker that runs hundreds, so it
 * is measured at the end of each, told under the trial's name, and worth a new worker when it has come to more than 1,000 tensors or 64 MB.
 */
export class Leaks {
  private count = 0;
  private bytes = 0;

  /**
   * @param before - what was held when a trial began; `undefined` when tfjs was not there yet: what it made then may be for all trials
   * @param after - and when it had ended
   * @returns what the user should know, if tensors are left
   */
  add(before: HeldTensors | undefined, after: HeldTensors | undefined): string | undefined {
    if (before === undefined || after === undefined || after.count <= before.count) return undefined;
    const count = after.count - before.count;
    const bytes = Math.max(0, after.bytes - before.bytes);
    this.count += count;
    this.bytes += bytes;
    const what = count === 1 ? '1 tensor' : `${count} tensors`;
    const then = this.worn ? ` Its worker, in which trials have left ${this.count} by now, is replaced.` : '';
    return `it left ${what} in memory (${readable(bytes)}). Give back models (disposeModel) and data when a trial ends, and compute in tf.tidy().${then}`;
  }

  /** The worker should run no other trial. */
  get worn(): boolean {
    return this.count > MOST.count || this.bytes > MOST.bytes;
  }
}

function readable(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
