import { canonicalJson, findNonJson } from '../../base/json.ts';
import { rng } from '../../base/rng.ts';
import type { Searcher } from '../../search/searcher.ts';
import { contains } from '../../space/contains.ts';
import { loguniform, randint, uniform } from '../../space/domains.ts';
import { compileSpace } from '../../space/space.ts';
import { finiteSize, gridSize } from '../../space/variants.ts';
import { broken } from './law.ts';
import { same } from './lifecycle.ts';
import { configsOf, type SearchWorld, search } from './search-world.ts';
import { withoutChance } from './symmetry.ts';

/** The searcher that is on trial. */
export interface SearchSubject {
  make(): Searcher;
  readonly name: string;
  /** `'random'` draws from the prior, `'grid'` sweeps every point once, `'other'` goes by what it has learnt. */
  readonly kind: 'random' | 'grid' | 'other';
  /** It never proposes a configuration twice. */
  readonly unique: boolean;
  /** It never has more than so many trials that have not ended. */
  readonly limit: number | undefined;
}

/** A law of searchers. */
export interface SearchLaw {
  readonly name: string;
  readonly law: string;
  skips?(subject: SearchSubject): string | undefined;
  readonly once?: true;
  holds(subject: SearchSubject, world: SearchWorld): void | Promise<void>;
}

const suggested = async (subject: SearchSubject, world: SearchWorld, options?: Parameters<typeof search>[2]): Promise<readonly string[]> => {
  const { suggestions } = await search(subject.make, world, options);
  return suggestions.map((suggestion, i) => `ask ${i}: ${canonicalJson(suggestion)}`);
};

const G1: SearchLaw = {
  name: 'G1',
  law: 'Every configuration lies in the space, with each key that belongs to it and no other, and is plain JSON.',
  async holds(subject, world) {
    const found = await search(subject.make, { ...world, outcomes: [] });
    for (const [i, config] of configsOf(found).entries()) {
      const odd = findNonJson(config);
      if (odd) broken('plain JSON', `${odd.got} at ${odd.path.join('/')}, ask ${i}`);
      if (!contains(found.space, config)) broken('a configuration in the space', `${JSON.stringify(config)}, ask ${i}`);
    }
  },
};

const G2: SearchLaw = {
  name: 'G2',
  law: 'The same seed and the same history give the same configurations, with the clock and Math.random out of order.',
  async holds(subject, world) {
    same(await suggested(subject, world), await suggested(subject, world, { around: withoutChance }), 'again');
  },
};

const G3: SearchLaw = {
  name: 'G3',
  law: 'In which order reports came, as long as trials end in the same order, changes nothing.',
  async holds(subject, world) {
    same(await suggested(subject, world), await suggested(subject, world, { reversed: true }), 'as in the other order');
  },
};

const sizeOf = (world: SearchWorld): number => gridSize(compileSpace(world.paramSpace));

const G4: SearchLaw = {
  name: 'G4',
  law: 'A grid has as many points as the product of its values, each proposed once for each sample, and is then done.',
  skips: ({ kind }) => (kind === 'grid' ? undefined : 'it sweeps no grid'),
  async holds(subject, world) {
    const size = finiteSize(compileSpace(world.paramSpace));
    if (!(size <= 300) || sizeOf(world) !== size) return; // where something else is drawn, nobody knows the points
    const configs = configsOf(await search(subject.make, { ...world, samples: 1 })).map((config) => canonicalJson(config));
    if (new Set(configs).size !== configs.length) broken('each point once', configs.find((one, i) => configs.indexOf(one) !== i) ?? '');
    if (configs.length !== size) broken(`${size} points`, `${configs.length}`);
  },
};

const G5: SearchLaw = {
  name: 'G5',
  law: 'From a finite space no configuration comes twice, all of them come, and then it is done.',
  skips: ({ unique }) => (unique ? undefined : 'it may propose a configuration twice'),
  async holds(subject, world) {
    const size = finiteSize(compileSpace(world.paramSpace));
    if (!(size <= 300)) return;
    const { suggestions } = await search(subject.make, { ...world, samples: size + 3 });
    const configs = configsOf({ suggestions }).map((config) => canonicalJson(config));
    if (new Set(configs).size !== configs.length) broken('no configuration twice', configs.find((one, i) => configs.indexOf(one) !== i) ?? '');
    const last = suggestions.at(-1);
    const isDone = last?.kind === 'done' || (last?.kind === 'config' && last.last === true);
    if (configs.length !== size || !isDone) broken(`${size} configurations, and then an end`, `${configs.length}, and then ${last?.kind}`);
  },
};

const G7: SearchLaw = {
  name: 'G7',
  law: 'It answers however many asks without a result, and ends when it has proposed as many as are wanted, or all there are.',
  async holds(subject, world) {
    const { suggestions } = await search(subject.make, { ...world, outcomes: [] });
    const count = configsOf({ suggestions }).length;
    const last = suggestions.at(-1);
    const ends = last?.kind === 'done' || (last?.kind === 'config' && last.last === true);
    const mayWait = subject.limit !== undefined && last?.kind === 'wait';
    if (!ends && !mayWait) broken('an end', `${last?.kind} after ${count} configurations`);
    if (subject.kind !== 'grid' && count > world.samples) broken(`at most ${world.samples} configurations`, `${count}`);
  },
};

