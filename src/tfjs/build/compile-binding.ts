import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AttuneError } from '../../base/errors.ts';
import { findHeaders } from './machine.ts';
import { NAPI } from './native-package.ts';
import { lastLines, runCommand } from './run-command.ts';

export interface Compilation {
  /** The directory of the package, with `binding/`. */
  readonly source: string;
  /** The directory that holds `include/` and `lib/` of TensorFlow. */
  readonly tensorflow: string;
  /** The directory with `node_api.h`. */
  readonly headers: string;
  /** The file to write. */
  readonly binary: string;
}

/** The arguments of the C++ compiler. The binary looks for its libraries where the package keeps them. */
export const compilerArguments = ({ source, tensorflow, headers, binary }: Compilation): readonly string[] => [
  ...['-shared', '-fPIC', '-O2', '-std=c++17', `-DNAPI_VERSION=${NAPI}`, '-DBUILDING_NODE_EXTENSION'],
  ...['-I', headers, '-I', join(tensorflow, 'include')],
  ...[join(source, 'binding', 'tfjs_backend.cc'), join(source, 'binding', 'tfjs_binding.cc')],
  ...['-L', join(tensorflow, 'lib'), '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2', '-Wl,-rpath,$ORIGIN/../../deps/lib'],
  ...['-o', binary],
];

/** @throws {AttuneError} `BACKEND_UNAVAILABLE` with the first error of the compiler */
export async function compileBinding([compiler = '', ...first]: readonly string[], compilation: Compilation): Promise<void> {
  const ran = await runCommand(compiler, [...first, ...compilerArguments(compilation)]);
  if (ran.code === 0) return;
  const problem = /^.*\berror: .*$/m.exec(ran.stderr)?.[0] ?? lastLines(ran, 1);
  throw new AttuneError('BACKEND_UNAVAILABLE', `tfjs build: expected ${compiler} to compile the binding, got: ${problem}.`, {
    hint: 'A compiler that knows C++17 does (GCC 8, Clang 7): name it in the environment variable CXX.',
  });
}

/** The directory of the headers of the N-API: those of this Node, or else the package that has nothing but them. */
export async function nodeHeaders(python: string, work: string): Promise<string> {
  const found = findHeaders();
  if (found !== undefined) return found;
  const npm = process.env['npm_execpath']?.replace(/npx-cli\.js$/, 'npm-cli.js') ?? '';
  const args = ['pack', 'node-api-headers@1', '--silent', '--pack-destination', work];
  const packed = npm.endsWith('npm-cli.js') ? await runCommand(process.execPath, [npm, ...args]) : await runCommand('npm', args);
  const dir = join(work, 'node-api');
  mkdirSync(dir, { recursive: true });
  const file = join(work, packed.stdout.trim().split('\n').at(-1) ?? '');
  const unpacked = packed.code === 0 ? await runCommand(python, ['-m', 'tarfile', '-e', file, dir]) : packed;
  if (unpacked.code === 0) return join(dir, 'package', 'include');
  throw new AttuneError('BACKEND_UNAVAILABLE', `tfjs build: expected Node's headers (node_api.h), got none: ${lastLines(unpacked, 1)}.`, {
    hint: 'Install them beside node (Debian, Ubuntu: apt install libnode-dev), or name their prefix in npm_config_nodedir.',
  });
}
