import { defineTrainable } from 'attune';

export const erasable = defineTrainable(import.meta.url, (config: { readonly x: number }): { loss: number } => ({ loss: config.x }), { name: 'erasable' });
