import type { Produces } from './domain-brand.ts';
import type { SpaceFor } from './space-for.ts';

/** The configurations that a space produces: `ConfigOf<typeof space>`. */
export type ConfigOf<S> = OptionOf<S>;

/** The configurations that a space `S` gives a trainable that takes `C`; those of `C` when nothing more is known of the space. */
export type ConfigFor<C, S> = [SpaceFor<C>] extends [S] ? C : ConfigOf<S>;

/** What a value, a domain or a sub-space becomes in a configuration; distributes over unions, so tags narrow. */
export type OptionOf<S> =
  S extends Produces<infer T>
    ? T
    : S extends { readonly grid_search: readonly (infer O)[] }
      ? OptionOf<O>
      : S extends string | number | boolean | null
        ? S
        : S extends object
          ? { -readonly [K in keyof S]: OptionOf<S[K]> }
          : S;

/** A configuration of which values may be missing, at any depth but within arrays. */
export type PartialConfig<C> = C extends readonly unknown[]
  ? C
  : C extends object
    ? string extends keyof C
      ? C
      : { readonly [K in keyof C]?: PartialConfig<C[K]> }
    : C;
