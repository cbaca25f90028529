import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { capacityOf, type Demand, emptyLedger, type Ledger, release, request } from '../../../src/execute/devices/allocator.ts';

const devices = fc.array(fc.record({ memoryMb: fc.integer({ min: 1, max: 8 }) }), { minLength: 1, maxLength: 4 });
const share = fc.oneof(
  fc.integer({ min: 1, max: 12 }).map((n) => 1 / n),
  fc.integer({ min: 1, max: 10 }).map((n) => n / 10),
  fc.double({ min: 0.001, max: 1, noNaN: true }),
);
const demand: fc.Arbitrary<Demand> = fc.record(
  { gpu: fc.oneof({ weight: 4, arbitrary: share }, fc.integer({ min: 1, max: 4 })), gpuMemoryMb: fc.integer({ min: 1, max: 8 }), alone: fc.boolean() },
  { requiredKeys: ['gpu'] },
);
/** Somebody comes, or the one that came as number `leaves` ends or gives up. */
const steps = fc.array(fc.oneof(fc.record({ comes: demand }), fc.record({ leaves: fc.nat({ max: 20 }) })), { maxLength: 40 });

const fitsSomewhere = (ledger: Ledger, wanted: Demand): boolean => capacityOf(ledger.devices, wanted, 1) === 1;

/** Every state of a history in which nobody comes who can never be served. */
function play(ledger: Ledger, history: readonly ({ readonly comes: Demand } | { readonly leaves: number })[]): readonly Ledger[] {
  const states = [ledger];
  let now = ledger;
  let id = 0;
  for (const step of history) {
    if ('comes' in step && !fitsSomewhere(ledger, step.comes)) continue;
    now = 'comes' in step ? request(now, { id: id++, demand: step.comes }) : release(now, step.leaves);
    states.push(now);
  }
  return states;
}

const histories = fc.tuple(devices, steps);

describe('the allocator', () => {
  test('never gives away more than there is, of shares and of memory, and leaves alone who is to be alone', () => {
    fc.assert(
      fc.property(histories, ([all, history]) => {
        for (const { held } of play(emptyLedger(all), history)) {
          for (const [index, { memoryMb }] of all.entries()) {
            const here = held.filter((one) => one.devices.includes(index)).map((one) => one.demand);
            const shares = here.reduce((sum, { gpu }) => sum + Math.min(1, gpu), 0);
            expect(shares).toBeLessThanOrEqual(1 + 1e-6);
            expect(here.reduce((sum, { gpuMemoryMb = 0 }) => sum + gpuMemoryMb, 0)).toBeLessThanOrEqual(memoryMb);
            if (here.some(({ alone }) => alone)) expect(here).toHaveLength(1);
          }
          for (const one of held) expect(new Set(one.devices).size).toBe(Math.max(1, one.demand.gpu));
        }
      }),
    );
  });

  test('serves in the order of arrival: nobody is overtaken, and the first who waits lacks room', () => {
    fc.assert(
      fc.property(histories, ([all, history]) => {
        for (const state of play(emptyLedger(all), history)) {
          const order = [...state.held.map(({ id }) => id), ...state.waiting.map(({ id }) => id)];
          expect(order).toEqual([...order].sort((a, b) => a - b));
          const [first] = state.waiting;
          if (first) expect(request({ ...state, waiting: [] }, first).held).toHaveLength(state.held.length);
        }
      }),
    );
  });

  test('starves nobody: when those who hold something end, one after the other, everybody is served', () => {
    fc.assert(
      fc.property(histories, ([all, history]) => {
        let state = play(emptyLedger(all), history).at(-1) ?? emptyLedger(all);
        const left = state.held.length + state.waiting.length;
        for (let ended = 0; ended < left; ended++) {
          const [oldest] = state.held;
          expect(oldest).toBeDefined();
          state = release(state, oldest?.id ?? -1);
        }
        expect(state).toEqual(emptyLedger(all)); // and all of it is free again
      }),
    );
  });

  test('decides the same each time, and changes nothing that it is handed', () => {
    fc.assert(
      fc.property(histories, ([all, history]) => {
        const start = emptyLedger(all);
        const states = play(start, history);
        const kept = structuredClone(states);
        expect(play(start, history)).toEqual(kept);
        expect(states).toEqual(kept);
      }),
    );
  });

  test('fractions are exact: n times 1/n and ten times 0.1 are one device, and one more is too much', () => {
    for (const n of [1, 2, 3, 4, 6, 7, 9, 10, 49, 100, 999]) expect(capacityOf([{}], { gpu: 1 / n }, 10_000)).toBe(n);
    expect(capacityOf([{}, {}], { gpu: 0.1 }, 100)).toBe(20);
    expect(capacityOf([{}], { gpu: 0.3 }, 100)).toBe(3);
    expect(capacityOf([{}], { gpu: 0.51 }, 100)).toBe(1);
  });

  test('spreads: the device with the most left is next', () => {
    const three = [0, 1, 2].reduce((state, id) => request(state, { id, demand: { gpu: 0.25 } }), emptyLedger([{}, {}]));
    expect(three.held.map((one) => one.devices)).toEqual([[0], [1], [0]]);
  });

  test('memory counts where it is asked for: as many as have room, none where nobody knows how much there is', () => {
    expect(capacityOf([{ memoryMb: 16_000 }], { gpu: 0.1, gpuMemoryMb: 5000 }, 100)).toBe(3);
    expect(capacityOf([{ memoryMb: 16_000 }, {}], { gpu: 0.5, gpuMemoryMb: 5000 }, 100)).toBe(2);
    expect(capacityOf([{}], { gpu: 0.5, gpuMemoryMb: 1 }, 100)).toBe(0);
    expect(capacityOf([{ memoryMb: 100 }], { gpu: 2, gpuMemoryMb: 1 }, 100)).toBe(0);
  });
});
