import { AttuneError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { oneLine } from '../base/one-line.ts';
import { describe } from '../base/options.ts';
import type { Run } from '../execute/executor.ts';
import type { Manual } from '../execute/manual.ts';
import { copyMetrics } from '../trainable/copy-metrics.ts';
import { readReportOptions } from '../trainable/read-report-options.ts';
import type { Metrics } from '../trainable/trial-context.ts';
import type { RunId } from '../trial/ids.ts';
import type { TrialRecord } from '../trial/trial-record.ts';
import type { AskedTrial, ToldOptions } from './asked-trial.ts';

export interface AskingOptions {
  readonly executor: Manual;
  /** Settles when the run is over. */
  readonly session: Promise<void>;
  /** What a bare number is, when there is one metric. */
  readonly metric: string | undefined;
  /** The trials as they are now. */
  readonly trials: () => readonly TrialRecord[];
}

/** What a message lists of them. */
const SHOWN_TRIALS = 8;
const SHOWN_CHARACTERS = 200;

/** The loop of `ask` and `tell`: hands out the runs of a manual executor, each to be told once. */
export class Asking {
  private readonly options: AskingOptions;
  /** The latest run of each trial that was handed out, by the trial's name. */
  private readonly given = new Map<string, { readonly run: RunId; isTold: boolean }>();
  /** Asks without an answer. */
  private waiting = 0;

  constructor(options: AskingOptions) {
    this.options = options;
  }

  async ask<C, M extends Metrics>(): Promise<AskedTrial<C, M> | undefined> {
    const { executor, session } = this.options;
    const taken = await this.take();
    if (taken === undefined) {
      await session; // gives what ended it
      return undefined;
    }
    const { id, run, config } = taken;
    this.given.set(id, { run, isTold: false });
    const report = async (metrics: unknown, options: ToldOptions = {}) =>
      (await executor.report(run, this.metricsOf('report', metrics), readReportOptions('report', options, ['constraints']))).then;
    return { id, config: structuredClone(config) as C, report };
  }

  async tell(id: string, result: unknown, options: ToldOptions): Promise<void> {
    const { executor, session } = this.options;
    const given = this.given.get(id);
    if (given === undefined) throw notGiven(id);
    if (given.isTold) throw this.toldBefore(id);
    const ending = this.endingOf(result, options);
    given.isTold = true;
    const isWritten = await executor.end(given.run, ending);
    if (!isWritten) await session; // gives what ended it
  }

  /** Where nothing is left that could ever settle an ask, it is refused: a promise that stays open ends a program without a word. */
  private async take(): Promise<Run | undefined> {
    if (this.waiting === 0) process.on('beforeExit', this.giveUp);
    this.waiting += 1;
    try {
      return await this.options.executor.take();
    } finally {
      this.waiting -= 1;
      if (this.waiting === 0) process.off('beforeExit', this.giveUp);
    }
  }

  private readonly giveUp = (): void => {
    const open = this.options.trials().filter(({ status }) => status === 'RUNNING');
    this.options.executor.refuse(stuck(open.map(({ name }) => name)));
    setImmediate(() => {}); // one more turn: whoever catches it may ask again, and is told again
  };

  private endingOf(result: unknown, options: ToldOptions): Parameters<Manual['end']>[1] {
    const read = readReportOptions('tell', options, ['constraints']);
    if (result !== undefined && !(result instanceof Error)) return { metrics: this.metricsOf('tell', result), ...read };
    if (options.constraints !== undefined) {
      const got = result === undefined ? 'undefined' : 'an Error';
      throw new AttuneError('OPTION_RANGE', `tell: expected metrics beside constraints, got ${got}.`, {
        hint: 'Constraints belong to metrics: give them with those, here or in report().',
      });
    }
    return result === undefined ? {} : { error: result };
  }

  private metricsOf(where: string, metrics: unknown): JsonObject {
    const { metric } = this.options;
    return copyMetrics(where, typeof metrics === 'number' && metric !== undefined ? { [metric]: metrics } : metrics);
  }

  private toldBefore(id: string): AttuneError {
    const { status = '', reason, error } = this.options.trials().find(({ name }) => name === id) ?? {};
    const why = error?.message ?? (reason && (reason.by === reason.reason ? reason.by : `${reason.by}: ${reason.reason}`));
    const became = why === undefined ? status : `${status} (${oneLine(why, SHOWN_CHARACTERS)})`;
    return new AttuneError('NOT_RUN', `tell(): expected a trial that was not told yet, got ${describe(id)}, which was, and is ${became}.`, {
      hint: 'A trial is told once for each ask() that gave it.',
    });
  }
}

/** In a loop that was never begun, too. */
export const notGiven = (id: string): AttuneError =>
  new AttuneError('NOT_RUN', `tell(): expected the id of a trial that ask() gave, got ${describe(id)}.`, { hint: 'Call ask() first.' });

function stuck(open: readonly string[]): AttuneError {
  if (open.length === 0) {
    const problem = 'ask(): expected a searcher that answers and callbacks that settle, got neither, no open trial, and a program that does nothing else.';
    return new AttuneError('NOT_RUN', problem, { hint: 'Look for a promise that never settles in your searcher and your callbacks.' });
  }
  const more = open.length > SHOWN_TRIALS ? ` and ${open.length - SHOWN_TRIALS} more` : '';
  const names = `${open.slice(0, SHOWN_TRIALS).join(', ')}${more}`;
  const problem = `ask(): expected a tell() of an open trial, without which there is no other, got a program that does nothing else; open: ${names}.`;
  return new AttuneError('NOT_RUN', problem, { hint: 'Tell open trials before you ask again, or while you wait.' });
}
