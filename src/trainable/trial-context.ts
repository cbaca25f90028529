import type { JsonObject } from '../base/json.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import type { Config } from '../space/config.ts';

/** Metrics of one report, as the user writes them. */
export type Metrics = { readonly [key: string]: unknown };

/** Writes the state of a trial into `dir`, which exists and is empty. */
export type Saver = (dir: string) => unknown;

/** What `trial.report` takes beside metrics. */
export interface ReportOptions {
  /** Runs before `report` resolves, and only when a checkpoint is wanted now. */
  readonly checkpoint?: Saver;
  /** Each at most 0 when satisfied; the sum of the positive ones is the trial's violation. */
  readonly constraints?: readonly number[];
}

/** What a trial knows of itself, and how it reports. */
export interface TrialContext<M extends Metrics = Metrics> {
  /** `6e465_00007` */
  readonly id: string;
  /** `train_6e465_00007` */
  readonly name: string;
  /** The trial's directory, made when this is first read. */
  readonly dir: string;
  /** A frozen copy of the configuration. */
  readonly config: Config;
  /** 32-bit; keyed by the experiment's seed and this trial. */
  readonly seed: number;
  /** Reports so far, over all runs of this trial: at the start the checkpoint's. */
  readonly iteration: number;
  /** `runConfig.resources`. Its `cpu`, where it runs in a thread or process: the cores that are its share. */
  readonly resources: JsonObject;
  /** What it may compute on, `cuda:0`; several joined by a comma. `undefined` unless `resources.gpu` asks for one. */
  readonly device: string | undefined;
  /** Aborts when the trial is to stop or pause; `reason` is an Error that says why. */
  readonly signal: AbortSignal;
  /** Where to go on from; `undefined` on a fresh start. */
  readonly checkpoint: Checkpoint | undefined;
  /** Resolves once the scheduler has decided; rejects with `signal.reason` when the trial is to stop or pause. Await it. */
  report(metrics: Partial<M> | number, options?: ReportOptions): Promise<void>;
  /**
   * Writes `value` as `artifacts/<type>/<name>` in the trial's directory: whole, or not at all. One of this name and type is replaced, also when the
   * trial is tried again or goes on after a restore; nothing else removes it. Several at once are written one after the other, and the trial does not
   * end before they are. A `Reader` lists it as `artifact.<type>.`, and its `load()` gives the value back.
   *
   * @param name - one that Windows, macOS and Linux take for a file, without folders, at most 130 characters, and with no dot in front
   * @param type - `'json'`, `'text'`, `'bytes'`, with `import 'attune/tfjs'` also `'tfjs'`, or one of `registerArtifactType`
   * @returns the absolute path of what was written
   * @throws {AttuneError} `ARTIFACT_INVALID` for another name, an unknown type or a value that it does not take; `STORAGE_UNWRITABLE`
   * @example
   * await trial.saveArtifact('confusion.json', matrix, 'json');
   */
  saveArtifact(name: string, value: unknown, type: string): Promise<string>;
}
