// Commands that fail on a WebGPU device, and a device that is lost: what their trials fail with, and that the next ones are well.
import { defineTrainable, gridSearch, run, threads } from 'attune';
import { useBackend } from 'attune/tfjs';

const trains = defineTrainable(
  import.meta.url,
  async ({ does }) => {
    const { tf } = await useBackend({ backend: 'webgpu' });
    const { device } = tf.backend();
    if (does === 'too much') device.createBuffer({ size: 2 ** 42, usage: 128 });
    if (does === 'never reads') return { loss: (device.createBuffer({ size: 2 ** 42, usage: 128 }), 0) };
    if (does === 'fails by itself') throw new Error((device.createBuffer({ size: 2 ** 42, usage: 128 }), 'on purpose'));
    if (does === 'reads at once')
      tf.tidy(() =>
        tf
          .ones([100, 100])
          .matMul(tf.ones([100, 100]))
          .dataSync(),
      );
    if (does === 'loses it') device.destroy();
    const sum = tf.add(1, 2);
    const [three] = await sum.data();
    sum.dispose();
    return { loss: three };
  },
  { name: 'trains' },
);

const does = ['well', 'too much', 'well', 'never reads', 'well', 'fails by itself', 'well', 'reads at once', 'well', 'loses it', 'well'];
const grid = await run(trains, {
  ...{ config: { does: gridSearch(does) }, metric: 'loss', mode: 'min', seed: 1, verbose: 0 },
  executor: threads({ workers: 1 }),
});
console.log(JSON.stringify([...grid].map(({ metrics, error }) => error?.message ?? metrics.loss)));
