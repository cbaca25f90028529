import type { RunId } from '../../trial/ids.ts';
import type { Run } from '../executor.ts';
import { type Demand, emptyLedger, type Ledger, release, request } from './allocator.ts';
import type { Device } from './device.ts';

/** A run that waits for its device. */
interface Waiting {
  readonly run: Run;
  readonly signal: AbortSignal;
  readonly onAbort: () => void;
}

interface Acts {
  readonly launch: (run: Run, signal: AbortSignal, devices: readonly Device[]) => void;
  /** A run was told to stop while it waited. */
  readonly cancel: (run: RunId) => void;
}

/** Lets each run begin once it has its device, and no sooner. */
export class DeviceQueue {
  private readonly devices: readonly Device[];
  private readonly demand: Demand;
  private readonly acts: Acts;
  private readonly waiting = new Map<RunId, Waiting>();
  private ledger: Ledger;

  constructor({ devices, demand }: { readonly devices: readonly Device[]; readonly demand: Demand }, acts: Acts) {
    this.devices = devices;
    this.demand = demand;
    this.acts = acts;
    this.ledger = emptyLedger(devices);
  }

  start(run: Run, signal: AbortSignal): void {
    const onAbort = (): void => {
      this.end(run.run);
      this.acts.cancel(run.run);
    };
    if (signal.aborted) return this.acts.cancel(run.run);
    signal.addEventListener('abort', onAbort);
    this.waiting.set(run.run, { run, signal, onAbort });
    this.move(request(this.ledger, { id: run.run, demand: { ...this.demand, ...(run.alone ? { alone: true } : {}) } }));
  }

  /** The run is over: its device is free. */
  end(run: RunId): void {
    this.forget(run);
    this.move(release(this.ledger, run));
  }

  close(): void {
    for (const run of [...this.waiting.keys()]) this.forget(run);
  }

  private move(next: Ledger): void {
    this.ledger = next;
    for (const { id, devices } of next.held) {
      const waiting = this.forget(id as RunId);
      if (waiting)
        this.acts.launch(
          waiting.run,
          waiting.signal,
          devices.map((index) => this.devices[index]).filter((device) => device !== undefined),
        );
    }
  }

  private forget(run: RunId): Waiting | undefined {
    const waiting = this.waiting.get(run);
    waiting?.signal.removeEventListener('abort', waiting.onAbort);
    this.waiting.delete(run);
    return waiting;
  }
}
