import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maximumIteration } from '../../schedulers/maximum-iteration.ts';
import { WORST } from '../../src/base/worst.ts';
import type { SchedulerEvent } from '../../src/schedule/scheduler.ts';
import { stopRules } from '../../src/schedule/stop-rules.ts';
import { trialId } from '../../src/trial/ids.ts';
import { simulate } from '../../src/tuner/simulate.ts';
import { play, reasons, reported } from '../schedule/play.ts';
import { simulation, steady, story } from '../tuner/small-world.ts';

describe('maximumIteration', () => {
  test('stops a trial at its report number maxIter, and says so', () => {
    const scheduler = maximumIteration({ maxIter: 3 });
    const events = [1, 2, 3].map((step) => reported(4, step, 0.5));
    expect(play(scheduler, events)).toEqual([[], [], [{ kind: 'stop', trial: 4, reason: 'made 3 reports, maxIter is 3' }]]);
    expect(reasons(maximumIteration({ maxIter: 1 }), [reported(0, 1, 0)])).toEqual(['made 1 report, maxIter is 1']);
  });

  test('counts the reports of each trial, whatever their steps, and diverged ones too', () => {
    const events = [reported(0, 41, 0), reported(1, 1, 0), reported(0, 42, WORST)]; // trial 0 copied one that was at step 40
    expect(play(maximumIteration({ maxIter: 2 }), events).map((decisions) => decisions.length)).toEqual([0, 0, 1]);
  });

  test('forgets a trial that has ended, and goes on counting one that failed and is resumed', () => {
    const ended = (kind: 'stopped' | 'failed'): SchedulerEvent[] => [reported(0, 1, 0), { kind, trial: trialId(0) }, reported(0, 2, 0)];
    expect(reasons(maximumIteration({ maxIter: 2 }), ended('stopped'))).toEqual([]);
    expect(reasons(maximumIteration({ maxIter: 2 }), ended('failed'))).toHaveLength(1);
  });

  test('a restored trial makes as many reports as one that was not interrupted', async () => {
    const world = steady(9);
    const rules = (): ReturnType<typeof stopRules> => stopRules([maximumIteration({ maxIter: 3 })], { objectives: [{ metric: 'loss', mode: 'min' }] });
    const { lines } = await simulate(simulation({ world, rules: rules(), samples: 2 }));
    for (let cut = 1; cut <= lines.length; cut++) {
      const restored = await simulate(simulation({ world, rules: rules(), samples: 2 }), lines.slice(0, cut));
      for (const trial of [0, 1]) {
        expect(story(restored.lines, trial).filter((what) => what.startsWith('reported'))).toEqual(['reported 1', 'reported 2', 'reported 3']);
        expect(restored.experiment.rows[trial]?.reason).toEqual({ by: 'maximumIteration', reason: 'made 3 reports, maxIter is 3' });
      }
    }
  });

  test('law: each trial stops at its own report number maxIter, in whatever order trials report', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (trials, maxIter) => {
        const counts = new Map<number, number>();
        const events = trials.map((trial) => {
          counts.set(trial, (counts.get(trial) ?? 0) + 1);
          return reported(trial, counts.get(trial) ?? 0, 0);
        });
        const decisions = play(maximumIteration({ maxIter }), events);
        for (const [i, event] of events.entries()) expect(decisions[i]).toHaveLength(event.kind === 'reported' && event.step >= maxIter ? 1 : 0);
      }),
    );
  });

  test.each([{ maxIter: 0 }, { maxIter: 1.5 }, { maxIter: '3' }, { maxIter: Number.POSITIVE_INFINITY }, {}])('refuses %j', (wrong) => {
    expect(() => maximumIteration(wrong as never)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
  });

  test('names the option that was meant, and records what makes it again', () => {
    expect(() => maximumIteration({ max_iter: 3 } as never)).toThrow('Did you mean "maxIter"?');
    expect(maximumIteration(maximumIteration({ maxIter: 5 }).options as never).options).toEqual({ maxIter: 5 });
  });
});
