import { backpropInput, type TurnFilter } from './backprop-input.ts';
import type { Shape4 } from './wasm-backend.ts';

/** Rows and columns backwards, input and output channels changed over. */
const turnFilter: TurnFilter = (backend, filter, [row, column]) => {
  const [, width, inChannels, outChannels] = filter.shape as Shape4;
  const turned = backend.makeOutput([row.taps, column.taps, outChannels, inChannels], 'float32');
  const [from, to] = [backend.typedArrayFromHeap(filter), backend.typedArrayFromHeap(turned)];
  let at = 0;
  for (let r = row.tap + (row.taps - 1) * row.stride; r >= 0; r -= row.stride) {
    for (let c = column.tap + (column.taps - 1) * column.stride; c >= 0; c -= column.stride) {
      const first = (r * width + c) * inChannels * outChannels;
      for (let o = 0; o < outChannels; o++) for (let i = 0; i < inChannels; i++) to[at++] = from[first + i * outChannels + o] as number;
    }
  }
  return turned;
};

/** wasm has it too, at a tenth of the speed. */
export const conv2DBackpropInput = backpropInput('Conv2D', turnFilter);
