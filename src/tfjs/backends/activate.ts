import type { TensorFlow } from '../tensor-flow.ts';

/** Makes `name` the active backend and sees that it computes: a native backend may load and fail at its first kernel. */
export async function activate(tf: TensorFlow, name: string): Promise<void> {
  if (!(await tf.setBackend(name))) throw new Error(`tfjs does not start its backend '${name}'`);
  const test = tf.env().getBool('IS_TEST');
  tf.env().set('IS_TEST', true); // tfjs greets at the first tensor of its cpu backend, unless this is a test
  try {
    const sum = tf.add(1, 2);
    const [three] = await sum.data(); // some backends cannot read at once
    sum.dispose();
    if (three !== 3) throw new Error(`1 + 2 gives ${three}`);
  } finally {
    tf.env().set('IS_TEST', test);
  }
}
