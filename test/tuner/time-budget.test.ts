import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JournalLine } from '../../src/trial/events.ts';
import type { Simulation } from '../../src/tuner/simulate.ts';
import { simulate } from '../../src/tuner/simulate.ts';
import { simulation, steady } from './small-world.ts';

const LONG = 1e6;
const endless = (timeBudgetS: number): Simulation => simulation({ world: steady(LONG), timeBudgetS, checkpoints: { frequency: 1, atEnd: false } });
const reports = (lines: readonly JournalLine[]): number => lines.filter(({ kind }) => kind === 'reported').length;
const haltedBy = (lines: readonly JournalLine[]): unknown => lines.findLast((line) => line.kind === 'halted')?.by;

describe('the time budget counts the time that sessions are open', () => {
  test('of one session', async () => {
    const { lines, why, experiment } = await simulate(endless(60));
    expect([reports(lines), haltedBy(lines), why]).toEqual([60, 'timeBudgetS', 'the time budget of 60 s is used up']);
    expect(experiment.rows[0]).toMatchObject({ status: 'TERMINATED', reason: { by: 'timeBudgetS' } });
  });

  test('of several, however long nobody ran it in between: 40 s, then 20', async () => {
    const { lines } = await simulate(endless(60));
    const killed = lines.slice(0, lines.findIndex((line) => line.kind === 'checkpointed' && line.step === 40) + 1);
    const later = killed.map((line) => ({ ...line, at: line.at + 1e9 })); // the clock of the next session starts at 0
    const restored = await simulate(endless(60), later);
    expect(reports(restored.lines)).toBe(60);
    expect(haltedBy(restored.lines)).toBe('timeBudgetS');
  });

  test('a session that is opened when it is used up runs nothing, and one with a larger budget goes on', async () => {
    const { lines } = await simulate(simulation({ world: steady(30), timeBudgetS: 60, samples: 10 }));
    expect(reports(lines)).toBe(60);
    const again = await simulate(simulation({ world: steady(30), timeBudgetS: 60, samples: 10 }), lines);
    expect(reports(again.lines)).toBe(60);
    expect(again.why).toBe('the time budget of 60 s is used up');
    const more = await simulate(simulation({ world: steady(30), timeBudgetS: 100, samples: 10 }), again.lines);
    expect(reports(more.lines)).toBe(100);
  });

  test('law: killed anywhere, any number of times, the sessions were open for the budget in all', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(1000), { maxLength: 4 }), async (cuts) => {
        let lines: readonly JournalLine[] = [];
        for (const cut of cuts) {
          const { lines: whole } = await simulate(endless(20), lines);
          lines = whole.slice(0, 2 + (cut % (whole.length - 2)));
        }
        const { lines: all, experiment } = await simulate(endless(20), lines);
        expect(haltedBy(all)).toBe('timeBudgetS');
        const open = experiment.time.spent + experiment.time.last - experiment.time.opened;
        expect(open).toBe(20_000);
        expect(reports(all)).toBeLessThanOrEqual(20);
      }),
      { numRuns: 100 },
    );
  });
});
