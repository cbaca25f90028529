import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { AttuneError } from '../../base/errors.ts';
import { makeDirectory } from '../../base/make-directory.ts';
import { BINARY, cacheKey, type Entry, entriesDirectory, readEntry, thisPlatform } from './cache.ts';
import { compileBinding, nodeHeaders } from './compile-binding.ts';
import { addCuda } from './cuda.ts';
import { checkMachine, type Job, type Machine, readMachine } from './machine.ts';
import { NATIVE_PACKAGES, type NativePackage, needNativePackage, TENSORFLOW } from './native-package.ts';
import { putInPlace } from './put-in-place.ts';
import { type Tried, tryNative } from './try-native.ts';
import { unpackWheel } from './unpack-wheel.ts';
import { checkWheel, downloadWheel } from './wheel.ts';

export interface BuildOptions {
  /** `@tensorflow/tfjs-node-gpu` against a TensorFlow with CUDA. Default false: `@tensorflow/tfjs-node`. */
  readonly gpu?: boolean | undefined;
  /** The version of TensorFlow. Default: the one that was tested, or that of `wheel`. */
  readonly tensorflow?: string | undefined;
  /** A wheel of TensorFlow that is at hand: nothing is downloaded. */
  readonly wheel?: string | undefined;
  /** The Python to use. Default: `python3` or `python` of the PATH. */
  readonly python?: string | undefined;
  /** Build although the cache has it. */
  readonly force?: boolean | undefined;
  /** Is given a line for each step. */
  readonly log: (line: string) => void;
}

export interface Built extends Tried {
  readonly native: NativePackage;
  readonly entry: Entry;
  readonly cached: boolean;
}

/**
 * Makes the native package work: from the cache, or by compiling its binding against the C library of a TensorFlow wheel.
 * `node_modules` is written to only after the result was loaded and has computed.
 *
 * @throws {AttuneError} `BACKEND_UNAVAILABLE` for what is missing or fails, with what helps; `OPTION_RANGE`
 */
