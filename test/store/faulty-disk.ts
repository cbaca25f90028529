import fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename, resolve } from 'node:path';

/** One call of the process to the file system, about something below the folder that is watched. */
export interface DiskCall {
  /** `write`, `rename`, … the same for each form of a function. */
  readonly what: string;
  /** Absolute; of a rename the target. */
  readonly path: string;
}

type Fs = Record<string, (...args: never[]) => unknown>;

const PATHS = ['mkdir', 'rm', 'readdir', 'readFile', 'writeFile', 'readlink', 'access'];
const TWO_PATHS = ['rename', 'link', 'cp'];
const FILES = ['write', 'fsync', 'ftruncate', 'read'];

/**
 * The real file system, which fails when it is told to: stands between Node's own functions and everyone who calls them,
 * so that no call is forgotten. Disposing of it gives the real functions back.
 */
export class FaultyDisk implements Disposable {
  /** In order. */
  readonly calls: DiskCall[] = [];
  /** The code that a call fails with; `undefined`: it goes through. */
  fails: (call: DiskCall, count: number) => string | undefined = () => undefined;
  readonly #root: string;
  readonly #files = new Map<number, string>();
  readonly #undo: (() => void)[] = [];

  /** @param root - calls about other paths are not seen */
  constructor(root: string) {
    this.#root = resolve(root);
    for (const name of [...PATHS, ...TWO_PATHS]) {
      const at = TWO_PATHS.includes(name) ? 1 : 0;
      this.#wrap(fs, `${name}Sync`, (args) => ({ what: name, path: String(args[at]) }));
      this.#wrap(promises, name, (args) => ({ what: name, path: String(args[at]) }));
      if (name === 'access') this.#wrap(fs, name, (args) => ({ what: name, path: String(args[at]) }));
    }
    for (const name of FILES) this.#wrap(fs, `${name}Sync`, (args) => this.#callOn(name, args[0] as number));
    this.#wrap(fs, 'fsync', (args) => this.#callOn('fsync', args[0] as number));
    this.#wrap(
      fs,
      'openSync',
      (args) => ({ what: 'open', path: String(args[0]) }),
      (file, args) => void this.#files.set(file as number, String(args[0])),
    );
    this.#wrap(
      promises,
      'open',
      (args) => ({ what: 'open', path: String(args[0]) }),
      (file, args) => this.#wrapHandle(file as FileHandle, String(args[0])),
    );
    syncBuiltinESMExports();
  }

  [Symbol.dispose](): void {
    for (const undo of this.#undo) undo();
    syncBuiltinESMExports();
  }

  /** `write journal.jsonl`, for people. */
  get story(): readonly string[] {
    return this.calls.map(({ what, path }) => `${what} ${basename(path)}`);
  }

  #callOn(what: string, file: number): DiskCall | undefined {
    const path = this.#files.get(file);
    return path === undefined ? undefined : { what, path };
  }

  #wrapHandle(handle: FileHandle, path: string): void {
    for (const [name, what] of Object.entries({ sync: 'fsync', read: 'read', writeFile: 'write' }))
      this.#wrap(handle, name, () => ({ what, path }), undefined, true);
  }

  #wrap(
    owner: object,
    name: string,
    callOf: (args: unknown[]) => DiskCall | undefined,
    after?: (result: unknown, args: unknown[]) => void,
    isHandle = false,
  ): void {
    const original = (owner as Fs)[name] as (...args: unknown[]) => unknown;
    (owner as Record<string, unknown>)[name] = (...args: unknown[]): unknown => {
      const call = callOf(args);
      const code = call?.path.startsWith(this.#root) ? this.fails(call, this.calls.push(call) - 1) : undefined;
      const error = code === undefined ? undefined : Object.assign(new Error(`${code}: the disk fails, ${call?.what} '${call?.path}'`), { code });
      const callback = args.at(-1);
      if (error && (isHandle || owner === promises)) return Promise.reject(error);
      if (error && typeof callback === 'function') return void setImmediate(callback as (error: Error) => void, error);
      if (error) throw error;
      const result = original.apply(owner, args);
      if (after && result instanceof Promise) return result.then((value: unknown) => (after(value, args), value));
      after?.(result, args);
      return result;
    };
    if (!isHandle) this.#undo.push(() => void ((owner as Record<string, unknown>)[name] = original));
  }
}
