import type { Produces } from './domain-brand.ts';

/** The configurations that a space produces: `ConfigOf<typeof space>`. */
export type ConfigOf<S> = OptionOf<S>;

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
