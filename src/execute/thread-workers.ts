import { hostname } from 'node:os';
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { Piscina } from 'piscina';
import type { RunId } from '../trial/ids.ts';
import type { Ended } from './executor.ts';
import {
  type FromThread,
  type FromWorker,
  type ProbeResult,
  parseEnded,
  parseFromThread,
  parseHello,
  parseToShare,
  RunFlags,
  type Target,
  type Task,
  type ThreadTask,
} from './protocol.ts';
import { Shares } from './sharing.ts';
import { turn } from './turn.ts';
import type { Death, Fate } from './worker-death.ts';
import type { Assignment, Seat, Workers } from './workers.ts';

/** Threads of piscina. Each has a port of its own for what its trials say; their end comes with the task. */
export class ThreadWorkers implements Workers {
  private readonly piscina: Piscina;
  /** Thread id → the port of its trials. */
  private readonly ports = new Map<number, MessagePort>();
  private readonly receivers = new Map<RunId, (message: FromThread) => void>();
  private readonly shares = new Shares();
  private readonly host = hostname();
  /** The most that V8 may keep in one of them, in megabytes; the same for all. */
  private heapMb = 0;

  constructor(piscina: Piscina) {
    this.piscina = piscina;
    piscina.on('message', (message: unknown) => this.greet(message));
    piscina.on('error', () => {}); // a worker that died between two trials: the next one gets a new worker
  }

  async probe(target: Target): Promise<Fate<ProbeResult>> {
    let dead = (_: unknown): void => {};
    const death = new Promise<never>((_, reject) => (dead = reject));
    const exited = (): void => void turn().then(() => dead(new Error('it exited before it was ready'))); // `error` comes at once, if at all
    this.piscina.on('error', dead);
    this.piscina.on('workerDestroy', exited);
    try {
      return { result: (await Promise.race([this.piscina.run(target, { name: 'probe' }), death])) as ProbeResult };
    } catch (cause) {
      return { death: this.deathBy(cause) };
    } finally {
      this.piscina.off('error', dead);
      this.piscina.off('workerDestroy', exited);
    }
  }

  assign(task: Task, _seat: Seat, receive: (message: FromWorker) => void): Assignment {
    const flags = new RunFlags();
    const kill = new AbortController();
    const retired = new Promise<Fate<Ended>>((resolve) => {
      this.receivers.set(task.run, (message) => (message.kind === 'worn' ? resolve({ result: message.ended }) : receive(message)));
    });
    void retired.then(() => kill.abort()); // before anybody is told: the next task gets another thread
    const threadTask: ThreadTask = { ...task, flags: flags.buffer };
    const done = (fate: Fate<Ended>): Fate<Ended> => {
      this.catchUp(flags.thread);
      this.receivers.delete(task.run);
      return fate;
    };
    const { host } = this;
    return {
      get began() {
        return flags.began;
      },
      get place() {
        return { pid: process.pid, host, thread: flags.thread };
      },
      fate: Promise.race([
        retired,
        this.piscina.run(threadTask, { signal: kill.signal }).then(fateOf, (cause: unknown) => ({ death: this.deathBy(cause) })),
      ]).then(done),
      post: (message) => {
        if (message.kind === 'stop') flags.raise(); // first: a worker that begins from now on sees it
        this.ports.get(flags.thread)?.postMessage(message);
      },
      kill: () => kill.abort(),
    };
  }

  async close(): Promise<void> {
    this.receivers.clear();
    await this.piscina.destroy();
    for (const port of this.ports.values()) port.close();
    this.ports.clear();
  }

  /** A new worker introduces itself, before it has any task. */
  private greet(message: unknown): void {
    const hello = parseHello(message);
    if (hello === undefined) return;
    const { thread, port, heapMb } = hello;
    this.heapMb = heapMb;
    this.ports.set(thread, port);
    port.on('message', (data: unknown) => this.receive(port, data));
    port.on('close', () => {
      this.ports.delete(thread);
      this.shares.gone(port);
    });
    port.unref(); // the pool keeps the process alive while a task is in its hands, and no longer
  }

  private receive(port: MessagePort, data: unknown): void {
    const share = parseToShare(data);
    if (share) return this.shares.receive(port, share);
    const message = parseFromThread(data);
    if (message) this.receivers.get(message.run)?.(message);
  }

  /** Takes in what a worker sent before it ended a run: that came by another way, which may be slower. */
  private catchUp(thread: number): void {
    const port = this.ports.get(thread);
    if (!port) return;
    for (let entry = receiveMessageOnPort(port); entry !== undefined; entry = receiveMessageOnPort(port))
      this.receive(port, (entry as { message: unknown }).message);
  }

  private deathBy(cause: unknown): Death {
    if ((cause as { code?: unknown } | undefined)?.code !== 'ERR_WORKER_OUT_OF_MEMORY') return { cause };
    return { cause, memory: { of: 'V8 heap', limitMb: this.heapMb, hadMb: this.heapMb } }; // V8 gives up when the heap is full
  }
}

function fateOf(result: unknown): Fate<Ended> {
  const ended = parseEnded(result);
  return ended ? { result: ended } : { death: { cause: new Error('its worker answered something that is no result') } };
}
