/** Closes a `switch` over a union: a new member makes the call a type error, and a bug in our own code ends here. */
export function unreachable(value: never, what = 'value'): never {
  throw new Error(`attune: unexpected ${what}: ${JSON.stringify(value)}. This is a bug in attune; please report it.`);
}