const G8: SearchLaw = {
  name: 'G8',
  law: 'Whenever the run is cut and restored, a new searcher with the same history goes on as the old one would have.',
  async holds(subject, world) {
    const whole = await suggested(subject, world);
    for (const restoredAt of new Set([1, whole.length >> 1, whole.length - 1])) {
      same(whole, await suggested(subject, world, { restoredAt }), `cut after ${restoredAt}`);
    }
  },
};

const G9: SearchLaw = {
  name: 'G9',
  law: 'With results that are NaN or infinite, and trials that fail, every configuration still lies in the space.',
  async holds(subject, world) {
    const values = [Number.NaN, Number.POSITIVE_INFINITY, 1, Number.NEGATIVE_INFINITY, 0];
    const outcomes = Array.from({ length: world.samples }, (_, i) => ({
      value: Array.from({ length: world.objectives ?? 1 }, (__, k) => values[(i + k) % values.length] ?? 0),
      lag: i % 3,
      ends: i % 4 === 1 ? ('failed' as const) : ('completed' as const),
    }));
    const found = await search(subject.make, { ...world, outcomes });
    for (const config of configsOf(found)) if (!contains(found.space, config)) broken('a configuration in the space', JSON.stringify(config));
  },
};

const DRAWS = 2000;
/** Kolmogorov and Smirnov at alpha 1e-4, and the chi-square of 4 degrees of freedom there. */
const [KS_LINE, CHI_LINE] = [2.23, 23.51];

const G11: SearchLaw = {
  name: 'G11',
  law: 'Draws follow the prior: uniform ones evenly, logarithmic ones in the logarithm, integers with both ends.',
  once: true,
  skips: ({ kind }) => (kind === 'random' ? undefined : 'it does not draw from the prior'),
  async holds(subject, world) {
    const paramSpace = { x: uniform(-1, 3), lr: loguniform(1e-4, 1), n: randint(2, 7) };
    const configs = configsOf(await search(subject.make, { ...world, paramSpace, samples: DRAWS })) as readonly { x: number; lr: number; n: number }[];
    const apart = (values: readonly number[]): number =>
      Math.max(...[...values].sort((a, b) => a - b).map((value, i) => Math.max(Math.abs(value - i / DRAWS), Math.abs((i + 1) / DRAWS - value)))) *
      Math.sqrt(DRAWS);
    const [even, logarithmic] = [apart(configs.map(({ x }) => (x + 1) / 4)), apart(configs.map(({ lr }) => 1 + Math.log10(lr) / 4))];
    if (even > KS_LINE) broken('uniform draws to be even', `${even.toFixed(2)} from it`);
    if (logarithmic > KS_LINE) broken('loguniform draws to be even in the logarithm', `${logarithmic.toFixed(2)} from it`);
    const counts = [2, 3, 4, 5, 6].map((n) => configs.filter((config) => config.n === n).length);
    const chi = counts.reduce((sum, count) => sum + (count - DRAWS / 5) ** 2 / (DRAWS / 5), 0);
    if (chi > CHI_LINE) broken('integers to be drawn alike, both ends too', counts.join(', '));
  },
};

const G12: SearchLaw = {
  name: 'G12',
  law: 'A parameter on another scale: the same proposals, on that scale.',
  once: true,
  skips: ({ kind }) => (kind === 'grid' ? 'it proposes values of the space, whatever their scale' : undefined),
  async holds(subject, world) {
    const outcomes = Array.from({ length: 40 }, (_, i) => ({
      value: Array.from({ length: world.objectives ?? 1 }, (__, k) => rng(i + 40 * k).next()),
      lag: i % 3,
    }));
    const of = async (lower: number, upper: number): Promise<readonly number[]> => {
      const found = await search(subject.make, { ...world, paramSpace: { x: uniform(lower, upper) }, samples: 40, outcomes });
      return configsOf(found).map(({ x }) => (Number(x) - lower) / (upper - lower));
    };
    const [unit, other] = [await of(0, 1), await of(-256, 768)];
    const at = unit.findIndex((value, i) => Math.abs(value - (other[i] ?? Number.NaN)) > 1e-9 || other[i] === undefined);
    if (at >= 0) broken(`${unit[at]} of the way at ask ${at}`, `${other[at]}`);
  },
};

const G15: SearchLaw = {
  name: 'G15',
  law: 'There are never more trials that have not ended than it limits them to.',
  skips: ({ limit }) => (limit === undefined ? 'it limits nobody' : undefined),
  async holds(subject, world) {
    const { suggestions, history } = await search(subject.make, world);
    let row = 0;
    for (const suggestion of suggestions) {
      if (suggestion.kind !== 'config') continue;
      const then = history.asOf(history.at(row).asked);
      row += 1;
      const open = Array.from({ length: row }, (_, i) => then.at(i)).filter(({ state }) => state === 'running').length;
      if (open > (subject.limit ?? 0)) broken(`at most ${subject.limit} at once`, `${open}`);
    }
  },
};

const G18: SearchLaw = {
  name: 'G18',
  law: 'A constant in the space changes nothing else.',
  async holds(subject, world) {
    const plain = configsOf(await search(subject.make, world));
    const paramSpace = { ...(world.paramSpace as object), constant: 3 };
    const more = configsOf(await search(subject.make, { ...world, paramSpace })).map(({ constant: _, ...config }) => config);
    same(
      plain.map((config) => canonicalJson(config)),
      more.map((config) => canonicalJson(config)),
      'as without the constant',
    );
  },
};

/** The laws of searchers that can be tried from outside. */
export const searchLaws: readonly SearchLaw[] = [G1, G2, G3, G4, G5, G7, G8, G9, G11, G12, G15, G18];
