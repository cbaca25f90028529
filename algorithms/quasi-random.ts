import { AttuneError } from '../src/base/errors.ts';
import { checkOptions, describe } from '../src/base/options.ts';
import type { Ask, Searcher } from '../src/search/searcher.ts';
import { fromUnit } from '../src/space/from-unit.ts';
import type { Parameter, Space } from '../src/space/space.ts';

/** What the options of a sequence are. */
export interface SequenceOptions {
  /** Whether to draw another set of points for each seed, each point uniform and all of them as even; false: the sequence itself, whatever the seed. Default true. */
  readonly scramble?: boolean;
}

/** A sequence of points of the unit cube. What is drawn at random is keyed by the name of the parameter, not by its dimension. */
export interface Sequence {
  readonly name: string;
  /** How many dimensions it has. Default: as many as are wanted. */
  readonly dimensions?: number;
  /**
   * The coordinates of a point, in [0, 1).
   * @param index - of the point, from 0 on
   */
  point(index: number, ask: Ask): (dimension: number, parameter: Parameter) => number;
}

/**
 * Proposes the points of a sequence, each parameter in a dimension of its own. Scrambled from point 0 on, without which blocks of points
 * would not be even; else from point 1 on, since point 0 is the corner.
 */
export function quasiRandom({ name, dimensions = Infinity, point }: Sequence, options: SequenceOptions): Searcher {
  const { scramble = true } = options;
  return {
    name,
    options: { ...options },
    check: ({ space }) => checkSpace(name, dimensions, space),
    suggest(ask) {
      const { index, samples, space } = ask;
      if (index >= samples) return { kind: 'done' };
      const numbers = dimensionsOf(space);
      const coordinate = point(scramble ? index : index + 1, ask);
      const config = fromUnit(space, (i) => ((numbers[i] as number) < 0 ? 0 : coordinate(numbers[i] as number, space.parameters[i] as Parameter)));
      return { kind: 'config', config, ...(index + 1 === samples ? { last: true } : {}) };
    },
  };
}

/** @throws {AttuneError} `OPTION_UNKNOWN`, `OPTION_RANGE` */
export function checkSequenceOptions(name: string, options: SequenceOptions): void {
  checkOptions(name, options, ['scramble']);
  const { scramble } = options;
  if (scramble === undefined || typeof scramble === 'boolean') return;
  throw new AttuneError('OPTION_RANGE', `${name}: expected scramble to be true or false, got ${describe(scramble)}.`);
}

/** The dimension of each parameter; -1 for one with a single value, which needs none. */
function dimensionsOf({ parameters }: Space): readonly number[] {
  let count = 0;
  return parameters.map(({ range }) => (range.cardinality === 1 ? -1 : count++));
}

function checkSpace(name: string, most: number, space: Space): void {
  const endless = space.parameters.find(({ domain }) => 'mean' in domain);
  if (endless !== undefined) {
    throw new AttuneError('SPACE_INVALID', `${name}: expected a domain with two ends at "${endless.path}", got ${endless.domain.kind}.`, {
      hint: 'Give it bounds, as uniform(lower, upper) has them, or use random() or tpe().',
    });
  }
  const wanted = Math.max(0, ...dimensionsOf(space)) + 1;
  if (wanted <= most) return;
  throw new AttuneError('SPACE_INVALID', `${name}: expected at most ${most} parameters, got ${wanted}.`, { hint: 'Use random() or tpe().' });
}
