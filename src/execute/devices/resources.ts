import { editDistance, nearest } from '../../base/edit-distance.ts';
import { AttuneError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { checkNumber, describe } from '../../base/options.ts';

/** What the engine reads of `runConfig.resources`; what else it holds is for the trials. */
export interface Resources {
  /** Cores. */
  readonly cpu?: number;
  /** A share of a device, at most 1, or a whole number of devices; 0: none. */
  readonly gpu?: number;
  /** Megabytes of each of its devices. */
  readonly gpuMemoryMb?: number;
}

/** What a trial is told when nothing was asked for, and nothing is shared out. */
export const NO_RESOURCES = { cpu: 1 } as const;

const AMOUNTS = ['cpu', 'gpu', 'gpuMemoryMb'] as const satisfies readonly (keyof Resources)[];

/** Less would be thousands of trials at once. */
const LEAST_CPU = 0.01;

/** @throws {AttuneError} `OPTION_RANGE` for amounts that cannot be shared out anywhere; `OPTION_UNKNOWN` for a name that is nearly one of ours */
export function checkResources(where: string, resources: JsonObject): void {
  const { cpu, gpu, gpuMemoryMb } = resources;
  checkSpelling(where, resources);
  const isAmount = (n: number): boolean => n > 0 && Number.isFinite(n);
  if (cpu !== undefined) checkNumber(where, 'resources.cpu', cpu, `a finite number >= ${LEAST_CPU}`, (n) => n >= LEAST_CPU && Number.isFinite(n));
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

/** Trials may be told of amounts of their own, but one that is nearly ours is meant to be ours. */
function checkSpelling(where: string, resources: JsonObject): void {
  for (const name of Object.keys(resources)) {
    const meant = nearest(name, AMOUNTS) ?? '';
    if (name === meant) continue;
    const isNear = name[0]?.toLowerCase() === meant[0] && editDistance(name.toLowerCase(), meant.toLowerCase()) <= meant.length / 3;
    if (!isNear) continue;
    const problem = `${where}: expected resources among ${AMOUNTS.join(', ')}, or of another name, got ${describe(name)}.`;
    throw new AttuneError('OPTION_UNKNOWN', problem, { hint: `Did you mean "${meant}"?` });
  }
}
