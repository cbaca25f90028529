import { existsSync, statSync } from 'node:fs';
import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { AttuneError } from '../base/errors.ts';
import { block, INSPECT } from '../base/inspect.ts';
import { decodeJson, encodeJson, type JsonObject } from '../base/json.ts';
import { oneLine } from '../base/one-line.ts';
import { damageAt, METADATA_FILE } from './manifest.ts';

/**
 * A directory that a trial saved. What is in it is the trainable's business; treat it as read-only, or copy it with `toDirectory`.
 *
 * @example
 * import { mkdirSync, writeFileSync } from 'node:fs';
 * import { Checkpoint } from 'attune';
 *
 * mkdirSync('checkpoint_000001');
 * writeFileSync('checkpoint_000001/weights.json', '[1, 2]');
 *
 * const checkpoint = Checkpoint.fromDirectory('checkpoint_000001');
 * await checkpoint.setMetadata({ accuracy: 0.9 });
 * await checkpoint.metadata(); // => { accuracy: 0.9 }
 */
export class Checkpoint {
  /** Absolute. */
  readonly path: string;
  readonly #manifest: string | undefined;

  private constructor(path: string, manifest: string | undefined) {
    this.path = path;
    this.#manifest = manifest;
  }

  /**
   * The checkpoint in a directory, such as one that was copied from elsewhere.
   * @param options.manifest - the hash that `verify` expects its manifest to have, as the journal has it
   * @throws {AttuneError} `CHECKPOINT_INVALID` unless `path` is a directory
   */
  static fromDirectory(path: string, options: { readonly manifest?: string } = {}): Checkpoint {
    const absolute = resolve(path);
    if (!existsSync(absolute) || !statSync(absolute).isDirectory()) {
      throw new AttuneError('CHECKPOINT_INVALID', `Checkpoint.fromDirectory: expected a directory, got ${absolute}.`);
    }
    return new Checkpoint(absolute, options.manifest);
  }

  /**
   * Resolves when every file is as it was saved; files that were added are not looked at. A trial does so itself before it goes on.
   * Cost: reads every file.
   *
   * @throws {AttuneError} `CHECKPOINT_DAMAGED`, naming the first file that differs, and its hash then and now; also when it has no manifest
   */
  async verify(): Promise<void> {
    const damage = await damageAt(this.path, this.#manifest ?? 'any');
    if (damage) throw damage;
  }

  /** Runs `use` with the directory. Nothing is copied: do not write into it. */
  async withDirectory<T>(use: (dir: string) => T | Promise<T>): Promise<T> {
    return use(this.path);
  }

  /** A copy that is yours. @returns its path: `path`, or a new temporary directory */
  async toDirectory(path?: string): Promise<string> {
    const target = path === undefined ? await mkdtemp(join(tmpdir(), 'attune-checkpoint-')) : resolve(path);
    await cp(this.path, target, { recursive: true });
    return target;
  }

  /** What `setMetadata` stored; `{}` when there is none. */
  async metadata(): Promise<JsonObject> {
    const file = join(this.path, METADATA_FILE);
    if (!existsSync(file)) return {};
    try {
      return decodeJson(await readFile(file, 'utf8')) as JsonObject;
    } catch (cause) {
      throw new AttuneError('CHECKPOINT_INVALID', `Checkpoint.metadata: expected JSON, got a damaged ${file}.`, { cause });
    }
  }

  /** Replaces the metadata: a small JSON object that travels with the checkpoint. */
  async setMetadata(metadata: JsonObject): Promise<void> {
    await writeFile(join(this.path, METADATA_FILE), encodeJson(metadata));
  }

  /** A checkpoint is no path: used as a string it would name a file called "[object Object]". */
  [Symbol.toPrimitive](): never {
    throw new AttuneError('CHECKPOINT_INVALID', 'Checkpoint: expected checkpoint.path where a string is needed, got the checkpoint itself.', {
      hint: 'Use checkpoint.path, or checkpoint.withDirectory((dir) => …).',
    });
  }

  /** @internal In the console: `Checkpoint(path=/data/checkpoint_000002)`. */
  [INSPECT](depth: number | null): string {
    return block('Checkpoint', depth, () => [`path=${oneLine(this.path)}`]);
  }
}
