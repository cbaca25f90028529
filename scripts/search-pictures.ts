/** The pictures of docs/algorithms: what each searcher proposes on one and the same function. A searcher more is one line more. */

import type { AskTellSetup } from '../algorithms/index.ts';
import { auto, avoidDuplicates, basicVariant, cmaes, evolution, fromAskTell, gp, grid, halton, list, nsga2, random, sobol, tpe } from '../algorithms/index.ts';
import type { Searcher } from '../src/search/searcher.ts';
import { gridSearch, randint, uniform } from '../src/space/domains.ts';
import { simulate } from '../src/testing/simulate.ts';
import type { JournalLine } from '../src/trial/events.ts';
import { drawRepeats, drawSamples, landscape } from './draw-samples.ts';

const SQUARE = { x: uniform(0, 1), y: uniform(0, 1) };
const EIGHTHS = Array.from({ length: 8 }, (_, i) => (i + 0.5) / 8);
const GIVEN = [{ x: 0.2, y: 0.8 }, { x: 0.5, y: 0.5 }, { x: 0.7 }];
const MOST = 9;
const WHOLE = { x: randint(0, MOST + 1), y: randint(0, MOST + 1) };

async function search(searcher: Searcher, trials = 64, space: object = SQUARE, most = 1): Promise<readonly JournalLine[]> {
  const curve = ({ x, y }: { x: number; y: number }) => landscape(x / most, y / most);
  return (await simulate({ searcher, trials, space: space as typeof SQUARE, curve, maxT: 1, seed: 1 })).journal;
}

/** Goes on from the best, in smaller and smaller steps when that fails. */
function climber({ rng }: AskTellSetup) {
  let [best, at, width] = [Infinity, { x: 0.5, y: 0.5 }, 0.3];
  const near = (value: number): number => Math.min(1, Math.max(0, value + width * rng.normal()));
  return {
    ask: () => ({ x: near(at.x), y: near(at.y) }),
    tell(config: object, loss: number) {
      if (loss < best) [best, at] = [loss, config as typeof at];
      else width *= 0.95;
    },
  };
}

/** By the name of the page: the text of its picture. */
export const SEARCH_PICTURES: Readonly<Record<string, () => Promise<string>>> = {
  'basic-variant': async () =>
    drawSamples('basicVariant(), x: gridSearch([…]), y: uniform(0, 1)', await search(basicVariant(), 8, { x: gridSearch(EIGHTHS), y: uniform(0, 1) })),
  random: async () => drawSamples('random()', await search(random())),
  grid: async () => drawSamples('grid({ bins: 8 })', await search(grid({ bins: 8 }), 1)),
  list: async () => drawSamples('list([{ x: 0.2, y: 0.8 }, { x: 0.5, y: 0.5 }, { x: 0.7 }])', await search(list(GIVEN), 8)),
  sobol: async () => drawSamples('sobol()', await search(sobol())),
  halton: async () => drawSamples('halton()', await search(halton())),
  tpe: async () => drawSamples('tpe()', await search(tpe())),
  cmaes: async () => drawSamples('cmaes()', await search(cmaes())),
  gp: async () => drawSamples('gp()', await search(gp())),
  evolution: async () => drawSamples('evolution()', await search(evolution())),
  nsga2: async () => drawSamples('nsga2(), with one metric', await search(nsga2())),
  auto: async () => drawSamples('auto()', await search(auto())),
  'from-ask-tell': async () => drawSamples('fromAskTell(…), a climber', await search(fromAskTell(climber))),
  wrappers: async () =>
    drawRepeats(MOST, [
      ['tpe()', await search(tpe(), 64, WHOLE, MOST)],
      ['avoidDuplicates(tpe())', await search(avoidDuplicates(tpe()), 64, WHOLE, MOST)],
    ]),
};
