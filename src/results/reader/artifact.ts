import { existsSync } from 'node:fs';
import { AttuneError } from '../../base/errors.ts';
import { block, INSPECT } from '../../base/inspect.ts';
import { oneLine } from '../../base/one-line.ts';
import { artifactType, unknownTypeHint } from '../../checkpoint/artifact-types.ts';

/** Types whose files are programs: who loads one runs what is in it. */
const PROGRAMS: readonly string[] = ['pickle', 'torch', 'dill', 'joblib'];

/**
 * Something that a run saved beside its metrics. It is read when it is loaded, by the loader that is registered for its type.
 *
 * @example
 * import { Reader, Tuner, type TrialContext } from 'attune';
 * async function train(_: object, trial: TrialContext) {
 *   await trial.saveArtifact('confusion.json', [[5, 1], [0, 4]], 'json');
 *   await trial.report({ loss: 1 });
 * }
 * await new Tuner(train, { paramSpace: {}, runConfig: { name: 'artifacts', storagePath: '.', verbose: 0 } }).fit();
 *
 * const reader = await Reader.open('artifacts');
 * const { 'confusion.json': artifact } = reader.filter().col('artifact.json.')[0];
 * await artifact.load(); // => [[5, 1], [0, 4]]
 */
export class Artifact {
  /** As it was saved, such as `last_ckpt.pkl`. */
  readonly name: string;
  /** Such as `json`: the folder of `artifacts/` that it lies in. */
  readonly type: string;
  /** Absolute. A file, or a directory. */
  readonly path: string;

  /** @internal Those of a run are cells of a `Frame`. */
  constructor(name: string, type: string, path: string) {
    this.name = name;
    this.type = type;
    this.path = path;
  }

  /**
   * What was saved, as its type loads it: `json` data, `text` a string, `bytes` a `Uint8Array`; others are registered with `registerArtifactType`, or
   * by `import 'attune/tfjs'`. Nothing that is read is executed, so a pickle is refused: the error has its path, for Python.
   *
   * @throws {AttuneError} `ARTIFACT_INVALID` for a type that nobody has registered, a pickle, or a file that is gone or cannot be loaded
   * @example
   * import type { Artifact } from 'attune';
   * declare const artifact: Artifact;
   * const matrix = await artifact.load<number[][]>();
   */
  async load<T = unknown>(): Promise<T> {
    const type = artifactType(this.type);
    if (type === undefined) throw this.#refused();
    if (!existsSync(this.path)) throw this.#invalid('to be there, got nothing');
    try {
      return (await type.load(this.path)) as T;
    } catch (cause) {
      if (cause instanceof AttuneError) throw cause;
      throw this.#invalid(`to be of the type "${this.type}", got ${cause instanceof Error ? cause.message : String(cause)}`, undefined, cause);
    }
  }

  /** @internal In the console: `Artifact(name=last_ckpt.pkl; path=/data/…)`. */
  [INSPECT](depth: number | null): string {
    return block('Artifact', depth, () => [`name=${oneLine(this.name)}`, `path=${oneLine(this.path)}`]);
  }

  #refused(): AttuneError {
    if (!PROGRAMS.includes(this.type)) return this.#invalid(`of a type that is registered, got "${this.type}"`, unknownTypeHint(this.type));
    return this.#invalid(
      `of a type that holds data, got "${this.type}", whose files are programs`,
      `Load ${this.path} in Python, if you trust it, and save what you need as JSON; or register a loader of your own for "${this.type}".`,
    );
  }

  #invalid(problem: string, hint = 'Look at the file: it was cut, changed or removed since it was saved.', cause?: unknown): AttuneError {
    return new AttuneError('ARTIFACT_INVALID', `Artifact.load: expected ${this.path} ${problem}.`, {
      hint,
      ...(cause === undefined ? {} : { cause }),
    });
  }
}
