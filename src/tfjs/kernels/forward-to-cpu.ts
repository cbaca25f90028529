import type { KernelBackend, KernelFunc, TensorFlow, TensorInfo } from '../tensor-flow.ts';

/**
 * The kernel of the cpu backend, to be registered for another one. The engine of tfjs knows where the data of a tensor are
 * and moves them when a kernel asks for them: the inputs come to cpu, and the outputs stay there until another kernel wants them.
 * Nothing is left behind, and complex numbers never leave cpu, the only one of the two that understands them.
 */
export function forwardToCpu(tf: TensorFlow, kernelName: string): KernelFunc {
  return ({ inputs, attrs = {} }) => {
    const backend = openCpu(tf);
    const outputs = tf.getKernel(kernelName, 'cpu').kernelFunc({ inputs, attrs, backend });
    const track = (info: TensorInfo): TensorInfo => ('rank' in info ? info : tf.engine().makeTensorFromTensorInfo(info, backend));
    return Array.isArray(outputs) ? outputs.map(track) : track(outputs);
  };
}

const open = new WeakSet<KernelBackend>();

/** The cpu backend, which greets at its first tensor, unless this is a test. */
function openCpu(tf: TensorFlow): KernelBackend {
  const backend = tf.engine().findBackend('cpu');
  if (open.has(backend)) return backend;
  const test = tf.env().getBool('IS_TEST');
  tf.env().set('IS_TEST', true);
  backend.disposeData(backend.write(new Float32Array(1), [1], 'float32'));
  tf.env().set('IS_TEST', test);
  open.add(backend);
  return backend;
}
