import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AttuneError } from '../../base/errors.ts';
import { type Job, type Machine } from './machine.ts';
import { pipError, type Ran, runCommand } from './run-command.ts';

/** What pip is asked for, in this order: on arm64, the wheel without CUDA may have either name. */
export const wheelNames = (job: Job, arch: string): readonly string[] =>
  job.gpu ? ['tensorflow'] : arch === 'arm64' ? ['tensorflow-cpu', 'tensorflow'] : ['tensorflow-cpu'];

/** What the name of a wheel says. */
export interface WheelName {
  readonly version: string;
  /** The oldest glibc that it runs with; `undefined` where the name does not say. */
  readonly glibc: string | undefined;
}

/** @returns `undefined` for what is no wheel of TensorFlow for Linux */
export function parseWheelName(file: string): WheelName | undefined {
  const [, version, platform = ''] = /^tensorflow(?:_cpu)?-([^-]+)-(?:[^-]+-){2}([^-]*(?:linux)[^-]*)\.whl$/.exec(basename(file)) ?? [];
  if (version === undefined) return undefined;
  if (platform.includes('manylinux2014')) return { version, glibc: '2.17' };
  const [, major, minor] = /manylinux_(\d+)_(\d+)/.exec(platform) ?? [];
  return { version, glibc: major === undefined ? undefined : `${major}.${minor}` };
}

/** Whether one dotted version is older than another. */
export const isOlder = (a: string, b: string): boolean => a.localeCompare(b, 'en', { numeric: true }) < 0;

/** Pythons that TensorFlow has wheels for: the C library in them is the same. */
const PYTHONS = ['3.12', '3.11', '3.10', '3.9'];

/** Downloads the wheel into `dir`. @throws {AttuneError} `BACKEND_UNAVAILABLE` with what pip said */
export async function downloadWheel(machine: Machine, job: Job, tensorflow: string, dir: string): Promise<string> {
  const python = machine.python?.path ?? 'python3';
  let first: Ran | undefined; // what pip says for the Python that is there
  for (const forPython of ['', ...PYTHONS])
    for (const name of wheelNames(job, machine.arch)) {
      const ran = await runCommand(
        python,
        [
          ...['-m', 'pip', 'download', '--no-deps', '--retries', '0', '--no-cache-dir', '--disable-pip-version-check', '--quiet', '--only-binary=:all:'],
          ...(forPython === '' ? [] : ['--python-version', forPython]),
          ...['--dest', dir, `${name}==${tensorflow}`],
        ],
        { env: { ...process.env, TMPDIR: dir } },
      );
      const file = existsSync(dir) ? readdirSync(dir).find((entry) => entry.endsWith('.whl')) : undefined;
      if (ran.code === 0 && file !== undefined) return join(dir, file);
      // What does not hang on the Python is not better with another one.
      if (!/No matching distribution/.test(ran.stderr)) throw downloadFailed(job, tensorflow, ran);
      first ??= ran;
    }
  throw downloadFailed(job, tensorflow, first);
}

function downloadFailed(job: Job, tensorflow: string, ran: Ran | undefined): AttuneError {
  const name = job.gpu ? 'tensorflow' : 'tensorflow-cpu';
  return new AttuneError(
    'BACKEND_UNAVAILABLE',
    `tfjs build: expected pip to download ${name} ${tensorflow}, got: ${ran === undefined ? 'nothing' : pipError(ran)}.`,
    {
      hint: 'Check the network and the index of pip (pip config list), name another version with --tensorflow, or give a file: --wheel <path>.',
    },
  );
}

/** @throws {AttuneError} `OPTION_RANGE` for a file that is no wheel of TensorFlow, `BACKEND_UNAVAILABLE` when this glibc is too old for it */
export function checkWheel(file: string, glibc: string | undefined): WheelName {
  const name = parseWheelName(file);
  if (name === undefined || !existsSync(file))
    throw new AttuneError('OPTION_RANGE', `tfjs build: expected --wheel to be a wheel of TensorFlow for Linux, got ${file}.`);
  if (name.glibc !== undefined && glibc !== undefined && isOlder(glibc, name.glibc)) {
    throw new AttuneError('BACKEND_UNAVAILABLE', `tfjs build: expected glibc ${name.glibc} or newer for TensorFlow ${name.version}, got ${glibc}.`, {
      hint: 'Use a newer system or container, an older TensorFlow (--tensorflow <version>), or the wasm backend.',
    });
  }
  return name;
}
