import type { Scheduler } from '../../src/schedule/scheduler.ts';
import type { SchedulerLawsOptions } from '../../src/testing/laws/scheduler-laws.ts';
import { type BracketsFlaw, brackets } from './reference/brackets.ts';
import { endless } from './reference/endless.ts';
import { type HalvingFlaw, halving } from './reference/halving.ts';
import { type PercentileFlaw, percentile } from './reference/percentile.ts';
import { type PopulationFlaw, population } from './reference/population.ts';
import { type PromotingFlaw, promoting } from './reference/promoting.ts';
import { type TogetherFlaw, together } from './reference/together.ts';

/** A scheduler that is broken in one way. */
export interface Mutant {
  readonly name: string;
  make(): Scheduler;
  readonly options: SchedulerLawsOptions;
  /** The law that is named for it: kills it whatever the seed. */
  readonly killedBy: string;
  /** What else the flaw breaks, in these worlds or others; all other laws it keeps. */
  readonly breaks: readonly string[];
}

/** A family of mutants: one reference, and each of its flaws with the law for it, and what else that breaks. */
function mutants<F extends string>(
  reference: string,
  make: (flaw: F) => Scheduler,
  options: SchedulerLawsOptions,
  flaws: Readonly<Record<F, readonly [killedBy: string, ...breaks: string[]]>>,
): readonly Mutant[] {
  return (Object.entries(flaws) as [F, readonly [string, ...string[]]][]).map(([flaw, [killedBy, ...breaks]]) => ({
    name: `${reference}: ${flaw}`,
    make: () => make(flaw),
    options,
    killedBy,
    breaks,
  }));
}

const HALVING: Readonly<Record<Exclude<HalvingFlaw, 'falls back to a lower rung'>, readonly [string, ...string[]]>> = {
  'comparison flipped': ['D9', 'B10', 'D1'],
  'floor dropped': ['D1', 'B10'],
  'first rung missing': ['D6', 'D1'],
  'NaN forgotten': ['D1'],
  'the stopped are not recorded': ['D6', 'D1', 'B10'],
  'ties stop': ['D9', 'D1', 'B10'],
  'before its grace period': ['A13', 'B2', 'D1', 'D9'],
  'goes on past maxT': ['A9', 'D1'],
  'remembers in a closure': ['B8'],
  'a Map in its state': ['B8', 'B9'],
  'draws from Math.random': ['H2'],
  'reads the metric, not the loss': ['B1', 'B8', 'D1', 'D9', 'B9'],
  'a restart is a new trial': ['A11', 'D1', 'D9'],
  'looks at the wall time': ['B6', 'D1', 'D7', 'D9', 'B10'],
  'counts the metrics': ['B7'],
  'forgets who failed': ['A14', 'D1', 'D9'],
  'writes to configurations': ['A10', 'A12', 'D7'],
  'throws at a gap': ['A12', 'B10'],
  'compares with the mean': ['B2', 'D1', 'D6', 'B10', 'D9'],
  'decides about who has ended': ['A1'],
  'keeps everybody who is better than half': ['D6', 'D1'],
  'gives no reason': ['A2'],
};

