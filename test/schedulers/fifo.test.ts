import { expect, test } from 'vitest';
import { fifo } from '../../schedulers/fifo.ts';
import { play, reported } from '../schedule/play.ts';

test('fifo decides nothing', () => {
  expect(fifo().uses).toEqual([]);
  expect(play(fifo(), [{ kind: 'idle' }, reported(0, 1, 9), reported(1, 1, Number.NaN), { kind: 'stalled' }])).toEqual([[], [], [], []]);
});
