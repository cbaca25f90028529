import { expect } from 'vitest';

/** What a model did from the same checkpoint, or from ones that two backends wrote after the same steps. */
export interface GoneOn {
  readonly loss: number;
  readonly predictions: readonly number[];
}

/** To what backends may differ in a step. */
const TOLERANCE = 1e-4;

export function expectAlike(went: readonly GoneOn[]): void {
  expect(went).toHaveLength(4);
  const [first, ...others] = went as readonly [GoneOn, ...GoneOn[]];
  expect(first.predictions.length).toBeGreaterThan(0);
  for (const { loss, predictions } of others) {
    expect(Math.abs(loss - first.loss)).toBeLessThan(TOLERANCE);
    predictions.forEach((value, at) => expect(Math.abs(value - Number(first.predictions[at]))).toBeLessThan(TOLERANCE));
  }
}
