import { describe, expect, test } from 'vitest';
import { auto, basicVariant, cmaes, evolution, gp, grid, halton, list, nsga2, random, sobol, tpe } from '../../algorithms/index.ts';
import type { ErrorCode } from '../../src/base/errors.ts';
import { AttuneError, Tuner } from '../../src/index.ts';
import { History } from '../../src/search/history.ts';
import type { Searcher } from '../../src/search/searcher.ts';
import { contains } from '../../src/space/contains.ts';
import { choice, gridSearch, qrandn, randint, randn, uniform, variation } from '../../src/space/domains.ts';
import { compileSpace } from '../../src/space/space.ts';
import { toLoss } from '../../src/trial/metrics.ts';
import { askFor } from './asking.ts';
import { cube } from './points.ts';

/** What `new Tuner` refuses: the message has the name of the searcher and this text, and says what to do. */
interface Refusal {
  readonly what: string;
  readonly space: unknown;
  /** Default: `make` of the row. */
  readonly make?: () => Searcher;
  /** Default `'loss'`; `[]`: none. */
  readonly metric?: readonly string[];
  readonly code: ErrorCode;
  readonly text: string;
  readonly hint?: string;
}

interface Row {
  readonly name: string;
  /** Of a searcher that learns, one that does so early. */
  readonly make: () => Searcher;
  readonly refuses: readonly Refusal[];
  /** Parameters with one value, for a searcher that does not take every kind. Default: those of `single`. */
  readonly single?: Readonly<Record<string, unknown>>;
}

const endless = (name: string, hint: string): readonly Refusal[] =>
  [randn(0, 1), qrandn(0, 1, 0.5)].map((domain) => ({
    what: domain.kind,
    space: { x: uniform(0, 1), net: { noise: domain } },
    code: 'SPACE_INVALID',
    text: `${name}: expected a domain with two ends at "net/noise", got ${domain.kind}.`,
    hint,
  }));

/** A searcher that needs a metric, and one that needs no more than one. */
const without = (name: string): Refusal => ({ what: 'no metric', space: {}, metric: [], code: 'METRIC_INVALID', text: `${name}: expected`, hint: 'metric' });
const two = (name: string): Refusal => ({
  what: 'two metrics',
  space: {},
  metric: ['a', 'b'],
  code: 'METRIC_INVALID',
  text: `${name}: expected one metric, got 2.`,
  hint: 'tpe(), nsga2() and auto()',
});

/** A searcher is a row. */
const SEARCHERS: readonly Row[] = [
  { name: 'random', make: random, refuses: [] },
  { name: 'basicVariant', make: basicVariant, refuses: [] },
  {
    name: 'grid',
    make: () => grid({ bins: 3 }),
    refuses: [
      ...endless('grid', 'gridSearch([…])'),
      {
        what: 'a range without bins',
        make: grid,
        space: { x: uniform(0, 1) },
        code: 'SPACE_INVALID',
        text: '"x", got uniform',
        hint: 'grid({ bins: { "x": 5 } })',
      },
      { what: 'too many values', make: grid, space: { x: randint(0, 1e6) }, code: 'SPACE_INVALID', text: 'got randint with 1000000 values', hint: 'bins' },
    ],
  },
  {
    name: 'list',
    make: () => list([{ y: 1 }]),
    refuses: [
      {
        what: 'a key that the space lacks',
        space: { x: uniform(0, 1) },
        code: 'CONFIG_INVALID',
        text: 'list: configs[0]: expected keys of the space, got "y".',
      },
    ],
  },
  {
    name: 'sobol',
    make: sobol,
    refuses: [
      ...endless('sobol', 'random() or tpe()'),
      { what: '1,112 parameters', space: cube(1112), code: 'SPACE_INVALID', text: 'sobol: expected at most 1111 parameters, got 1112.', hint: 'random()' },
    ],
  },
  { name: 'halton', make: halton, refuses: endless('halton', 'random() or tpe()') },
  {
    name: 'tpe',
    make: () => tpe({ startupTrials: 3 }),
    refuses: [
      without('tpe'),
      {
        what: 'two metrics at milestones',
        make: () => tpe({ milestones: [1] }),
        space: {},
        metric: ['a', 'b'],
        code: 'METRIC_INVALID',
        text: 'tpe: expected one metric to compare by at milestones, got 2.',
      },
    ],
  },
  { name: 'gp', make: () => gp({ startupTrials: 3 }), refuses: [without('gp'), two('gp')] },
  {
    name: 'cmaes',
    make: () => cmaes({ populationSize: 4 }),
    refuses: [
      without('cmaes'),
      two('cmaes'),
      ...[choice([1, 2]), gridSearch([1, 2]), variation([1, 2])].map(
        (domain): Refusal => ({
          what: domain.kind,
          space: { x: uniform(0, 1), net: { kind: domain } },
          code: 'SPACE_INVALID',
          text: `cmaes: expected numbers only, got ${domain.kind} at "net/kind".`,
          hint: 'tpe()',
        }),
      ),
    ],
    single: { y: uniform(0, 1), n: randint(3, 4), only: choice(['only']) },
  },
  { name: 'nsga2', make: () => nsga2({ populationSize: 4 }), refuses: [without('nsga2')] },
  { name: 'evolution', make: () => evolution({ populationSize: 4 }), refuses: [without('evolution'), two('evolution')] },
  { name: 'auto', make: auto, refuses: [] },
];

