import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  allOf,
  asha,
  experimentPlateau,
  fifo,
  firstOf,
  maximumIteration,
  medianStopping,
  onMetric,
  patience,
  threshold,
  trialPlateau,
} from '../../schedulers/index.ts';
import { WORST } from '../../src/base/worst.ts';
import type { Decision, Outcome, Scheduler, SchedulerEvent } from '../../src/schedule/scheduler.ts';
import { trialId } from '../../src/trial/ids.ts';
import { context, outcomes, play, reasons, reported } from '../schedule/play.ts';

type Kind = 'stop' | 'pause' | 'resume' | 'checkpoint';

/** Decides the same on every report. */
const always = (name: string, kinds: readonly Kind[], uses: readonly Decision['kind'][] = kinds): Scheduler<null> => ({
  name,
  uses,
  init: () => null,
  decide: (state, event) => ({
    state,
    decisions: event.kind === 'reported' ? kinds.map((kind) => ({ kind, trial: event.trial, reason: `${name} says ${kind}` })) : [],
  }),
});
const stopper = (name: string): Scheduler<null> => always(name, ['stop']);
const never = always('never', [], ['stop']);
const median = (): Scheduler => medianStopping({ timeAttr: 'training_iteration', gracePeriod: 1, minSamplesRequired: 1 }) as Scheduler;

const decidedBy = (outcome: Outcome<unknown> | undefined): unknown => outcome?.decisions.map(({ kind, reason }, i) => [outcome.by?.[i], kind, reason]);

describe('firstOf', () => {
  test('stops a trial when any part does, and says which', () => {
    const both = firstOf(asha({ maxT: 2 }), threshold({ metric: 'loss', upper: 1 }));
    const [, second, third] = outcomes(both, [reported(0, 1, 0.5), reported(1, 1, 3), reported(0, 2, 0.4)]);
    expect(decidedBy(second)).toEqual([['asha', 'stop', 'rung 1: rank 2 of 2, only the best goes on']]); // of equals the first
    expect(decidedBy(third)).toEqual([['asha', 'stop', 'reached maxT 2']]);
    expect(decidedBy(outcomes(both, [reported(0, 1, 3)])[0])).toEqual([['threshold', 'stop', 'loss 3 > 1']]);
  });

  test.each<[readonly Kind[], readonly Kind[], readonly Kind[]]>([
    [['pause'], ['stop'], ['stop']],
    [['checkpoint'], ['pause'], ['pause']],
    [['resume'], ['stop'], ['stop']],
    [['checkpoint'], ['checkpoint'], ['checkpoint']],
    [['pause', 'resume'], ['checkpoint'], ['pause', 'resume']], // of one part all that it decides about the trial
  ])('of %j and %j about one trial, %j counts, whichever part is first', (a, b, strongest) => {
    const kinds = (...parts: Scheduler[]): unknown => play(firstOf(...parts), [reported(0, 1, 0)])[0]?.map(({ kind }) => kind);
    expect(kinds(always('a', a), always('b', b))).toEqual(strongest);
    expect(kinds(always('b', b), always('a', a))).toEqual(strongest);
  });

  test('an exploit is weaker than a stop, and stronger than a pause', () => {
    const copy: Decision = { kind: 'exploit', trial: trialId(0), from: trialId(1), checkpoint: 'checkpoint_000000', config: {}, reason: 'copy' };
    const exploiter: Scheduler<null> = { name: 'exploiter', uses: ['exploit'], init: () => null, decide: (state) => ({ state, decisions: [copy] }) };
    expect(decidedBy(outcomes(firstOf(always('a', ['pause']), exploiter), [reported(0, 1, 0)])[0])).toEqual([['exploiter', 'exploit', 'copy']]);
    expect(decidedBy(outcomes(firstOf(exploiter, stopper('a')), [reported(0, 1, 0)])[0])).toEqual([['a', 'stop', 'a says stop']]);
  });

  test('decisions about different trials, and about the run, do not compete', () => {
    const plateau = experimentPlateau({ top: 2 });
    const [, both] = outcomes(firstOf(plateau, stopper('a')), [reported(0, 1, 0.5), reported(1, 1, 0.5)]);
    expect(both?.decisions.map(({ kind }) => kind)).toEqual(['end', 'stop']);
    expect(firstOf(plateau, asha()).uses).toEqual(['end', 'stop']);
  });

  test('gives each part randomness of its own', () => {
    const drawer: Scheduler<null> = {
      name: 'drawer',
      uses: ['stop'],
      init: () => null,
      decide: (state, _, { rng }) => ({ state, decisions: [{ kind: 'stop', trial: trialId(0), reason: `${rng('x').next()}` }] }),
    };
    const [both] = reasons(allOf(drawer, drawer), [reported(0, 1, 0)]);
    expect(new Set(both?.match(/0\.\d+/g)).size).toBe(2);
  });

  test('refuses two parts that pause: each could wait for what the other has paused', () => {
    const pauser = (name: string): Scheduler => always(name, ['pause', 'resume']);
    expect(() => firstOf(pauser('a'), asha(), pauser('b'))).toThrow(
      /firstOf: expected at most one scheduler that pauses trials, got "a" and "b"\..*\[SCHEDULER_UNSUPPORTED\]/,
    );
    expect(() => firstOf(firstOf(pauser('a')), firstOf(asha(), pauser('b')))).toThrow(expect.objectContaining({ code: 'SCHEDULER_UNSUPPORTED' }));
    expect(firstOf(asha(), pauser('a')).uses).toEqual(['stop', 'pause', 'resume']);
  });
});

