import { Lack } from './backend-kind.ts';

/** What a message of the system's loader, or of Node's, asks the user to do. `build` is the command that builds the binary. */
const FIXES: readonly (readonly [pattern: RegExp, fix: (build: string) => string])[] = [
  [/can not be found at path|Cannot find module .*tfjs_binding/, (build) => build],
  [/libtensorflow\S*: (cannot open|failed to map)|undefined symbol|invalid ELF header|file too short|wrong ELF class/, (build) => `${build} --force`],
  [
    /lib(cuda|cudnn|cublas|cufft|cusolver|cusparse|nccl|nvrtc)\S*: cannot open/,
    (build) => `${build} --force (with CUDA of NVIDIA's wheels), or install CUDA 12 with cuDNN 9`,
  ],
  [/version [`']GLIBC(XX)?_[^']*' not found/, (build) => `${build} --force on this machine: the binary comes from a newer system`],
  [/NODE_MODULE_VERSION|Node-API version|different Node\.js version/, (build) => `${build} --force with this Node, or Node 20 or newer`],
];

/** A native package that does not load, in the words of the loader, which are at the end of what Node says. */
export function loaderLack(error: unknown, build: string): Lack {
  const { message, code } = error instanceof Error ? (error as NodeJS.ErrnoException) : { message: String(error), code: undefined };
  if (/can not be found at path/.test(message)) return new Lack('loading', 'its binary (tfjs_binding.node) is not built', { fix: build, cause: error });
  const line = message.split('\n')[0] ?? '';
  const fix = FIXES.find(([pattern]) => pattern.test(message))?.[1](build) ?? 'npx attune doctor';
  return new Lack('loading', code === 'ERR_DLOPEN_FAILED' ? `it does not load: ${line}` : `it does not start (${line})`, { fix, cause: error });
}
