import { AttuneError } from '../src/base/errors.ts';
import type { Json } from '../src/base/json.ts';
import { describe } from '../src/base/options.ts';
import { WORST } from '../src/base/worst.ts';
import { Chronicle } from '../src/search/chronicle.ts';
import { History } from '../src/search/history.ts';
import type { Ask, Searcher, Setup } from '../src/search/searcher.ts';
import { checkInner, wrapped } from '../src/search/wrapped.ts';
import type { Config } from '../src/space/config.ts';
import { contains } from '../src/space/contains.ts';

/** What is known of a configuration, as `grid.observations()` gives it. */
export interface Observed {
  readonly config: Config;
  /** One for each metric, in their order; lower is better. NaN and infinities are the worst. */
  readonly losses: readonly number[];
  /** By how much it breaks constraints: a number >= 0. Default 0, which is feasible. */
  readonly violation?: number;
}

/**
 * A searcher that knows of earlier trials: the one within sees each of `rows` as a trial that completed before the first one here. They
 * count for no samples, and are not in the results.
 *
 * @param rows - `grid.observations()` of an experiment with the same space and metrics
 * @throws {AttuneError} `OPTION_RANGE`; in `new Tuner` `CONFIG_INVALID` for a configuration outside of the space, `OPTION_RANGE` for another
 * number of losses than there are metrics, and what the searcher within refuses
 * @remarks O(trials that have not ended) for each ask, and what the searcher within takes
 * @example
 * import { uniform } from 'attune';
 * import { random, tpe, warmStart } from 'attune/algorithms';
 * import { simulate } from 'attune/testing';
 *
 * const problem = { space: { x: uniform(0, 1) }, curve: ({ x }: { x: number }) => (x - 0.3) ** 2, maxT: 1 };
 * const before = await simulate({ ...problem, searcher: random(), trials: 30 });
 * const { grid } = await simulate({ ...problem, searcher: warmStart(tpe(), before.grid.observations()), trials: 5 });
 * grid.length; // => 5
 */
export function warmStart(searcher: Searcher, rows: readonly Observed[]): Searcher {
  checkInner('warmStart', searcher);
  if (!Array.isArray(rows) || !rows.every(isObserved)) {
    throw new AttuneError('OPTION_RANGE', `warmStart: expected rows { config, losses }, got ${describe(rows)}.`, { hint: 'Give grid.observations().' });
  }
  const views = new WeakMap<History, View>();
  return {
    ...wrapped('warmStart', searcher, { rows: rows.map(({ config, losses, violation }) => ({ config, losses, ...(violation ? { violation } : {}) })) as Json }),
    check(setup) {
      rows.forEach((row, i) => void checkRow(row, i, setup));
      searcher.check?.(setup);
    },
    suggest(ask) {
      let view = views.get(ask.history);
      if (view === undefined || view.chronicle.isOutdated) view = viewOf(ask, rows);
      views.set(ask.history, view);
      for (const happening of view.chronicle.since()) {
        const row = happening.row + rows.length;
        if (happening.kind === 'added') {
          const { config, note, by, asked } = ask.history.at(happening.row);
          view.shown.add({ config, by, asked: asked + rows.length, ...(note === undefined ? {} : { note }) });
        } else if (happening.kind === 'reported') view.shown.report(row, happening.step, happening.losses, happening.violation);
        else if (happening.kind === 'ended') view.shown.end(row, happening.state);
        else view.shown.leave(row);
      }
      return searcher.suggest({ ...ask, history: view.shown });
    },
  };
}

/** The history with the known rows before it. */
interface View {
  readonly shown: History;
  readonly chronicle: Chronicle;
}

function viewOf({ space, objectives, history }: Ask, rows: readonly Observed[]): View {
  const shown = new History(space, objectives);
  rows.forEach(({ config, losses, violation }, i) => {
    shown.add({ config, by: 'enqueued', asked: i });
    shown.report(
      i,
      1,
      losses.map((loss) => (Number.isFinite(loss) ? loss : WORST)),
      violation,
    );
    shown.end(i, 'completed');
  });
  return { shown, chronicle: new Chronicle(history) };
}

const isObserved = (row: Partial<Observed> | null): boolean =>
  typeof row?.config === 'object' &&
  row.config !== null &&
  Array.isArray(row.losses) &&
  row.losses.every((loss) => typeof loss === 'number') &&
  (row.violation === undefined || row.violation >= 0);

function checkRow({ config, losses }: Observed, i: number, { space, objectives }: Setup): void {
  if (losses.length !== objectives)
    throw new AttuneError('OPTION_RANGE', `warmStart: expected ${objectives} losses in row ${i}, one for each metric, got ${losses.length}.`);
  if (contains(space, config)) return;
  throw new AttuneError('CONFIG_INVALID', `warmStart: expected row ${i} to lie in the space, got ${JSON.stringify(config)}.`, {
    hint: 'Leave out what the space has no more: rows.filter(…).',
  });
}
