import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { AttuneError } from '../base/errors.ts';
import type { ErrorData } from '../trial/events.ts';

/** For what Node cannot load itself: the tsx that the project of a trainable has. */

/** What is in the way when Node itself did not load a module: surely TypeScript, perhaps TypeScript, or something else (`undefined`). */
export function typescriptFault({ name, code, message, stack }: ErrorData): 'sure' | 'perhaps' | undefined {
  if (!isOfLoader(stack)) return undefined; // thrown by what was loaded
  switch (code) {
    case 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX': // an enum, a namespace, a parameter property, …
    case 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING':
    case 'ERR_NO_TYPESCRIPT':
      return 'sure';
    case 'ERR_UNKNOWN_FILE_EXTENSION':
      return /"\.(?:[cm]?tsx?|jsx)"/.test(message) ? 'sure' : undefined;
    case 'ERR_MODULE_NOT_FOUND': // `paths`, or an import without extension or with another one
    case 'ERR_UNSUPPORTED_DIR_IMPORT':
    case 'ERR_PACKAGE_IMPORT_NOT_DEFINED':
      return /imported from .*\.[cm]?tsx?$/m.test(message) ? 'perhaps' : undefined;
    case 'MODULE_NOT_FOUND':
      return /^- .*\.[cm]?tsx?$/m.test(message) ? 'perhaps' : undefined;
    case 'ERR_INVALID_TYPESCRIPT_SYNTAX':
    case 'ERR_IMPORT_ATTRIBUTE_MISSING': // of a JSON file
      return 'perhaps';
    default: // a decorator, or an import of a type: Node does not say in which file
      return name === 'SyntaxError' ? 'perhaps' : undefined;
  }
}

/** Whether Node's loader threw it, so that nothing of the module was evaluated. */
function isOfLoader(stack = ''): boolean {
  const frame = stack.split('\n').find((line) => /^\s+at /.test(line));
  return frame === undefined || /\(?node:internal\/(?:modules|vm)\b/.test(frame);
}

/** Where the tsx lies that this module resolves: the URL of its `package.json`; `undefined` when it has none. */
export function findTsx(module: string): string | undefined {
  try {
    return pathToFileURL(createRequire(module).resolve('tsx/package.json')).href;
  } catch {
    return undefined;
  }
}

/** @returns the error for a module that needs tsx and does not have it */
export function tsxMissing(by: string, module: string, cause: ErrorData): AttuneError {
  const problem = `${by}: expected Node ${process.versions.node} or the package tsx to load ${fileURLToPath(module)} in a worker, got neither: ${cause.message}.`;
  return new AttuneError('PACKAGE_MISSING', problem, { hint: 'Run npm i -D tsx.', cause });
}

export const TSX_HINT =
  'See the cause. If Node is in the way (`paths` of a tsconfig.json, imports without extension or with .js for .ts, decorators), run npm i -D tsx.';

/** Lets this thread import all TypeScript, as `node --import tsx` would, with the tsconfig.json nearest to the module. */
export async function registerTsx(tsx: string, module: string): Promise<void> {
  const { exports } = createRequire(tsx)('./package.json') as { exports: Readonly<Record<string, { import?: { default: string } }>> };
  const chosen = process.env['TSX_TSCONFIG_PATH'];
  const nearest = nearestTsconfig(dirname(fileURLToPath(module)));
  if (chosen === undefined && nearest !== undefined) process.env['TSX_TSCONFIG_PATH'] = nearest;
  for (const entry of ['./cjs/api', './esm/api']) {
    // Its ES module, by path: `require.resolve` would give the CommonJS one, whose hooks cannot find their own files.
    const path = exports[entry]?.import?.default;
    if (path === undefined) continue;
    const api = (await import(new URL(path, tsx).href)) as { register(): unknown };
    api.register();
  }
  if (chosen === undefined) delete process.env['TSX_TSCONFIG_PATH']; // what a trial starts has projects of its own
}

function nearestTsconfig(folder: string): string | undefined {
  const file = join(folder, 'tsconfig.json');
  if (existsSync(file)) return file;
  return dirname(folder) === folder ? undefined : nearestTsconfig(dirname(folder));
}
