import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { History } from '../../src/search/history.ts';
import { choice, loguniform } from '../../src/space/domains.ts';
import { compileSpace } from '../../src/space/space.ts';

const space = compileSpace({ lr: loguniform(1e-4, 1), depth: choice([2, 4]) });
const config = { lr: 0.1, depth: 4 };
const broken = expect.objectContaining({ code: 'TRIAL_TRANSITION' });

describe('History', () => {
  test('is filled in row by row', () => {
    const history = new History(space, 1);
    const first = history.add({ config, note: { bracket: 2 }, by: 'searcher', asked: 0 });
    history.report(first, 1, [0.9]);
    history.report(first, 3, [0.5], 0.25);
    expect(history.at(first)).toEqual({
      row: 0,
      config,
      values: Float64Array.of(Math.log(0.1), 1),
      note: { bracket: 2 },
      by: 'searcher',
      state: 'running',
      losses: [0.5],
      violation: 0.25,
      asked: 0,
    });
    expect(history.steps(first)).toEqual(Float64Array.of(1, 3));
    expect(history.curve(first)).toEqual(Float64Array.of(0.9, 0.5));
  });

  test('lists rows in order of ending; an exploited row never ends', () => {
    const history = new History(space, 1);
    for (let i = 0; i < 4; i++) history.add({ config, by: 'enqueued', asked: 0 });
    history.end(2, 'stopped');
    history.leave(1);
    history.end(0, 'failed');
    expect(history.ended).toEqual([2, 0]);
    expect([0, 1, 2, 3].map((row) => history.at(row).state)).toEqual(['failed', 'exploited', 'stopped', 'running']);
  });

  test('keeps the place of a failed row that was run again', () => {
    const history = new History(space, 1);
    history.add({ config, by: 'searcher', asked: 0 });
    history.add({ config, by: 'searcher', asked: 0 });
    history.end(0, 'failed');
    history.end(1, 'completed');
    history.report(0, 2, [0.1]);
    history.end(0, 'completed');
    expect(history.ended).toEqual([0, 1]);
    expect(history.at(0)).toMatchObject({ state: 'completed', losses: [0.1] });
  });

  test('says when such a row ends otherwise: what has been kept of it is out of date', () => {
    const history = new History(space, 1);
    const revised: number[] = [];
    for (const state of ['failed', 'failed', 'completed'] as const) {
      if (history.length === 0) history.add({ config, by: 'searcher', asked: 0 });
      history.report(0, revised.length, [1]);
      history.end(0, state);
      revised.push(history.revised);
    }
    expect([revised, history.asOf(0).revised]).toEqual([[0, 0, 1], 1]);
  });

  test('one that had failed, was run again and goes on with another configuration stays failed', () => {
    const history = new History(space, 1);
    history.add({ config, by: 'searcher', asked: 0 });
    history.end(0, 'failed');
    history.leave(0);
    expect([history.at(0).state, history.ended, history.revised]).toEqual(['failed', [0], 0]);
  });

  test('shows what it was when n had ended', () => {
    const history = new History(space, 2);
    history.add({ config, by: 'searcher', asked: 0 });
    history.report(0, 1, [1, 2]);
    history.end(0, 'completed');
    history.add({ config, by: 'searcher', asked: 1 });
    history.report(1, 1, [3, 4]);
    const before = history.asOf(0);
    expect([before.length, before.ended, before.at(0).state, before.at(0).losses]).toEqual([1, [], 'running', [1, 2]]);
    expect(history.asOf(1).length).toBe(2);
    expect(history.asOf(99).ended).toEqual(history.ended);
    expect(history.asOf(1).asOf(0).length).toBe(1);
  });

  test('refuses what cannot have happened', () => {
    const history = new History(space, 1);
    expect(() => history.at(0)).toThrow(broken);
    expect(() => history.add({ config, by: 'searcher', asked: 1 })).toThrow(broken);
    history.add({ config, by: 'searcher', asked: 0 });
    expect(() => history.report(0, 1, [1, 2])).toThrow(broken);
    history.end(0, 'completed');
    expect(() => history.end(0, 'stopped')).toThrow(broken);
    expect(() => history.leave(0)).toThrow(broken);
    expect(() => history.asOf(1).add({ config, by: 'searcher', asked: 1 })).toThrow(broken);
  });
});

