import { join } from 'node:path';
import { type Json, type JsonObject, sortKeys } from '../base/json.ts';
import { warn } from '../base/warn.ts';
import { foldExperiment } from '../store/read-experiment.ts';
import { separate } from '../trainable/repetitions.ts';
import type { ErrorData, JournalLine } from '../trial/events.ts';
import type { TrialId } from '../trial/ids.ts';
import { rowToJson } from '../trial/row-json.ts';
import type { TrialRecord } from '../trial/trial-record.ts';
import type { Callback, ExperimentView } from '../watch/callback.ts';
import { GrowingFile } from '../watch/growing-file.ts';

/** A line of results.jsonl: the configuration, and what came of it. */
export type ExperimentResult = JsonObject & { readonly experiment_id: number; readonly out_path: string; readonly scores: JsonObject };

/** A line of failures.jsonl: the configuration, why it failed, and the scores of the repetitions that were finished by then. */
export type ExperimentFailure = JsonObject & {
  readonly experiment_id: number;
  readonly out_path: string;
  readonly error: JsonObject;
  readonly finished: readonly JsonObject[];
};

/** Its files, in the folder of the experiments. */
export const RESULTS_FILE = 'results.jsonl';
export const FAILURES_FILE = 'failures.jsonl';

/**
 * Writes a line for each experiment that ends, in the order in which they do: into results.jsonl when it completed, else into failures.jsonl.
 * They follow the journal, and are written anew from it when a session opens: what a process that was killed did not come to is there then.
 */
export class RecordFiles implements Callback {
  readonly name = RESULTS_FILE;
  readonly results: ExperimentResult[] = [];
  readonly failures: ExperimentFailure[] = [];
  #path: string | undefined;
  #files: readonly [results: LineFile, failures: LineFile] | undefined;
  /** The latest report of each experiment that runs. */
  readonly #reports = new Map<TrialId, JsonObject>();
  readonly #written = new Set<TrialId>();

  onEvent(event: JournalLine, view: ExperimentView): void {
    if (event.kind === 'opened') return this.writeAnew(view.path);
    const ended = this.#note(event);
    const trial = ended === undefined ? undefined : view.trial(ended);
    if (trial) this.#write([trial]);
  }

  /** From the journal in `path`, unless a session has done so. Cost: one pass over it. */
  writeAnew(path: string): void {
    if (this.#path !== undefined) return;
    this.#path = path;
    this.#files = [new LineFile(join(path, RESULTS_FILE)), new LineFile(join(path, FAILURES_FILE))];
    const ended = new Set<TrialId>();
    const { trials } = foldExperiment(path, (line) => {
      if ('trial' in line) ended.delete(line.trial); // it failed, and went on since
      const end = this.#note(line);
      if (end !== undefined) ended.add(end);
    });
    this.#write([...ended].map((id) => trials[id] as TrialRecord));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const file of this.#files ?? []) file.close();
  }

  /** @returns the trial that has ended with this line */
  #note(line: JournalLine): TrialId | undefined {
    if (line.kind === 'reported') this.#reports.set(line.trial, line.metrics);
    // stopped: of itself, by scores that have `done: true`
    return line.kind === 'completed' || line.kind === 'stopped' || line.kind === 'failed' ? line.trial : undefined;
  }

  #write(ended: readonly TrialRecord[]): void {
    const [lines, failed]: [string[], string[]] = [[], []];
    for (const trial of ended) {
      if (this.#written.has(trial.id)) continue;
      this.#written.add(trial.id);
      const scores = this.#reports.get(trial.id) ?? {};
      this.#reports.delete(trial.id);
      const out_path = join(this.#path as string, trial.dir);
      const record = trial.error && trial.status === 'ERROR' ? failureOf(trial, trial.error, scores, out_path) : { ...trial.config, out_path, scores };
      const sorted = sortKeys(record) as JsonObject;
      if ('error' in record) this.failures.push(sorted as unknown as ExperimentFailure);
      else this.results.push(sorted as unknown as ExperimentResult);
      ('error' in record ? failed : lines).push(`${rowToJson(sorted)}\n`);
    }
    this.#files?.[0].append(lines.join(''));
    this.#files?.[1].append(failed.join(''));
  }
}

/** Lines that could not be written are tried again with the next ones, and when the run is over. */
class LineFile {
  readonly #file: GrowingFile;
  #owed = '';
  #hasWarned = false;

  constructor(path: string) {
    this.#file = new GrowingFile(path);
  }

  append(lines: string): void {
    this.#owed += lines;
    try {
      this.#file.append(this.#owed);
      this.#owed = '';
    } catch (error) {
      if (!this.#hasWarned) warn(`runExperiments: ${(error as Error).message}`);
      this.#hasWarned = true;
    }
  }

  close(): void {
    if (this.#owed !== '') this.append('');
    this.#file.close();
  }
}

const failureOf = ({ config }: TrialRecord, error: ErrorData, scores: JsonObject, out_path: string): JsonObject => ({
  ...config,
  out_path,
  error: error as unknown as Json,
  finished: separate(scores),
});
