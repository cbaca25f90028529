import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const VERSION = '4.22.0';
const root = resolve(import.meta.dirname, '../..');
const exec = promisify(execFile);

/**
 * A project below `node_modules` with this build of Attune, this bench, and the native package; the binary comes from the
 * cache that the tests use too, and is built at first use.
 *
 * @returns its directory
 * @throws {Error} where the package or TensorFlow cannot be had, or not be built
 */
export async function nativeProject(backend: 'tfjs-node' | 'tfjs-node-gpu'): Promise<string> {
  const at = join(root, 'node_modules/.cache/attune-bench-tfjs', backend);
  const name = `@tensorflow/${backend}`;
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, 'package.json'), JSON.stringify({ name: 'attune-bench-tfjs', private: true, type: 'module', dependencies: { [name]: VERSION } }));
  if (installed(join(at, 'node_modules', name)) !== VERSION)
    await exec('npm', ['install', '--prefix', at, '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: at });
  for (const part of ['package.json', 'dist']) cpSync(join(root, part), join(at, 'node_modules/attune', part), { recursive: true });
  for (const part of ['bench', 'examples/data']) cpSync(join(root, part), join(at, part), { recursive: true });
  const build = [join(at, 'node_modules/attune/dist/cli.js'), 'tfjs', 'build', ...(backend === 'tfjs-node-gpu' ? ['--gpu'] : [])];
  await exec(process.execPath, build, { cwd: at, env: { ...process.env, ATTUNE_CACHE: join(root, 'node_modules/.cache/attune-tfjs') } });
  return at;
}

function installed(path: string): string | undefined {
  const file = join(path, 'package.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version : undefined;
}
