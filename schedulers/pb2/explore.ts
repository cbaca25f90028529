import type { Json } from '../../src/base/json.ts';
import type { Rng } from '../../src/base/rng.ts';
import { cloneJson } from '../../src/space/clone-json.ts';
import type { Config } from '../../src/space/config.ts';
import { clip } from '../../src/space/contains.ts';
import { fromEncoded, snap, toEncoded } from '../../src/space/numeric.ts';
import { type Place, placeOf } from '../../src/space/place.ts';
import type { Space } from '../../src/space/space.ts';
import type { TrialId } from '../../src/trial/ids.ts';
import { type Member, type PopulationState, population } from '../pbt.ts';
import { suggest } from './bandit.ts';
import { type Bound, inside } from './bounds.ts';
import { REMEMBERED } from './gains.ts';

/** The numbers that a configuration has at the bounds; null where it has none. */
export const valuesOf = (bounds: readonly Bound[], config: Config): readonly (number | null)[] =>
  bounds.map(({ path }) => {
    const value = path.reduce<Json | undefined>(
      (at, key) => (typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? (at as Record<string, Json>)[key] : undefined),
      config,
    );
    return typeof value === 'number' ? value + 0 : null; // JSON has no -0
  });

/**
 * The configuration of `source` with the numbers for which the bandit hopes most from where the source is. As long as nobody has gained
 * anything it is that of the source, moved into the bounds. What follows from others is computed anew.
 */
export function exploreByBandit(
  state: PopulationState,
  { target, source }: { readonly target: TrialId; readonly source: TrialId },
  { space, bounds, interval }: { readonly space: Space; readonly bounds: readonly Bound[]; readonly interval: number },
  rng: Rng,
): Config {
  const { config: from, time, loss = 0 } = state.members[source] as Member;
  const config = cloneJson(from) as Config;
  const axes = bounds.map(({ path, ...bound }) => axisOf(bound, placeOf(space, config, path)));
  const unit = (values: readonly (number | null)[]): readonly number[] => axes.map((axis, i) => axis.toUnit(values[i] ?? null));
  const pending = pendingOf(state, target).map((other) => unit(valuesOf(bounds, other)));
  const gains = (state.gains ?? []).slice(-(REMEMBERED - pending.length));
  const start = unit(valuesOf(bounds, config));
  const at =
    gains.length === 0
      ? start
      : suggest(
          {
            tried: gains.map((gain) => ({ time: gain.time / interval, loss: gain.loss, rate: gain.rate, at: unit(gain.values) })),
            pending,
            now: { time: time / interval, loss },
            settle: (units) => units.map((u, i) => (axes[i] as Axis).settle(u)),
          },
          rng,
        );
  axes.forEach((axis, i) => void axis.put(at[i] as number));
  return clip(space, config);
}

/** So many at most are looked at, those furthest on: the rows of the bandit are theirs and the gains'. */
const PENDING = REMEMBERED / 2;

/** What all others are trained with, or are about to be. */
function pendingOf(state: PopulationState, target: TrialId): readonly Config[] {
  return population(state)
    .filter(([trial]) => trial !== target)
    .sort(([, a], [, b]) => b.time - a.time)
    .slice(0, PENDING)
    .map(([, { config, takes }]) => takes?.config ?? config);
}

/** One number that is explored, 0 to 1 being its bounds: in the logarithm where its domain is logarithmic. */
interface Axis {
  toUnit(value: number | null): number;
  /** The nearest that there is. */
  settle(unit: number): number;
  /** Puts the value into the configuration. */
  put(unit: number): void;
}

/** A parameter that the configuration does not have stands in the middle, and stays away. */
const ABSENT: Axis = { toUnit: () => 0.5, settle: () => 0.5, put: () => undefined };

function axisOf(bound: Pick<Bound, 'lower' | 'upper'>, found: Place | undefined): Axis {
  if (found?.node.kind !== 'numeric') return ABSENT;
  const { holder, key, node } = found;
  const { domain } = node;
  const { lower, upper } = inside(domain, bound);
  const [from, to] = [toEncoded(domain, lower), toEncoded(domain, upper)];
  const toUnit = (value: number | null): number => {
    const unit = (toEncoded(domain, value) - from) / (to - from);
    return Number.isFinite(unit) ? unit : 0.5;
  };
  const valueAt = (unit: number): number => snap(domain, Math.min(Math.max(fromEncoded(domain, from + unit * (to - from)), lower), upper));
  return {
    toUnit,
    settle: (unit) => toUnit(valueAt(unit)),
    put: (unit) => {
      holder[key] = valueAt(unit);
    },
  };
}
