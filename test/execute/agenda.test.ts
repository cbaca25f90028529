import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Agenda } from '../../src/execute/agenda.ts';
import type { ExecutorEvent } from '../../src/execute/executor.ts';
import { runId } from '../../src/trial/ids.ts';

const event = (n: number): ExecutorEvent => ({ kind: 'warned', run: runId(n), message: '' });

/** Add something in so many seconds, call off what was added as number n, or take a batch. */
const actions = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ add: fc.constantFrom(0, 0, 1, 1, 2, 0.1, 7.5) }) },
    { weight: 1, arbitrary: fc.record({ callOff: fc.nat(20) }) },
    { weight: 2, arbitrary: fc.constant('batch' as const) },
  ),
  { maxLength: 60 },
);

describe('the agenda', () => {
  test('law: gives what a list that is sorted anew each time would: by time, then in order of adding', () => {
    fc.assert(
      fc.property(actions, (asked) => {
        const agenda = new Agenda();
        const list: { at: number; n: number }[] = [];
        const timers: { n: number; fired: boolean; timer: Disposable }[] = [];
        const fired: number[] = [];
        let n = 0;
        for (const action of asked) {
          if (action === 'batch') {
            const at = list.reduce((least, entry) => Math.min(least, entry.at), Infinity);
            const due = list.filter((entry) => entry.at === at).map((entry) => entry.n);
            for (const done of due)
              list.splice(
                list.findIndex((entry) => entry.n === done),
                1,
              );
            expect(agenda.nextBatch().map(({ run }) => run)).toEqual(due.filter((one) => one % 3 !== 0));
            expect(fired.splice(0)).toEqual(due.filter((one) => one % 3 === 0));
            if (due.length > 0) expect(agenda.now()).toBe(at);
          } else if ('add' in action) {
            const one = n++;
            list.push({ at: agenda.now() + action.add * 1000, n: one });
            if (one % 3 === 0) timers.push({ n: one, fired: false, timer: agenda.after(action.add, () => void fired.push(one)) });
            else agenda.add(action.add, event(one));
          } else {
            const off = timers[action.callOff];
            off?.timer[Symbol.dispose]();
            const at = list.findIndex((entry) => entry.n === off?.n);
            if (at >= 0) list.splice(at, 1);
          }
          expect(agenda.isSettled).toBe(list.every(({ at }) => at !== agenda.now()));
        }
      }),
      { numRuns: 500 },
    );
  });

  test('time moves only with a batch, and never back', () => {
    const agenda = new Agenda();
    agenda.add(5, event(0));
    expect(agenda.now()).toBe(0);
    expect(agenda.nextBatch()).toHaveLength(1);
    expect(agenda.now()).toBe(5000);
    expect(agenda.nextBatch()).toEqual([]);
    expect(agenda.now()).toBe(5000);
  });
});
