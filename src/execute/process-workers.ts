import { hostname } from 'node:os';
import type { Device } from './devices/device.ts';
import type { Ended } from './executor.ts';
import { type Job, ProcessSlot } from './process-slot.ts';
import type { FromWorker, ProbeResult, Target, Task } from './protocol.ts';
import type { Fate } from './worker-death.ts';
import type { Launch } from './worker-process.ts';
import type { Assignment, Seat, Workers } from './workers.ts';

/** Worker processes, at most one for each launch. */
export class ProcessWorkers implements Workers {
  private readonly slots: readonly ProcessSlot[];

  constructor(launches: readonly Launch[]) {
    this.slots = launches.map((launch) => new ProcessSlot(launch));
  }

  probe(target: Target, { devices }: Seat): Promise<Fate<ProbeResult>> {
    return new Promise((resolve) => {
      this.slot(devices).give({ order: { kind: 'probe', target }, devices, receive: () => {}, settle: (fate) => resolve(fate as Fate<ProbeResult>) });
    });
  }

  assign(task: Task, { devices, alone }: Seat, receive: (message: FromWorker) => void): Assignment {
    let settle = (_: Fate<Ended>): void => {};
    const fate = new Promise<Fate<Ended>>((resolve) => (settle = resolve));
    const job: Job = { order: { kind: 'task', task }, devices, receive, settle: (end) => settle(end as Fate<Ended>) };
    const cleared = alone ? Promise.all(this.slots.map((slot) => slot.clear(devices))) : undefined; // TensorFlow gives back no memory before its process ends
    const slot = this.slot(devices);
    slot.give(job, cleared);
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

  /** One that is warm and sees these devices, if there is one. */
  private slot(devices: readonly Device[]): ProcessSlot {
    const free = this.slots.filter((slot) => slot.free);
    const slot = free.find((one) => one.isWarmFor(devices)) ?? free.find(({ warm }) => !warm) ?? free[0];
    if (slot === undefined) throw new Error('attune: processes() was given more runs than it has slots.');
    return slot;
  }
}
