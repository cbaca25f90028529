import { subscribe } from 'node:diagnostics_channel';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, expect } from 'vitest';
import { canonicalJson } from '../src/base/json.ts';
import type { ClosedSession } from '../src/tuner/announce-closed.ts';
import type { Experiment, Seat } from '../src/tuner/experiment.ts';

/**
 * The law that restore rests on, after every session of every test: `replay(journal)` equals the live state. The whole state, as
 * canonical JSON: trials, intents, queues, the states of schedulers and stop rules, the history that searchers see.
 */
let sessions: ClosedSession[] = [];
const broken: string[] = [];

/** So many wait for the end of their test, which may count how often its plug-ins are asked; the law itself can wait. */
const PATIENCE = 100;

/** A plug-in that threw is asked anew by a replay: there is no state to compare with. */
const isExempt = ({ fault }: Experiment): boolean => fault !== undefined;

subscribe('attune:session-closed', (message) => {
  const session = message as ClosedSession; // nobody changes `lived` any more: a later session replays
  if (!isExempt(session.lived)) sessions.push(session);
  if (sessions.length >= PATIENCE) compare();
});

function compare(): void {
  const due = sessions;
  sessions = [];
  for (const { lived, replayed } of due) {
    try {
      const [was, is] = [stateOf(lived), stateOf(replayed())];
      if (!isDeepStrictEqual(is, was)) expect(canonical(is)).toEqual(canonical(was)); // a key that is undefined is none
    } catch (error) {
      broken.push(String((error as Error).stack ?? error));
    }
  }
}

function check(): void {
  compare();
  expect(broken.splice(0), 'sessions whose journal does not give their state').toEqual([]);
}
afterEach(check);
afterAll(check);

/** Everything but the parts that a replay is given. */
function stateOf({ created: _, space: __, root: ___, history, seats, held, rows: trials, ...state }: Experiment): Record<string, unknown> {
  const rows = Array.from({ length: history.length }, (_row, row) => ({
    ...history.at(row),
    steps: history.steps(row),
    curves: Array.from({ length: history.objectives }, (_objective, objective) => history.curve(row, objective)),
  }));
  const known = trials.map(({ where: _where, ...trial }) => trial); // journaled with the first report of a run, known live before that; "last" has it too
  return { ...state, rows: known, held: held?.length ?? 'none', ended: history.ended, history: rows, seats: seats.map(seatOf) };
}

/** One text for each part, so that the report names the part. */
const canonical = (state: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Object.entries(state).map(([key, value]) => [key, canonicalJson(plain(value))]));

const seatOf = ({ scheduler, state }: Seat): unknown => ({ name: scheduler.name, state });

/** Sets and typed arrays as arrays, maps as pairs. */
function plain(value: unknown): unknown {
  if (value instanceof Set || value instanceof Map || ArrayBuffer.isView(value)) return plain([...(value as Iterable<unknown>)]);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, inner]) => (inner === undefined ? [] : [[key, plain(inner)]])));
}
