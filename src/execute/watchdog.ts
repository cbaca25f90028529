import { workerData } from 'node:worker_threads';
import { FrameWriter } from './frames.ts';
import { killGroup } from './kill-group.ts';
import type { FromProcess } from './protocol.ts';

/** A thread in each worker process, which sees what the main thread cannot while a trial keeps it busy. */

/** What it watches for. */
export interface Watch {
  /** The process that started this one. When it is gone, so is the driver. */
  readonly parent: number;
  /** The most resident memory, in megabytes of 2^20 bytes; 0: any. */
  readonly memoryMb: number;
  /** Where frames go, and what threads of this process take turns with there. */
  readonly output: number;
  readonly lock: Int32Array;
}

/** Nothing waits for it: it bounds how long an orphan lives, and how far a trial gets beyond its memory. */
const EVERY_MS = 100;

const { parent, memoryMb, output, lock } = workerData as Watch;
const frames = new FrameWriter(output, lock);

setInterval(() => {
  if (isOrphan()) return killGroup(process.pid);
  if (memoryMb === 0) return;
  const mb = process.memoryUsage.rss() / 2 ** 20;
  if (mb <= memoryMb) return;
  try {
    frames.write({ kind: 'memory', mb } satisfies FromProcess);
  } finally {
    killGroup(process.pid);
  }
}, EVERY_MS);

function isOrphan(): boolean {
  if (process.platform !== 'win32') return process.ppid !== parent;
  try {
    return !process.kill(parent, 0); // there a process keeps the id of a parent that is gone
  } catch {
    return true;
  }
}
