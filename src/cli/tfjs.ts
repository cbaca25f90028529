import { parseArgs } from 'node:util';
import { type BuildOptions, buildNative } from '../tfjs/build/build-native.ts';
import { TENSORFLOW } from '../tfjs/build/native-package.ts';
import { type Command, wrongUse } from './command.ts';

/** `attune tfjs build` */
export const tfjs: Command = {
  summary: 'build: make tfjs-node work, on a current TensorFlow',
  help: `attune tfjs build: make tfjs-node work, on a current TensorFlow

Usage: attune tfjs build [--gpu] [--tensorflow <version>] [--wheel <file>]
                         [--python <path>] [--force]

Compiles the binding of @tensorflow/tfjs-node against the C library in a wheel of
TensorFlow, which pip downloads. First install the package, without its own
install script: npm install --ignore-scripts @tensorflow/tfjs-node@4.22.0

Needs Linux with glibc, Python 3 with pip, a C++ compiler and 1.5 GiB of disk.
node_modules is written to only after the result was loaded and has computed.
The result is kept in a cache (\$ATTUNE_CACHE, or ~/.cache/attune): after npm ci,
this command or attune doctor --fix puts it back in seconds.

Options:
  --gpu                   build @tensorflow/tfjs-node-gpu, for NVIDIA GPUs, with
                          CUDA of the system or of NVIDIA's wheels (10 GiB)
  --tensorflow <version>  default: ${TENSORFLOW}, the version that is tested
  --wheel <file>          a wheel of TensorFlow that is at hand, without pip
  --python <path>         default: python3 or python of the PATH
  --force                 build although the cache has it
  -h, --help              print this text

Exit code: 0, 1 when it could not be done, 2 when the call was wrong.
`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        gpu: { type: 'boolean' },
        tensorflow: { type: 'string' },
        wheel: { type: 'string' },
        python: { type: 'string' },
        force: { type: 'boolean' },
      },
      allowPositionals: true,
    });
    if (positionals.length !== 1 || positionals[0] !== 'build') throw wrongUse(`expected the word "build", got "${positionals.join(' ')}".`);
    return { exitCode: 0, stdout: await build(values) };
  },
};

async function build(options: Omit<BuildOptions, 'log'>): Promise<string> {
  const started = performance.now();
  const { native, tensorflow, gpu, cached, entry } = await buildNative({ ...options, log: (line) => process.stdout.write(`${line}\n`) });
  const device = options.gpu !== true ? '' : gpu ? ', on a GPU' : ', which sees no GPU here';
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  return `  loads and computes: TensorFlow ${tensorflow}${device}
${cached ? 'Put back' : 'Built'} ${native.id} in ${seconds} s, kept in ${entry.dir}
`;
}
