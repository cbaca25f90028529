/** Draws the pictures of docs/schedulers, of docs/algorithms and of the gallery: `npx tsx scripts/pictures.ts`. A scheduler more is one entry more. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as schedulers from '../schedulers/index.ts';
import { uniform } from '../src/space/domains.ts';
import { pbtToy } from '../src/testing/curves/pbt-toy.ts';
import { powerLaws } from '../src/testing/curves/power-laws.ts';
import { simulate } from '../src/testing/simulate.ts';
import { bohb } from '../src/tuner/bohb.ts';
import { drawFronts } from './draw-fronts.ts';
import { drawSimulation } from './draw-simulation.ts';
import { drawTimeline } from './draw-timeline.ts';
import { drawGallery } from './gallery.ts';
import { SEARCH_PICTURES } from './search-pictures.ts';

const { asha, experimentPlateau, fifo, firstOf, hyperband, maximumIteration, medianStopping, moAsha } = schedulers;
const { patience, pb2, pbt, pbtReplay, percentileStopping, threshold, trialPlateau, wilcoxon } = schedulers;

/** The same trials for the rules that compare trials at every step. */
const NOISY = { ...powerLaws({ maxT: 40, noise: 0.02 }), trials: 30, workers: 6, seed: 3 } as const;
const BY_STEP = { timeAttr: 'training_iteration', gracePeriod: 5 } as const;

/** Losses that fall and then, for some, rise again. */
const OVERFITTING = {
  space: { floor: uniform(0, 0.5), turn: uniform(5, 60), slope: uniform(0.01, 0.05) },
  curve: ({ floor, turn, slope }: { floor: number; turn: number; slope: number }, step: number) =>
    floor + step ** -0.7 + slope * Math.max(0, step - turn) ** 1.2,
  maxT: 40,
  trials: 14,
  workers: 4,
  seed: 2,
} as const;

/** The toy of population based training with more members than two. */
const POPULATION = { ...pbtToy({ maxT: 120 }), trials: 6, workers: 6, seed: 4, metric: 'score' } as const;
const explore = () => pbt({ perturbationInterval: 15, quantileFraction: 0.3, hyperparamMutations: { h0: uniform(0, 1), h1: uniform(0, 1) } });

