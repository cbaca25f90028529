import { type Backend, type BackendName, useBackend } from 'attune/tfjs';
import { digits } from '../../examples/data/digits.ts';

export interface Epoch {
  /** Wall time of one epoch. */
  readonly seconds: number;
  /** Of the processor, in all threads of this process: what a busy machine does not stretch. */
  readonly cpuSeconds: number;
  /** The mean loss of the epoch. */
  readonly loss: number;
}

/** 8 filters of 5 × 5 and 16 of 5 × 5, each with relu and max pooling of 2 × 2, then 10 outputs. Its weights are the same at each call. */
export function convnet(tf: Backend['tf']): ReturnType<Backend['tf']['sequential']> {
  const { conv2d, maxPooling2d, flatten, dense } = tf.layers;
  const kernelInitializer = (seed: number) => tf.initializers.heNormal({ seed });
  return tf.sequential({
    layers: [
      conv2d({ inputShape: [28, 28, 1], filters: 8, kernelSize: 5, activation: 'relu', kernelInitializer: kernelInitializer(1) }),
      maxPooling2d({ poolSize: 2 }),
      conv2d({ filters: 16, kernelSize: 5, activation: 'relu', kernelInitializer: kernelInitializer(2) }),
      maxPooling2d({ poolSize: 2 }),
      flatten(),
      dense({ units: 10, activation: 'softmax', kernelInitializer: kernelInitializer(3) }),
    ],
  });
}

/**
 * One epoch of the convnet on the first `count` digits of MNIST, in batches of 64, with Adam. Every backend starts with
 * the same weights and sees the digits in the same order. The backend stays active; no tensor is left behind.
 *
 * @param device - of the backend, where it has several
 */
export async function convnetEpoch(backend: BackendName, count: number, device?: string): Promise<Epoch> {
  const { tf } = await useBackend({ backend, ...(device === undefined ? {} : { device }) });
  const model = convnet(tf);
  const optimizer = tf.train.adam(0.001);
  model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy' });
  const { images, labels } = digits('training', 0, count);
  const x = tf.tensor4d(images, [count, 28, 28, 1]);
  const y = tf.tensor1d([...labels]);
  try {
    const [start, cpuStart] = [performance.now(), process.cpuUsage()];
    const { history } = await model.fit(x, y, { epochs: 1, batchSize: 64, shuffle: false, verbose: 0 });
    const { user, system } = process.cpuUsage(cpuStart);
    return { seconds: (performance.now() - start) / 1e3, cpuSeconds: (user + system) / 1e6, loss: Number(history['loss']?.[0]) };
  } finally {
    tf.dispose([x, y]);
    model.dispose();
    optimizer.dispose();
    tf.disposeVariables();
  }
}
