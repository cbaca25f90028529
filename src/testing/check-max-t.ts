import { checkNumber, checkOptions } from '../base/options.ts';

/** The `maxT` of a family of curves. @param others - the options that it has besides. @throws {AttuneError} `OPTION_UNKNOWN`, `OPTION_RANGE` */
export function checkMaxT(where: string, options: { readonly maxT?: number }, byDefault: number, ...others: readonly string[]): number {
  checkOptions(where, options, ['maxT', ...others]);
  const { maxT = byDefault } = options;
  checkNumber(where, 'maxT', maxT, 'an integer >= 1', (n) => Number.isSafeInteger(n) && n >= 1);
  return maxT;
}
