import { describe, expect, test } from 'vitest';
import { type PbtOptions, pbt } from '../../schedulers/pbt.ts';
import { WORST } from '../../src/base/worst.ts';
import type { Decision, ScheduleContext, SchedulerEvent } from '../../src/schedule/scheduler.ts';
import { choice, expr, loguniform, randint, sampleFrom, uniform } from '../../src/space/domains.ts';
import { compileSpace } from '../../src/space/space.ts';
import { trialId } from '../../src/trial/ids.ts';
import { rebuildScheduler } from '../../src/tuner/builtins.ts';
import { context as plain, reported } from '../schedule/play.ts';

const space = compileSpace({ lr: uniform(0, 1), batch: choice([16, 32, 64]), fixed: 7, twice: expr('lr * 2') });
const context: ScheduleContext = { ...plain, space, samples: 4 };
const options: PbtOptions = { perturbationInterval: 4, hyperparamMutations: { lr: uniform(0, 1) }, resampleProbability: 0 };

const queued = (trial: number, lr = 0.5): SchedulerEvent => ({ kind: 'queued', trial: trialId(trial), config: { lr, batch: 32, fixed: 7, twice: lr * 2 } });
const started = (trial: number, step = 0): SchedulerEvent => ({ kind: 'started', trial: trialId(trial), step });
const saved = (trial: number, step: number): SchedulerEvent => ({ kind: 'checkpointed', trial: trialId(trial), step, checkpoint: `checkpoint_${step}` });
const simple = (kind: 'paused' | 'completed' | 'failed', trial: number): SchedulerEvent => ({ kind, trial: trialId(trial) });
const exhausted: SchedulerEvent = { kind: 'exhausted' };

/** Four members that run. */
const four = [...[0, 1, 2, 3].flatMap((trial) => [queued(trial, (trial + 1) / 10), started(trial)]), exhausted];

/** The decisions on every event after the beginning; the state passes through JSON in between. */
function play(given: PbtOptions, events: readonly SchedulerEvent[], { begin = four, warnings = [] as string[] } = {}): readonly (readonly Decision[])[] {
  const scheduler = pbt(given);
  let state = scheduler.init();
  return [...begin, ...events]
    .map((event) => {
      const outcome = scheduler.decide(state, event, context);
      state = JSON.parse(JSON.stringify(outcome.state)) as typeof state;
      warnings.push(...(outcome.warnings ?? []));
      return outcome.decisions;
    })
    .slice(begin.length);
}

const kinds = (decisions: readonly (readonly Decision[])[]): readonly string[] =>
  decisions.map((made) => made.map((decision) => `${decision.kind}${'trial' in decision ? ` ${decision.trial}` : ''}`).join(', '));