/** By the name of the page: the text of its picture. */
export const PICTURES: Readonly<Record<string, () => Promise<string>>> = {
  async fifo() {
    const durations = ({ rate }: { rate: number }) => Math.round(10 * rate) / 4;
    const { journal } = await simulate({ ...powerLaws({ maxT: 9 }), trials: 10, workers: 3, seed: 1, durations, scheduler: fifo() });
    return drawTimeline('fifo(): 10 trials in 3 slots', journal);
  },
  async asha() {
    const { journal } = await simulate({ ...powerLaws({ maxT: 81 }), trials: 60, workers: 8, seed: 1, scheduler: asha({ maxT: 81, reductionFactor: 3 }) });
    return drawSimulation('asha({ maxT: 81, reductionFactor: 3 }): 60 trials in 8 slots', journal);
  },
  async hyperband() {
    const { journal } = await simulate({ ...powerLaws({ maxT: 9 }), trials: 17, workers: 4, seed: 1, scheduler: hyperband({ maxT: 9 }) });
    return drawTimeline('hyperband({ maxT: 9 }): its brackets of 9, 5 and 3 trials, in 4 slots', journal);
  },
  async bohb() {
    const { searchAlg, scheduler } = bohb({ maxT: 9 });
    const { journal } = await simulate({ ...powerLaws({ maxT: 9 }), trials: 400, workers: 8, seed: 2, searcher: searchAlg, scheduler });
    return drawSimulation('bohb({ maxT: 9 }): 400 trials, of which ever more are drawn where good ones were', journal, { along: 'seconds' });
  },
  async pbt() {
    const { journal } = await simulate({ ...POPULATION, scheduler: explore() });
    return drawSimulation('pbt({ perturbationInterval: 15, quantileFraction: 0.3, … }): a population of 6', journal, { metric: 'score', along: 'steps' });
  },
  async pb2() {
    const scheduler = pb2({ perturbationInterval: 15, quantileFraction: 0.3, hyperparamBounds: { h0: [0, 1], h1: [0, 1] } });
    const { journal } = await simulate({ ...POPULATION, scheduler });
    return drawSimulation('pb2({ perturbationInterval: 15, quantileFraction: 0.3, … }): a population of 6', journal, { metric: 'score', along: 'steps' });
  },
  async 'pbt-replay'() {
    const { journal, grid } = await simulate({ ...POPULATION, scheduler: explore() });
    const { lineage } = grid.getBestResult();
    const config = lineage[0]?.config as { h0: number; h1: number };
    const replay = await simulate({ ...POPULATION, trials: 1, workers: 1, pointsToEvaluate: [config], scheduler: pbtReplay(lineage) });
    const behind = { journal, text: 'the population that it was found in' };
    return drawSimulation('pbtReplay(lineage): the best of 6 members once more, alone', replay.journal, { metric: 'score', along: 'steps', behind });
  },
  async 'median-stopping'() {
    const { journal } = await simulate({ ...NOISY, scheduler: medianStopping(BY_STEP) });
    return drawSimulation("medianStopping({ timeAttr: 'training_iteration', gracePeriod: 5 }): 30 trials", journal, {
      along: 'steps',
      line: { step: 5, text: 'gracePeriod' },
    });
  },
  async 'percentile-stopping'() {
    const { journal } = await simulate({ ...NOISY, scheduler: percentileStopping({ percentile: 25, ...BY_STEP }) });
    return drawSimulation("percentileStopping({ percentile: 25, … }): the 30 trials of medianStopping's picture", journal, {
      along: 'steps',
      line: { step: 5, text: 'gracePeriod' },
    });
  },
  async patience() {
    const { journal } = await simulate({ ...OVERFITTING, scheduler: patience({ patience: 5 }) });
    return drawSimulation('patience({ patience: 5 }): 14 trials, of which some overfit', journal, { along: 'steps' });
  },
  async threshold() {
    const curve = ({ rate, floor }: { rate: number; floor: number }, step: number) =>
      floor + step ** -0.6 + (rate > 0.75 ? 0.02 * Math.exp(0.35 * step * rate) : 0);
    const space = { floor: uniform(0, 0.5), rate: uniform(0.2, 1.2) };
    const { journal } = await simulate({ space, curve, maxT: 25, trials: 14, workers: 4, seed: 1, scheduler: threshold({ metric: 'loss', upper: 2.5 }) });
    return drawSimulation("threshold({ metric: 'loss', upper: 2.5 }): 14 trials, of which some explode", journal, {
      along: 'steps',
      line: { value: 2.5, text: 'upper' },
    });
  },
  async wilcoxon() {
    const hard = [0.1, 0.45, 0.2, 0.6, 0.3, 0.15, 0.5, 0.25, 0.4, 0.35];
    const curve = ({ x }: { x: number }, fold: number, rng: { normal(): number }) => (hard[fold - 1] ?? 0) + x + 0.04 * rng.normal();
    const { journal } = await simulate({ curve, maxT: 10, trials: 12, seed: 4, scheduler: wilcoxon() });
    return drawSimulation('wilcoxon(): 12 trials, each a mean over 10 folds', journal, { along: 'steps', called: 'fold', dots: true });
  },
  async 'mo-asha'() {
    const curve = ({ floor, rate }: { floor: number; rate: number }, step: number, rng: { normal(): number }) => ({
      loss: floor + 0.4 * step ** -0.5,
      latency_ms: 20 + 60 * rate + 5 * Math.abs(rng.normal()),
    });
    const world = { ...powerLaws({ maxT: 27 }), curve, metric: ['loss', 'latency_ms'], mode: ['min', 'min'], trials: 60, workers: 8, seed: 1 } as const;
    const { journal } = await simulate({ ...world, scheduler: moAsha({ maxT: 27, gracePeriod: 3, reductionFactor: 3 }) });
    return drawFronts('moAsha({ maxT: 27, gracePeriod: 3, reductionFactor: 3 }): 60 trials at rung 3', journal, ['latency_ms', 'loss'], 3);
  },
  async composition() {
    const scheduler = firstOf(asha({ maxT: 40, gracePeriod: 4, reductionFactor: 3 }), patience({ patience: 3 }));
    const { journal } = await simulate({ ...OVERFITTING, trials: 30, scheduler });
    return drawSimulation('firstOf(asha({ maxT: 40, gracePeriod: 4, … }), patience({ patience: 3 })): 30 trials', journal, { along: 'steps', byWhom: true });
  },
  async 'maximum-iteration'() {
    const curve = ({ floor, rate }: { floor: number; rate: number }, step: number) => (step > 4 + 20 * rate ? undefined : floor + step ** -0.7);
    const { journal } = await simulate({ ...powerLaws({ maxT: 40 }), curve, trials: 16, workers: 4, seed: 1, scheduler: maximumIteration({ maxIter: 16 }) });
    return drawSimulation('maximumIteration({ maxIter: 16 }): 16 trials of different lengths', journal, {
      along: 'steps',
      line: { step: 16, text: 'maxIter' },
    });
  },
  async 'trial-plateau'() {
    const curve = ({ floor, rate }: { floor: number; rate: number }, step: number) => floor + Math.exp(-0.35 * rate * step);
    const { journal } = await simulate({ ...powerLaws({ maxT: 20 }), curve, trials: 12, workers: 4, seed: 1, scheduler: trialPlateau({ std: 0.005 }) });
    return drawSimulation('trialPlateau({ std: 0.005 }): 12 trials, of which some stand still before the others', journal, { along: 'steps' });
  },
  async 'experiment-plateau'() {
    const scheduler = experimentPlateau({ top: 10, std: 0.01, patience: 40 });
    const { journal } = await simulate({ ...powerLaws({ maxT: 20 }), trials: 100, workers: 4, seed: 1, scheduler });
    return drawSimulation('experimentPlateau({ top: 10, std: 0.01, patience: 40 }): of 100 trials not all are needed', journal, {
      along: 'seconds',
      line: { step: (journal.at(-1)?.at ?? 0) / 1000, text: 'the run ends' },
    });
  },
};

/** By folder of the documentation. */
export const PICTURES_OF: Readonly<Record<string, typeof PICTURES>> = { schedulers: PICTURES, algorithms: SEARCH_PICTURES };

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [pages, pictures] of Object.entries(PICTURES_OF)) {
    const folder = new URL(`../docs/${pages}/images/`, import.meta.url);
    mkdirSync(folder, { recursive: true });
    for (const [name, picture] of Object.entries(pictures)) writeFileSync(new URL(`${name}.svg`, folder), await picture());
  }
  const gallery = new URL('../docs/gallery/', import.meta.url);
  mkdirSync(gallery, { recursive: true });
  for (const [name, picture] of Object.entries(await drawGallery())) writeFileSync(new URL(`${name}.svg`, gallery), picture);
}
