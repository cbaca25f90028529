/** The pictures of docs/gallery.md: each is drawn by the code that stands above it on the page. */
import { readFileSync } from 'node:fs';
import { asha, pbt } from '../schedulers/index.ts';
import * as analysis from '../src/analysis/index.ts';
import { short } from '../src/analysis/plots/axis.ts';
import type { Plot } from '../src/analysis/plots/plot.ts';
import { choice, loguniform, randint, uniform } from '../src/space/domains.ts';
import { compileSpace, spaceToJson } from '../src/space/space.ts';
import { pbtToy } from '../src/testing/curves/pbt-toy.ts';
import { simulate } from '../src/testing/simulate.ts';

const SPACE = { lr: loguniform(1e-4, 1), units: randint(8, 129), act: choice(['relu', 'elu', 'leaky relu']) };

/** What the words of the page stand for: an experiment with `asha`, and a population. */
async function words(): Promise<Readonly<Record<string, unknown>>> {
  const curve = (config: { lr: number; units: number; act: string }, step: number, rng: { normal(): number }) => ({
    loss:
      0.15 +
      0.12 * (Math.log10(config.lr) + 2) ** 2 +
      (config.act === 'relu' ? 0 : 0.15) +
      4 / config.units +
      0.8 / step ** 0.7 +
      0.02 * Math.abs(rng.normal()),
    latency_ms: 4 + config.units / 8 + Math.abs(rng.normal()),
  });
  const world = { space: SPACE, curve, maxT: 27, trials: 60, workers: 6, seed: 2, metric: 'loss', mode: 'min' } as const;
  const { grid } = await simulate({ ...world, scheduler: asha({ maxT: 27, reductionFactor: 3 }) } as never);
  const scheduler = pbt({ perturbationInterval: 15, quantileFraction: 0.3, hyperparamMutations: { h0: uniform(0, 1), h1: uniform(0, 1) } });
  const population = await simulate({ ...pbtToy({ maxT: 120 }), trials: 6, workers: 6, seed: 4, metric: 'score', scheduler });
  const reports = [...grid.getDataFrame({ rows: 'all' })];
  const trials = [...grid.getDataFrame()];
  return { ...analysis, short, reports, trials, timeline: grid.timeline(), population: population.grid, space: spaceToJson(compileSpace(SPACE)) };
}

/** By name of the file: the text of its picture. */
export async function drawGallery(): Promise<Readonly<Record<string, string>>> {
  const page = readFileSync(new URL('../docs/gallery.md', import.meta.url), 'utf8');
  const known = await words();
  const pictures: Record<string, string> = {};
  for (const [, code = '', name = ''] of page.matchAll(/```ts\n(plot[^`]*(?:`[^`]*`[^`]*)*?)```\n\n!\[[^\]]{40,}\]\(gallery\/([\w-]+)\.svg\)/g)) {
    const plot = new Function(...Object.keys(known), `return ${code}`)(...Object.values(known)) as Plot;
    pictures[name] = await plot.svg();
  }
  return pictures;
}
