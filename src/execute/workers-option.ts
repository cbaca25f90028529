import { checkNumber } from '../base/options.ts';

/** @throws {AttuneError} `OPTION_RANGE` unless `workers` is an integer >= 1 */
export function checkWorkers(where: string, workers: number): void {
  checkNumber(where, 'workers', workers, 'an integer >= 1', (value) => Number.isSafeInteger(value) && value >= 1);
}

/** @throws {AttuneError} `OPTION_RANGE` unless `memoryMb` is an integer >= `least` */
export function checkMemory(where: string, memoryMb: number, least: number): void {
  checkNumber(where, 'memoryMb', memoryMb, `an integer >= ${least}`, (value) => Number.isSafeInteger(value) && value >= least);
}
