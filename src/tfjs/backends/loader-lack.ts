import { Lack } from './backend-kind.ts';

/** What a message of the system's loader, or of Node's, asks the user to do. `build` is the command that builds the binary. */
const FIXES: readonly (readonly [pattern: RegExp, fix: (build: string) => string])[] = [
  [
    /lib(cuda|cudart|cudnn|cublas|cufft|cusolver|cusparse|nccl|nvrtc)\S*: cannot open/,
    (build) => `${build} --force (with CUDA of NVIDIA's wheels), or install CUDA 12 and cuDNN 9`,
  ],
  [/version [`']GLIBC(XX)?_[^']*' not found/, (build) => `${build} --force on this machine: the binary comes from a newer system`],
  [/NODE_MODULE_VERSION|Node-API version|N-API version/, (build) => `${build} --force with this Node`],
];

/** A binary that does not load: `error` is what `require` of it threw, and its first line is what the loader said. */
export function loaderLack(error: unknown, build: string): Lack {
  const message = error instanceof Error ? error.message : String(error);
  const fix = FIXES.find(([pattern]) => pattern.test(message))?.[1](build) ?? `${build} --force`;
  const said = message.includes('NODE_MODULE_VERSION') ? message.replace(/\s+/g, ' ') : message.split('\n')[0];
  return new Lack('loading', `it does not load: ${said}`, { fix, cause: error });
}