export async function buildNative(options: BuildOptions): Promise<Built> {
  const { gpu = false, wheel, log } = options;
  const native = needNativePackage(NATIVE_PACKAGES[gpu ? 1 : 0]);
  const job = { gpu, wheel: wheel === undefined ? undefined : resolve(wheel) };
  const tensorflow = checkVersion(options);
  const kept = join(entriesDirectory(), cacheKey({ ...native, tensorflow, platform: thisPlatform() }));
  log(`${native.id} ${native.version} with TensorFlow ${tensorflow}, ${thisPlatform()}`);
  const work = openWork();
  try {
    const cached = options.force === true ? undefined : await fromCache(kept, native, work, log);
    const { entry, tried } = cached ?? (await make({ native, job, tensorflow, kept, work, options }));
    await putInPlace(entry, native.dir);
    return { native, entry, cached: cached !== undefined, ...tried };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * The version of TensorFlow.
 *
 * @throws {AttuneError} `OPTION_RANGE` for what is none, and for a wheel of another one, or without CUDA for a GPU
 */
export function checkVersion({ gpu, tensorflow, wheel }: Omit<BuildOptions, 'log'>): string {
  const version = tensorflow ?? TENSORFLOW;
  const wrong = (expected: string, got: string): AttuneError => new AttuneError('OPTION_RANGE', `tfjs build: expected ${expected}, got ${got}.`);
  if (!/^\d+\.\d+\.\d+[\w.]*$/.test(version)) throw wrong(`--tensorflow to be a whole version such as ${TENSORFLOW}`, `"${version}"`);
  if (wheel === undefined) return version;
  const found = checkWheel(wheel, undefined).version;
  if (tensorflow !== undefined && tensorflow !== found) throw wrong(`--tensorflow to be left out, or the version of --wheel, ${found}`, tensorflow);
  if (gpu === true && basename(wheel).startsWith('tensorflow_cpu-'))
    throw wrong('--wheel to be a wheel with CUDA (tensorflow-*.whl) for --gpu', basename(wheel));
  return found;
}

const WORK = '.work-';
const ONE_DAY_MS = 86_400_000;

/** A folder on the same file system as the cache, so that what is ready can be renamed. Those of builds that were killed go. */
function openWork(): string {
  const dir = entriesDirectory();
  try {
    makeDirectory(dir);
    for (const name of readdirSync(dir)) {
      const old = join(dir, name);
      if (name.startsWith(WORK) && Date.now() - statSync(old).mtimeMs > ONE_DAY_MS) rmSync(old, { recursive: true, force: true });
    }
    return mkdtempSync(join(dir, WORK));
  } catch (cause) {
    throw new AttuneError('STORAGE_UNWRITABLE', `tfjs build: expected to write to ${dir}, got: ${cause instanceof Error ? cause.message : String(cause)}.`, {
      hint: 'Set ATTUNE_CACHE to a directory that this process may write to.',
      cause,
    });
  }
}

interface Ready {
  readonly entry: Entry;
  readonly tried: Tried;
}

async function fromCache(kept: string, native: NativePackage, work: string, log: (line: string) => void): Promise<Ready | undefined> {
  const entry = readEntry(kept);
  if (entry === undefined) return undefined;
  const tried = await tryNative(entry, native, work);
  if (typeof tried !== 'string') return { entry, tried };
  log(`  the cached build does not load (${tried}); building anew`);
  return undefined;
}

interface Plan {
  readonly native: NativePackage;
  readonly job: Job;
  readonly tensorflow: string;
  readonly kept: string;
  readonly work: string;
  readonly options: BuildOptions;
}

async function make({ native, job, tensorflow, kept, work, options: { log, python: named } }: Plan): Promise<Ready> {
  const machine = await readMachine({ python: named });
  checkMachine(machine, job);
  const python = machine.python?.path ?? '';
  const headers = await nodeHeaders(python, work);
  const compiler = machine.compiler ?? [];
  log(`  Python ${machine.python?.version}, ${compiler.join(' ')}, Node's headers in ${headers}`);
  const wheel = await wheelFor(machine, job, tensorflow, work, log);
  log('  unpacking the C library');
  const fresh = join(work, 'entry');
  const { libraries, cuda: requirements } = await unpackWheel(python, wheel, fresh);
  if (job.wheel === undefined) await rm(wheel);
  const cuda = job.gpu && (await addCuda(python, requirements, fresh, log));
  log('  compiling the binding');
  await compileBinding(compiler, { source: native.dir, tensorflow: fresh, headers, binary: join(fresh, BINARY) });
  await rm(join(fresh, 'include'), { recursive: true });
  writeFileSync(join(fresh, 'entry.json'), `${JSON.stringify({ tensorflow, libraries, cuda }, null, 2)}\n`);
  const tried = await tryNative({ dir: fresh, tensorflow, libraries, cuda }, native, work);
  if (typeof tried === 'string') {
    throw new AttuneError('BACKEND_UNAVAILABLE', `tfjs build: expected the binary to load and to compute, got: ${tried}.`, {
      hint: 'Name another version with --tensorflow; node_modules is as it was.',
    });
  }
  return { entry: { dir: await keep(fresh, kept, work), tensorflow, libraries, cuda }, tried };
}

async function wheelFor(machine: Machine, job: Job, tensorflow: string, work: string, log: (line: string) => void): Promise<string> {
  if (job.wheel === undefined) log(`  downloading TensorFlow ${tensorflow} with pip ${machine.python?.pip} (${job.gpu ? 600 : 270} MB)`);
  const wheel = job.wheel ?? (await downloadWheel(machine, job, tensorflow, work));
  checkWheel(wheel, machine.glibc);
  log(`  ${job.wheel === undefined ? 'downloaded' : 'using'} ${basename(wheel)}`);
  return wheel;
}

/** Another build may have come first, or the one that is there is not whole: the newest stays. */
async function keep(fresh: string, kept: string, work: string): Promise<string> {
  await rename(kept, join(work, 'old')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rename(fresh, kept);
  return kept;
}
