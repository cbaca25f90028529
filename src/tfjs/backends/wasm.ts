import { dirname, sep } from 'node:path';
import { registerTrainingKernels } from '../kernels/training-kernels.ts';
import type { TensorFlow } from '../tensor-flow.ts';
import { activate } from './activate.ts';
import type { BackendKind } from './backend-kind.ts';
import { loadPackage, resolvePackage } from './load-package.ts';

const WASM = '@tensorflow/tfjs-backend-wasm';

/** WebAssembly with SIMD: the CPU, and nothing but npm. */
export const wasm: BackendKind<'wasm'> = {
  name: 'wasm',
  packages: ['@tensorflow/tfjs', WASM],
  install: `npm install @tensorflow/tfjs ${WASM}`,
  async open() {
    const tf = await loadPackage<TensorFlow>('@tensorflow/tfjs');
    const backend = await loadPackage<{ setWasmPaths(directory: string): void }>(WASM);
    backend.setWasmPaths(dirname(resolvePackage(WASM)) + sep);
    await activate(tf, 'wasm');
    registerTrainingKernels(tf);
    removeRethrowers();
    return { tf };
  },
};

/**
 * The wasm module of tfjs listens to the errors of the whole process, to throw them again: any later error of the user's
 * would end the process with code 7, behind a page of minified source.
 */
function removeRethrowers(): void {
  const rethrows = (listener: object): boolean => /instanceof ExitStatus|^function *\(reason\) *\{ *throw reason;? *\}$/.test(String(listener));
  for (const listener of process.listeners('uncaughtException')) if (rethrows(listener)) process.off('uncaughtException', listener);
  for (const listener of process.listeners('unhandledRejection')) if (rethrows(listener)) process.off('unhandledRejection', listener);
}
