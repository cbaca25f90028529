import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AttuneError } from '../base/errors.ts';

/**
 * The file that each worker starts with. It lies beside this one, in this package.
 *
 * @param by - the executor, which begins the message
 * @throws {AttuneError} `PACKAGE_MISSING` when a bundler has put this code into a file of its own
 */
export function workerFile(by: string, name: 'worker.js' | 'process-worker.js'): string {
  const here = import.meta.url as string | undefined; // nothing in a bundle that is CommonJS
  const file = here === undefined ? undefined : fileURLToPath(new URL(`./${name}`, here));
  if (file !== undefined && existsSync(file) && packageOf(dirname(file)) === 'attune') return file;
  throw new AttuneError(
    'PACKAGE_MISSING',
    `${by}: expected the package attune in node_modules, from where workers load it, got a copy of its code in ${here === undefined ? 'a bundle' : fileURLToPath(here)}.`,
    { hint: 'Mark attune external in your bundler (esbuild --external:attune) and install it beside the bundle, or use executor: inline().' },
  );
}

/** The name of the package that this folder belongs to. A bundle may lie beside a worker.js too. */
function packageOf(folder: string): unknown {
  const manifest = join(folder, 'package.json');
  if (existsSync(manifest)) {
    const { name } = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: unknown };
    if (name !== undefined) return name; // a folder may have one that only says which kind its modules are
  }
  return dirname(folder) === folder ? undefined : packageOf(dirname(folder));
}