describe('allOf', () => {
  test('stops a trial when all parts do, and gives the reason of each', () => {
    const both = allOf(threshold({ metric: 'loss', upper: 1 }), patience({ patience: 0 }));
    const [first, second, third] = outcomes(both, [reported(0, 1, 2), reported(0, 2, 2), reported(0, 3, 3)]);
    expect([first, second].map((outcome) => outcome?.decisions)).toEqual([[], []]);
    expect(decidedBy(third)).toEqual([['allOf', 'stop', 'threshold: loss 3 > 1; patience: the last result is worse than the best before']]);
  });

  test('what a part said before does not count: all must say so at one report', () => {
    const both = allOf(threshold({ metric: 'a', upper: 1 }), threshold({ metric: 'b', upper: 1 }));
    const at = (step: number, a: number, b: number): SchedulerEvent => reported(0, step, 0, { a, b });
    expect(play(both, [at(1, 2, 0), at(2, 0, 2), at(3, 0, 0)]).flat()).toEqual([]);
    expect(play(both, [at(1, 2, 0), at(2, 0, 2), at(3, 2, 2)]).flat()).toHaveLength(1);
  });

  test('a part that was overruled goes on being told of the trial: at later rungs asha counts it, and asks again', () => {
    const overruled = allOf(asha({ maxT: 9, reductionFactor: 3 }), threshold({ metric: 'slow', upper: 0 }));
    const events = [
      ...[0, 1].map((trial) => reported(trial, 1, trial, { slow: 0 })), // asha would stop trial 1
      ...[0, 1].map((trial) => reported(trial, 3, trial, { slow: trial })),
    ];
    expect(reasons(overruled, events)).toEqual(['asha: rung 3: rank 2 of 2, only the best goes on; threshold: slow 1 > 0']);
    const alone = allOf(asha({ maxT: 9, reductionFactor: 3 }), never);
    expect(play(alone, [...events, reported(0, 9, 0), reported(1, 9, 1)]).flat()).toEqual([]);
  });

  test('one part alone decides as it would by itself', () => {
    expect(decidedBy(outcomes(allOf(stopper('a')), [reported(0, 1, 0)])[0])).toEqual([['a', 'stop', 'a says stop']]);
  });

  test('refuses what may do more than stop trials', () => {
    expect(() => allOf(asha(), always('pauser', ['pause']))).toThrow(/allOf: expected schedulers that only stop trials, got "pauser", which may also pause/);
    expect(() => allOf(experimentPlateau(), asha())).toThrow(expect.objectContaining({ code: 'SCHEDULER_UNSUPPORTED' }));
  });
});

