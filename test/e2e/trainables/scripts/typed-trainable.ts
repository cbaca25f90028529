import { defineTrainable } from 'attune';

// @ts-expect-error -- an enum is not erasable: Node cannot run this file by itself
enum Unit {
  One = 1,
}

export const typed = defineTrainable(
  import.meta.url,
  (config: { readonly x: number; readonly fail: boolean }): { loss: number } => {
    const loss: number = config.x * (Unit.One as number);
    if (config.fail) {
      throw new Error('from typescript');
    }
    return { loss };
  },
  { name: 'typed' },
);
