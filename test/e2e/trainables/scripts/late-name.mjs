import { defineTrainable } from 'attune';

const half = await new Promise((resolve) => setTimeout(resolve, 20, 0.5)); // what a module may have to wait for first
export const late = defineTrainable(import.meta.url, () => ({ loss: half }), { name: 'late' });
export const other = defineTrainable(import.meta.url, () => ({ loss: half * 2 }), { name: 'other' });