describe('onMetric', () => {
  const setup = { ...context, objectives: 2, metrics: ['loss', 'latency'] };
  const two = (trial: number, step: number, loss: number, latency: number): SchedulerEvent => ({
    kind: 'reported',
    trial: trialId(trial),
    step,
    losses: [loss, latency],
    metrics: { loss, latency },
  });
  const playTwo = (scheduler: Scheduler, events: readonly SchedulerEvent[]): readonly Outcome<unknown>[] => {
    let state = scheduler.init();
    return events.map((event) => {
      const outcome = scheduler.decide(state, event, setup);
      state = JSON.parse(JSON.stringify(outcome.state));
      return outcome;
    });
  };

  test('lets a scheduler for one metric see one of several, and says which', () => {
    const slow = onMetric('latency', asha({ maxT: 9 })) as Scheduler;
    const [, second] = playTwo(slow, [two(0, 1, 5, 1), two(1, 1, 1, 5)]);
    expect(decidedBy(second)).toEqual([['asha on latency', 'stop', 'rung 1: rank 2 of 2, only the best goes on']]);
    expect(() => slow.check?.(setup)).not.toThrow();
    expect(() => asha().check?.(setup)).toThrow(expect.objectContaining({ code: 'METRIC_INVALID' }));
  });

  test('so that a trial is stopped that is bad in one of them, or in all', () => {
    const parts = ['loss', 'latency'].map((metric) => onMetric(metric, asha({ maxT: 9 })) as Scheduler);
    const events = [two(0, 1, 1, 1), two(1, 1, 5, 0), two(2, 1, 6, 5)];
    expect(playTwo(firstOf(...parts), events).map(({ by }) => by?.[0])).toEqual([undefined, 'asha on loss', 'asha on loss']);
    expect(playTwo(allOf(...parts), events).flatMap(({ decisions }) => decisions)).toEqual([
      {
        kind: 'stop',
        trial: 2,
        reason: 'asha on loss: rung 1: rank 3 of 3, only the best goes on; asha on latency: rung 1: rank 3 of 3, only the best goes on',
      },
    ]);
  });

  test('refuses a metric that the experiment has not, and what is no metric', () => {
    expect(() => onMetric('accuracy', asha()).check?.(setup)).toThrow(
      'onMetric: expected one of the metrics of tuneConfig, which has "loss", "latency", got "accuracy"',
    );
    expect(() => onMetric('loss', asha()).check?.({ ...context, objectives: 0 })).toThrow(expect.objectContaining({ code: 'METRIC_INVALID' }));
    expect(() => onMetric('', asha())).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
    expect(() => onMetric(asha() as never, 'loss' as never)).toThrow("Write onMetric('loss', asha()).");
  });
});

describe('all of them', () => {
  test('need what their parts need, may do what their parts may do, and record their parts', () => {
    const nested = firstOf(fifo(), allOf(onMetric('loss', asha()), maximumIteration({ maxIter: 3 })));
    expect(() => nested.check?.({ ...context, objectives: 0 })).toThrow(expect.objectContaining({ code: 'METRIC_INVALID' }));
    expect(nested.uses).toEqual(['stop']);
    expect(nested.options).toEqual({
      schedulers: [
        { name: 'fifo', options: null },
        {
          name: 'allOf',
          options: {
            schedulers: [
              { name: 'onMetric', options: { metric: 'loss', scheduler: { name: 'asha', options: asha().options } } },
              { name: 'maximumIteration', options: { maxIter: 3 } },
            ],
          },
        },
      ],
    });
  });

  test('name the part that decided through every level', () => {
    const nested = firstOf(fifo(), firstOf(never, allOf(onMetric('loss', threshold()), stopper('mine'))));
    expect(decidedBy(outcomes(nested, [reported(0, 1, WORST)])[0])).toEqual([
      ['allOf', 'stop', 'threshold on loss: its metric is NaN or infinite; mine: mine says stop'],
    ]);
  });

  test('pass on the warnings of their parts', () => {
    const [first] = outcomes(firstOf(allOf(threshold({ metric: 'cost', upper: 1 }), never), threshold({ metric: 'memory', upper: 1 })), [reported(0, 1, 0)]);
    expect(first?.warnings).toEqual([
      'threshold: a report lacks the metric "cost"; such reports stop nobody.',
      'threshold: a report lacks the metric "memory"; such reports stop nobody.',
    ]);
  });

  test.each([
    ['nothing', () => firstOf(), 'firstOf: expected at least one scheduler, got none.'],
    ['an array', () => firstOf([asha(), fifo()] as never), 'Give them one by one: firstOf(a, b).'],
    ['a factory that was not called', () => allOf(asha as never), 'Call it: asha(…).'],
    ['no scheduler', () => onMetric('loss', { metric: 'loss' } as never), 'onMetric: expected a scheduler, got an object with the keys metric.'],
  ])('refuse %s', (_, make, message) => {
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }));
  });

  test('name the part that does not keep to the contract', () => {
    const silent: Scheduler<null> = { ...never, name: 'silent', decide: () => undefined as never };
    expect(() => play(firstOf(fifo(), silent), [reported(0, 1, 0)])).toThrow('expected decide() of "silent" to return { state, decisions }, got undefined');
    expect(() => play(firstOf(always('pauser', ['pause'], ['stop'])), [reported(0, 1, 0)])).toThrow(
      'expected decisions of "pauser" that its uses name (stop), got an object with the keys kind, trial, reason',
    );
  });
});

