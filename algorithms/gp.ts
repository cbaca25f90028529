import { checkNumber, checkOptions } from '../src/base/options.ts';
import { AttuneError } from '../src/base/errors.ts';
import type { History } from '../src/search/history.ts';
import type { Ask, Searcher, Setup } from '../src/search/searcher.ts';
import { decode } from '../src/space/encode.ts';
import { sample } from '../src/space/sample.ts';
import type { Space } from '../src/space/space.ts';
import { Improvement } from './gp/acquisition.ts';
import { type Coordinates, coordinatesOf, settle, valueAt, valuesOf } from './gp/coordinates.ts';
import { kernelOf } from './gp/evidence.ts';
import { type Fit, fit, startOf } from './gp/fit.ts';
import { type Ledger, ledgerOf, levelled, type Points } from './gp/ledger.ts';
import { Pace } from './gp/pace.ts';
import { Posterior } from './gp/posterior.ts';
import { propose } from './gp/propose.ts';
import { warped } from './gp/warp.ts';

export interface GpOptions {
  readonly startupTrials?: number;
}

interface Model {
  readonly space: Space;
  readonly coordinates: Coordinates;
  readonly points: Points;
  readonly fits: { count: number; fit: Fit }[];
}

export function gp(options: GpOptions = {}): Searcher {
  checkOptions('gp', options, ['startupTrials']);
  const { startupTrials } = options;
  if (startupTrials !== undefined) checkNumber('gp', 'startupTrials', startupTrials, 'an integer >= 2', (value) => Number.isSafeInteger(value) && value >= 2);
  const models = new WeakMap<History, Model>();
  const modelOf = ({ history, space }: Ask): Model => {
    const known = models.get(history);
    if (known !== undefined && known.space === space) return known;
    const model: Model = { space, coordinates: coordinatesOf(space), points: [], fits: [] };
    models.set(history, model);
    return model;
  };
  return {
    name: 'gp',
    options: { ...options },
    check: checkMetric,
    async suggest(ask) {
      const { index, samples, space, history, rng, breathe } = ask;
      if (index >= samples) return { kind: 'done' };
      const end = index + 1 === samples ? { last: true as const } : {};
      const model = modelOf(ask);
      const startup = startupTrials ?? Math.min(10, Math.max(5, 2 * space.dimensions));
      if (model.coordinates.size === 0) return { kind: 'config', config: sample(space, rng), ...end };
      if (history.length < startup) return { kind: 'config', config: decode(space, valuesOf(model.coordinates, spread(ask, model, startup))), ...end };
      const ledger = ledgerOf(history, model.coordinates, model.points);
      const found = await modelled(ask, model, ledger, new Pace(breathe));
      const config = found === undefined ? sample(space, rng) : decode(space, valuesOf(model.coordinates, found));
      return { kind: 'config', config, ...end };
    },
  };
}

function checkMetric({ objectives }: Setup): void {
  if (objectives === 1) return;
  throw new AttuneError('METRIC_INVALID', `gp: expected one metric, got ${objectives === 0 ? 'none' : objectives}.`);
}

/** Latin hypercube. */
function spread({ history, stream }: Ask, { coordinates }: Model, startup: number): Float64Array {
  const k = history.length;
  const whole = Float64Array.from(coordinates.all, (coordinate, c) => {
    const draws = stream.fork('gp', 'startup', c);
    const order = Array.from({ length: startup }, (_, i) => i);
    for (let i = startup - 1; i > 0; i--) {
      const j = draws.int(i + 1);
      [order[i], order[j]] = [order[j] as number, order[i] as number];
    }
    return valueAt(coordinate, ((order[k] as number) + stream.fork('gp', 'cell', c, k).next()) / startup);
  });
  settle(coordinates, whole.slice(), whole);
  return whole;
}

const nextCount = (count: number): number => count + Math.max(1, Math.floor(count / 20));

async function modelled({ rng }: Ask, model: Model, ledger: Ledger, pace: Pace): Promise<Float64Array | undefined> {
  const { coordinates } = model;
  const count = ledger.points.length;
  if (count < 3) return undefined;
  const { size } = coordinates;
  const flat = new Float64Array(count * size);
  ledger.points.forEach((point, i) => flat.set(point, i * size));
  let last = model.fits.at(-1);
  for (;;) {
    const next = last === undefined ? 3 : nextCount(last.count);
    if (next > count) break;
    const levels = levelled(ledger, next);
    if (levels === undefined) return undefined;
    const fitted = await fit(coordinates, flat, levels, last?.fit ?? startOf(coordinates), next < 40 || next % 16 === 0, pace);
    last = { count: next, fit: fitted };
    model.fits.push(last);
  }
  const { theta, bend } = (last as { fit: Fit }).fit;
  const levels = levelled(ledger, count);
  if (levels === undefined) return undefined;
  const kernel = kernelOf(coordinates, theta);
  const posterior = new Posterior(coordinates, kernel, count);
  for (const point of ledger.points) posterior.append(point);
  const white = posterior.whitened(warped(levels, bend));
  const means = posterior.meansAt(white, 0, count);
  const order = Array.from({ length: count }, (_, i) => i).sort((a, b) => (means[a] as number) - (means[b] as number));
  const lowest = Float64Array.of(means[order[0] as number] as number);
  const improvement = new Improvement({ posterior, white, worlds: new Float64Array(0), lowest });
  const merit = { at: (p: Float64Array, g?: Float64Array) => improvement.at(p, g), four: improvement.four.bind(improvement), work: (count * count) / 2 + 20 * count };
  const tried = new Set(model.points.map((point) => point.join()));
  if ((globalThis as any).DEBUG) console.log(count, bend, kernel.scale.toFixed(2), kernel.noise.toExponential(1), Array.from(kernel.weights, (w) => (1 / Math.sqrt(w)).toFixed(2)).join(' '));
  return propose(
    coordinates,
    merit,
    order.slice(0, 4).map((i) => ledger.points[i] as Float64Array),
    kernel.weights.map((weight) => Math.min(Math.max(1 / Math.sqrt(weight), 0.01), 1)),
    (point) => tried.has(point.join()),
    rng.fork('gp'),
    pace,
  );
}
