import { INSPECT, type Inspect } from './inspect.ts';
import { oneLine } from './one-line.ts';

/** Every failure a user can meet: who has to act, and the default advice. `docs/errors.md` has a paragraph for each. */
const ERRORS = {
  SPACE_INVALID: { remedy: 'fix', hint: 'See the table of domains in docs/search-space.md.' },
  SPACE_BOUNDS: { remedy: 'fix', hint: 'Give finite bounds with lower < upper, in the units of the parameter.' },
  SPACE_QUANTUM: { remedy: 'fix', hint: 'Use bounds that are multiples of q.' },
  EXPRESSION_INVALID: { remedy: 'fix', hint: 'Use arithmetic, comparisons, and/or/not, ?: and the functions listed in docs/search-space.md.' },
  CONFIG_INVALID: { remedy: 'fix', hint: 'A configuration is plain JSON: numbers, strings, booleans, null, arrays and objects.' },
  OPTION_UNKNOWN: { remedy: 'fix', hint: 'Remove the option, or correct its spelling.' },
  OPTION_RANGE: { remedy: 'fix', hint: 'See the option in the documentation of this function.' },
  METRIC_INVALID: { remedy: 'fix', hint: "Give tuneConfig both `metric` and `mode` ('min' or 'max')." },
  METRIC_MISSING: { remedy: 'fix', hint: 'Report an object that has the metric named in tuneConfig.' },
  METRIC_NOT_JSON: { remedy: 'fix', hint: 'Report numbers, strings, booleans, null and plain objects of these.' },
  REPORT_IN_CLASS: { remedy: 'fix', hint: 'In a class trainable, return the metrics from step().' },
  TRAINABLE_INVALID: { remedy: 'fix', hint: 'Pass a function, a class that extends Trainable, or the result of defineTrainable.' },
  TRAINABLE_DUPLICATE: { remedy: 'fix', hint: 'Give each trainable of a module its own `name` option.' },
  TRAINABLE_UNREACHABLE: { remedy: 'fix', hint: 'Define it with defineTrainable(import.meta.url, …) at top level, above the first `fit()`.' },
  NESTED_FIT: { remedy: 'fix', hint: 'A trial runs inside an experiment; it cannot open another one in its worker.' },
  CHECKPOINT_INVALID: { remedy: 'fix', hint: 'Check that the directory exists and was written by a trial.' },
  CHECKPOINT_DAMAGED: { remedy: 'fix', hint: 'Use another checkpoint of the trial, or its files from a backup.' },
  PAUSE_WITHOUT_CHECKPOINT: { remedy: 'fix', hint: 'Report with a checkpoint: report(metrics, { checkpoint: (dir) => … }).' },
  SCHEDULER_UNSUPPORTED: { remedy: 'fix', hint: 'Use another scheduler, or a trainable that can save and restore.' },
  EXPERIMENT_EXISTS: { remedy: 'fix', hint: "Use Tuner.restore to continue it, another runConfig.name, or runConfig.onExisting: 'new' or 'resume'." },
  EXPERIMENT_NOT_FOUND: { remedy: 'fix', hint: 'Give the experiment directory: the one that holds journal.jsonl.' },
  EXPERIMENT_LOCKED: { remedy: 'fix', hint: 'Another process runs this experiment; wait for it, or end it.' },
  STORAGE_UNWRITABLE: { remedy: 'fix', hint: 'Give a runConfig.storagePath that this process may write to.' },
  JOURNAL_VERSION: { remedy: 'fix', hint: 'Use the version of attune that wrote it, or a newer one.' },
  JOURNAL_INVALID: { remedy: 'report', hint: 'The journal is damaged before its last line; please report it with the file.' },
  RESTORE_MISMATCH: { remedy: 'fix', hint: 'Restore with the options the experiment was started with.' },
  CONTROL_REFUSED: { remedy: 'fix', hint: 'Look at the status of the trial first; its id is what the console and result.metrics.trial_id show.' },
  NOT_RUN: { remedy: 'fix', hint: 'Call fit() first, or Tuner.restore(dir, trainable).' },
  SEVERAL_OBJECTIVES: { remedy: 'fix', hint: 'Name one: { metric, mode }; or call grid.getBestResults() for the Pareto front.' },
  RESULT_NOT_FOUND: { remedy: 'fix', hint: 'Look at grid.errors, or at grid.getDataFrame() for what was reported.' },
  COLUMN_UNKNOWN: { remedy: 'fix', hint: 'Look at the columns there are: table.columnNames(), or reader.fields().' },
  DATA_INSUFFICIENT: { remedy: 'fix', hint: 'Run more trials, or ask about a metric and parameters that more of them have.' },
  QUERY_INVALID: { remedy: 'fix', hint: 'The language of queries is in docs/reader.md.' },
  ARTIFACT_INVALID: { remedy: 'fix', hint: 'Register the type with registerArtifactType before you save or load.' },
  SUGGESTION_INVALID: { remedy: 'fix', hint: 'A searcher suggests configurations that lie in its space.' },
  PLUGIN_FAILED: { remedy: 'fix', hint: 'Mend the plug-in that the message names, then continue with Tuner.restore.' },
  TRIAL_TIMEOUT: { remedy: 'fix', hint: 'Raise runConfig.trialTimeoutS (timeoutS of runExperiments), or make the trial shorter.' },
  TRIAL_UNRESPONSIVE: { remedy: 'fix', hint: 'Let a stop unwind: do not catch what report() rejects with, and look at trial.signal in long steps.' },
  OUT_OF_MEMORY: { remedy: 'fix', hint: 'Raise memoryMb of the executor, or let the trial keep less; the other trials go on.' },
  DEVICE_OUT_OF_MEMORY: {
    remedy: 'fix',
    hint: 'Make the batch or the model smaller, or let fewer trials share a device: a larger resources.gpu, or gpuMemoryMb.',
  },
  WORKER_DIED: { remedy: 'retry', hint: 'The trial ended its worker (process.exit, a native crash, a signal); failureConfig.maxFailures retries it.' },
  BACKEND_UNAVAILABLE: { remedy: 'fix', hint: 'Install one of the tfjs backends listed in docs/tfjs.md.' },
  PACKAGE_MISSING: { remedy: 'fix', hint: 'Install the package that the message names.' },
  LAW_BROKEN: { remedy: 'fix', hint: 'Mend the scheduler or searcher; docs/laws.md says what the law is for.' },
  LAW_SKIPPED: { remedy: 'fix', hint: 'Look at `skipped` before `run`, and tell the test runner to skip it.' },
  TRIAL_TRANSITION: { remedy: 'report', hint: 'An executor or a scheduler broke its contract; please report it with the journal.' },
} as const satisfies Record<string, { remedy: 'fix' | 'retry' | 'report'; hint: string }>;

