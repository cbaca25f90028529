import { hostname } from 'node:os';
import type { Where } from '../trial/events.ts';
import { type Printing, type TrialPrinter, trialPrinter, type Write } from './capture-output.ts';
import { type Device, namesOf } from './devices/device.ts';
import { deviceMemoryLine } from './devices/out-of-memory.ts';
import { pinTo } from './devices/pin.ts';
import type { Ended } from './executor.ts';
import type { FromProcess, FromWorker, ProbeResult, ToProcess, ToWorker } from './protocol.ts';
import type { Death, Fate } from './worker-death.ts';
import { type Exit, type Launch, WorkerProcess } from './worker-process.ts';

/** What a process is given to do: to import a trainable, or a run. */
export interface Job {
  readonly order: ToProcess & { readonly kind: 'probe' | 'task' };
  /** Those that its process is to see. */
  readonly devices: readonly Device[];
  receive(message: FromWorker): void;
  settle(fate: Fate<Ended | ProbeResult>): void;
  /** When user code began, in milliseconds of `Date.now()`. */
  began?: number;
  place?: Where;
  /** It was told to stop, or to end: another process is not to begin it. */
  told?: true;
}

/** One process from its start to its end, as far as it is known here. */
interface Life {
  readonly process: WorkerProcess;
  /** Those that it sees. */
  readonly devices: readonly Device[];
  readonly printer: TrialPrinter;
  place: Where;
  job: Job | undefined;
  /** Jobs that it has done. */
  done: number;
  /** The trial that prints: the last one that it was given. */
  trial: Printing | undefined;
  /** The most that V8 may keep in it, in megabytes; 0 before it has spoken. */
  heapMb: number;
  /** The megabytes with which it was over its limit. */
  overMb?: number;
  uncaught?: unknown;
  /** The end of what it wrote to standard error: V8 says there why it gave up. */
  words: string;
}

const WORDS = 16_384;

/** How long a process that has nothing to do may take to exit: exit handlers of what it has loaded run then. */
const EXIT_GRACE_S = 5;

const show: Write = (...parts) => (process.stderr.write as Write)(...parts);

/** A place for one run at a time, with a process that is started for the first one, and again when it has died, is worn, or sees other devices. */
export class ProcessSlot {
  private readonly launch: Launch;
  private life: Life | undefined;
  /** Waits until the memory of its devices is free. */
  private next: Job | undefined;
  private readonly leaving = new Set<Promise<void>>();

  constructor(launch: Launch) {
    this.launch = launch;
  }

  get free(): boolean {
    return this.life?.job === undefined && this.next === undefined;
  }

  get warm(): boolean {
    return this.life !== undefined;
  }

  isWarmFor(devices: readonly Device[]): boolean {
    return this.life !== undefined && namesOf(this.life.devices) === namesOf(devices);
  }

  /** @param cleared - it is to begin once this has come */
  give(job: Job, cleared?: Promise<unknown>): void {
    if (cleared) {
      this.next = job;
      void cleared.then(() => this.next === job && this.give(job));
      return;
    }
    this.next = undefined;
    if (!this.isWarmFor(job.devices)) this.leave();
    try {
      this.life ??= this.begin(job.devices);
    } catch (cause) {
      return job.settle({ death: { cause } });
    }
    const { life } = this;
    const { order } = job;
    life.job = job;
    life.process.hold(true);
    if (order.kind === 'task') {
      if (life.trial) life.printer.end(life.trial);
      const { id: name, dir } = order.task.trial;
      life.trial = { name, dir, echo: order.task.echo };
      life.words = '';
    }
    life.process.send(order);
  }

  post(job: Job, message: ToWorker): void {
    if (this.next === job && message.kind === 'stop') this.drop(job, { result: { kind: 'ended', run: message.run, how: 'stopped' } });
    if (this.life?.job !== job) return;
    if (message.kind === 'stop') job.told = true;
    this.life.process.send(message);
  }

  kill(job: Job): void {
    if (this.next === job) this.drop(job, { death: { cause: new Error('it was ended before it began') } });
    if (this.life?.job !== job) return;
    job.told = true;
    this.life.process.kill();
  }

  /** A process that has nothing to do and sees one of these devices goes. Resolves when those that go have gone. */
  async clear(devices: readonly Device[]): Promise<void> {
    if (this.free && this.life?.devices.some(({ id }) => devices.some((device) => device.id === id))) this.leave();
    await Promise.all(this.leaving);
  }

