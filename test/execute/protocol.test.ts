import { expect, test } from 'vitest';
import { parseFromThread } from '../../src/execute/protocol.ts';

test('a thread that is worn ends its own run, not another', () => {
  const worn = (run: number, ended: unknown) => parseFromThread({ kind: 'worn', run, ended });
  expect(worn(3, { kind: 'ended', run: 3, how: 'stopped' })).toMatchObject({ kind: 'worn', run: 3 });
  expect(worn(3, { kind: 'ended', run: 4, how: 'stopped' })).toBeUndefined();
  expect(worn(3, { kind: 'ended', how: 'stopped' })).toBeUndefined();
  expect(worn(3, undefined)).toBeUndefined();
});
