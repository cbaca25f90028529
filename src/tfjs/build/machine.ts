import { existsSync, realpathSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AttuneError } from '../../base/errors.ts';
import { entriesDirectory } from './cache.ts';
import { runCommand } from './run-command.ts';

/** What a build needs of a machine. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  /** The version of the GNU C library that runs this Node; `undefined` with another C library. */
  readonly glibc: string | undefined;
  readonly python: { readonly path: string; readonly version: string; readonly pip: string | undefined } | undefined;
  /** The command of the C++ compiler, with the arguments that come first. */
  readonly compiler: readonly string[] | undefined;
  /** Bytes free where the build works. */
  readonly free: number;
}

/** What is to be built. */
export interface Job {
  readonly gpu: boolean;
  /** A wheel at hand: pip is not needed then. */
  readonly wheel?: string | undefined;
}

const GIB = 2 ** 30;

/** A wheel, what is unpacked of it, and some air: measured for the CPU, a guess for CUDA. */
const bytesNeeded = ({ gpu }: Job): number => (gpu ? 10 : 1.5) * GIB;

/** Every reason why the job cannot be done on the machine, each with what helps; empty when it can. */
export function problemsOf(machine: Machine, job: Job): readonly { readonly problem: string; readonly fix: string }[] {
  const { platform, arch, glibc, python, compiler, free } = machine;
  if (platform !== 'linux' || (arch !== 'x64' && (arch !== 'arm64' || job.gpu))) {
    const rest = platform === 'linux' ? '' : ', or let the package install itself: npm rebuild @tensorflow/tfjs-node (an older TensorFlow)';
    return [{ problem: `${platform} on ${arch}`, fix: `There is no TensorFlow to build against: use the wasm backend${rest}.` }];
  }
  const problems = [];
  if (glibc === undefined)
    problems.push({ problem: 'no GNU C library', fix: "TensorFlow's wheels need glibc: on Alpine, use an image with Debian, or the wasm backend." });
  if (python === undefined) problems.push({ problem: 'no Python 3', fix: 'Install it (apt install python3 python3-pip), or name it: --python <path>.' });
  else if (python.pip === undefined && job.wheel === undefined)
    problems.push({ problem: `no pip in ${python.path}`, fix: 'Install it (apt install python3-pip), or name another Python: --python <path>.' });
  if (compiler === undefined)
    problems.push({ problem: 'no C++ compiler', fix: 'Install one (apt install g++, dnf install gcc-c++), or name it in the environment variable CXX.' });
  if (free < bytesNeeded(job)) {
    const [needs, has] = [bytesNeeded(job), free].map((bytes) => `${(bytes / GIB).toFixed(1)} GiB`);
    problems.push({
      problem: `${has} free in ${entriesDirectory()}`,
      fix: `A build needs ${needs}: make room, or set ATTUNE_CACHE to a directory that has it.`,
    });
  }
  return problems;
}

/** @throws {AttuneError} `BACKEND_UNAVAILABLE` that names all that is missing, and what helps */
export function checkMachine(machine: Machine, job: Job): void {
  const problems = problemsOf(machine, job);
  if (problems.length === 0) return;
  throw new AttuneError(
    'BACKEND_UNAVAILABLE',
    `tfjs build: expected Linux with glibc, Python with pip, a C++ compiler and room on the disk, got ${problems.map(({ problem }) => problem).join('; ')}.`,
    { hint: problems.map(({ fix }) => fix).join(' ') },
  );
}

export async function readMachine(options: { readonly python?: string | undefined }): Promise<Machine> {
  const { header } = process.report.getReport() as { readonly header: { readonly glibcVersionRuntime?: string } };
  return {
    platform: process.platform,
    arch: process.arch,
    glibc: header.glibcVersionRuntime,
    python: await findPython(options.python === undefined ? ['python3', 'python'] : [options.python]),
    compiler: await findCompiler(),
    free: await freeBytes(entriesDirectory()),
  };
}

const ASK_PYTHON = `
import sys
try:
    from pip import __version__ as pip
except Exception:
    pip = ''
print('.'.join(map(str, sys.version_info[:3])), pip)`;

async function findPython(names: readonly string[]): Promise<Machine['python']> {
  for (const path of names) {
    const { code, stdout } = await runCommand(path, ['-c', ASK_PYTHON]);
    const [, version, pip] = /^(3\.[\d.]+) (\S*)$/m.exec(stdout) ?? [];
    if (code === 0 && version !== undefined) return { path, version, pip: pip || undefined };
  }
  return undefined;
}

async function findCompiler(): Promise<readonly string[] | undefined> {
  const named = (process.env['CXX'] ?? '').split(' ').filter((word) => word !== '');
  for (const command of named.length > 0 ? [named] : [['g++'], ['clang++'], ['c++']]) {
    const [path = '', ...args] = command;
    if ((await runCommand(path, [...args, '--version'])).code === 0) return command;
  }
  return undefined;
}

async function freeBytes(dir: string): Promise<number> {
  let existing = dir;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  const { bavail, bsize } = await statfs(existing);
  return bavail * bsize;
}

/** Where Node's headers lie: those of the N-API are alike in every Node, so any will do. */
export function findHeaders(): string | undefined {
  const { node_prefix: built } = process.config.variables as { readonly node_prefix?: string };
  const prefixes = [dirname(dirname(realpathSync(process.execPath))), process.env['npm_config_nodedir'], built, '/usr', '/usr/local'];
  return prefixes.map((prefix) => join(prefix ?? '/', 'include', 'node')).find((dir) => existsSync(join(dir, 'node_api.h')));
}