describe('a member that is compared', () => {
  test('saves when it is among the best, so that others may go on from it', () => {
    const [, second] = play(options, [reported(0, 4, 0.9), reported(1, 4, 0.1)]);
    expect(second).toEqual([{ kind: 'checkpoint', trial: 1, reason: 'rank 1 of 2: others may go on from here' }]);
  });

  test('goes on from one of the best when it is among the worst, with a configuration near that one’s', () => {
    const events = [reported(1, 4, 0.1), reported(2, 4, 0.2), saved(1, 4), reported(0, 4, 0.9)];
    const made = play(options, events).at(-1)?.[0] as Decision & { kind: 'exploit' };
    expect(made).toMatchObject({ kind: 'exploit', trial: 0, from: 1, checkpoint: 'checkpoint_4' });
    expect([0.2 * 1.2, 0.2 * 0.8]).toContain(made.config['lr']);
    expect(made.config).toEqual({ lr: made.config['lr'], batch: 32, fixed: 7, twice: (made.config['lr'] as number) * 2 });
    expect(made.reason).toMatch(/^rank 3 of 3: goes on from trial 1 \(rank 1\) with lr 0\.2 -> 0\.(24|16)$/);
  });

  test('waits for the checkpoint of its source, if that has not saved since it was compared, while it trains on', () => {
    const events = [reported(1, 4, 0.1), reported(0, 4, 0.9), reported(0, 5, 0.9), saved(1, 4)];
    expect(kinds(play(options, events))).toEqual(['', 'checkpoint 1', '', 'exploit 0']);
  });

  test('stays as it is when its source has ended, or is no longer one of the best', () => {
    const awaiting = [reported(1, 4, 0.1), reported(0, 4, 0.9)];
    expect(kinds(play(options, [...awaiting, simple('completed', 1), saved(2, 4)]))).toEqual(['', 'checkpoint 1', '', '']);
    expect(kinds(play(options, [...awaiting, reported(2, 4, 0.05), reported(3, 4, 0.06), saved(1, 4)]))[4]).toBe('');
  });

  test('is left alone in the middle, before an interval has passed, and before the burn-in', () => {
    const three = [reported(1, 4, 0.1), saved(1, 4), reported(2, 4, 0.9), reported(0, 4, 0.5)];
    expect(kinds(play(options, three)).at(-1)).toBe('');
    const early = [reported(1, 4, 0.1), saved(1, 4), reported(0, 3, 0.9), reported(0, 4, 0.9)];
    expect(kinds(play(options, early)).slice(2)).toEqual(['', 'exploit 0']);
    expect(kinds(play({ ...options, burnIn: 6 }, [reported(1, 6, 0.1), saved(1, 6), reported(0, 5, 0.9), reported(0, 6, 0.9)])).slice(2)).toEqual([
      '',
      'exploit 0',
    ]);
  });

  test('is compared again an interval after the checkpoint that it copied', () => {
    const exploited: SchedulerEvent = {
      kind: 'exploited',
      trial: trialId(0),
      from: trialId(1),
      step: 4,
      config: { lr: 0.24, batch: 32, fixed: 7, twice: 0.48 },
    };
    const begin = [reported(1, 4, 0.1), saved(1, 4), reported(0, 6, 0.9), exploited, started(0, 4)];
    expect(kinds(play(options, [...begin, reported(0, 7, 0.9), reported(0, 8, 0.9)]))).toEqual(['', '', 'exploit 0', '', '', '', 'exploit 0']);
  });

  test('is never its own source, and one alone is left alone', () => {
    expect(kinds(play(options, [reported(0, 4, 0.9), saved(0, 4), reported(0, 8, 0.9)]))).toEqual(['', '', '']);
  });

  test('with a quantile of 0 is left alone, and nobody saves', () => {
    expect(kinds(play({ ...options, quantileFraction: 0 }, [reported(1, 4, 0.1), saved(1, 4), reported(0, 4, 0.9)]))).toEqual(['', '', '']);
  });

  test('with NaN is never a source, and always a target', () => {
    const events = [reported(1, 4, WORST), saved(1, 4), reported(2, 4, WORST), saved(2, 4), reported(3, 4, 0.5), saved(3, 4), reported(0, 4, WORST)];
    const made = play(options, events);
    expect(kinds(made).at(-1)).toBe('exploit 0');
    expect(made.at(-1)?.[0]).toMatchObject({ from: 3, reason: expect.stringContaining('rank 2 of 4, its metric being NaN or infinite') as string });
    expect(kinds(play(options, [reported(1, 4, WORST), saved(1, 4), reported(0, 4, WORST)])).at(-1)).toBe('');
  });

  test('is not taken twice while an exploit of it is under way, and is again once that has lapsed', () => {
    const events = [reported(1, 4, 0.1), saved(1, 4), reported(0, 4, 0.9), reported(0, 8, 0.9), reported(0, 9, 0.9)];
    expect(kinds(play(options, events)).slice(2)).toEqual(['exploit 0', '', 'exploit 0']);
  });
});

