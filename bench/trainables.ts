import { defineTrainable } from 'attune';

/** A trial that costs nothing by itself, and has every file that a trial gets. */
export const noop = defineTrainable(import.meta.url, ({ x }: { x: number }) => ({ loss: x }), { name: 'noop' });

/** A trial that only reports. */
export const reporter = defineTrainable(
  import.meta.url,
  async ({ reports }: { reports: number }, trial) => {
    for (let i = 0; i < reports; i++) await trial.report({ loss: 1 / (i + 1) });
  },
  { name: 'reporter' },
);
