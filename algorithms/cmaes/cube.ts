import { cell, type NumericAxis, settled } from '../../src/space/axis.ts';

/** Where a number lies on its side of a cube: 0 is `from`, 1 is `to`. */
export const toCube = ({ from, to }: NumericAxis, encoded: number): number => (encoded - from) / (to - from);
const fromCube = ({ from, to }: NumericAxis, position: number): number => from + position * (to - from);

/** The number that encodes the value at a position. */
export const encodedAt = (axis: NumericAxis, position: number): number => settled(axis, fromCube(axis, position));

/** Between which positions there are points: infinite for a normal domain, and where steps are rounded to the nearest. */
export const endsOf = ({ step, low, high }: NumericAxis): readonly [number, number] => {
  return [step > 0 || low === -Infinity ? -Infinity : 0, step > 0 || high === Infinity ? Infinity : 1];
};

/** The ends of the cell of the stepped value at a position; infinite where no other value follows. */
export function cellAt(axis: NumericAxis, position: number): readonly [number, number] {
  const [low, high] = cell(axis, encodedAt(axis, position)).map((end) => toCube(axis, end)) as [number, number];
  const near = (high - low) / 4;
  return [axis.low === -Infinity || low > near ? low : -Infinity, axis.high === Infinity || high < 1 - near ? high : Infinity];
}
