// @ts-expect-error -- Node cannot run an enum, vitest and tsx can
export enum Sign {
  Plus = 1,
}
export const centre = 3;
