import { hostname } from 'node:os';
import { threadId } from 'node:worker_threads';
import { type Channel, channel } from '../base/channel.ts';
import { checkOptions } from '../base/options.ts';
import { type Driven, drive } from '../trainable/driver.ts';
import type { RunId } from '../trial/ids.ts';
import { DEFAULT_STOP_GRACE_S, Deadlines } from './deadlines.ts';
import type { Answer, Executor, ExecutorEvent, ExecutorSession, Run } from './executor.ts';
import { forcedEnd, type Told, timedOut, unresponsive } from './forced-end.ts';
import { Occupancy } from './occupancy.ts';
import { turn } from './turn.ts';
import { checkWorkers } from './workers-option.ts';

/** What `inline` takes. */
export interface InlineOptions {
  /** Trials at once; they take turns on this thread whenever one awaits. Default 1. */
  readonly workers?: number;
}

/** A pause of the event loop that a user should know of. */
const BLOCKED_MS = 1000;
const LOOK_MS = 250;

interface Flight {
  readonly driven: Driven;
  readonly deadlines: Deadlines;
  readonly signal: AbortSignal;
  readonly onAbort: () => void;
  told: Told;
}

/**
 * Runs trials on this thread: for objectives that are quick or only wait, and for debugging. Nothing here can end a
 * function that blocks the event loop: `trialTimeoutS` and `stopGraceS` then count for nothing, and a warning says so.
 *
 * @example
 * import { inline, run, uniform } from 'attune';
 *
 * const grid = await run(({ x }: { x: number }) => x * x, {
 *   config: { x: uniform(0, 1) }, metric: 'loss', mode: 'min', numSamples: 4,
 *   executor: inline({ workers: 2 }), verbose: 0,
 * });
 * grid.numTerminated; // => 4
 */
export function inline(options: InlineOptions = {}): Executor {
  checkOptions('inline', options, ['workers']);
  const { workers = 1 } = options;
  checkWorkers('inline', workers);
  const occupancy = new Occupancy('inline');
  let state: Inline | undefined;
  const opened = (): Inline => {
    if (state === undefined) throw new Error('attune: inline() was used before open().');
    return state;
  };
  return {
    name: 'inline',
    slots: workers,
    open(session) {
      occupancy.enter();
      state = new Inline(session);
    },
    start: (run, signal) => opened().start(run, signal),
    answer: (run, answer) => opened().answer(run, answer),
    batches: () => opened().events,
    async [Symbol.asyncDispose]() {
      if (!occupancy.leave()) return;
      const closing = state;
      state = undefined; // now: the next experiment may open while this one closes
      await closing?.close();
    },
  };
}

class Inline {
  readonly events: Channel<ExecutorEvent> = channel(turn);
  private readonly session: ExecutorSession;
  private readonly flights = new Map<RunId, Flight>();
  private readonly where = { pid: process.pid, host: hostname(), thread: threadId };
  private readonly watch: BlockWatch;

  constructor(session: ExecutorSession) {
    this.session = session;
    this.watch = new BlockWatch((ms) =>
      session.warn(
        `inline: a trial blocked the event loop for ${(ms / 1000).toFixed(1)} s; while it does, nothing can stop it. Define it with defineTrainable and use threads().`,
      ),
    );
    if (Number(session.resources?.['gpu']) > 0) session.warn('inline: resources.gpu gives no trial a device here, and nothing is shared out; use processes().');
    if (session.trialTimeoutS !== undefined || session.stopGraceS !== DEFAULT_STOP_GRACE_S) {
      session.warn('inline: trialTimeoutS and stopGraceS cannot end a function that blocks the event loop; use threads() where they must.');
    }
  }

