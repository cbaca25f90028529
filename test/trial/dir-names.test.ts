import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dirNames } from '../../src/trial/dir-names.ts';
import { trialId, trialName } from '../../src/trial/ids.ts';
import { hostileText, sameFile, wrongWith } from '../base/hostile-names.ts';

const OURS = ['journal.jsonl', 'experiment.json', 'lock'];
const id = (n: number): string => trialName(7, trialId(n));

describe('folder names of trials', () => {
  test('are those that are wanted, as long as they are portable and free', () => {
    const free = dirNames(OURS);
    expect(['a', 'B 2', 'números', 'a', 'b 2', 'a:b', '', '..', 'LOCK'].map((wanted, i) => free(wanted, id(i)))).toEqual([
      'a',
      'B 2',
      'números',
      `a_${id(3)}`,
      `b 2_${id(4)}`,
      'a_b',
      `_${id(6)}`,
      `.._${id(7)}`,
      `LOCK_${id(8)}`,
    ]);
  });

  test('are numbered when even the id does not tell them apart', () => {
    const free = dirNames([]);
    expect([free(`a_${id(2)}`, id(0)), free('a', id(1)), free('a', id(2)), free('a', id(2))]).toEqual([`a_${id(2)}`, 'a', `a_${id(2)}-2`, `a_${id(2)}-3`]);
  });

  test('are portable and differ, case ignored, whatever is wanted', () => {
    const wanted = fc.array(fc.oneof(hostileText, fc.constantFrom('a', 'A', 'x'.repeat(200), 'lock', 'Journal.JSONL', `a_${id(1)}`)), { maxLength: 12 });
    fc.assert(
      fc.property(wanted, (all) => {
        const free = dirNames(OURS);
        const names = [...all.map((text, i) => free(text, id(i)))];
        expect(names.flatMap(wrongWith)).toEqual([]);
        const standing = [...OURS, ...names];
        expect(standing.filter((name, i) => standing.findIndex((other) => sameFile(name, other)) !== i)).toEqual([]);
      }),
    );
  });
});
