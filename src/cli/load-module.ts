import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AttuneError } from '../base/errors.ts';
import { findTsx, registerTsx, TSX_HINT, tsxMissing, typescriptFault } from '../execute/tsx.ts';
import { toErrorData } from '../trial/error-data.ts';

/** What a module exports. */
export type Exports = Readonly<Record<string, unknown>>;

/**
 * Imports a module of the user's here, as `node` would, and TypeScript with the tsx of its project where there is one.
 *
 * @throws {AttuneError} `TRAINABLE_UNREACHABLE` when there is none, or it throws (the `cause`); `PACKAGE_MISSING` for TypeScript that neither
 * this Node nor a tsx loads
 */
export async function loadModule(by: string, file: string): Promise<Exports> {
  const path = resolve(file);
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  if (!isFile) {
    throw new AttuneError('TRAINABLE_UNREACHABLE', `${by}: expected a file that exports a trainable, got ${path}, which is none.`, {
      hint: 'Give its path, with the extension: train.ts.',
    });
  }
  const module = pathToFileURL(path).href;
  const isTypeScript = /\.(?:[cm]?ts|[jt]sx)$/.test(path);
  const tsx = isTypeScript ? findTsx(module) : undefined;
  if (tsx !== undefined) await registerTsx(tsx, module);
  try {
    return named((await import(module)) as Exports);
  } catch (cause) {
    const data = toErrorData(cause);
    const [got = ''] = cause instanceof AttuneError ? data.message.split(' Hint: ') : [data.message]; // its hint is ours
    const fault = tsx === undefined ? typescriptFault(data) : undefined;
    if (fault === 'sure') throw tsxMissing(by, module, data);
    const byItself = `It fails by itself: ${frameOf(data.stack) ?? `look at it with node ${file}`}.`;
    const hint = cause instanceof AttuneError ? cause.hint : isTypeScript && fault === 'perhaps' ? TSX_HINT : byItself;
    throw new AttuneError('TRAINABLE_UNREACHABLE', `${by}: expected ${path} to load, got: ${got.replace(/\.$/, '')}.`, { hint, cause });
  }
}

/** Of CommonJS, which a package without `"type": "module"` is, all that `module.exports` has: Node finds those names only that it can read from the text. */
const named = (exports: Exports): Exports => {
  const { default: whole } = exports;
  const { 'module.exports': own = whole } = exports;
  return own === whole && typeof whole === 'object' && whole !== null ? { ...whole, ...exports } : exports;
};

/** The first frame of a stack that is not Node's. */
const frameOf = (stack = ''): string | undefined =>
  stack
    .split('\n')
    .find((line) => /^\s+at /.test(line) && !/\bnode:/.test(line))
    ?.trim();
