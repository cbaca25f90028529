import { fileURLToPath } from 'node:url';
import { type Channel, channel } from '../base/channel.ts';
import { toErrorData } from '../trial/error-data.ts';
import type { RunId } from '../trial/ids.ts';
import { Deadlines } from './deadlines.ts';
import { type Device, deviceText } from './devices/device.ts';
import { DeviceQueue } from './devices/device-queue.ts';
import { deviceMemoryError } from './devices/out-of-memory.ts';
import type { Share } from './devices/share.ts';
import type { Answer, Ended, ExecutorEvent, ExecutorSession, Run } from './executor.ts';
import { forcedEnd, type Told, timedOut, unresponsive } from './forced-end.ts';
import { type FromWorker, type Target, taskOf, type Unreachable } from './protocol.ts';
import { turn } from './turn.ts';
import { deathOf, describeDeath, type Fate } from './worker-death.ts';
import type { Assignment, Workers } from './workers.ts';

/** A run that a worker has, or will have as soon as there is one. */
interface Flight {
  readonly run: Run;
  readonly devices: readonly Device[];
  readonly assignment: Assignment;
  readonly deadlines: Deadlines;
  readonly signal: AbortSignal;
  readonly onAbort: () => void;
  started: boolean;
  told: Told;
  /** Why the run did not end by itself. */
  forced: Ended | undefined;
}

/** The runs of one experiment on its workers: what they say becomes events, and none outlives its deadlines. */
export class Pool {
  readonly events: Channel<ExecutorEvent> = channel(turn);
  private readonly session: ExecutorSession;
  private readonly target: Target;
  private readonly workers: Workers;
  private readonly share: Share;
  /** Absent when runs need no device. */
  private readonly queue: DeviceQueue | undefined;
  private readonly flights = new Map<RunId, Flight>();

  constructor(session: ExecutorSession, target: Target, { workers, share }: { readonly workers: Workers; readonly share: Share }) {
    this.session = session;
    this.target = target;
    this.workers = workers;
    this.share = share;
    const { devices, demand } = share;
    const cancel = (run: RunId): void => void this.events.push({ kind: 'ended', run, how: 'stopped' });
    if (demand) this.queue = new DeviceQueue({ devices, demand }, { launch: (run, signal, own) => this.launch(run, signal, own), cancel });
  }

  /** Has a first worker import the trainable. @returns why it cannot */
  async probe(): Promise<Unreachable | undefined> {
    const { module, by } = this.target;
    const fate = await this.workers.probe(this.target, { devices: this.share.first });
    if ('result' in fate) return fate.result.unreachable;
    return {
      problem: `${by}: expected ${fileURLToPath(module)} to load in a worker, got ${describeDeath(fate.death)}.`,
      hint: 'See the cause.',
      cause: toErrorData(fate.death.cause),
    };
  }

  start(run: Run, signal: AbortSignal): void {
    if (this.queue) this.queue.start(run, signal);
    else this.launch(run, signal, []);
  }

  private launch(run: Run, signal: AbortSignal, devices: readonly Device[]): void {
    const { cpu } = this.share;
    const task = taskOf(run, this.target, { cpu, device: deviceText(devices), ...(this.session.echo ? { echo: true } : {}) });
    const seat = { devices, ...(run.alone ? { alone: run.alone } : {}) };
    const assignment = this.workers.assign(task, seat, (message) => this.receive(flight, message));
    const flight: Flight = {
      run,
      devices,
      assignment,
      deadlines: new Deadlines(
        this.session,
        () => assignment.began,
        (why) => this.force(flight, why),
      ),
      signal,
      onAbort: () => this.stop(flight),
      started: false,
      told: undefined,
      forced: undefined,
    };
    this.flights.set(run.run, flight);
    if (signal.aborted) this.stop(flight);
    else signal.addEventListener('abort', flight.onAbort);
    void assignment.fate.then((fate) => this.end(flight, this.endOf(flight, fate)));
  }

  answer(run: RunId, answer: Answer): void {
    const flight = this.flights.get(run);
    if (!flight) return;
    flight.deadlines.saving(answer.save !== undefined);
    if (answer.save === undefined && answer.then !== 'continue') {
      flight.told ??= answer.then === 'pause' ? 'paused' : 'stopped';
      flight.deadlines.told();
    }
    flight.assignment.post({ kind: 'answer', run, answer });
  }

  async close(): Promise<void> {
    this.events[Symbol.dispose]();
    this.queue?.close();
    for (const flight of [...this.flights.values()]) this.forget(flight);
    await this.workers.close();
  }

  private receive(flight: Flight, message: FromWorker): void {
    if (message.kind === 'started') this.announce(flight);
    else this.events.push(message);
  }

  private announce(flight: Flight): void {
    if (flight.started) return;
    flight.started = true;
    this.events.push({ kind: 'started', run: flight.run.run, ...flight.assignment.place });
  }

  /** The run's signal aborted. */
  private stop(flight: Flight): void {
    const { reason } = flight.signal as { reason?: unknown };
    flight.told ??= 'stopped';
    flight.deadlines.told();
    flight.assignment.post({ kind: 'stop', run: flight.run.run, reason: reason instanceof Error ? reason.message : String(reason) });
  }

  private force(flight: Flight, why: 'timeout' | 'grace'): void {
    const { run, told } = flight;
    const { trialTimeoutS } = this.session;
    if (why === 'grace' && flight.assignment.began !== undefined) {
      this.announce(flight);
      this.events.push({ kind: 'warned', run: run.run, message: unresponsive(flight.deadlines.graceInWords, 'its worker was ended') });
    }
    flight.forced = forcedEnd(run.run, told, () => timedOut(run.name, trialTimeoutS));
    flight.assignment.kill();
  }

  private endOf({ run, devices, told, forced }: Flight, fate: Fate<Ended>): Ended {
    const ended = 'result' in fate ? fate.result : (forced ?? forcedEnd(run.run, told, () => deathOf(run.name, fate.death)));
    return ended.how === 'failed' ? { ...ended, error: deviceMemoryError(run, devices, ended.error) } : ended;
  }

  private end(flight: Flight, ended: Ended): void {
    if (!this.forget(flight)) return;
    this.announce(flight);
    this.events.push(ended);
    this.queue?.end(flight.run.run);
  }

  private forget(flight: Flight): boolean {
    flight.deadlines[Symbol.dispose]();
    flight.signal.removeEventListener('abort', flight.onAbort);
    return this.flights.delete(flight.run.run);
  }
}
