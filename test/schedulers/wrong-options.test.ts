import { expect, test } from 'vitest';
import { asha } from '../../schedulers/asha.ts';
import { hyperband } from '../../schedulers/hyperband.ts';
import { medianStopping } from '../../schedulers/median-stopping.ts';
import { moAsha } from '../../schedulers/mo-asha.ts';
import { pbt } from '../../schedulers/pbt.ts';
import { percentileStopping } from '../../schedulers/percentile-stopping.ts';
import { Tuner, uniform } from '../../src/index.ts';

const population = { hyperparamMutations: { lr: uniform(0, 1) } };

/** Refused before anything runs, in words that say which option of which scheduler, and what it may be. */
test.each<readonly [string, () => unknown, string]>([
  ['maxT < gracePeriod', () => asha({ maxT: 5, gracePeriod: 6 }), 'asha: expected gracePeriod to be a number > 0 and <= maxT = 5, got 6.'],
  ['maxT < gracePeriod', () => moAsha({ maxT: 5, gracePeriod: 6 }), 'moAsha: expected gracePeriod to be a number > 0 and <= maxT = 5, got 6.'],
  ['a maxT below the first rung', () => hyperband({ maxT: 0.5 }), 'hyperband: expected maxT to be a finite number >= 1, got 0.5.'],
  ['eta = 1', () => asha({ reductionFactor: 1 }), 'asha: expected reductionFactor to be a finite number > 1, got 1.'],
  ['eta < 1', () => moAsha({ reductionFactor: 0.5 }), 'moAsha: expected reductionFactor to be a finite number > 1, got 0.5.'],
  ['eta = 1', () => hyperband({ reductionFactor: 1 }), 'hyperband: expected reductionFactor to be a finite number > 1, got 1.'],
  ['a quantile > 0.5', () => pbt({ ...population, quantileFraction: 0.6 }), 'pbt: expected quantileFraction to be a number from 0 to 0.5, got 0.6.'],
  ['a quantile < 0', () => pbt({ ...population, quantileFraction: -0.1 }), 'pbt: expected quantileFraction to be a number from 0 to 0.5, got -0.1.'],
  ['a percentile > 100', () => percentileStopping({ percentile: 101 }), 'percentileStopping: expected percentile to be a number from 0 to 100, got 101.'],
  ['nothing to explore', () => pbt({}), 'pbt: expected hyperparamMutations or customExplore, got neither.'],
  [
    'a mutation of a key that is not in the space',
    () => pbt({ hyperparamMutations: { lrr: uniform(0, 1) } }),
    'pbt: hyperparamMutations: expected keys of the space (lr), got "lrr". Hint: Did you mean "lr"?',
  ],
  ['no name for the time attribute', () => medianStopping({ timeAttr: '' }), 'medianStopping: expected timeAttr to be the name of a metric, got "".'],
  ['a scheduler that was not called', () => hyperband, 'got the function hyperband. Hint: Call it: scheduler: hyperband(…).'],
])('refuses %s: %#', (_, make, message) => {
  const start = () =>
    new Tuner(() => ({ loss: 0 }), { paramSpace: { lr: uniform(0, 1) }, tuneConfig: { metric: 'loss', mode: 'min', scheduler: make() as never } });
  expect(start).toThrow(message);
});