export const MUTANTS: readonly Mutant[] = [
  ...mutants('halving', (flaw) => halving(flaw), { family: 'asha' }, HALVING),
  ...mutants('halving', (flaw: 'falls back to a lower rung') => halving(flaw, 't'), { family: 'asha' }, { 'falls back to a lower rung': ['D1', 'D9', 'B10'] }),
  ...mutants<PromotingFlaw>(
    'promoting',
    promoting,
    { family: 'asha', pauses: true, leavesPaused: true },
    {
      'resumes the stopped': ['A1', 'D2', 'D4', 'D5', 'D7'],
      'resumes who runs': ['A2', 'A1', 'D2', 'D3', 'D4', 'D5', 'D7'],
      'promotes one too many': ['D2', 'D5'],
      'promotes the diverged': ['D2'],
      'promotes again and again': ['D2', 'D3', 'D4', 'D5'],
      'does not pause at the second rung': ['D3', 'D7'],
      'the lowest rung first': ['D4'],
      'new trials first': ['D4', 'D5'],
      'ties by the text of the id': ['B4'],
      'a pause is never the last word': ['D5', 'D2', 'D3', 'D4'],
    },
  ),
  ...mutants<BracketsFlaw>(
    'brackets',
    (flaw) => brackets({ maxT: 9, eta: 3 }, flaw),
    { family: 'hyperband', pauses: true },
    {
      'the barrier is ignored': ['C7', 'B5', 'C5', 'C6', 'C8', 'C10'],
      'the worst go on': ['C6', 'C5'],
      'the best two are dropped': ['C6', 'C5', 'C10'],
      'one place too many': ['C1', 'C3', 'C5'],
      'ties to the later': ['C10'],
      'ties to the first that came': ['B5', 'C10'],
      'the diverged go on': ['C5'],
      'a failure holds its bracket up': ['C9', 'A5', 'A14', 'C5', 'C6'],
      'a bracket that is not full waits for ever': ['C9', 'A5', 'C5', 'C6'],
      'rungs by a logarithm': ['C1', 'C3', 'C5', 'C6', 'C7', 'C8'],
      'judges one step late': ['C8', 'C2', 'C5', 'C6', 'C10'],
    },
  ),
  ...mutants<'a bracket that is not full waits for ever'>(
    'brackets of no family',
    (flaw) => brackets({ maxT: 9, eta: 3 }, flaw),
    { family: 'other', pauses: true },
    { 'a bracket that is not full waits for ever': ['A5'] },
  ),
  ...mutants<PercentileFlaw>(
    'percentile',
    percentile,
    { family: 'median' },
    {
      'NaN is averaged': ['E7', 'E3'],
      'NaN counts as a sample': ['E3', 'E7'],
      'one sample too few': ['E1'],
      'judges before the grace period': ['A13', 'E1', 'E7'],
      'equals stop': ['E4', 'E7', 'E2'],
      'its latest result, not its best': ['E7', 'E2'],
      'counts itself': ['E1', 'E7'],
      'comparison flipped': ['E2', 'E4', 'E7', 'B9'],
      'the mean, not the median': ['E7', 'E4'],
    },
  ),
  ...mutants<Exclude<PopulationFlaw, 'slice(-0)'>>(
    'population',
    (flaw) => population(0.25, flaw),
    { family: 'pbt' },
    {
      'explores without clipping': ['F4', 'A2'],
      'the worst are copied': ['F1', 'F11'],
      'copies the diverged': ['F1'],
      'the second best is copied too': ['F1'],
      'an old checkpoint': ['F3'],
      'copies itself': ['F3', 'F1'],
      'explores what it should copy': ['F4'],
      'compares at every report': ['F6', 'F1', 'F2', 'F11'], // among others than those that were to be compared
      'forgets the burn-in': ['F6', 'F1', 'F2', 'F11'],
      'stops the worst': ['F5', 'F11'],
      'the wrong source': ['F4'],
      'never exploits': ['F11'],
      'the wrong factor': ['F4'],
    },
  ),
  ...mutants<'slice(-0)'>('population', (flaw) => population(0, flaw), { family: 'pbt' }, { 'slice(-0)': ['F2', 'F1'] }),
  ...mutants<TogetherFlaw>('together', together, { family: 'pbt', pauses: true }, { 'copies nobody': ['F11'], 'a value of a list jumps': ['F4'] }),
  ...mutants<'for ever'>('endless', () => endless(), { family: 'other' }, { 'for ever': ['A6'] }),
];

/** The references themselves: they break nothing. */
export const REFERENCES: readonly Omit<Mutant, 'killedBy' | 'breaks'>[] = [
  { name: 'halving', make: () => halving(), options: { family: 'asha' } },
  { name: 'halving by time', make: () => halving(undefined, 't'), options: { family: 'asha' } },
  { name: 'promoting', make: () => promoting(), options: { family: 'asha', pauses: true, leavesPaused: true } },
  { name: 'brackets', make: () => brackets({ maxT: 9, eta: 3 }), options: { family: 'hyperband', pauses: true } },
  { name: 'percentile', make: () => percentile(), options: { family: 'median' } },
  { name: 'population', make: () => population(0.25), options: { family: 'pbt' } },
  { name: 'together', make: () => together(), options: { family: 'pbt', pauses: true } },
];
