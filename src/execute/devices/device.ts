/** An accelerator that trials are given. */
export interface Device {
  /** `cuda:0`, by its index in nvidia-smi; `webgpu:NVIDIA H200`, by the name of its adapter. */
  readonly id: string;
  readonly name: string;
  /** All of its memory, in megabytes of 2^20 bytes; absent when nobody says. */
  readonly memoryMb?: number;
  readonly uuid?: string;
  /** The version of its driver. */
  readonly driver?: string;
  /** What names it in `CUDA_VISIBLE_DEVICES`, its UUID where that is known; absent for what is no CUDA device. */
  readonly cuda?: string;
}

/** `cuda:0, cuda:1`; `none`. */
export const namesOf = (devices: readonly Device[]): string => devices.map(({ id }) => id).join(', ') || 'none';

/** What a trial is told it runs on: `cuda:0`, several joined by a comma. */
export const deviceText = (devices: readonly Device[]): string | undefined => (devices.length === 0 ? undefined : devices.map(({ id }) => id).join(','));