describe('where there are fewer slots than members', () => {
  const begin = [queued(0), started(0), queued(1), started(1)];

  test('a member that would be compared makes room, first for what the searcher has', () => {
    const events: SchedulerEvent[] = [reported(0, 4, 0.1), saved(0, 4), simple('paused', 0), { kind: 'idle' }, queued(2), started(2)];
    expect(kinds(play(options, events, { begin }))).toEqual(['pause 0', '', '', '', '', '']);
  });

  test('and when a slot is free goes on, or goes on from another; who is furthest behind comes first', () => {
    const reports = [reported(0, 8, 0.1), saved(0, 8), simple('paused', 0), reported(1, 4, 0.9), saved(1, 4), simple('paused', 1)];
    const made = play(options, [...reports, exhausted, { kind: 'idle' }], { begin });
    expect(kinds(made).slice(3)).toEqual(['pause 1', '', '', '', 'exploit 1, resume 0']);
  });

  test('one that somebody else paused is nobody’s source, and not resumed', () => {
    const events: SchedulerEvent[] = [reported(1, 4, 0.1), saved(1, 4), simple('paused', 1), reported(0, 4, 0.9), { kind: 'idle' }, { kind: 'stalled' }];
    expect(kinds(play(options, events, { begin: four }))).toEqual(['', '', '', '', '', '']);
  });
});

describe('together', () => {
  const together = { ...options, synch: true };
  const pausing = (trial: number, step: number, loss: number): SchedulerEvent[] => [reported(trial, step, loss), saved(trial, step), simple('paused', trial)];

  test('all pause at the interval; when the last has, the worst go on from the best, and the others as they are', () => {
    const made = play(together, [...pausing(0, 4, 0.9), ...pausing(1, 4, 0.1), ...pausing(2, 5, 0.3), ...pausing(3, 4, 0.2)]);
    expect(kinds(made)).toEqual(['pause 0', '', '', 'pause 1', '', '', 'pause 2', '', '', 'pause 3', '', 'exploit 0, resume 1, resume 2, resume 3']);
    expect(made.at(-1)?.[0]).toMatchObject({ from: 1, checkpoint: 'checkpoint_4' });
    expect(made.at(-1)?.[1]).toMatchObject({ reason: 'all are at 4: goes on, rank 1 of 4' });
  });

  test('nobody waits for those that have ended', () => {
    const waiting = [...pausing(0, 4, 0.9), ...pausing(1, 4, 0.1), ...pausing(2, 4, 0.3)];
    for (const kind of ['completed', 'failed'] as const) {
      expect(kinds(play(together, [...waiting, simple(kind, 3)])).at(-1)).toBe('exploit 0, resume 1, resume 2');
    }
    expect(kinds(play(together, [...waiting, { kind: 'stalled' }])).at(-1)).toBe('exploit 0, resume 1, resume 2');
  });

  test('nor for one that somebody else holds', () => {
    const first = [0, 1, 2, 3].flatMap((trial) => pausing(trial, 4, trial));
    const resumed = [started(0, 4), started(1, 4)]; // and 2 does not start, although it may: it is held
    const next = [...resumed, ...pausing(0, 8, 1), ...pausing(1, 8, 2), simple('failed', 3)];
    expect(kinds(play(together, [...first, ...next])).at(-1)).toBe('');
    expect(kinds(play(together, [...first, ...next, { kind: 'idle' }])).at(-1)).toBe('resume 0, exploit 1');
  });

  test('the next interval begins where the last one was due, or where the furthest is', () => {
    const first = [...pausing(0, 4, 0.9), ...pausing(1, 11, 0.1), ...pausing(2, 4, 0.3), ...pausing(3, 4, 0.2)];
    const again = [started(2, 4), reported(2, 8, 0.1), reported(2, 11, 0.1)];
    expect(kinds(play(together, [...first, ...again])).slice(-2)).toEqual(['', 'pause 2']);
  });
});

