import type { LawReport, LawTrial, LawWorld } from '../laws/law-world.ts';
import type { Arbitrary, FastCheck } from './fast-check.ts';

/** What `worlds` takes. */
export interface WorldsOptions {
  /** The most reports of a trial. Default 12. */
  readonly steps?: number;
  /** The most trials. Default 24. */
  readonly trials?: number;
  /** Whether reports carry a time of their own, which grows, may jump, and may stand still. Default false. */
  readonly timed?: boolean;
  /** The least time that passes from report to report, in seconds. Default 0. */
  readonly leastSeconds?: number;
}

/** A report as it is drawn: `value` is 0 to 999, and becomes what the kind of the world makes of it. */
interface Draw {
  readonly value: number;
  readonly seconds: number;
  readonly jump: number;
  readonly missing: boolean;
  readonly fails: number;
}

const SPECIAL = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0, 1e308, -1e308, 5e-324, 1, 2];

/** What the metric is made of: the drawn value, the trial, its report, and its first value. */
const KINDS = {
  independent: (value) => value,
  improving: (value, trial) => (value % 10) - 10 * trial,
  worsening: (value, trial) => (value % 10) + 10 * trial,
  alike: () => 0,
  'of three values': (value) => value % 3,
  'all different': (value, trial, at) => ((value * 31 + trial * 17) % 1000) + trial / 1024 + at / 1048576,
  crossing: (_value, _trial, at, first) => (first % 100) + ((first % 7) - 3) * 5 * at,
  learning: (value, _trial, at, first) => 100 / (10 + (first % 20) * at) + (value % 10) / 10 + (first % 200) / 10,
  'mostly diverging': (value) => (value % 4 === 0 ? value % 50 : (SPECIAL[value % 3] ?? 0)),
  diverging: (value) => (value % 4 === 0 ? (SPECIAL[value % SPECIAL.length] ?? 0) : value % 50),
} as const satisfies Record<string, (value: number, trial: number, at: number, first: number) => number>;

const NAMES = Object.keys(KINDS) as (keyof typeof KINDS)[];
/** Drawn more often than the others: what shows only where many diverge is what everybody forgets. */
const OFTEN: readonly (keyof typeof KINDS)[] = ['mostly diverging', 'mostly diverging'];

/**
 * Worlds to try schedulers in: values that are independent, that improve or get worse from trial to trial, alike, of three
 * values, crossing, with NaN and infinities; reports that lack the metric, or skip milestones; failures and retries; 1 to 64
 * workers, mostly few; durations with many equal instants. They shrink to few trials with few reports.
 *
 * @param fc - your fast-check: `import fc from 'fast-check'`
 * @example
 * import fc from 'fast-check';
 * import { worlds } from 'attune/testing';
 *
 * fc.assert(fc.property(worlds(fc, { trials: 5 }), ({ trials }) => trials.length <= 5), { numRuns: 20 });
 */
export function worlds(fc: FastCheck, { steps = 12, trials = 24, timed = false, leastSeconds = 0 }: WorldsOptions = {}): Arbitrary<LawWorld> {
  const draw = draws(fc, leastSeconds);
  const many = fc.array(fc.array(draw, { minLength: 1, maxLength: Math.min(steps, 12) }), { minLength: 1, maxLength: trials });
  const few = fc.array(fc.array(draw, { minLength: 1, maxLength: steps }), { minLength: 1, maxLength: Math.max(6, Math.floor(300 / steps)) });
  return fc
    .record({
      kind: fc.constantFrom(...NAMES, ...OFTEN),
      list: steps > 12 ? fc.oneof(many, few) : many,
      troubled: fc.constantFrom(false, false, true),
      uneven: fc.boolean(),
      workers: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 1, max: 8 }) }, { weight: 1, arbitrary: fc.integer({ min: 9, max: 64 }) }),
      mode: fc.constantFrom('min' as const, 'max' as const),
      seed: fc.nat(999),
      retries: fc.nat(2),
      saveEvery: fc.nat(2),
      limit: fc.nat(9),
    })
    .map(({ kind, list, troubled, uneven, limit, ...rest }) => {
      const all = list.map((trial, i) => trialOf(trial, i, { kind, troubled, uneven, timed }));
      return { ...rest, ...(limit > 6 ? { inFlight: limit - 5 } : {}), trials: all };
    });
}

function draws(fc: FastCheck, leastSeconds: number): Arbitrary<Draw> {
  return fc.record({
    value: fc.nat(999),
    seconds: fc.constantFrom(1, 1, 1, 1, 2, 0.5, leastSeconds),
    jump: fc.constantFrom(1, 1, 1, 1, 2, 5, 0),
    missing: fc.nat(15).map((n) => n === 15),
    fails: fc.nat(31).map((n) => (n > 29 ? n - 29 : 0)),
  });
}

/**
 * What one trial reports, from its first step on: a curve of any kind, with troubles.
 *
 * @param fc - your fast-check: `import fc from 'fast-check'`
 * @example
 * import fc from 'fast-check';
 * import { trialHistories } from 'attune/testing';
 *
 * fc.assert(fc.property(trialHistories(fc, { steps: 5 }), (reports) => reports.length <= 5), { numRuns: 20 });
 */
export function trialHistories(fc: FastCheck, { steps = 12, timed = false, leastSeconds = 0 }: Omit<WorldsOptions, 'trials'> = {}): Arbitrary<LawTrial> {
  const shape = fc.record({ kind: fc.constantFrom(...NAMES), troubled: fc.boolean(), uneven: fc.boolean() });
  return fc.tuple(shape, fc.array(draws(fc, leastSeconds), { minLength: 1, maxLength: steps })).map(([drawn, list]) => trialOf(list, 0, { ...drawn, timed }));
}

interface Shape {
  readonly kind: keyof typeof KINDS;
  readonly troubled: boolean;
  readonly uneven: boolean;
  readonly timed: boolean;
}

function trialOf(list: readonly Draw[], trial: number, { kind, troubled, uneven, timed }: Shape): LawTrial {
  let time = 0;
  return list.map(({ value, seconds, jump, missing, fails }, at): LawReport => {
    time += troubled || at === 0 ? jump : 1;
    return {
      value: KINDS[kind](value, trial, at, list[0]?.value ?? 0),
      ...(uneven ? { seconds } : {}),
      ...(timed ? { time } : {}),
      ...(troubled && missing ? { missing } : {}),
      ...(troubled ? { fails } : {}),
    };
  });
}
