import { defineTrainable } from 'attune';

export const parabola = defineTrainable(import.meta.url, function parabola({ x }) {
  return { loss: (x - 3) ** 2 };
});
