/** Equal up to a relative error of 1e-9. */
export const isClose = (a: number, b: number): boolean => a === b || Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));

/** `count * q` as one would write it: 3 * 0.1 is 0.3. */
export function multiple(count: number, q: number): number {
  const product = count * q;
  const decimals = Number.isInteger(q) ? 0 : decimalsOf(q);
  const written = decimals === 0 || decimals > 100 || Math.abs(product) >= 1e15 ? product : Number(product.toFixed(decimals));
  return written + 0; // no -0
}

function decimalsOf(q: number): number {
  const [mantissa = '', exponent = '0'] = String(q).split('e');
  return Math.max(0, (mantissa.split('.')[1]?.length ?? 0) - Number(exponent));
}