  start(run: Run, signal: AbortSignal): void {
    const began = Date.now();
    const id = run.run;
    const driven = drive(run.trainable, run, {
      send: (event) => {
        if (this.flights.get(id)?.driven === driven) this.events.push({ run: id, ...event });
      },
      now: () => performance.now(),
    });
    const onAbort = (): void => this.stop(id, String((signal.reason as Error | undefined)?.message ?? signal.reason));
    const deadlines = new Deadlines(
      this.session,
      () => began,
      (why) => this.force(run, why),
    );
    this.flights.set(id, { driven, deadlines, signal, onAbort, told: undefined });
    this.events.push({ kind: 'started', run: id, ...this.where });
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
    void driven.ended.then((ending) => this.end(id, { kind: 'ended', run: id, ...ending }));
  }

  answer(run: RunId, answer: Answer): void {
    const flight = this.flights.get(run);
    if (!flight) return;
    flight.deadlines.saving(answer.save !== undefined);
    if (answer.save === undefined && answer.then !== 'continue') {
      flight.told ??= answer.then === 'pause' ? 'paused' : 'stopped';
      flight.deadlines.told();
    }
    flight.driven.answer(answer);
  }

  async close(): Promise<void> {
    const running = [...this.flights.values()];
    this.events[Symbol.dispose]();
    for (const { driven } of running) driven.abandon('the experiment is over');
    for (const run of this.flights.keys()) this.forget(run);
    this.watch[Symbol.dispose]();
    if (running.length === 0) return;
    await using grace = timer(this.session.stopGraceS * 1000);
    await Promise.race([Promise.all(running.map(({ driven }) => driven.ended)), grace.done]);
  }

  private stop(run: RunId, reason: string): void {
    const flight = this.flights.get(run);
    if (!flight) return;
    flight.told ??= 'stopped';
    flight.deadlines.told();
    flight.driven.stop(reason);
  }

  /** Lets go of a trial that does not end: it may go on for a while, but nobody listens. */
  private force(run: Run, why: 'timeout' | 'grace'): void {
    const flight = this.flights.get(run.run);
    if (!flight) return;
    const { trialTimeoutS } = this.session;
    if (why === 'grace') {
      const message = unresponsive(flight.deadlines.graceInWords, 'it was left to itself, and may still run');
      this.events.push({ kind: 'warned', run: run.run, message });
    }
    this.end(
      run.run,
      forcedEnd(run.run, flight.told, () => timedOut(run.name, trialTimeoutS)),
    );
    flight.driven.abandon(why === 'timeout' ? `timed out after ${trialTimeoutS} s` : 'the grace period is over');
  }

  private end(run: RunId, event: ExecutorEvent): void {
    this.watch.look();
    if (!this.forget(run)) return;
    this.events.push(event);
  }

  private forget(run: RunId): boolean {
    const flight = this.flights.get(run);
    if (!flight) return false;
    this.flights.delete(run);
    flight.deadlines[Symbol.dispose]();
    flight.signal.removeEventListener('abort', flight.onAbort);
    return true;
  }
}

/** Notices, afterwards, that the event loop stood still; says so once. */
class BlockWatch implements Disposable {
  private readonly say: (ms: number) => void;
  private readonly timer: NodeJS.Timeout;
  private last = performance.now();
  private said = false;

  constructor(say: (ms: number) => void) {
    this.say = say;
    this.timer = setInterval(() => this.look(), LOOK_MS).unref();
  }

  look(): void {
    const now = performance.now();
    const ms = now - this.last;
    this.last = now;
    if (this.said || ms < BLOCKED_MS + LOOK_MS) return;
    this.said = true;
    this.say(ms);
  }

  [Symbol.dispose](): void {
    clearInterval(this.timer);
  }
}

function timer(ms: number): { readonly done: Promise<void> } & AsyncDisposable {
  let handle: NodeJS.Timeout | undefined;
  const done = new Promise<void>((resolve) => (handle = setTimeout(resolve, ms)));
  return { done, [Symbol.asyncDispose]: async () => clearTimeout(handle) };
}
