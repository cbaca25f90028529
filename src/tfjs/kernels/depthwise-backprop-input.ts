import { backpropInput, type TurnFilter } from './backprop-input.ts';
import type { Shape4 } from './wasm-backend.ts';

/** Rows and columns backwards, for as many channels as dy has. */
const turnFilter: TurnFilter = (backend, filter, [row, column]) => {
  const [, width, inChannels, each] = filter.shape as Shape4;
  const channels = inChannels * each;
  const turned = backend.makeOutput([row.taps, column.taps, channels, 1], 'float32');
  const [from, to] = [backend.typedArrayFromHeap(filter), backend.typedArrayFromHeap(turned)];
  let at = 0;
  for (let r = row.tap + (row.taps - 1) * row.stride; r >= 0; r -= row.stride) {
    for (let c = column.tap + (column.taps - 1) * column.stride; c >= 0; c -= column.stride) {
      const first = (r * width + c) * channels;
      for (let channel = 0; channel < channels; channel++) to[at++] = from[first + channel] as number;
    }
  }
  return turned;
};

/** `inPhases` sums up the channels that came of one of the input. */
export const depthwiseBackpropInput = backpropInput('DepthwiseConv2dNative', turnFilter);
