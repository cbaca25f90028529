import { defineTrainable } from 'attune';
// @ts-expect-error -- Node wants the extension, vitest and tsx do not
import { centre, Sign } from './settings';

export const parabola = defineTrainable(import.meta.url, function parabola({ x }: { readonly x: number }) {
  return { loss: Sign.Plus * (x - centre) ** 2 };
});
