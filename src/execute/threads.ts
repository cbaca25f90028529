import { availableParallelism, hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type MessagePort, type ResourceLimits, receiveMessageOnPort } from 'node:worker_threads';
import type { Piscina } from 'piscina';
import { type Channel, channel } from '../base/channel.ts';
import { AttuneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { checkOptions } from '../base/options.ts';
import type { TrainableRef } from '../trainable/trainable-ref.ts';
import { toErrorData } from '../trial/error-data.ts';
import type { RunId } from '../trial/ids.ts';
import { Deadlines } from './deadlines.ts';
import type { Answer, Ended, Executor, ExecutorEvent, ExecutorSession, Run } from './executor.ts';
import { forcedEnd, type Told, timedOut, unresponsive } from './forced-end.ts';
import { Occupancy } from './occupancy.ts';
import {
  type ProbeResult,
  parseFromWorker,
  parseHello,
  parseResult,
  RunFlags,
  type Target,
  type ToWorker,
  taskOf,
  type Unreachable,
  unreachableError,
} from './protocol.ts';
import { findTsx, TSX_HINT, tsxMissing, typescriptFault } from './tsx.ts';
import { turn } from './turn.ts';
import { workerFile } from './worker-file.ts';
import { workerFlags } from './worker-flags.ts';
import { checkWorkers } from './workers-option.ts';

export interface ThreadsOptions {
  /** Trials at once, each in a thread of its own. Default: one per core. */
  readonly workers?: number;
  /** Memory limits of one thread; a trial that exceeds them fails with WORKER_DIED, alone. */
  readonly resourceLimits?: ResourceLimits;
  /** Node options of the threads. Default: those of this process. */
  readonly execArgv?: readonly string[];
}

/** A run that a worker has, or will have as soon as there is one. */
interface Flight {
  readonly run: Run;
  readonly flags: RunFlags;
  readonly deadlines: Deadlines;
  /** Aborting it ends the worker. */
  readonly kill: AbortController;
  readonly signal: AbortSignal;
  readonly onAbort: () => void;
  started: boolean;
  told: Told;
  /** Why the run did not end by itself. */
  forced: Ended | undefined;
}

/**
 * Runs trials in worker threads, which are used again for one trial after another. The trainable must be defined with
 * `defineTrainable`, so that a thread can import it. A thread that dies takes only its own trial with it.
 */
export function threads(options: ThreadsOptions = {}): Executor {
  checkOptions('threads', options, ['workers', 'resourceLimits', 'execArgv']);
  const { workers = availableParallelism() } = options;
  checkWorkers('threads', workers);
  const occupancy = new Occupancy('threads');
  let pool: Pool | undefined;
  const opened = (): Pool => {
    if (pool === undefined) throw new Error('attune: threads() was used before open().');
    return pool;
  };
  return {
    name: 'threads',
    options: { ...options } as JsonObject,
    slots: workers,
    async open(session) {
      occupancy.enter();
      const target = targetOf(session.trainable);
      const settings = poolSettings(workers, options);
      const { Piscina: PiscinaPool } = await import('piscina'); // only now: importing attune is light
      const reach = (way: Target): Promise<Unreachable | undefined> => {
        pool = new Pool(session, way, new PiscinaPool(settings));
        return pool.probe();
      };
      let unreachable = await reach(target);
      const tsx = unreachable && tsxFor(target, unreachable);
      if (tsx !== undefined) {
        await opened().close(); // to threads that have not failed to load it: Node never forgets that
        unreachable = await reach({ ...target, tsx });
      }
      if (unreachable) throw unreachableError(unreachable);
    },
    start: (run, signal) => opened().start(run, signal),
    answer: (run, answer) => opened().answer(run, answer),
    batches: () => opened().events,
    async [Symbol.asyncDispose]() {
      if (!occupancy.leave()) return;
      const closing = pool;
      pool = undefined; // now: the next experiment may open while this one closes
      await closing?.close();
    },
  };
}

function poolSettings(workers: number, { resourceLimits, execArgv }: ThreadsOptions) {
  const flags = workerFlags(execArgv);
  return {
    filename: workerFile(),
    name: 'runTrial',
    minThreads: 0, // as trials come
    maxThreads: workers,
    idleTimeout: Number.POSITIVE_INFINITY, // a warm worker is kept for the next trial
    ...(resourceLimits ? { resourceLimits } : {}),
    ...(flags ? { execArgv: flags } : {}),
  };
}

/**
 * The tsx to try again with, when what Node could not load is TypeScript.
 *
 * @throws {AttuneError} `PACKAGE_MISSING` when there is none
 */
function tsxFor({ module }: Target, unreachable: Unreachable): string | undefined {
  const { cause } = unreachable;
  const fault = cause && typescriptFault(cause);
  if (cause === undefined || fault === undefined) return undefined;
  const tsx = findTsx(module);
  if (tsx !== undefined) return tsx;
  if (fault === 'sure') throw tsxMissing(module, cause);
  if (/\.[cm]?tsx?\b/.test(`${module} ${cause.message}`)) throw unreachableError({ ...unreachable, hint: TSX_HINT });
  return undefined;
}

function targetOf({ module, name }: TrainableRef): Target {
  if (module !== undefined) return { module, name };
  throw new AttuneError(
    'TRAINABLE_UNREACHABLE',
    `threads: expected a trainable made with defineTrainable, got the bare function or class "${name}", which exists in this thread only.`,
    {
      hint: 'Define it with defineTrainable(import.meta.url, …) at top level, or run it with executor: inline().',
    },
  );
}

class Pool {
  readonly events: Channel<ExecutorEvent> = channel(turn);
  private readonly session: ExecutorSession;
  private readonly target: Target;
  private readonly piscina: Piscina;
  private readonly flights = new Map<RunId, Flight>();
  /** Thread id → the port of its trials. */
  private readonly ports = new Map<number, MessagePort>();
  private readonly place = { pid: process.pid, host: hostname() };

  constructor(session: ExecutorSession, target: Target, piscina: Piscina) {
    this.session = session;
    this.target = target;
    this.piscina = piscina;
    piscina.on('message', (message: unknown) => this.greet(message));
    piscina.on('error', () => {}); // a worker that died between two trials: the next one gets a new worker
  }

  /** Has a first worker import the trainable. @returns why it cannot */
  async probe(): Promise<Unreachable | undefined> {
    const target = fileURLToPath(this.target.module);
    const death = new Promise<never>((_, reject) => {
      this.piscina.once('error', reject);
      this.piscina.once('workerDestroy', () => void turn().then(() => reject(new Error('it exited before it was ready')))); // `error` comes at once, if at all
    });
    const probed = this.piscina.run(this.target, { name: 'probe' }) as Promise<ProbeResult>;
    const { unreachable } = await Promise.race([probed, death]).catch(
      (error: unknown): ProbeResult => ({
        unreachable: {
          problem: `threads: expected ${target} to load in a worker, got ${describeDeath(error)}.`,
          hint: 'See the cause.',
          cause: toErrorData(error),
        },
      }),
    );
    death.catch(() => {}); // workers die later, too
    return unreachable;
  }

  start(run: Run, signal: AbortSignal): void {
    const flags = new RunFlags();
    const flight: Flight = {
      run,
      flags,
      deadlines: new Deadlines(
        this.session,
        () => flags.began,
        (why) => this.force(flight, why),
      ),
      kill: new AbortController(),
      signal,
      onAbort: () => this.stop(flight),
      started: false,
      told: undefined,
      forced: undefined,
    };
    this.flights.set(run.run, flight);
    if (signal.aborted) this.stop(flight);
    else signal.addEventListener('abort', flight.onAbort);
    this.piscina.run(taskOf(run, this.target, flags, this.session.echo), { signal: flight.kill.signal }).then(
      (result: unknown) => this.finish(flight, result),
      (error: unknown) => this.lose(flight, error),
    );
  }

  answer(run: RunId, answer: Answer): void {
    const flight = this.flights.get(run);
    if (!flight) return;
    flight.deadlines.saving(answer.save !== undefined);
    if (answer.save === undefined && answer.then !== 'continue') {
      flight.told ??= answer.then === 'pause' ? 'paused' : 'stopped';
      flight.deadlines.told();
    }
    this.send(flight, { kind: 'answer', run, answer });
  }

  async close(): Promise<void> {
    this.events[Symbol.dispose]();
    for (const flight of [...this.flights.values()]) this.forget(flight);
    await this.piscina.destroy();
    for (const port of this.ports.values()) port.close();
    this.ports.clear();
  }

  /** A new worker introduces itself, before it has any task. */
  private greet(message: unknown): void {
    const hello = parseHello(message);
    if (hello === undefined) return;
    const { thread, port } = hello;
    this.ports.set(thread, port);
    port.on('message', (data: unknown) => this.receive(data));
    port.on('close', () => this.ports.delete(thread));
    port.unref(); // the pool keeps the process alive while a task is in its hands, and no longer
  }

  private receive(data: unknown): void {
    const message = parseFromWorker(data);
    const flight = message && this.flights.get(message.run);
    if (!flight) return; // of an older run
    if (message.kind === 'started') this.announce(flight, message.thread);
    else this.events.push(message);
  }

  private announce(flight: Flight, thread: number): void {
    if (flight.started) return;
    flight.started = true;
    this.events.push({ kind: 'started', run: flight.run.run, ...this.place, thread });
  }

  /** The run's signal aborted. */
  private stop(flight: Flight): void {
    const { reason } = flight.signal as { reason?: unknown };
    flight.told ??= 'stopped';
    flight.flags.raise(); // first: a worker that begins from now on sees it
    flight.deadlines.told();
    this.send(flight, { kind: 'stop', run: flight.run.run, reason: reason instanceof Error ? reason.message : String(reason) });
  }

  private send(flight: Flight, message: ToWorker): void {
    this.ports.get(flight.flags.thread)?.postMessage(message);
  }

  private force(flight: Flight, why: 'timeout' | 'grace'): void {
    const { run, told } = flight;
    const { trialTimeoutS } = this.session;
    if (why === 'grace' && flight.flags.thread !== 0) {
      this.announce(flight, flight.flags.thread);
      this.events.push({ kind: 'warned', run: run.run, message: unresponsive(flight.deadlines.graceInWords, 'its worker was ended') });
    }
    flight.forced = forcedEnd(run.run, told, () => timedOut(run.name, trialTimeoutS));
    flight.kill.abort();
  }

  /** The worker has answered the task. */
  private finish(flight: Flight, result: unknown): void {
    const parsed = parseResult(result);
    if (parsed === undefined) return this.lose(flight, new Error('its worker answered something that is no result'));
    this.catchUp(parsed.thread);
    this.end(flight, parsed.ended, parsed.thread);
  }

  /** The worker is gone. */
  private lose(flight: Flight, cause: unknown): void {
    const { run, told, flags } = flight;
    this.catchUp(flags.thread);
    const died = (): AttuneError => new AttuneError('WORKER_DIED', `${run.name}: expected its worker to live on, got ${describeDeath(cause)}.`, { cause });
    this.end(flight, flight.forced ?? forcedEnd(run.run, told, died), flags.thread);
  }

  /** Takes in what a worker sent before it ended a run: that came by another way, which may be slower. */
  private catchUp(thread: number): void {
    const port = this.ports.get(thread);
    if (!port) return;
    for (let entry = receiveMessageOnPort(port); entry !== undefined; entry = receiveMessageOnPort(port)) this.receive((entry as { message: unknown }).message);
  }

  private end(flight: Flight, ended: Ended, thread: number): void {
    if (!this.forget(flight)) return;
    this.announce(flight, thread);
    this.events.push(ended);
  }

  private forget(flight: Flight): boolean {
    flight.deadlines[Symbol.dispose]();
    flight.signal.removeEventListener('abort', flight.onAbort);
    return this.flights.delete(flight.run.run);
  }
}

function describeDeath(cause: unknown): string {
  const { message, name } = toErrorData(cause);
  return `one that ended (${name}: ${message})`;
}
