import { readFile, writeFile } from 'node:fs/promises';
import { AttuneError } from '../base/errors.ts';
import { decodeJson, encodeJson, findNonJson } from '../base/json.ts';
import { describe } from '../base/options.ts';

/**
 * How artifacts of one type become files, and values again: what `registerArtifactType` takes.
 *
 * @example
 * import { readFile, writeFile } from 'node:fs/promises';
 * import type { ArtifactType } from 'attune';
 *
 * const lines: ArtifactType<string[]> = {
 *   save: (value, path) => writeFile(path, value.join('\n')),
 *   load: async (path) => (await readFile(path, 'utf8')).split('\n'),
 * };
 */
export interface ArtifactType<T = unknown> {
  /**
   * Writes `value` as `path`: one file, or one directory. There is nothing at `path` yet, and its folder exists; its last part is the name of the
   * artifact. What it throws is what `saveArtifact` rejects with, and nothing of the artifact stays.
   */
  save(value: T, path: string): void | Promise<void>;
  /** The value that was saved at `path`, or a promise of it. Never execute what is read. */
  load(path: string): T | Promise<T>;
}

const NAME = /^[A-Za-z0-9_-]{1,64}$/;
/** Types of other packages, and what is wanted for them. */
const IMPORTED_FROM: Readonly<Record<string, string>> = { tfjs: 'attune/tfjs' };

const builtIn: Readonly<Record<string, ArtifactType>> = {
  json: {
    save: (value, path) => writeFile(path, `${encodeJson(checkedJson(value))}\n`),
    load: async (path) => decodeJson(await readFile(path, 'utf8')),
  },
  text: {
    save: (value, path) => writeFile(path, checkedText(value)),
    load: (path) => readFile(path, 'utf8'),
  },
  bytes: {
    save: (value, path) => writeFile(path, checkedBytes(value)),
    load: async (path) => Uint8Array.from(await readFile(path)),
  },
};

/** On the global object, so that a second copy of the package in this thread sees the same ones. */
const KEY = Symbol.for('attune.artifactTypes');
const holder = globalThis as { [KEY]?: Map<string, ArtifactType> };
const registered = (): Map<string, ArtifactType> => (holder[KEY] ??= new Map());

/**
 * A type of artifacts of your own, for `trial.saveArtifact(name, value, 'svg')` and for `Artifact.load()` of a `Reader`. Call it at top level, in a
 * module that the trainable and whoever reads its results import: code is not stored with artifacts.
 *
 * Built in are `json` (what JSON can hold, and NaN, both infinities and -0, which other tools read as `{"$number":"NaN"}`), `text` (a string, as
 * UTF-8) and `bytes` (an `ArrayBuffer` or a view of one; comes back as a `Uint8Array`). `import 'attune/tfjs'` registers `tfjs`, for a
 * `tf.LayersModel`.
 *
 * @param name - 1 to 64 ASCII letters, digits, `-` and `_`: the folder of these artifacts is called so
 * @throws {AttuneError} `ARTIFACT_INVALID` for another name, for a type without `save` and `load`, and for a name that is taken by other functions; those
 * of the same source text, as of a module that is evaluated again, replace the earlier ones
 * @example
 * import { readFile, writeFile } from 'node:fs/promises';
 * import { registerArtifactType } from 'attune';
 *
 * registerArtifactType<Map<string, number>>('counts', {
 *   save: (counts, path) => writeFile(path, JSON.stringify([...counts])),
 *   load: async (path) => new Map(JSON.parse(await readFile(path, 'utf8')) as [string, number][]),
 * });
 */
export function registerArtifactType<T>(name: string, type: ArtifactType<T>): void {
  const where = 'registerArtifactType';
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw new AttuneError('ARTIFACT_INVALID', `${where}: expected a name of 1 to 64 letters, digits, "-" and "_", got ${describe(name)}.`, {
      hint: 'The folder of these artifacts is called so: write a short word, such as "svg".',
    });
  }
  const { save, load } = (type ?? {}) as Partial<ArtifactType<T>>;
  if (typeof save !== 'function' || typeof load !== 'function') {
    throw new AttuneError('ARTIFACT_INVALID', `${where}: expected functions save and load for the type "${name}", got ${describe(type)}.`, {
      hint: `Write registerArtifactType(${JSON.stringify(name)}, { save: (value, path) => …, load: (path) => … }).`,
    });
  }
  const earlier = artifactType(name);
  if (earlier !== undefined && !isSame(earlier, type as ArtifactType)) {
    throw new AttuneError('ARTIFACT_INVALID', `${where}: expected a name that no other type has, got "${name}" with other functions than before.`, {
      hint: Object.hasOwn(builtIn, name) ? `"${name}" is built in: choose another name.` : 'Choose another name, or register it in one module that all import.',
    });
  }
  if (!Object.hasOwn(builtIn, name)) registered().set(name, type as ArtifactType);
}

/** The type that is built in or was registered under this name; `undefined` when there is none. Never throws. */
export const artifactType = (name: string): ArtifactType | undefined => (Object.hasOwn(builtIn, name) ? builtIn[name] : registered().get(name));

/** What to do about a type that nobody has registered, as the hint of an error. */
export function unknownTypeHint(name: string): string {
  const entry = Object.hasOwn(IMPORTED_FROM, name) ? IMPORTED_FROM[name] : undefined;
  if (entry !== undefined) return `Write import '${entry}' first: it registers the type.`;
  const names = [...Object.keys(builtIn), ...registered().keys()].map((one) => `"${one}"`);
  return `There are ${names.join(', ')}; others are registered with registerArtifactType before you save or load.`;
}

/** A module that is evaluated again, in watch mode or in another copy of the package, brings functions of the same text. */
const isSame = (a: ArtifactType, b: ArtifactType): boolean => String(a.save) === String(b.save) && String(a.load) === String(b.load);

function checkedJson(value: unknown): unknown {
  const found = nonJsonIn(value);
  if (found === undefined) return value;
  const at = found.path.length === 0 ? '' : ` at "${found.path.join('/')}"`;
  throw new AttuneError('ARTIFACT_INVALID', `saveArtifact: expected JSON for the type "json", got ${found.got}${at}.`, {
    hint: 'Write plain objects and arrays (Array.from of a typed array, await tensor.data()), or register a type for it with registerArtifactType.',
  });
}

function nonJsonIn(value: unknown): ReturnType<typeof findNonJson> {
  try {
    return findNonJson(value);
  } catch (error) {
    if (error instanceof RangeError) return { path: [], got: 'an object inside itself' }; // the stack ended
    throw error; // of a getter
  }
}

function checkedText(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new AttuneError('ARTIFACT_INVALID', `saveArtifact: expected a string for the type "text", got ${describe(value)}.`, {
    hint: 'Write String(value), or save it as "json".',
  });
}

function checkedBytes(value: unknown): Uint8Array {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return new Uint8Array(value);
  throw new AttuneError('ARTIFACT_INVALID', `saveArtifact: expected an ArrayBuffer, or a view of one, for the type "bytes", got ${describe(value)}.`, {
    hint: 'Write a Uint8Array or a Buffer, or save text as "text".',
  });
}
