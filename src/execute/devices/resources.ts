import { AttuneError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { checkNumber } from '../../base/options.ts';

/** What the engine reads of `runConfig.resources`; what else it holds is for the trials. */
export interface Resources {
  /** Cores. */
  readonly cpu?: number;
  /** A share of a device, at most 1, or a whole number of devices; 0: none. */
  readonly gpu?: number;
  /** Megabytes of each of its devices. */
  readonly gpuMemoryMb?: number;
}

/** What is recorded when nothing was asked for. */
export const NO_RESOURCES = { cpu: 1 } as const;

/** @throws {AttuneError} `OPTION_RANGE` for amounts that cannot be shared out anywhere */
export function checkResources(where: string, resources: JsonObject): void {
  const { cpu, gpu, gpuMemoryMb } = resources;
  const isAmount = (n: number): boolean => n > 0 && Number.isFinite(n);
  if (cpu !== undefined) checkNumber(where, 'resources.cpu', cpu, 'a finite number > 0', isAmount);
  if (gpu !== undefined) {
    checkNumber(
      where,
      'resources.gpu',
      gpu,
      'a share of a device > 0 and <= 1, or a whole number of devices',
      (n) => n >= 0 && (n <= 1 || Number.isSafeInteger(n)),
    );
  }
  if (gpuMemoryMb === undefined) return;
  checkNumber(where, 'resources.gpuMemoryMb', gpuMemoryMb, 'a finite number > 0', isAmount);
  if (gpu === undefined || gpu === 0) {
    throw new AttuneError('OPTION_RANGE', `${where}: expected resources.gpu with resources.gpuMemoryMb, got none.`, {
      hint: 'Write resources: { gpu: 0.25, gpuMemoryMb: 4000 }.',
    });
  }
}
