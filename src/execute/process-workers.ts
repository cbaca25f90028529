import { hostname } from 'node:os';
import type { Ended } from './executor.ts';
import { type Job, ProcessSlot } from './process-slot.ts';
import type { FromWorker, ProbeResult, Target, Task } from './protocol.ts';
import type { Fate } from './worker-death.ts';
import type { Launch } from './worker-process.ts';
import type { Assignment, Workers } from './workers.ts';

/** Worker processes, at most one for each launch. */
export class ProcessWorkers implements Workers {
  private readonly slots: readonly ProcessSlot[];

  constructor(launches: readonly Launch[]) {
    this.slots = launches.map((launch) => new ProcessSlot(launch));
  }

  probe(target: Target): Promise<Fate<ProbeResult>> {
    return new Promise((resolve) => {
      this.slot().give({ order: { kind: 'probe', target }, receive: () => {}, settle: (fate) => resolve(fate as Fate<ProbeResult>) });
    });
  }

  assign(task: Task, receive: (message: FromWorker) => void): Assignment {
    let settle = (_: Fate<Ended>): void => {};
    const fate = new Promise<Fate<Ended>>((resolve) => (settle = resolve));
    const job: Job = { order: { kind: 'task', task }, receive, settle: (end) => settle(end as Fate<Ended>) };
    const slot = this.slot();
    slot.give(job);
    return {
      get began() {
        return job.began;
      },
      get place() {
        return job.place ?? { pid: process.pid, host: hostname(), thread: 0 };
      },
      fate,
      post: (message) => slot.post(job, message),
      kill: () => slot.kill(job),
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.slots.map((slot) => slot.close()));
  }

  /** A warm one if there is one. */
  private slot(): ProcessSlot {
    const free = this.slots.filter((slot) => slot.free);
    const slot = free.find(({ warm }) => warm) ?? free[0];
    if (slot === undefined) throw new Error('attune: processes() was given more runs than it has slots.');
    return slot;
  }
}
