import type { TrainableRef } from './trainable-ref.ts';

/** Module → name → trainable. On the global object, so that a second copy of the package in this thread sees the same one. */
type Registry = Map<string, Map<string, TrainableRef>>;

const KEY = Symbol.for('attune.trainables');
const holder = globalThis as { [KEY]?: Registry };

function registry(): Registry {
  return (holder[KEY] ??= new Map());
}

export function register(module: string, ref: TrainableRef): void {
  const named = registry().get(module);
  if (named) named.set(ref.name, ref);
  else registry().set(module, new Map([[ref.name, ref]]));
}

export const findTrainable = (module: string, name: string): TrainableRef | undefined => registry().get(module)?.get(name);

/** The names that a module has defined so far. */
export const namesIn = (module: string): readonly string[] => [...(registry().get(module)?.keys() ?? [])];
