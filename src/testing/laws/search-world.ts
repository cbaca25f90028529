import type { Json } from '../../base/json.ts';
import { rng } from '../../base/rng.ts';
import { History, type RowState } from '../../search/history.ts';
import type { Ask, Searcher, Suggestion } from '../../search/searcher.ts';
import type { Config } from '../../space/config.ts';
import { compileSpace, type Space } from '../../space/space.ts';
import { type Mode, toLoss } from '../../trial/metrics.ts';

/** How a trial ends. `'exploited'`: it goes on with another configuration, which is nothing to the searcher. */
export type Ending = Exclude<RowState, 'running'>;

/** What becomes of one proposed trial. */
export interface Outcome {
  /** What it reports last, as it ends: one number per objective, or one for all of them. NaN and infinities are values too. */
  readonly value: number | readonly number[];
  /** What it reports before, once each time that another is proposed. Default: none. */
  readonly before?: readonly (number | readonly number[])[];
  /** It waits until so many more have been proposed. Default 0. */
  readonly lag?: number;
  /** Default `'completed'`. */
  readonly ends?: Ending;
  /** What becomes of it when it has failed and is run again, which counts its `lag` from then. Default: it is not. */
  readonly again?: Outcome;
}

/** The world that a law of searchers is tried in, as plain data. */
export interface SearchWorld {
  /** As `paramSpace` takes it; domains in their JSON form, if it is to be plain data. */
  readonly paramSpace: unknown;
  /** How many configurations are wanted. */
  readonly samples: number;
  /** What becomes of them, in order; those that have no outcome run for ever. Default: none. */
  readonly outcomes?: readonly (number | Outcome)[];
  /** Default 0. */
  readonly seed?: number;
  /** Of each objective. Default `'min'`. */
  readonly mode?: Mode;
  /** How many metrics there are. Default 1. */
  readonly objectives?: number;
}

/** What a searcher answered, in order. */
export interface Search {
  readonly space: Space;
  readonly suggestions: readonly Suggestion[];
  readonly history: History;
}

export interface SearchOptions {
  /** From this ask on another searcher is asked, with a history built anew: what a restore does. */
  readonly restoredAt?: number;
  /** The reports between two ends come in the opposite order. */
  readonly reversed?: boolean;
  /** Called around each ask. */
  readonly around?: <T>(ask: () => T) => T;
}

/** The most times in a row that a searcher may wait while nothing more can happen. */
const MOST_WAITS = 3;
/** A searcher that goes on for longer is left: it never ends. */
const MOST_ASKS = 2000;

export const outcomeOf = (outcome: number | Outcome): Outcome => (typeof outcome === 'number' ? { value: outcome } : outcome);

/** Asks until the searcher is done, has said its last, waits for what will not come, or has been asked 2,000 times. Throws what the searcher throws. */
export async function search(make: () => Searcher, world: SearchWorld, options: SearchOptions = {}): Promise<Search> {
  const { restoredAt, reversed = false, around = <T>(ask: () => T): T => ask() } = options;
  const space = compileSpace(world.paramSpace);
  const log: Entry[] = [];
  const suggestions: Suggestion[] = [];
  let searcher = make();
  let history = new History(space, world.objectives ?? 1);
  let waits = 0;
  for (let index = 0; waits < MOST_WAITS && suggestions.length < MOST_ASKS; ) {
    if (index === restoredAt) {
      searcher = make();
      history = rebuilt(space, world, log);
    }
    const suggestion = await around(() => searcher.suggest(askFor(space, index, world, history)));
    suggestions.push(suggestion);
    if (suggestion.kind === 'done') break;
    waits = suggestion.kind === 'wait' ? waits + 1 : 0;
    if (suggestion.kind === 'config') {
      enter(history, log, { kind: 'added', config: suggestion.config, note: suggestion.note, asked: history.ended.length });
      if (suggestion.last) break;
      index += 1;
    }
    for (const entry of happenings(world, index - 1, suggestion.kind === 'wait', log, reversed)) enter(history, log, entry);
  }
  return { space, suggestions, history };
}