/** What went wrong, for programs: each code has a section in docs/errors.md. */
export type ErrorCode = keyof typeof ERRORS;
export const ERROR_CODES = Object.keys(ERRORS) as readonly ErrorCode[];

/** Of a message in the console. */
const LONGEST_PROBLEM = 2000;
const MOST_CAUSES = 8;

/**
 * The only error class thrown on purpose. Switch on `code` or `remedy`, never on the message.
 * A message reads: *where: expected X, got Y. Hint: do Z. [CODE]*.
 *
 * @example
 * import { AttuneError, uniform } from 'attune';
 *
 * try {
 *   uniform(1, 0);
 * } catch (error) {
 *   if (!(error instanceof AttuneError)) throw error;
 *   console.log(error.code, error.remedy); // SPACE_BOUNDS fix
 * }
 */
export class AttuneError extends Error {
  /** `'AttuneError'`. */
  override readonly name = 'AttuneError';
  /** What went wrong. */
  readonly code: ErrorCode;
  /** What to do about it, in a sentence: also at the end of the message. */
  readonly hint: string;

  /**
   * @param problem - `where: expected X, got Y.` The message is made of it, the hint and the code
   * @param options.hint - default: the advice that belongs to the code
   */
  constructor(code: ErrorCode, problem: string, options: { readonly hint?: string; readonly cause?: unknown } = {}) {
    const hint = options.hint ?? ERRORS[code].hint;
    super(`${problem} Hint: ${hint} [${code}]`, 'cause' in options ? { cause: options.cause } : {});
    this.code = code;
    this.hint = hint;
  }

  /** True for those of another copy of this package as well. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    const { name, code } = (typeof value === 'object' && value !== null ? value : {}) as { name?: unknown; code?: unknown };
    return name === 'AttuneError' && typeof code === 'string';
  }

  /** Who has to act: the user (`fix`), nobody yet, since it may pass (`retry`), or us (`report`). */
  get remedy(): 'fix' | 'retry' | 'report' {
    return ERRORS[this.code].remedy;
  }

  /** @internal In the console: code and problem, hint, stack and cause; each once. */
  [INSPECT](depth: number | null, options: object, inspect: Inspect): string {
    const { code, hint, message, cause } = this;
    if (depth !== null && depth < 0) return `[${this.name}: ${code}]`;
    const problem = message.replace(` Hint: ${hint} [${code}]`, '');
    const stack = this.stack ?? '';
    const frames = stack.slice(stack.indexOf(message) + message.length).match(/^ +at .*$/gm) ?? [];
    const lines = [`${this.name} [${code}]: ${oneLine(problem, LONGEST_PROBLEM)}`, `  Hint: ${oneLine(hint, LONGEST_PROBLEM)}`, ...frames];
    // One less each time: a chain of causes may be a circle.
    if ('cause' in this)
      lines.push(`  [cause]: ${inspect(cause, { ...options, depth: Math.min(depth ?? Infinity, MOST_CAUSES) - 1 }).replaceAll('\n', '\n  ')}`);
    return lines.join('\n');
  }
}