describe('options', () => {
  test('timeAttr says how far a trial is; a report without it, or without a finite number there, decides nothing', () => {
    const timed = { ...options, perturbationInterval: 60, timeAttr: 'seconds' };
    const events = [
      reported(1, 1, 0.1, { seconds: 61 }),
      saved(1, 1),
      reported(0, 9, 0.9, { seconds: 59 }),
      reported(0, 10, 0.9),
      reported(0, 11, 0.9, { seconds: Number.POSITIVE_INFINITY }),
      reported(2, 9, 0.9, { seconds: 60 }),
    ];
    expect(pbt(timed).needs).toEqual(['seconds']);
    expect(kinds(play(timed, events))).toEqual(['', '', '', '', '', 'exploit 2']);
  });

  test('a trainable that never saves is warned about once', () => {
    const warnings: string[] = [];
    const rounds = [4, 8, 12].flatMap((step) => [reported(0, step, 0.9), reported(1, step, 0.1)]);
    expect(kinds(play(options, rounds, { warnings })).join()).not.toContain('exploit');
    expect(warnings).toEqual(['pbt: a checkpoint was asked for, and none came: trials are only copied from checkpoints, which report() must offer.']);
  });

  test('customExplore has the last word, in the space', () => {
    const custom: PbtOptions = { ...options, customExplore: (config) => ({ ...config, lr: 9, batch: 60 }) };
    const made = play(custom, [reported(1, 4, 0.1), saved(1, 4), reported(0, 4, 0.9)]).at(-1)?.[0];
    expect(made).toMatchObject({ config: { lr: 1, batch: 64, fixed: 7, twice: 2 } });
    const wrong: PbtOptions = { ...options, customExplore: () => undefined as never };
    expect(() => play(wrong, [reported(1, 4, 0.1), saved(1, 4), reported(0, 4, 0.9)])).toThrow('customExplore: expected a configuration, got undefined.');
    for (const made of [{}, { lr: Number.NaN, batch: 16 }, { lr: 0.1, momentum: 1 }, []]) {
      const part: PbtOptions = { ...options, customExplore: () => made as never };
      expect(() => play(part, [reported(1, 4, 0.1), saved(1, 4), reported(0, 4, 0.9)])).toThrow(/^customExplore: expected a configuration/);
    }
  });

  test('are recorded as data, from which a restore makes the same scheduler', () => {
    const recorded: unknown = JSON.parse(
      JSON.stringify(pbt({ ...options, hyperparamMutations: { lr: loguniform(1e-3, 1), nested: { batch: choice([16, 32]) } } }).options),
    );
    expect(recorded).toMatchObject({ hyperparamMutations: { lr: { $domain: 'loguniform', lower: 1e-3, upper: 1 }, nested: { batch: [16, 32] } } });
    expect(rebuildScheduler({ name: 'pbt', options: recorded as never })?.options).toEqual(recorded);
    expect(rebuildScheduler({ name: 'pbt', options: pbt({ ...options, customExplore: (config) => config }).options as never })).toBeUndefined();
  });

  test.each<readonly [string, unknown, string]>([
    ['no options', undefined, 'pbt: expected hyperparamMutations or customExplore, got neither. Hint: Name what is to be explored: hyperparamMutations: {'],
    ['nothing to explore', {}, 'pbt: expected hyperparamMutations or customExplore, got neither.'],
    ['an unknown option', { ...options, quantile: 0.5 }, 'pbt: expected options among perturbationInterval, quantileFraction'],
    ['an interval of 0', { ...options, perturbationInterval: 0 }, 'pbt: expected perturbationInterval to be a finite number > 0, got 0.'],
    ['a quantile above a half', { ...options, quantileFraction: 0.51 }, 'pbt: expected quantileFraction to be a number from 0 to 0.5, got 0.51.'],
    ['a quantile below 0', { ...options, quantileFraction: -0.1 }, 'got -0.1.'],
    ['a quantile that is NaN', { ...options, quantileFraction: Number.NaN }, 'got NaN.'],
    ['a probability above 1', { ...options, resampleProbability: 2 }, 'pbt: expected resampleProbability to be a number from 0 to 1, got 2.'],
    ['no factors', { ...options, perturbationFactors: [] }, 'pbt: expected perturbationFactors to be finite numbers > 0, got [].'],
    ['a factor of 0', { ...options, perturbationFactors: [0] }, 'got [0].'],
    ['a burn-in below 0', { ...options, burnIn: -1 }, 'pbt: expected burnIn to be a finite number >= 0, got -1.'],
    ['a word for synch', { ...options, synch: 'yes' }, 'pbt: expected synch to be true or false, got "yes".'],
    ['no name for timeAttr', { ...options, timeAttr: '' }, 'pbt: expected timeAttr to be the name of a metric, got "".'],
    [
      'a function to draw from',
      { hyperparamMutations: { lr: () => 1 } },
      'pbt: hyperparamMutations/lr: expected a domain, a list of values, or an object of these, got',
    ],
    ['an empty list', { hyperparamMutations: { lr: [] } }, 'pbt: hyperparamMutations/lr: expected a list of at least one value, got an empty one.'],
    ['a domain in a list', { hyperparamMutations: { lr: [uniform(0, 1)] } }, 'got a list with a domain in it.'],
    [
      'a sampleFrom',
      { hyperparamMutations: { lr: sampleFrom(() => 1) } },
      'pbt: hyperparamMutations/lr: expected a domain to draw from, or a list of values, got a sampleFrom.',
    ],
    ['a list of mutations', { hyperparamMutations: ['lr'] }, 'pbt: hyperparamMutations: expected an object by key of the configuration, got an array of 1.'],
    ['no function', { customExplore: 7 }, 'pbt: expected customExplore to be a function, got 7.'],
  ])('refuses %s', (_, wrong, message) => {
    expect(() => pbt(wrong as never)).toThrow(message);
  });

  const check = (given: PbtOptions, more = {}): void => pbt({ perturbationInterval: 4, ...given }).check?.({ ...context, ...more });

  test.each<readonly [string, PbtOptions, string]>([
    [
      'a key that it lacks',
      { hyperparamMutations: { lrr: uniform(0, 1) } },
      'pbt: hyperparamMutations: expected keys of the space (lr, batch), got "lrr". Hint: Did you mean "lr"?',
    ],
    ['a nested key that it lacks', { hyperparamMutations: { lr: { rate: uniform(0, 1) } } }, 'got "lr/rate"'],
    ['numbers where it has a choice', { hyperparamMutations: { batch: randint(16, 64) } }, 'expected a list of values, since the space has a choice there'],
    [
      'a domain that has nothing in common with it',
      { hyperparamMutations: { lr: uniform(10, 20) } },
      'pbt: hyperparamMutations/lr: expected a domain with values that the space has there, 0 to 1, got 10 to 20.',
    ],
    ['a value that it lacks', { hyperparamMutations: { batch: [16, 128] } }, 'pbt: hyperparamMutations/batch: expected values that lie in the space, got 128.'],
    [
      'what is a constant',
      { hyperparamMutations: { fixed: uniform(0, 9) } },
      'pbt: hyperparamMutations/fixed: expected a parameter of the space, got the constant 7.',
    ],
    [
      'what follows from others',
      { hyperparamMutations: { twice: uniform(0, 2) } },
      'expected a parameter that is drawn, got one that follows from others (expr)',
    ],
  ])('refuses in new Tuner, of the space, %s', (_, wrong, message) => {
    expect(() => check(wrong)).toThrow(message);
  });

  test('refuses several metrics or none, and a population without an end that waits for all', () => {
    expect(() => check(options, { objectives: 2 })).toThrow('pbt: expected exactly one metric to rank trials by, got 2.');
    expect(() => check({ ...options, synch: true }, { samples: Number.POSITIVE_INFINITY })).toThrow(
      'pbt: expected a number of samples with synch, got no limit.',
    );
    expect(() => check(options, { samples: Number.POSITIVE_INFINITY })).not.toThrow();
  });
});
