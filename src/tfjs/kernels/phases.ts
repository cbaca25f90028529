import type { TensorInfo } from '../tensor-flow.ts';
import type { Shape4, WasmBackend } from './wasm-backend.ts';

/**
 * With a stride of s, only every s-th row of the filter meets the rows `first`, `first + s`, … of the input. So the gradient
 * of a convolution by its input consists of s phases (s × s of rows and columns), each a convolution of dy without stride.
 */
export interface Phase {
  /** These rows of the input: `first`, `first + stride`, …, so many of them. */
  readonly first: number;
  readonly count: number;
  readonly stride: number;
  /** These rows of the filter: `tap`, `tap + stride`, …, so many of them. */
  readonly tap: number;
  readonly taps: number;
  /** The row of dy at which the window of `first` begins. It may lie before the first row. */
  readonly from: number;
}

interface Side {
  readonly size: number;
  readonly taps: number;
  readonly stride: number;
  readonly pad: number;
}

/** The phases of the rows (or of the columns) that have a row of the input and one of the filter. The other rows have a gradient of 0. */
export function phases({ size, taps, stride, pad }: Side): readonly Phase[] {
  return Array.from({ length: Math.min(stride, taps) }, (_, tap) => {
    const before = Math.max(0, Math.ceil((pad - tap) / stride));
    const first = stride * before + tap - pad;
    const own = Math.ceil((taps - tap) / stride);
    return { first, count: Math.ceil((size - first) / stride), stride, tap, taps: own, from: before - own + 1 };
  }).filter(({ count }) => count > 0);
}

/** What the phase sees of the first `height` rows and `width` columns of dy, with zeros around them. */
export function frame(backend: WasmBackend, dy: TensorInfo, [row, column]: readonly [Phase, Phase], [height, width]: readonly [number, number]): TensorInfo {
  const [pictures, allRows, allColumns, channels] = dy.shape as Shape4;
  const [rows, columns] = [row.count + row.taps - 1, column.count + column.taps - 1];
  const framed = backend.makeOutput([pictures, rows, columns, channels], 'float32');
  const [from, to] = [backend.typedArrayFromHeap(dy), backend.typedArrayFromHeap(framed)];
  const [left, right] = [Math.max(0, column.from), Math.min(width, column.from + columns)];
  to.fill(0);
  for (let picture = 0; left < right && picture < pictures; picture++) {
    for (let r = Math.max(0, row.from); r < Math.min(height, row.from + rows); r++) {
      const start = (picture * allRows + r) * allColumns;
      const at = ((picture * rows + r - row.from) * columns + left - column.from) * channels;
      to.set(from.subarray((start + left) * channels, (start + right) * channels), at);
    }
  }
  return framed;
}

/** Writes the gradient of a phase to its rows and columns; of several channels of `part` for one of `whole`, their sum. */
function spread(backend: WasmBackend, part: TensorInfo, whole: TensorInfo, [row, column]: readonly [Phase, Phase]): void {
  const [pictures, height, width, channels] = whole.shape as Shape4;
  const each = (part.shape[3] as number) / channels;
  const [from, to] = [backend.typedArrayFromHeap(part), backend.typedArrayFromHeap(whole)];
  let at = 0;
  for (let picture = 0; picture < pictures; picture++) {
    for (let r = row.first; r < height; r += row.stride) {
      for (let c = column.first; c < width; c += column.stride) {
        const first = ((picture * height + r) * width + c) * channels;
        for (let channel = first; channel < first + channels; channel++) {
          let sum = 0;
          for (const end = at + each; at < end; ) sum += from[at++] as number;
          to[channel] = sum;
        }
      }
    }
  }
}

interface Parts {
  readonly rows: readonly Phase[];
  readonly columns: readonly Phase[];
  /** The gradient of the rows and columns of a phase. */
  readonly part: (both: readonly [Phase, Phase]) => TensorInfo;
}

/** The gradient, put together from its phases. */
export function inPhases(backend: WasmBackend, shape: Shape4, { rows, columns, part }: Parts): TensorInfo {
  const [row, column] = [rows[0], columns[0]];
  const only = row?.stride === 1 && column?.stride === 1 ? part([row, column]) : undefined;
  if (only?.shape[3] === shape[3]) return only as TensorInfo;
  const whole = backend.makeOutput(shape, 'float32');
  backend.typedArrayFromHeap(whole).fill(0);
  for (const r of rows) {
    for (const c of columns) {
      const gradient = only ?? part([r, c]);
      spread(backend, gradient, whole, [r, c]);
      backend.disposeData(gradient.dataId);
    }
  }
  return whole;
}
