import { describe, expect, test } from 'vitest';
import { choice, expr, gridSearch, sampleFrom, uniform } from '../../src/space/domains.ts';
import { compileSpace, spaceToJson } from '../../src/space/space.ts';
import type { Created } from '../../src/trial/events.ts';
import { trialId } from '../../src/trial/ids.ts';
import { announcePlace } from '../../src/trial/rows.ts';
import { type SnapshotFacts, snapshotOf, sweptBy } from '../../src/watch/snapshot.ts';
import { processTerminal } from '../../src/watch/terminal.ts';
import { reported, Story, started } from './story.ts';

const space = spaceToJson(
  compileSpace({
    lr: uniform(0, 1),
    batch: gridSearch([16, 32, 64]),
    model: choice([{ layers: [gridSearch([1, 2]), 3] }, 'none']),
    twice: expr('lr * 2'),
    any: sampleFrom(() => 1),
  }),
);
const created = (searcher: string): Created => ({ ...new Story('').created, space, searcher: { name: searcher } });

const facts: SnapshotFacts = {
  machine: { memory: { used: 1, total: 2 }, cpus: 8, gpus: 2 },
  elapsedS: 9,
  now: Date.UTC(2023, 7, 25, 17, 42, 30),
  resources: { cpu: 2, gpu: 0.5 },
  swept: sweptBy(created('random')),
  samples: 5,
  exhausted: false,
};

describe('what is expected', () => {
  test.each([
    ['a searcher of samples', 'random', 5],
    ['a sweep of the grid', 'basicVariant', 30],
    ['a searcher with a grid of its own', 'grid', undefined],
  ])('of %s', (_, searcher, expected) => {
    expect(snapshotOf(new Story('').view, { ...facts, swept: sweptBy(created(searcher)) }).expected).toBe(expected);
  });

  test('is what there is when the searcher has no more, at least what there is, and unknown without an end', async () => {
    const told = new Story('', { callbacks: [] });
    for (let i = 0; i < 7; i++) await told.starts();
    expect(snapshotOf(told.view, facts).expected).toBe(7);
    expect(snapshotOf(told.view, { ...facts, samples: 50 }).expected).toBe(50);
    expect(snapshotOf(told.view, { ...facts, samples: 50, exhausted: true }).expected).toBe(7);
    expect(snapshotOf(told.view, { ...facts, samples: 'unlimited' }).expected).toBeUndefined();
  });
});

test('what is taken of the GPUs is of those that trials share, where they are given any, and of the cores one by each unless it says', async () => {
  const told = new Story('', { callbacks: [] });
  for (let i = 0; i < 3; i++) await told.starts();
  expect(snapshotOf(told.view, facts).gpus).toEqual({ used: 1.5, total: 2 });
  expect(snapshotOf(told.view, { ...facts, devices: 4 }).gpus).toEqual({ used: 1.5, total: 4 });
  expect(snapshotOf(told.view, { ...facts, devices: 1 }).gpus).toEqual({ used: 1, total: 1 }); // one waits
  expect(snapshotOf(told.view, { ...facts, resources: { gpu: 1 } }).cpus).toEqual({ used: 3, total: 8 });
});

test('is plain data: how trials stand, why, and what they take', async () => {
  const told = new Story('/tmp/runs/test', { callbacks: [] });
  await told.runs({ lr: 1 }, [{ score: 1 }]);
  for (const lr of [2, 3, 4, 5, 6]) await told.starts({ lr });
  await told.happens(reported(1, 1, { score: 3 }), { kind: 'stopped', trial: trialId(1), by: 'asha', reason: 'rung 1: rank 2 of 2' });
  await told.happens({ kind: 'failed', trial: trialId(2), error: { name: 'TypeError', message: 'no\nmore' } });
  await told.happens(
    { kind: 'paused', trial: trialId(3), by: 'band', reason: 'band: waits' },
    { kind: 'retried', trial: trialId(5), error: { name: 'Error', message: 'again' } },
  );
  await told.happens(started(5));
  const snapshot = snapshotOf(told.view, { ...facts, ended: 'enough' });
  expect(snapshot).toMatchObject({
    path: '/tmp/runs/test',
    parameters: ['lr', 'batch', 'model', 'model/layers/0', 'twice', 'any'],
    done: 3,
    counts: { PENDING: 0, RUNNING: 2, PAUSED: 1, TERMINATED: 2, ERROR: 1 },
    cpus: { used: 4, total: 8 },
    gpus: { used: 1, total: 2 },
    best: [1],
    ended: 'enough',
  });
  expect(snapshot.trials.map(({ status, loc, reason }) => [status, loc, reason])).toEqual([
    ['TERMINATED', 'here:42', undefined],
    ['TERMINATED', 'here:42', 'asha: rung 1: rank 2 of 2'],
    ['ERROR', undefined, 'TypeError: no'],
    ['PAUSED', undefined, 'band: waits'],
    ['RUNNING', undefined, undefined],
    ['RUNNING', undefined, undefined],
  ]);
  expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
});

test('a trial that runs and has not reported yet: where, as soon as that is known, and for how long', async () => {
  const told = new Story('', { callbacks: [] });
  await told.starts();
  await told.starts();
  const [first] = told.trials;
  if (first) announcePlace(first, { pid: 42, host: 'here', thread: 0 });
  const now = (first?.startedAtMs ?? 0) + 2500;
  expect(snapshotOf(told.view, { ...facts, now }).trials).toMatchObject([{ loc: 'here:42', timeTotalS: 2.5 }, { timeTotalS: 2.498 }]);
  expect(snapshotOf(told.view, { ...facts, now }).trials[1]).not.toHaveProperty('loc');
});

test('this machine uses a part of what it has', () => {
  const { memory, cpus, gpus } = processTerminal().machine();
  expect(memory.used).toBeGreaterThan(0);
  expect(memory.used).toBeLessThan(memory.total);
  expect(cpus).toBeGreaterThanOrEqual(1);
  expect(gpus).toBeGreaterThanOrEqual(0);
});
