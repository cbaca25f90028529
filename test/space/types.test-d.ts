/** Checked by the compiler (`npm run types`); nothing here runs. */
import { expectTypeOf } from 'vitest';
import type { Config } from '../../src/space/config.ts';
import type { ConfigOf } from '../../src/space/config-of.ts';
import { choice, expr, gridSearch, loguniform, qrandint, randint, randn, sampleFrom, uniform, variation } from '../../src/space/domains.ts';
import type { NoStrayKeys, SpaceFor } from '../../src/space/space-for.ts';

declare function configOf<S>(space: S): ConfigOf<S>;
declare function tune<C, S extends SpaceFor<C>>(trainable: (config: C) => unknown, options: { readonly paramSpace: S & NoStrayKeys<S, C> }): ConfigOf<S>;

// The space of the README.
expectTypeOf(configOf({ lr: loguniform(1e-3, 1e-1), momentum: choice([0.8, 0.9, 0.99]) })).toEqualTypeOf<{ lr: number; momentum: 0.8 | 0.9 | 0.99 }>();

// Every domain.
expectTypeOf(configOf({ a: randint(0, 9), b: qrandint(0, 9, 3), c: randn(), d: variation(['x', 'y']), e: gridSearch([true, null]) })).toEqualTypeOf<{
  a: number;
  b: number;
  c: number;
  d: 'x' | 'y';
  e: true | null;
}>();
const names: string[] = ['a', 'b'];
expectTypeOf(configOf({ name: choice(names) })).toEqualTypeOf<{ name: string }>();

// A conditional option narrows by its tag.
const conditional = configOf({
  optimizer: choice([
    { kind: 'sgd', lr: uniform(0, 1) },
    { kind: 'adam', beta: loguniform(0.1, 0.9), eps: 1e-8 },
  ]),
});
expectTypeOf(conditional.optimizer).toEqualTypeOf<{ kind: 'sgd'; lr: number } | { kind: 'adam'; beta: number; eps: 1e-8 }>();
if (conditional.optimizer.kind === 'sgd') expectTypeOf(conditional.optimizer.lr).toEqualTypeOf<number>();
// @ts-expect-error adam has no lr
else conditional.optimizer.lr.toFixed();

// sampleFrom gives its return type, expr a number.
expectTypeOf(
  configOf({ lr: uniform(0, 1), twice: sampleFrom((config: { lr: number }) => config.lr * 2), tag: sampleFrom(() => ({ on: true })) }),
).toEqualTypeOf<{
  lr: number;
  twice: number;
  tag: { on: boolean };
}>();
expectTypeOf(configOf({ lr: uniform(0, 1), decay: expr('lr / 10') })).toEqualTypeOf<{ lr: number; decay: number }>();
sampleFrom((config) => expectTypeOf(config).toEqualTypeOf<Config>());

// Constants, objects and arrays.
expectTypeOf(configOf({ epochs: 10, name: 'run', model: { units: [randint(1, 9), 32], act: choice(['relu', 'tanh']) } })).toEqualTypeOf<{
  epochs: number;
  name: string;
  model: { units: number[]; act: 'relu' | 'tanh' };
}>();

// A grid in a sub-space, options that are domains, options that are arrays, the JSON form.
expectTypeOf(configOf({ model: choice([{ kind: 'mlp', layers: gridSearch([1, 2]) }, { kind: 'linear' }]) })).toEqualTypeOf<{
  model: { kind: 'mlp'; layers: 1 | 2 } | { kind: 'linear' };
}>();
expectTypeOf(configOf({ x: gridSearch([uniform(0, 1), 'auto']), layers: choice([[32, 16], [64]]) })).toEqualTypeOf<{
  x: number | 'auto';
  layers: [32, 16] | [64];
}>();
expectTypeOf(configOf({ x: { grid_search: [1, 2] } })).toEqualTypeOf<{ x: number }>();

