import { expect, test } from 'vitest';
import { exploreByBandit } from '../../../schedulers/pb2/explore.ts';
import type { Gain, Member, PopulationState } from '../../../schedulers/pbt.ts';
import { rng } from '../../../src/base/rng.ts';
import { loguniform } from '../../../src/space/domains.ts';
import { compileSpace } from '../../../src/space/space.ts';
import { trialId } from '../../../src/trial/ids.ts';

const space = compileSpace({ lr: loguniform(1e-4, 1) });
const bounds = [{ path: ['lr'], name: 'lr', lower: 1e-4, upper: 1 }];
const gains: Gain[] = [{ time: 1, loss: 1, trial: 1, rate: 1, values: [0.01] }];
const member = (lr: number, more: Partial<Member> = {}): Member => ({ config: { lr }, status: 'running', time: 2, loss: 0, exploits: 0, ...more });

/** The logarithm of the lr with which trial 0 goes on from trial 1. */
function explored(others: readonly Member[] = []): number {
  const members = Object.fromEntries([member(0.5, { loss: 9 }), member(0.01), ...others].map((one, trial) => [trial, one]));
  const state: PopulationState = { members, gains, next: 1, exhausted: true, searcher: 'waits', saved: true, warned: false };
  const { lr } = exploreByBandit(state, { target: trialId(0), source: trialId(1) }, { space, bounds, interval: 1 }, rng(1));
  return Math.log10(lr as number);
}

const free = explored();

test('another goes elsewhere than one that is trained with these numbers already', () => {
  expect(Math.abs(explored([member(10 ** free)]) - free)).toBeGreaterThan(0.5);
});

test('and than one that is about to be: an exploit under way counts by its new configuration', () => {
  const taken = member(0.01, { takes: { time: 2, loss: 0, config: { lr: 10 ** free } } });
  expect(Math.abs(explored([taken]) - free)).toBeGreaterThan(0.5);
});

test('one that has failed, or that somebody else has paused, does not count', () => {
  expect(explored([member(10 ** free, { status: 'failed' }), member(10 ** free, { status: 'held' })])).toBe(free);
});

test('of very many at most 100 count: a decision stays short', () => {
  const crowd = Array.from({ length: 1000 }, (_, i) => member(10 ** (-4 * (i / 1000)), { time: i }));
  expect(explored(crowd)).toBe(explored(crowd.slice(-100)));
});