  /** Resolves when no process is left. */
  async close(): Promise<void> {
    this.next = undefined;
    if (this.life?.job) this.life.process.kill();
    this.leave();
    await Promise.all(this.leaving);
  }

  private drop(job: Job, fate: Fate<Ended>): void {
    this.next = undefined;
    job.settle(fate);
  }

  private begin(devices: readonly Device[]): Life {
    const printer = trialPrinter(show);
    const env = { ...pinTo(devices, globalThis.process.env), ...this.launch.env };
    const process = new WorkerProcess(
      { ...this.launch, env },
      {
        message: (message) => this.receive(life, message),
        print(file, bytes) {
          if (file === 'stderr') life.words = (life.words + Buffer.from(bytes).toString()).slice(-WORDS);
          if (life.trial === undefined || !printer.print(life.trial, file, bytes)) show(bytes);
        },
        exit: (exit) => {
          if (life.trial) printer.end(life.trial);
          this.bury(life, exit);
        },
      },
    );
    const life: Life = {
      process,
      devices,
      printer,
      place: { pid: process.pid ?? 0, host: hostname(), thread: 0 },
      job: undefined,
      done: 0,
      trial: undefined,
      heapMb: 0,
      words: '',
    };
    return life;
  }

  /** Its process goes, in its own time; the next job gets another. */
  private leave(): void {
    const { life } = this;
    if (life === undefined) return;
    this.life = undefined;
    const left = life.process.close(EXIT_GRACE_S).finally(() => this.leaving.delete(left));
    this.leaving.add(left);
  }

  private receive(life: Life, message: FromProcess): void {
    const { job } = life;
    switch (message.kind) {
      case 'hello':
        life.place = { pid: message.pid, host: message.host, thread: 0 };
        life.heapMb = message.heapMb;
        return;
      case 'print':
        return void show(message.text);
      case 'uncaught':
        life.uncaught = message.error;
        return;
      case 'memory':
        life.overMb = message.mb;
        return;
      case 'probed':
        return this.finish(life, { result: message.result });
      case 'done':
        return this.finish(life, { result: message.ended }, message.worn);
      default:
        if (job?.order.kind !== 'task' || job.order.task.run !== message.run) return; // of an earlier run
        if (message.kind === 'started') Object.assign(job, { began: Date.now(), place: life.place });
        job.receive(message);
    }
  }

  private finish(life: Life, fate: Fate<Ended | ProbeResult>, worn = false): void {
    const { job } = life;
    life.job = undefined;
    life.done += 1;
    life.uncaught = undefined;
    life.process.hold(false);
    if (worn && this.life === life) this.leave();
    job?.settle(fate);
  }

  /** Its process is gone. */
  private bury(life: Life, exit: Exit): void {
    const { job } = life;
    const wasMine = this.life === life;
    if (wasMine) this.life = undefined;
    life.job = undefined;
    if (job === undefined) return;
    if (wasMine && life.done > 0 && job.began === undefined && !job.told) return this.give(job); // it died of something else, before it had begun
    job.settle({ death: this.deathOf(life, exit) });
  }

  private deathOf({ overMb, uncaught, words, heapMb, devices }: Life, { code, signal, why }: Exit): Death {
    const silent = heapMb === 0; // it did not even start
    const said = (devices.length > 0 ? deviceMemoryLine(words) : undefined) ?? (silent ? words : '');
    const cause = new Error(said === '' ? why : `${why}, after it wrote ${JSON.stringify(said.trim().slice(-200))}`);
    if (overMb !== undefined) return { cause, memory: { of: 'resident memory', limitMb: this.launch.memoryMb, hadMb: overMb } };
    const aborted = signal === 'SIGABRT' || code === 134;
    if (aborted && /heap out of memory/.test(words)) {
      const limitMb = this.launch.memoryMb || heapMb;
      return { cause, memory: { of: 'V8 heap', limitMb, hadMb: heapIn(words) ?? limitMb } };
    }
    return { cause: uncaught !== undefined && (signal === null || aborted) ? uncaught : cause };
  }
}

/** The megabytes that the last garbage collection left, as V8 reports them in its last words: `39.8 (41.2) -> 39.7 (41.5) MB`. */
function heapIn(words: string): number | undefined {
  const left = [...words.matchAll(/-> (\d+(?:\.\d+)?) \(\d+(?:\.\d+)?\) MB/g)].at(-1)?.[1];
  return left === undefined ? undefined : Number(left);
}
