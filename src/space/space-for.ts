import type { Produces } from './domain-brand.ts';

/** A space of which nothing more is known: an object of domains, values, and objects and arrays of these. */
export type SpaceInput = { readonly [key: string]: unknown };

/**
 * The spaces that produce configurations of type `C`: each key is there, and is a value, a domain that gives one, or made of such.
 * Of an untyped configuration (`any`, `unknown`, or plain JSON) every space is one.
 */
export type SpaceFor<C> = IsLoose<C> extends true ? SpaceInput : { readonly [K in keyof C]: PartFor<C[K]> };

type PartFor<T> =
  | Produces<T>
  | { readonly grid_search: readonly PartFor<T>[] }
  | (T extends string | number | boolean | bigint | symbol | null | undefined
      ? T
      : IsLoose<T> extends true
        ? unknown
        : T extends readonly (infer E)[]
          ? number extends T['length']
            ? readonly PartFor<E>[]
            : { readonly [K in keyof T]: PartFor<T[K]> }
          : T extends object
            ? { readonly [K in keyof T]: PartFor<T[K]> }
            : T);

/** `any`, `unknown`, and types with any key, such as `Config`. */
type IsLoose<C> = unknown extends C ? true : C extends readonly unknown[] ? false : string extends keyof C ? true : false;

/**
 * Refuses a misspelt optional key. `S & NoStrayKeys<S, C>` makes an unknown key of `S` a type error while an optional key of `C` is
 * missing from it; other unknown keys are fine, since an `expr` may need a parameter that the trainable does not read.
 */
export type NoStrayKeys<S, C> =
  IsLoose<C> extends true
    ? unknown
    : [Exclude<keyof C, keyof S>] extends [never]
      ? unknown
      : { readonly [K in Exclude<keyof S, keyof C>]: { readonly "is not a key of the trainable's config": K } };
