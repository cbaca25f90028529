import { AttuneError } from '../../base/errors.ts';
import { oneLine } from '../../base/one-line.ts';
import { toErrorData } from '../../trial/error-data.ts';
import type { ErrorData } from '../../trial/events.ts';
import type { Run } from '../executor.ts';
import { type Device, namesOf } from './device.ts';

/** How TensorFlow, CUDA and Dawn say that the memory of a device is full. */
const FULL = [
  /OOM when allocating tensor/i,
  /RESOURCE[_ ]EXHAUSTED: .*(?:OOM|memory|alloc)/i,
  /CUDA_ERROR_OUT_OF_MEMORY|cudaErrorMemoryAllocation|CUDA out of memory/i,
  /CUBLAS_STATUS_ALLOC_FAILED|CUDNN_STATUS_ALLOC_FAILED/,
  /Dst tensor is not initialized/, // what TensorFlow says when the copy to a full device has failed
  /VK_ERROR_OUT_OF_(?:DEVICE|HOST|POOL)_MEMORY|ERROR_OUT_OF_DEVICE_MEMORY/,
  /GPUOutOfMemoryError|E_OUTOFMEMORY/,
  /\b(?:device|adapter|webgpu|gpu|buffer|texture)\b.*\bout of memory\b|\bout of memory\b.*\b(?:device|adapter|webgpu|gpu|buffer|texture)\b/i,
  /is too large for the implementation when mappedAtCreation/, // Dawn's createBuffer
];

/** The same words are said of the memory of the machine. */
const OF_THE_MACHINE = /device:CPU:|by allocator (?:mkl)?cpu|JavaScript heap|WebAssembly/i;

const MOST_CAUSES = 8;
const LONGEST_LINE = 300;
const LONGEST_CONFIG = 1000;

/** The line of a text which says that the memory of a device is full, if one does. */
export function deviceMemoryLine(text: string): string | undefined {
  return text.split('\n').find((line) => FULL.some((pattern) => pattern.test(line)) && !OF_THE_MACHINE.test(line));
}

/** The line of an error, or of what caused it, which says that the memory of a device is full. */
export function deviceMemoryLineOf(error: ErrorData, causes = MOST_CAUSES): string | undefined {
  if (error.code === 'OUT_OF_MEMORY') return undefined; // memoryMb: the machine's
  const own = deviceMemoryLine(`${error.name}: ${error.message}`);
  return own ?? (error.cause && causes > 0 ? deviceMemoryLineOf(error.cause, causes - 1) : undefined);
}

/**
 * How a run that has devices has failed: `DEVICE_OUT_OF_MEMORY` when that was for want of their memory. One that had its
 * device for itself is told what it was that does not fit.
 */
export function deviceMemoryError({ name, config, alone }: Pick<Run, 'name' | 'config' | 'alone'>, devices: readonly Device[], error: ErrorData): ErrorData {
  const line = devices.length === 0 ? undefined : deviceMemoryLineOf(error);
  if (line === undefined) return error;
  const got = JSON.stringify(oneLine(line.trim(), LONGEST_LINE));
  const where = namesOf(devices);
  const problem = alone
    ? `${name}: expected the configuration ${oneLine(JSON.stringify(config), LONGEST_CONFIG)} to fit into the memory of ${where}, which it had for itself, got ${got}.`
    : `${name}: expected it to fit into the memory of ${where}, got ${got}.`;
  const hint = alone
    ? 'Keep such configurations out of the space (a smaller batch or model), or give them a device with more memory.'
    : 'It is tried again with the device for itself. A larger resources.gpu, or gpuMemoryMb, lets fewer trials share one.';
  return toErrorData(new AttuneError('DEVICE_OUT_OF_MEMORY', problem, { hint, cause: error }));
}
