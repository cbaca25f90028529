import { readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { NAPI, type NativePackage } from './native-package.ts';

/** The file of the binary in an entry of the cache; its libraries lie in `lib/` beside it. */
export const BINARY = 'tfjs_binding.node';

/** A binary and the libraries it loads, built and seen to compute; never changed once it is there. */
export interface Entry {
  readonly dir: string;
  readonly tensorflow: string;
  /** The files in `lib/`, with their sizes. */
  readonly libraries: Readonly<Record<string, number>>;
  /** There is a `nvidia/` beside `lib/`, with CUDA. */
  readonly cuda: boolean;
}

interface Where {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly home: string;
}

/** `$ATTUNE_CACHE`; else the place that the platform has for what can be made again. */
export function cacheDirectory({ env, platform, home }: Where = { env: process.env, platform: process.platform, home: homedir() }): string {
  if (env['ATTUNE_CACHE']) return env['ATTUNE_CACHE'];
  if (env['XDG_CACHE_HOME']) return join(env['XDG_CACHE_HOME'], 'attune');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'attune');
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'attune');
  return join(home, '.cache', 'attune');
}

/** All that decides whether a binary fits: the package, TensorFlow, the N-API and the platform. One file name. */
export function cacheKey(built: { readonly id: string; readonly version: string; readonly tensorflow: string; readonly platform: string }): string {
  const name = built.id.replace('@tensorflow/', '');
  return `${name}-${built.version}_tensorflow-${built.tensorflow}_napi-${NAPI}_${built.platform}`;
}

export const thisPlatform = (): string => `${process.platform}-${process.arch}`;

/** The folder of the entries, and of the folders that builds work in. */
export const entriesDirectory = (): string => join(cacheDirectory(), 'tfjs');

/** The entry, or `undefined` when there is none, or not the whole of it. */
export function readEntry(dir: string): Entry | undefined {
  try {
    const { tensorflow, libraries, cuda } = JSON.parse(readFileSync(join(dir, 'entry.json'), 'utf8')) as Entry;
    const isWhole = Object.entries(libraries).every(([file, bytes]) => statSync(join(dir, 'lib', file)).size === bytes);
    return isWhole && statSync(join(dir, BINARY)).isFile() ? { dir, tensorflow, libraries, cuda } : undefined;
  } catch {
    return undefined;
  }
}

/** Every entry that fits the package on this platform, the newest TensorFlow first. */
export function entriesFor({ id, version }: NativePackage): readonly Entry[] {
  const [before = '', after = ''] = cacheKey({ id, version, tensorflow: '\n', platform: thisPlatform() }).split('\n');
  let names: readonly string[];
  try {
    names = readdirSync(entriesDirectory());
  } catch {
    return [];
  }
  return names
    .filter((name) => name.startsWith(before) && name.endsWith(after))
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .flatMap((name) => readEntry(join(entriesDirectory(), name)) ?? []);
}
