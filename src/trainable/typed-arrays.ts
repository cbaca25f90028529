/** Deeper than this is a circle, which whoever checks the values says. */
const MAX_DEPTH = 64;

/** Typed arrays of numbers become lists, at any depth of plain objects and lists; everything else stays as it is. */
export function listsOf(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return value;
  if (ArrayBuffer.isView(value)) return isNumeric(value) ? Array.from(value) : value;
  if (Array.isArray(value)) return value.map((inner) => listsOf(inner, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, listsOf(inner, depth + 1)]));
}

const isNumeric = (view: ArrayBufferView): view is ArrayBufferView & ArrayLike<number> =>
  !(view instanceof DataView) && !(view instanceof BigInt64Array) && !(view instanceof BigUint64Array);
