import { defineTrainable } from 'attune';
import { type BackendName, useBackend } from 'attune/tfjs';
import { convnetEpoch } from './convnet.ts';

/** Reports once, with a backend in place where one is named. */
export const start = defineTrainable(
  import.meta.url,
  async ({ backend }: { backend?: BackendName }, trial) => {
    if (backend !== undefined) await useBackend({ backend });
    await trial.report({ loss: 0 });
  },
  { name: 'start' },
);

/** One epoch of the convnet, on the device that the trial was given. */
export const oneEpoch = defineTrainable(
  import.meta.url,
  async ({ backend, count }: { backend: BackendName; count: number }, { device }) => {
    const { loss } = await convnetEpoch(backend, count, device?.startsWith('webgpu:') === true ? device : undefined);
    return { loss };
  },
  { name: 'oneEpoch' },
);
