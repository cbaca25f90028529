import { AttuneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { saveCheckpoint } from '../checkpoint/save-checkpoint.ts';
import { toErrorData } from '../trial/error-data.ts';
import type { ErrorData } from '../trial/events.ts';
import { copyMetrics } from './copy-metrics.ts';
import { readReportOptions } from './read-report-options.ts';
import type { ReportOptions, Saver } from './trial-context.ts';

/** What a trial says while it runs. */
export type DriverEvent =
  | {
      readonly kind: 'reported';
      readonly step: number;
      readonly metrics: JsonObject;
      readonly seconds: number;
      readonly canSave: boolean;
      readonly violation?: number;
    }
  /** `manifest`: the hash of the checkpoint's manifest. */
  | { readonly kind: 'checkpointed'; readonly checkpoint: string; readonly manifest: string }
  | { readonly kind: 'warned'; readonly message: string };

type Report = DriverEvent & { readonly kind: 'reported' };

/** The answer to `reported`, and with `save` once more to `checkpointed`. */
export interface Reply {
  readonly save?: string;
  readonly then: 'continue' | 'pause' | 'stop';
  readonly reason?: string;
}

/** How a run ended. */
export type Ending =
  | { readonly how: 'completed'; readonly metrics?: JsonObject; readonly step?: number; readonly seconds?: number }
  | { readonly how: 'paused' | 'stopped' }
  | { readonly how: 'failed'; readonly error: ErrorData }
  /** Before any user code: the checkpoint to go on from is not what was saved. */
  | { readonly how: 'damaged'; readonly error: ErrorData };

/** The way from a running trial to its executor. */
export interface DriverPort {
  send(event: DriverEvent): void;
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /** Takes in what has arrived but not been delivered, so that a step that never waits can see a stop. */
  poll?(): void;
}

/** Reasons that trials were given: whoever lets one escape has not failed. */
const reasons = new WeakSet<Error>();

/** True for what `report` rejects with once a trial was told to stop or pause, or has ended. */
export const isTold = (error: unknown): boolean => error instanceof Error && reasons.has(error);

/**
 * The conversation of one run with its executor: one report at a time, in order, each settled before the next.
 * Once the trial has a fate, which is how it will end unless it ends worse, further reports are refused; but for one: a
 * trial that was told to stop between two reports has worked since, and its next report is taken before it ends.
 */
export class Dialogue {
  readonly controller = new AbortController();
  fate: Ending | undefined;
  /** Reports made, over all runs of the trial. */
  step: number;
  private readonly port: DriverPort;
  private readonly metric: string | undefined;
  private answered: { resolve(reply: Reply): void; reject(error: unknown): void } | undefined;
  private tail: Promise<unknown> = Promise.resolve();
  private unsettled = 0;
  private over = false;
  /** No report is taken any more. */
  private closed = false;
  private warned = false;
  private last: number;

  constructor(port: DriverPort, step: number, metric: string | undefined) {
    this.port = port;
    this.step = step;
    this.metric = metric;
    this.last = port.now();
  }

  answer(reply: Reply): void {
    this.answered?.resolve(reply);
  }

  /** The trial is to end: its signal aborts now, and its next report is its last. */
  tell(how: 'paused' | 'stopped', reason: string): void {
    if (this.fate !== undefined) return;
    this.fate = { how };
    this.abort(how === 'paused' ? 'TrialPaused' : 'TrialStopped', reason);
  }

  /** Nobody listens any more: an open report is refused too. */
  abandon(reason: string): void {
    this.tell('stopped', reason);
    this.closed = true;
    this.answered?.reject(this.controller.signal.reason);
  }

  fail(error: unknown): void {
    if (this.fate?.how === 'failed') return;
    this.closed = true;
    this.fate = { how: 'failed', error: toErrorData(error) };
    if (!this.controller.signal.aborted) this.controller.abort(error instanceof Error ? error : new Error(String(error)));
  }

  /** The function has ended: a report that comes later, from a timer for instance, is refused. */
  close(): void {
    this.over = true;
  }

  /** One report of a function; several at once are queued, with a warning. A bad one fails the trial, caught or not. */
  report(metrics: unknown, options: ReportOptions = {}): Promise<void> {
    if (this.over) return this.tooLate();
    if (this.unsettled > 0) this.warn();
    const message = attempt(() => this.reportOf('report', metrics, options)); // now: the caller may change the object
    this.unsettled += 1;
    const settled = this.tail.then(() => {
      this.port.poll?.();
      if (this.closed) throw this.controller.signal.reason;
      if ('value' in message) return this.exchange(message.value, options.checkpoint);
      this.fail(message.error);
      throw message.error;
    });
    this.tail = settled.then(this.settle, this.settle);
    return settled;
  }

  /** One step of a class: also sent when the trial was told to stop, since it may have to save. */
  reportStep(metrics: JsonObject, saver: Saver): Promise<void> {
    return this.exchange(this.reportOf('step', metrics, { checkpoint: saver }), saver);
  }

  /** Waits for the reports that nobody awaited. */
  async drained(): Promise<void> {
    if (this.unsettled > 0) this.warn();
    while (this.unsettled > 0) await this.tail;
  }

  /** What a function returned, as the metrics of its last report: an object, a number when there is one metric, or nothing. */
  async returned(value: unknown): Promise<Ending> {
    const { fate } = this;
    if (value === undefined || value === null || (fate && this.closed)) return fate ?? { how: 'completed' };
    if (fate) {
      await this.report(value).catch(() => {}); // it ended early, or just when it was told: this is its next report
      return this.fate ?? fate;
    }
    return { how: 'completed', metrics: this.metricsOf('return value', value), step: this.step + 1, seconds: this.lap() };
  }

  /** Rejects, though it is no unhandled rejection when nobody awaits it. */
  private tooLate(): Promise<void> {
    const { signal } = this.controller;
    const refused = Promise.reject<void>(signal.aborted ? signal.reason : reasonOf('TrialEnded', 'the trial has ended'));
    refused.catch(() => {});
    return refused;
  }

  private throwIfTold(): void {
    this.port.poll?.();
    this.closed ||= this.fate !== undefined;
    this.controller.signal.throwIfAborted();
  }

  private abort(name: string, reason: string): void {
    this.controller.abort(reasonOf(name, reason));
  }

  private reportOf(where: string, metrics: unknown, options: ReportOptions): Report {
    const read = readReportOptions(where, options);
    const copied = this.metricsOf(where, metrics);
    return { kind: 'reported', step: 0, metrics: copied, seconds: this.lap(), canSave: options.checkpoint !== undefined, ...read };
  }

  private metricsOf(where: string, value: unknown): JsonObject {
    if (typeof value !== 'number') return copyMetrics(where, value);
    if (this.metric !== undefined) return { [this.metric]: value };
    throw new AttuneError('METRIC_NOT_JSON', `${where}: expected an object of metrics, got ${value}.`, {
      hint: 'A bare number is enough when tuneConfig names exactly one metric.',
    });
  }

  private async exchange(message: Report, saver: Saver | undefined): Promise<void> {
    this.step += 1;
    let reply = await this.ask({ ...message, step: this.step });
    if (reply.save !== undefined && saver !== undefined) {
      let manifest: string;
      try {
        manifest = await saveCheckpoint(reply.save, saver);
      } catch (error) {
        this.fail(error);
        throw error;
      }
      reply = await this.ask({ kind: 'checkpointed', checkpoint: reply.save, manifest });
    }
    if (reply.then !== 'continue') this.tell(reply.then === 'pause' ? 'paused' : 'stopped', reply.reason ?? `the trial was told to ${reply.then}`);
    this.throwIfTold();
  }

  private ask(event: DriverEvent): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.answered = { resolve, reject };
      this.port.send(event);
    });
  }

  /** Seconds since the last report, or since the start. */
  private lap(): number {
    const now = this.port.now();
    const seconds = (now - this.last) / 1000;
    this.last = now;
    return seconds;
  }

  private warn(): void {
    if (this.warned) return;
    this.warned = true;
    this.port.send({
      kind: 'warned',
      message: 'report() was called without await; the reports are queued. Write await trial.report(…), or a stop comes too late.',
    });
  }

  private readonly settle = (): void => {
    this.unsettled -= 1;
  };
}

function reasonOf(name: string, reason: string): Error {
  const error = new Error(reason);
  error.name = name;
  reasons.add(error);
  return error;
}

function attempt<T>(make: () => T): { readonly value: T } | { readonly error: unknown } {
  try {
    return { value: make() };
  } catch (error) {
    return { error };
  }
}
