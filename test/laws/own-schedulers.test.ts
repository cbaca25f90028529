import { expect, test } from 'vitest';
import * as schedulers from '../../schedulers/index.ts';
import { keepLaws } from './keep-laws.ts';
import { OWN } from './own-schedulers.ts';

test('every scheduler of ours is on trial', () => {
  const tried = new Set(OWN.map(({ make }) => make({ metric: 'value', mode: 'min' }).name));
  expect(Object.keys(schedulers).filter((name) => !tried.has(name))).toEqual([]);
});

keepLaws(OWN.filter(({ options }) => options.family !== 'pbt'));
