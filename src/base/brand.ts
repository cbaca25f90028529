declare const brand: unique symbol;

/** A `T` that only its maker can make: `TrialId` and `RunId` are both numbers, and neither passes for the other. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
