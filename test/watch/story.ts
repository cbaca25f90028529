import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import type { Config } from '../../src/space/config.ts';
import type { Created, ExperimentEvent, JournalLine } from '../../src/trial/events.ts';
import { runId, trialId, trialName } from '../../src/trial/ids.ts';
import type { Objective } from '../../src/trial/metrics.ts';
import { advanceTrials, type TrialRow } from '../../src/trial/rows.ts';
import { experimentTag, trialDirName } from '../../src/trial/tag.ts';
import type { ExperimentRecord } from '../../src/trial/trial-record.ts';
import { Heard, retell } from '../../src/tuner/retell.ts';
import type { Callback, ExperimentView } from '../../src/watch/callback.ts';
import { resultLogs } from '../../src/watch/result-logs.ts';

const SEED = 7;

/** A temporary directory that goes when the test has ended. */
export function temporaryDirectory(onTestFinished: (fn: () => void) => void): string {
  const path = mkdtempSync(join(tmpdir(), 'attune-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** An experiment told event by event: folded as the engine does, and shown to callbacks batch by batch. */
export class Story implements ExperimentRecord {
  readonly path: string;
  readonly created: Created;
  readonly trials: TrialRow[] = [];
  readonly callbacks: readonly Callback[];
  /** The journal. */
  readonly lines: JournalLine[] = [];
  #now = Date.UTC(2023, 7, 25, 17, 42, 27);

  constructor(path: string, { objectives = [{ metric: 'score', mode: 'max' }], callbacks = [resultLogs()], ...rest }: StoryOptions = {}) {
    this.path = path;
    this.callbacks = callbacks;
    this.created = {
      kind: 'created',
      schema: 1,
      name: 'test',
      seed: SEED,
      space: {},
      objectives,
      trainable: { name: 'train' },
      searcher: { name: 'basicVariant' },
      scheduler: { name: 'asha' },
      checkpoints: { frequency: 1, atEnd: false },
      maxFailures: 0,
      failFast: false,
      versions: {},
      ...rest,
    };
  }

  get view(): ExperimentView {
    return { path: this.path, created: this.created, trials: this.trials, trial: (id) => this.trials[id] };
  }

  /** One batch: everything is folded, then shown in order, as after one write of the journal. A line keeps its time. */
  async happens(...events: readonly ExperimentEvent[]): Promise<void> {
    const lines: JournalLine[] = events.map((event) => ({ at: this.#now++, ...event }));
    this.lines.push(...lines);
    for (const line of lines) advanceTrials(this.trials, SEED, line, line.at);
    for (const line of lines) for (const callback of this.callbacks) void callback.onEvent(line, this.view);
    await Promise.resolve();
  }

  /** The next session of the experiment, as a restore opens it: on the first `count` lines of the journal. */
  async restored(callbacks: readonly Callback[] = [resultLogs()], count = this.lines.length): Promise<Story> {
    const later = new Story(this.path, { callbacks });
    later.#now = this.#now;
    later.lines.push(...this.lines.slice(0, count));
    for (const line of later.lines) advanceTrials(later.trials, SEED, line, line.at);
    const heard = new Heard();
    for (const line of later.lines) heard.note(line);
    const fail = (callback: Callback, error: unknown): void => expect.unreachable(`${callback.name}: ${String(error)}`);
    const linesOf = (trials: ReadonlySet<number>) => later.lines.filter((line) => !('trial' in line) || trials.has(line.trial));
    await retell({ wants: (trial, callback) => heard.wants(trial, callback, 'openOrFailed'), lines: (trials) => linesOf(heard.needed(trials)) }, later, {
      callbacks,
      fail,
    });
    await later.happens({ kind: 'opened', pid: 1, host: 'here', samples: 9, slots: 1 });
    return later;
  }

  /** Time goes by. */
  passes(seconds: number): void {
    this.#now += seconds * 1000;
  }

  /** A trial that is queued and started. @returns its number */
  async starts(config: Config = {}): Promise<number> {
    const n = this.trials.length;
    const trial = trialId(n);
    const tag = experimentTag(n, config, Object.keys(config));
    const dir = trialDirName({ trainable: 'train', id: trialName(SEED, trial), tag });
    await this.happens({ kind: 'queued', trial, config, tag, dir, by: { kind: 'searcher', index: n }, asked: 0 }, started(n));
    return n;
  }

  /** A trial with one report for each row, then completed. */
  async runs(config: Config, reports: readonly JsonObject[]): Promise<number> {
    const n = await this.starts(config);
    for (const [i, metrics] of reports.entries()) await this.happens(reported(n, i + 1, metrics));
    await this.happens({ kind: 'completed', trial: trialId(n) });
    return n;
  }

  fileOf(n: number, name: string): string {
    return join(this.path, this.trials[n]?.dir ?? '', name);
  }
}

type StoryOptions = Partial<Omit<Created, 'objectives'>> & { readonly objectives?: readonly Objective[]; readonly callbacks?: readonly Callback[] };

export const started = (n: number, step = 0): ExperimentEvent => ({ kind: 'started', trial: trialId(n), run: runId(n), step });

export const reported = (n: number, step: number, metrics: JsonObject, save?: string): ExperimentEvent => ({
  kind: 'reported',
  trial: trialId(n),
  step,
  metrics,
  seconds: 1,
  where: { pid: 42, host: 'here', thread: 3 },
  ...(save === undefined ? {} : { save }),
});

export const checkpointed = (n: number, step: number, checkpoint: string): ExperimentEvent => ({ kind: 'checkpointed', trial: trialId(n), step, checkpoint });
