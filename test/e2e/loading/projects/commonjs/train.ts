import { defineTrainable } from 'attune';

// In CommonJS `import.meta` does not compile (TS1343), and `__filename` says the same.
export const parabola = defineTrainable(__filename, function parabola({ x }: { readonly x: number }) {
  return { loss: (x - 3) ** 2 };
});
