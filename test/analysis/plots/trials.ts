import { rng } from '../../../src/base/rng.ts';
import type { TableRow } from '../../../src/results/table.ts';

const KINDS = ['relu', 'elu', 'leaky relu'];
const LONG = 'a name that was never meant to be read in a picture, since nobody had the heart to shorten it, '.repeat(4);

export interface World {
  readonly trials: number;
  /** Of each trial. Default 4. */
  readonly steps?: number;
  /** A NaN in every fifth report, and no number at all in every seventh trial. */
  readonly gaps?: true;
  /** Of axes that may be logarithmic. */
  readonly scale?: 'log';
  /** Ids, categories and parameters with long names. */
  readonly long?: true;
}

/** The table of `getDataFrame({ rows: 'all' })` of an experiment: its loss falls with `units`, and least with `relu`. */
export function reportsOf({ trials, steps = 4, gaps, long }: World): readonly TableRow[] {
  const draw = rng('plots');
  const name = long ? LONG : '';
  return Array.from({ length: trials }, (_, trial) => {
    const [lr, units, kind] = [10 ** (-4 + 3 * draw.next()), 16 + draw.int(240), KINDS[draw.int(3)] as string];
    const floor = 0.5 - units / 600 + (kind === 'relu' ? 0 : 0.1) + 0.1 * Math.abs(Math.log10(lr) + 2.5);
    return Array.from({ length: steps }, (_, i): TableRow => {
      const loss = gaps && (trial % 7 === 6 || (trial + i) % 5 === 3) ? Number.NaN : floor + 1 / (i + 1) + 0.02 * draw.next();
      return {
        ...{ trial_id: `${name}6e465_${String(trial).padStart(5, '0')}`, training_iteration: i + 1 },
        [`${name}loss`]: loss,
        [`${name}latency`]: 10 + units / 10 + draw.next(),
        [`config/${name}lr`]: lr,
        [`config/model/${name}units`]: units,
        [`config/model/${name}activation`]: name + kind,
      };
    });
  }).flat();
}

/** What the columns are called in a world with long names. */
export const named = (name: string, { long }: World): string => {
  const cut = name.lastIndexOf('.') + 1;
  return long ? name.slice(0, cut) + LONG + name.slice(cut) : name;
};

/** The last report of each trial. */
export const lastOf = (rows: readonly TableRow[]): readonly TableRow[] => [...new Map(rows.map((row) => [row.trial_id, row])).values()];