const loss = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constant(WORST));
const stream = fc
  .array(fc.record({ trial: fc.nat(4), loss }), { maxLength: 40 })
  .map((all) => all.map((one, i) => reported(one.trial, all.slice(0, i + 1).filter(({ trial }) => trial === one.trial).length, one.loss)));
const RULES: readonly (() => Scheduler)[] = [
  median,
  () => asha({ maxT: 9, reductionFactor: 3 }) as Scheduler,
  () => patience({ patience: 1 }) as Scheduler,
  () => threshold({ metric: 'loss', upper: 3 }) as Scheduler,
  () => trialPlateau({ numResults: 2, gracePeriod: 2, std: 1 }) as Scheduler,
  () => maximumIteration({ maxIter: 4 }) as Scheduler,
];
const rules = fc.array(fc.constantFrom(...RULES), { minLength: 1, maxLength: 4 });
/** At each event, whether its trial is stopped, if a stop is not carried out. */
const stops = (scheduler: Scheduler, events: readonly SchedulerEvent[]): readonly boolean[] => play(scheduler, events).map(({ length }) => length > 0);

describe('composition, laws', () => {
  test('firstOf stops when any of its parts alone does, allOf when all do: whatever they said of the trial before', () => {
    fc.assert(
      fc.property(stream, rules, (events, makes) => {
        const alone = makes.map((make) => stops(make(), events));
        expect(stops(firstOf(...makes.map((make) => make())), events)).toEqual(events.map((_, i) => alone.some((part) => part[i])));
        expect(stops(allOf(...makes.map((make) => make())), events)).toEqual(events.map((_, i) => alone.every((part) => part[i])));
      }),
    );
  });

  test('one part is that part, and what is nested may be written flat', () => {
    fc.assert(
      fc.property(stream, rules, fc.constantFrom(firstOf, allOf), (events, makes, compose) => {
        const [first, ...others] = makes.map((make) => make());
        if (first === undefined) return;
        expect(play(compose(first), events)).toEqual(play(first, events));
        expect(play(onMetric('loss', first), events)).toEqual(play(first, events));
        if (others.length > 0) expect(stops(compose(first, compose(...others)), events)).toEqual(stops(compose(first, ...others), events));
      }),
    );
  });

  test('the order of the parts changes no stop, only who is named for it', () => {
    fc.assert(
      fc.property(stream, rules, fc.constantFrom(firstOf, allOf), (events, makes, compose) => {
        const parts = makes.map((make) => make());
        expect(stops(compose(...parts.toReversed()), events)).toEqual(stops(compose(...parts), events));
      }),
    );
  });

  test('what is made of rules that stop, stops: each trial once in an event, and nothing else; its state may pass through JSON', () => {
    fc.assert(
      fc.property(stream, rules, rules, (events, some, all) => {
        const make = (): Scheduler => firstOf(allOf(...all.map((one) => one())), ...some.map((one) => onMetric('loss', one())));
        for (const decisions of play(make(), events)) {
          expect(decisions.length).toBeLessThan(2);
          for (const { kind } of decisions) expect(kind).toBe('stop');
        }
        expect(play(make(), events, true)).toEqual(play(make(), events, false));
      }),
    );
  });
});