/** The same, slowly: everything that happened, in order, read from the start every time. */
type Happening =
  | { readonly kind: 'add'; readonly asked: number }
  | { readonly kind: 'report'; readonly row: number; readonly step: number; readonly loss: number; readonly violation: number }
  | { readonly kind: 'end' | 'leave'; readonly row: number };

function naive(happenings: readonly Happening[], n: number) {
  const rows: { state: string; steps: number[]; curve: number[]; losses: number[] | undefined; violation: number; asked: number }[] = [];
  const ended: number[] = [];
  for (const happening of happenings) {
    if (happening.kind === 'end' && ended.length === n) break;
    if (happening.kind === 'add') {
      rows.push({ state: 'running', steps: [], curve: [], losses: undefined, violation: 0, asked: happening.asked });
      continue;
    }
    const row = rows[happening.row];
    if (!row) throw new Error('no such row');
    if (happening.kind === 'report') {
      row.steps.push(happening.step);
      row.curve.push(happening.loss);
      Object.assign(row, { losses: [happening.loss], violation: happening.violation });
    } else if (happening.kind === 'end') {
      row.state = 'completed';
      ended.push(happening.row);
    } else row.state = 'exploited';
  }
  return { rows, ended };
}

test('property: a history, and every earlier view of it, says what the naive model says', () => {
  const command = fc.record({
    kind: fc.constantFrom('add', 'report', 'report', 'end', 'leave'),
    pick: fc.nat(),
    loss: fc.double({ noNaN: true }),
    violation: fc.nat(2),
  });
  fc.assert(
    fc.property(fc.array(command, { maxLength: 60 }), fc.nat(), (commands, cut) => {
      const history = new History(space, 1);
      const happenings: Happening[] = [];
      for (const { kind, pick, loss, violation } of commands) {
        const running = Array.from({ length: history.length }, (_, row) => row).filter((row) => history.at(row).state === 'running');
        const row = running[pick % Math.max(1, running.length)];
        if (kind === 'add' || row === undefined) {
          const asked = history.ended.length;
          history.add({ config, by: 'searcher', asked });
          happenings.push({ kind: 'add', asked });
        } else if (kind === 'report') {
          const step = history.steps(row).length + 1;
          history.report(row, step, [loss], violation);
          happenings.push({ kind: 'report', row, step, loss, violation });
        } else if (kind === 'end') {
          history.end(row, 'completed');
          happenings.push({ kind: 'end', row });
        } else {
          history.leave(row);
          happenings.push({ kind: 'leave', row });
        }
      }
      for (const n of [history.ended.length, cut % (history.ended.length + 1)]) {
        const view = n === history.ended.length ? history : history.asOf(n);
        const expected = naive(happenings, n);
        expect(view.ended).toEqual(expected.ended);
        expect(view.length).toBe(expected.rows.length);
        for (const [row, { steps, curve, ...rest }] of expected.rows.entries()) {
          expect(view.at(row)).toMatchObject(rest);
          expect([...view.steps(row)]).toEqual(steps);
          expect([...view.curve(row)]).toEqual(curve);
        }
      }
    }),
  );
});

test('grows to many rows without losing an encoding', () => {
  const history = new History(space, 1);
  for (let i = 0; i < 5000; i++) history.add({ config: { lr: (i + 1) / 5000, depth: i % 2 === 0 ? 2 : 4 }, by: 'searcher', asked: 0 });
  for (const row of [0, 1, 1023, 1024, 4999]) expect(history.at(row).values).toEqual(Float64Array.of(Math.log((row + 1) / 5000), row % 2));
});