type Entry =
  | { readonly kind: 'added'; readonly config: Config; readonly note: Json | undefined; readonly asked: number }
  | { readonly kind: 'reported'; readonly row: number; readonly step: number; readonly losses: readonly number[] }
  | { readonly kind: 'ended'; readonly row: number; readonly how: Ending };

/** What happens once `index` has been proposed: of a searcher that waits, everything that is still to come. */
function happenings(world: SearchWorld, index: number, waits: boolean, log: readonly Entry[], reversed: boolean): readonly Entry[] {
  const { outcomes = [], mode = 'min', objectives = 1 } = world;
  const toLosses = (value: number | readonly number[] = []): readonly number[] =>
    Array.from({ length: objectives }, (_, i) => toLoss(typeof value === 'number' ? value : (value[i] ?? Number.NaN), mode));
  const places = placesIn(log);
  const due = places.flatMap(({ runs, since, reports, step }, row) => {
    const outcome = outcomeOfRun(outcomes[row], runs);
    if (outcome === undefined || (!waits && since + (outcome.lag ?? 0) > index)) return [];
    const values = [...(outcome.before ?? []), outcome.value];
    const report = waits ? values.length : reports + 1;
    const how = outcome.ends ?? 'completed';
    return [{ row, step: step + report - reports, losses: toLosses(values[report - 1]), how, isLast: report === values.length }];
  });
  const reports = due.map(({ row, step, losses }): Entry => ({ kind: 'reported', row, step, losses }));
  const ends = due.flatMap(({ row, how, isLast }): readonly Entry[] => (isLast ? [{ kind: 'ended', row, how }] : []));
  return [...(reversed ? reports.reverse() : reports), ...ends];
}

/** Where a trial is. */
interface Place {
  /** How often it has ended. */
  runs: number;
  /** What was proposed last when it began, or began again. */
  since: number;
  /** How often it has reported since then. */
  reports: number;
  /** The step of its last report. */
  step: number;
}

function placesIn(log: readonly Entry[]): readonly Place[] {
  const places: Place[] = [];
  for (const entry of log) {
    if (entry.kind === 'added') places.push({ runs: 0, since: places.length, reports: 0, step: 0 });
    else if (entry.kind === 'ended') {
      const place = places[entry.row] as Place;
      Object.assign(place, { runs: place.runs + 1, since: places.length - 1, reports: 0 });
    } else {
      const place = places[entry.row] as Place;
      Object.assign(place, { reports: place.reports + entry.step - place.step, step: entry.step });
    }
  }
  return places;
}

/** `undefined` when it does not end, or has ended and is not run again. */
function outcomeOfRun(first: number | Outcome | undefined, runs: number): Outcome | undefined {
  let outcome = first === undefined ? undefined : outcomeOf(first);
  for (let run = 0; run < runs; run++) outcome = outcome?.ends === 'failed' ? outcome.again : undefined;
  return outcome;
}

function enter(history: History, log: Entry[], entry: Entry): void {
  log.push(entry);
  apply(history, entry);
}

function apply(history: History, entry: Entry): void {
  if (entry.kind === 'added')
    history.add({ config: entry.config, by: 'searcher', asked: entry.asked, ...(entry.note === undefined ? {} : { note: entry.note }) });
  else if (entry.kind === 'reported') history.report(entry.row, entry.step, entry.losses);
  else if (entry.how === 'exploited') history.leave(entry.row);
  else history.end(entry.row, entry.how);
}

function rebuilt(space: Space, { objectives = 1 }: SearchWorld, log: readonly Entry[]): History {
  const history = new History(space, objectives);
  for (const entry of log) apply(history, entry);
  return history;
}

function askFor(space: Space, index: number, { samples, seed = 0, objectives = 1 }: SearchWorld, history: History): Ask {
  const stream = rng(seed).fork('search');
  return { space, index, samples, history, objectives, slots: 4, rng: stream.fork('ask', index), stream, breathe: () => Promise.resolve() };
}

/** The configurations that were proposed. */
export const configsOf = ({ suggestions }: Pick<Search, 'suggestions'>): readonly Config[] =>
  suggestions.flatMap((suggestion) => (suggestion.kind === 'config' ? [suggestion.config] : []));
