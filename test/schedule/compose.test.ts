import { describe, expect, test } from 'vitest';
import { asha } from '../../schedulers/asha.ts';
import { fifo } from '../../schedulers/fifo.ts';
import { compose } from '../../src/schedule/compose.ts';
import type { Scheduler } from '../../src/schedule/scheduler.ts';
import { stopRules } from '../../src/schedule/stop-rules.ts';
import { context, outcomes, play, reported } from './play.ts';

const objectives = [{ metric: 'loss', mode: 'min' }] as const;
const pauser: Scheduler<null> = { name: 'pauser', uses: ['pause', 'stop'], init: () => null, decide: (state) => ({ state, decisions: [] }) };

describe('compose', () => {
  test('runs the chosen scheduler, then the stop rules, and says who decided', () => {
    const both = compose(asha({ maxT: 2 }), stopRules({ training_iteration: 2 }, { objectives }));
    const [, last] = outcomes(both, [reported(0, 1, 0.5), reported(0, 2, 0.4)]);
    expect(last?.decisions).toEqual([
      { kind: 'stop', trial: 0, reason: 'reached maxT 2' },
      { kind: 'stop', trial: 0, reason: 'training_iteration 2 >= 2' },
    ]);
    expect(last?.by).toEqual(['asha', 'stop']);
  });

  test('with a scheduler that decides nothing is the stop rules', () => {
    const events = [reported(0, 1, 0.5), reported(1, 1, 0.2), reported(0, 2, 0.1)];
    const rules = stopRules('loss < 0.3', { objectives });
    expect(play(compose(fifo(), rules), events)).toEqual(play(rules, events));
  });

  test('may do what its parts may do, and needs what they need', () => {
    const both = compose(pauser, asha());
    expect(both.uses).toEqual(['pause', 'stop']);
    expect(() => both.check?.({ ...context, objectives: 0 })).toThrow(expect.objectContaining({ code: 'METRIC_INVALID' }));
  });

  test('refuses a second scheduler that does more than stop', () => {
    expect(() => compose(fifo(), pauser)).toThrow(expect.objectContaining({ code: 'SCHEDULER_UNSUPPORTED' }));
  });
});