// A space for a trainable.
const train = (config: { lr: number; momentum: number }): number => config.lr;
expectTypeOf(tune(train, { paramSpace: { lr: loguniform(1e-3, 1e-1), momentum: choice([0.8, 0.9, 0.99]) } })).toEqualTypeOf<{
  lr: number;
  momentum: 0.8 | 0.9 | 0.99;
}>();
expectTypeOf(tune(train, { paramSpace: { lr: expr('momentum / 10'), momentum: sampleFrom(() => 0.5) } })).toEqualTypeOf<{ lr: number; momentum: number }>();
tune(train, { paramSpace: { lr: 0.1, momentum: { grid_search: [0.8, uniform(0, 1)] } } });

// @ts-expect-error Property 'momentum' is missing
tune(train, { paramSpace: { lr: uniform(0, 1) } });
// @ts-expect-error Property 'lr' is missing
tune(train, { paramSpace: { l: uniform(0, 1), momentum: 0.9 } });
// @ts-expect-error 'fast' is no number
tune(train, { paramSpace: { lr: choice([0.1, 'fast']), momentum: 0.9 } });
// @ts-expect-error a string is no number
tune(train, { paramSpace: { lr: '0.1', momentum: 0.9 } });
tune(train, { paramSpace: { base: uniform(0, 1), lr: expr('base / 10'), momentum: 0.9 } });

const optional = (_config: { lr: number; decay?: number }): void => undefined;
tune(optional, { paramSpace: { lr: uniform(0, 1) } });
tune(optional, { paramSpace: { lr: uniform(0, 1), decay: 0.1 } });
// @ts-expect-error "decya" is not a key of the trainable's config
tune(optional, { paramSpace: { lr: uniform(0, 1), decya: uniform(0, 1) } });

// Nested and conditional configurations.
type Nested = { model: { units: number[]; act: 'relu' | 'tanh' }; optimizer: { kind: 'sgd'; lr: number } | { kind: 'adam'; beta: number } };
const nested = (_config: Nested): void => undefined;
tune(nested, {
  paramSpace: {
    model: { units: [randint(1, 9), 32], act: 'relu' },
    optimizer: choice([
      { kind: 'sgd', lr: uniform(0, 1) },
      { kind: 'adam', beta: 0.9 },
    ]),
  },
});
tune(nested, { paramSpace: { model: { units: choice([[1, 2], [3]]), act: choice(['relu', 'tanh']) }, optimizer: { kind: 'sgd', lr: uniform(0, 1) } } });
// @ts-expect-error 'sigmoid' is no activation
tune(nested, { paramSpace: { model: { units: [1], act: choice(['relu', 'sigmoid']) }, optimizer: { kind: 'sgd', lr: 1 } } });
// @ts-expect-error Property 'beta' is missing
tune(nested, { paramSpace: { model: { units: [1], act: 'relu' }, optimizer: choice([{ kind: 'adam', lr: uniform(0, 1) }]) } });
// @ts-expect-error Property 'units' is missing
tune(nested, { paramSpace: { model: { act: 'relu' }, optimizer: { kind: 'sgd', lr: uniform(0, 1) } } });

// An untyped trainable takes any space, and the result is still typed.
const untyped = (_config: Config): void => undefined;
expectTypeOf(tune(untyped, { paramSpace: { lr: uniform(0, 1), name: 'x' } })).toEqualTypeOf<{ lr: number; name: string }>();
const space = { lr: uniform(0, 1), momentum: choice([0.8, 0.9]) };
expectTypeOf(tune(train, { paramSpace: space })).toEqualTypeOf<{ lr: number; momentum: 0.8 | 0.9 }>();
interface TrainConfig {
  lr: number;
  epochs: number;
  name: string;
}
expectTypeOf(tune((_config: TrainConfig) => 0, { paramSpace: { lr: uniform(0, 1), epochs: 10, name: 'x' } })).toExtend<TrainConfig>();
