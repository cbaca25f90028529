import { LOG_ROOT_TAU, logPhi } from '../../src/base/numeric/truncated-normal.ts';

/** Below this the difference of two terms would have no digits left. */
const FAR = -25;

/**
 * log(φ(z) + z Φ(z)): the logarithm of how much a standard normal number is expected to exceed -z.
 *
 * @see Ament et al. 2023, "Unexpected improvements to expected improvement", arXiv 2310.20708, equation 9
 */
export function logExcess(z: number): number {
  if (z > -1) return Math.log(Math.exp(-(z * z) / 2 - LOG_ROOT_TAU) + z * Math.exp(logPhi(z)));
  if (z > FAR) return Math.log1p(z * Math.exp(logPhi(z) + (z * z) / 2 + LOG_ROOT_TAU)) - (z * z) / 2 - LOG_ROOT_TAU;
  const w = 1 / (z * z);
  return Math.log(w) + Math.log1p(-w * (3 - w * (15 - w * (105 - w * (945 - w * 10395))))) - (z * z) / 2 - LOG_ROOT_TAU;
}

/** What `logExcess` becomes with z, given its value there. */
export const excessSlope = (z: number, value: number): number => Math.exp(logPhi(z) - value);