/** Proposes 30 trials, unless it is done before, each of which ends at once and reports this. All of them lie in the space; how many there were. */
async function survives({ make }: Row, input: unknown, metric: (index: number) => number): Promise<number> {
  const space = compileSpace(input);
  const [searcher, history] = [make(), new History(space, 1)];
  searcher.check?.(askFor(space, 0, { samples: 30, history }));
  for (let index = 0; index < 30; index++) {
    const suggestion = await searcher.suggest(askFor(space, index, { samples: 30, history }));
    if (suggestion.kind !== 'config') return index;
    expect(contains(space, suggestion.config)).toBe(true);
    const row = history.add({ config: suggestion.config, by: 'searcher', asked: history.ended.length });
    history.report(row, 1, [toLoss(metric(index), 'min')]);
    history.end(row, index % 7 === 3 ? 'failed' : 'completed');
  }
  return 30;
}

/** There is a `y` that can be 1 in each of them, for `list`. */
const wide = { y: uniform(0, 1), ...cube(199) };
const single = { y: uniform(0, 1), n: randint(3, 4), only: choice(['only']) };
const ODD = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1];

describe.each(SEARCHERS.map((row) => [row.name, row] as const))('%s', (_name, row) => {
  for (const { what, make = row.make, space, metric = ['loss'], code, text, hint = '' } of row.refuses) {
    test(`${what} is refused in new Tuner, with what to do`, () => {
      const tuneConfig = { ...(metric.length > 0 ? { metric, mode: metric.map(() => 'min') } : {}), searchAlg: make() };
      let error: unknown;
      try {
        new Tuner((() => 1) as never, { paramSpace: space, tuneConfig } as never);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(AttuneError);
      expect(error).toMatchObject({ code, hint: expect.stringContaining(hint) });
      for (const part of [row.name, text]) expect((error as AttuneError).message).toContain(part);
      expect((error as AttuneError).hint).not.toBe('');
    });
  }

  test.each<readonly [string, unknown, (index: number) => number]>([
    ['200 parameters', wide, (i) => i % 5],
    ['parameters with one value', row.single ?? single, (i) => i % 5],
    ['nothing but one value', { y: randint(1, 2) }, (i) => i % 5],
    ['every loss the same', row.single ?? single, () => 1],
    ['losses that are NaN and infinite', row.single ?? single, (i) => ODD[i % 4] as number],
    ['no loss but NaN', row.single ?? single, () => Number.NaN],
  ])('%s', async (_what, space, metric) => expect(await survives(row, space, metric)).toBe(30));
});
