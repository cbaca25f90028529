import { readFileSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { AttuneError } from '../../base/errors.ts';
import { resolvePackage } from '../backends/load-package.ts';

/** The TensorFlow whose C library the packages are known to work with. */
export const TENSORFLOW = '2.21.0';

/** The version of the N-API that the binaries are for: every Node that Attune runs on has it. */
export const NAPI = 8;

export const NATIVE_PACKAGES = ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'] as const;
export type NativePackageId = (typeof NATIVE_PACKAGES)[number];

/** A package as it lies in `node_modules`. */
export interface NativePackage {
  readonly id: NativePackageId;
  readonly version: string;
  /** Its real directory: with pnpm, not the link to it. */
  readonly dir: string;
}

/** The package that `useBackend` would load, or `undefined` where it is not installed. */
export function findNativePackage(id: NativePackageId): NativePackage | undefined {
  try {
    const manifest = realpathSync(resolvePackage(`${id}/package.json`));
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
    return { id, version, dir: dirname(manifest) };
  } catch {
    return undefined;
  }
}

/** @throws {AttuneError} `BACKEND_UNAVAILABLE` when the package is not installed, or in a version that nobody has tried */
export function needNativePackage(id: NativePackageId): NativePackage {
  const found = findNativePackage(id);
  if (found !== undefined && /^4\.22\./.test(found.version)) return found;
  throw new AttuneError('BACKEND_UNAVAILABLE', `tfjs build: expected ${id} 4.22 to be installed, got ${found?.version ?? 'nothing'}.`, {
    hint: `npm install --ignore-scripts ${id}@4.22.0 (its own install script would download an old TensorFlow), then again.`,
  });
}
