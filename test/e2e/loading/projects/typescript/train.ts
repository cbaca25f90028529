import { defineTrainable } from 'attune';

export interface Setting {
  readonly x: number;
}

export const parabola = defineTrainable(import.meta.url, function parabola({ x }: Setting) {
  return { loss: (x - 3) ** 2 };
});
