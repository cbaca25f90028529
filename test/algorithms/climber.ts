import type { AskTell, AskTellSetup } from '../../algorithms/index.ts';
import type { Config } from '../../src/space/config.ts';
import { sample } from '../../src/space/sample.ts';

/** An optimiser with a state: goes on drawing until something better comes, and then draws the best again now and then. Writes down what it is told. */
export function climber({ space, rng }: AskTellSetup, told: [config: Config, loss: number][] = []): AskTell {
  let best: { readonly config: Config; readonly loss: number } | undefined;
  let asked = 0;
  let history = '';
  return {
    ask() {
      asked += 1;
      const stream = rng.fork(asked, history);
      return best && stream.next() < 0.3 ? best.config : sample(space, stream);
    },
    tell(config, loss) {
      told.push([config, loss]);
      history = `${history.slice(-50)} ${loss}`;
      if (best === undefined || loss < best.loss) best = { config, loss };
    },
  };
}
