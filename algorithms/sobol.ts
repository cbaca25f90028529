import type { Searcher } from '../src/search/searcher.ts';
import { checkSequenceOptions, quasiRandom, type SequenceOptions } from './quasi-random.ts';
import { SOBOL_DIMENSIONS, SOBOL_UNIT, scrambleBits, sobolBits } from './sobol/sequence.ts';

/** See `SequenceOptions`. */
export type SobolOptions = SequenceOptions;

/**
 * Points that fill the space evenly, whatever their number: the Sobol sequence, scrambled. Of every aligned block of 2^m proposals each
 * 2^-m of the range of each parameter has exactly one, and the same holds for the boxes of the first two together; numbers of trials that are
 * powers of 2 are the most even. Values have the probabilities that random search gives them.
 *
 * Learns nothing from results, so that any number of workers is as good as one. A `gridSearch` and a `variation` count as a
 * `choice`. Parameters with one value need no dimension. O(32 · parameters) for each proposal.
 *
 * @throws {AttuneError} `OPTION_UNKNOWN`, `OPTION_RANGE`; in `new Tuner` `SPACE_INVALID` for `randn` and `qrandn`, and for more than 1,111 parameters
 * @see Joe & Kuo 2008, SIAM J. Sci. Comput. 30(5); Owen 1995 for the scrambling; Owen 2020, arXiv 2008.08051, why it starts at point 0
 * @example
 * import { uniform } from 'attune';
 * import { sobol } from 'attune/algorithms';
 * import { simulate } from 'attune/testing';
 *
 * const { grid } = await simulate({ searcher: sobol(), space: { x: uniform(0, 4) }, curve: ({ x }) => x, trials: 4, maxT: 1 });
 * [...grid].map(({ config }) => Math.floor(config.x)).sort(); // => [0, 1, 2, 3]
 */
export function sobol(options: SobolOptions = {}): Searcher {
  checkSequenceOptions('sobol', options);
  const { scramble = true } = options;
  return quasiRandom(
    {
      name: 'sobol',
      dimensions: SOBOL_DIMENSIONS,
      point:
        (index, { stream }) =>
        (dimension, { name }) => {
          const bits = sobolBits(dimension, index);
          if (!scramble) return bits * SOBOL_UNIT;
          const own = stream.fork('sobol', name);
          return (scrambleBits(bits, [own.int(2 ** 32), own.int(2 ** 32)]) + 0.5) * SOBOL_UNIT; // the middle of its cell: never 0
        },
    },
    options,
  );
}
