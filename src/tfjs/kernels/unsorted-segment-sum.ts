import type { TensorFlow } from '../tensor-flow.ts';
import { input, type WasmKernel } from './wasm-backend.ts';

/** The rows of x summed by the segment that each belongs to: what a gathering, such as an embedding, has as its gradient. */
export const unsortedSegmentSum =
  (_tf: TensorFlow): WasmKernel =>
  (call) => {
    const { attrs, backend } = call;
    const [x, ids] = [input(call, 'x'), input(call, 'segmentIds')];
    const segments = attrs['numSegments'] as number;
    const row = x.shape.slice(ids.shape.length);
    const size = row.reduce((product, side) => product * side, 1);
    const sums = backend.makeOutput([segments, ...row], 'float32');
    const [values, segmentOf, to] = [backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(ids), backend.typedArrayFromHeap(sums)];
    to.fill(0);
    for (let i = 0; i < segmentOf.length; i++) {
      const segment = segmentOf[i] as number;
      if (segment < 0 || segment >= segments) continue; // belongs to none
      let at = segment * size;
      for (let from = i * size; from < (i + 1) * size; from++, at++) to[at] = (to[at] as number) + (values[from] as number);
    }
    return sums;
  };
