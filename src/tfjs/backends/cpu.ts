import type { TensorFlow } from '../tensor-flow.ts';
import { activate } from './activate.ts';
import type { BackendKind } from './backend-kind.ts';
import { loadPackage } from './load-package.ts';

/** Plain JavaScript: has every operation, and is slow at all of them. */
export const cpu: BackendKind<'cpu'> = {
  name: 'cpu',
  packages: ['@tensorflow/tfjs'],
  install: 'npm install @tensorflow/tfjs',
  async open() {
    const tf = await loadPackage<TensorFlow>('@tensorflow/tfjs');
    await activate(tf, 'cpu');
    return { tf };
  },
};
