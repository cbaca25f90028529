import { describe, expect, test } from 'vitest';
import { boundsOf } from '../../schedulers/pb2/bounds.ts';
import { type HyperparamBounds, type Pb2Options, pb2 } from '../../schedulers/pb2.ts';
import { WORST } from '../../src/base/worst.ts';
import type { Decision, ScheduleContext, SchedulerEvent } from '../../src/schedule/scheduler.ts';
import type { Config } from '../../src/space/config.ts';
import { contains } from '../../src/space/contains.ts';
import { choice, expr, loguniform, quniform, randint, randn, sampleFrom, uniform } from '../../src/space/domains.ts';
import { compileSpace } from '../../src/space/space.ts';
import { trialId } from '../../src/trial/ids.ts';
import { rebuildScheduler } from '../../src/tuner/builtins.ts';
import { context as plain, reported } from '../schedule/play.ts';

const space = compileSpace({
  x: uniform(0, 2),
  lr: loguniform(1e-4, 1),
  layers: randint(1, 9),
  width: quniform(0, 100, 10),
  kind: choice(['a', { b: uniform(0, 1) }]),
  twice: expr('x * 2'),
});
const context: ScheduleContext = { ...plain, space, samples: 4 };
const options: Pb2Options = { perturbationInterval: 1, hyperparamBounds: { x: [0, 2] } };

const config = (x: number, more: Config = {}): Config => ({ x, lr: 0.01, layers: 3, width: 50, kind: 'a', twice: x * 2, ...more });
const begin = (trial: number, own: Config): SchedulerEvent[] => [
  { kind: 'queued', trial: trialId(trial), config: own },
  { kind: 'started', trial: trialId(trial), step: 0 },
];
const saved = (trial: number, step: number): SchedulerEvent => ({ kind: 'checkpointed', trial: trialId(trial), step, checkpoint: `checkpoint_${step}` });

/** The decisions on every event; the state passes through JSON in between. */
function play(given: Pb2Options, events: readonly SchedulerEvent[], at: ScheduleContext = context): readonly (readonly Decision[])[] {
  const scheduler = pb2(given);
  let state = scheduler.init();
  return events.map((event) => {
    const outcome = scheduler.decide(state, event, at);
    state = JSON.parse(JSON.stringify(outcome.state)) as typeof state;
    return outcome.decisions;
  });
}

type Exploit = Decision & { readonly kind: 'exploit' };
const exploits = (made: readonly (readonly Decision[])[]): readonly Exploit[] => made.flat().filter((one): one is Exploit => one.kind === 'exploit');

/**
 * Members whose loss falls by `slopes` at each step. The first is the worst at last, and is copied to then; the second is the best.
 * @param steps - how often they are compared before
 */
function race(members: readonly (readonly [own: Config, slope: number])[], steps: number): readonly SchedulerEvent[] {
  const from = (i: number): number => (i === 0 ? 1000 : 0); // the first is so far behind that it is the worst
  const starts = [...members.entries()].flatMap(([i, [own]]) => begin(i, own));
  const rounds = Array.from({ length: steps }, (_, k) =>
    [...members.entries()].slice(1).flatMap(([i, [, slope]]) => [reported(i, k + 1, from(i) - slope * (k + 1)), saved(i, k + 1)]),
  );
  const first = reported(0, steps, from(0) - (members[0]?.[1] ?? 0) * steps);
  return [...starts, { kind: 'exhausted' }, ...rounds.flat(), first];
}

const copiedIn = (given: Pb2Options, events: readonly SchedulerEvent[], at?: ScheduleContext): Exploit => exploits(play(given, events, at)).at(-1) as Exploit;

/** Two that were compared once. */
const ONCE = race(
  [
    [config(0.1), 0],
    [config(1.4), 7],
  ],
  1,
);

describe('one of the worst goes on from one of the best', () => {
  test('with the numbers from which the model hopes for most: towards where losses fell faster', () => {
    // x = 0.2, 0.6 and 1.4 gained 1, 3 and 7 at each step
    const exploit = copiedIn(
      options,
      race(
        [
          [config(0.1), 0],
          [config(1.4), 7],
          [config(0.6), 3],
          [config(0.2), 1],
        ],
        8,
      ),
    );
    expect(exploit).toMatchObject({ trial: 0, from: 1, checkpoint: 'checkpoint_8' });
    expect(exploit.config['x']).toBeGreaterThan(1.4);
    expect(exploit.reason).toMatch(/^rank 4 of 4: goes on from trial 1 \(rank 1\) with x 1\.4 -> \d/);
  });

  test('what is not explored is copied, and what follows from others is computed anew', () => {
    const best = config(1.4, { layers: 7, kind: { b: 0.25 } });
    const { config: made } = copiedIn(
      options,
      race(
        [
          [config(0.1), 0],
          [best, 7],
          [config(0.6), 3],
        ],
        4,
      ),
    );
    expect(made).toEqual({ ...best, x: made['x'], twice: (made['x'] as number) * 2 });
  });

  test('as it is, as long as nobody was compared twice: there is nothing to learn from', () => {
    expect(copiedIn(options, ONCE).config).toEqual(config(1.4));
  });

  test('but moved into the bounds, where these are narrower than the space', () => {
    const narrow = { ...options, hyperparamBounds: { x: [0.5, 1] as const } };
    expect(copiedIn(narrow, ONCE).config).toEqual(config(1));
    expect(
      copiedIn(
        narrow,
        race(
          [
            [config(0.1), 0],
            [config(1.4), 7],
          ],
          5,
        ),
      ).config['x'],
    ).toSatisfy((x: number) => x >= 0.5 && x <= 1);
  });

  test('away from numbers with which a trial has diverged', () => {
    const members = [
      [config(0.1), 0],
      [config(1), 5],
      [config(1.9), 5],
    ] as const;
    const diverged = [...race(members, 1).slice(0, -1), reported(2, 2, WORST), reported(1, 2, -10), saved(1, 2), reported(0, 2, 1000)];
    const made = exploits(play(options, diverged)).find(({ trial }) => trial === 0);
    expect(made?.config['x']).toBeLessThan(1.6);
  });
});

describe('every number lies in its bounds and in its domain', () => {
  const wide: Pb2Options = { perturbationInterval: 1, hyperparamBounds: { x: [0.25, 1.75], lr: [1e-3, 0.1], layers: [2, 6], width: [15, 85] } };

  test.each([1, 2, 3, 4, 5, 6])('after %i steps', (steps) => {
    const members = [
      [config(0.1), 0],
      [config(1.4, { lr: 0.5, layers: 8 }), 7],
      [config(0.6, { lr: 2e-4, width: 0 }), 3],
    ] as const;
    const { config: made } = copiedIn(wide, race(members, steps));
    expect(contains(space, made)).toBe(true);
    expect(made['x']).toSatisfy((x: number) => x >= 0.25 && x <= 1.75);
    expect(made['lr']).toSatisfy((lr: number) => lr >= 1e-3 && lr <= 0.1);
    expect([2, 3, 4, 5, 6]).toContain(made['layers']);
    expect([20, 30, 40, 50, 60, 70, 80]).toContain(made['width']);
  });

  test('a parameter that the copied configuration does not have stays away', () => {
    const conditional = compileSpace({ x: uniform(0, 2), net: choice([{ kind: 'a', depth: randint(1, 9) }, { kind: 'b' }]) });
    const given: Pb2Options = { perturbationInterval: 1, hyperparamBounds: { x: [0, 2], net: { depth: [1, 8] } } };
    const [deep, flat]: Config[] = [
      { x: 1, net: { kind: 'a', depth: 3 } },
      { x: 0.5, net: { kind: 'b' } },
    ];
    const at = { ...context, space: conditional };
    const onto = (best: Config): Config =>
      copiedIn(
        given,
        race(
          [
            [deep as Config, 0],
            [best, 5],
            [deep as Config, 2],
          ],
          4,
        ),
        at,
      ).config;
    expect(onto(flat as Config)['net']).toEqual({ kind: 'b' });
    expect(contains(conditional, onto(deep as Config))).toBe(true);
  });

  test('customExplore has the last word, in the space', () => {
    const custom: Pb2Options = { ...options, customExplore: (made) => ({ ...made, layers: 99 }) };
    expect(
      copiedIn(
        custom,
        race(
          [
            [config(0.1), 0],
            [config(1.4), 7],
          ],
          3,
        ),
      ).config['layers'],
    ).toBe(8);
  });
});

describe('its state', () => {
  test('is JSON, and holds at most 200 gains, the latest', () => {
    const scheduler = pb2(options);
    let state = scheduler.init();
    for (const event of [...begin(0, config(1)), ...Array.from({ length: 300 }, (_, i) => reported(0, i + 1, -i))]) {
      state = JSON.parse(JSON.stringify(scheduler.decide(state, event, context).state)) as typeof state;
    }
    expect(state.gains).toHaveLength(200);
    expect(state.gains?.at(0)).toEqual({ time: 100, loss: -99, trial: 0, rate: 1, values: [1] });
    expect(state.gains?.at(-1)).toEqual({ time: 299, loss: -298, trial: 0, rate: 1, values: [1] });
  });

  test('counts a gain by time: from the checkpoint that was copied, too', () => {
    const scheduler = pb2({ ...options, perturbationInterval: 4, timeAttr: 'seconds' });
    const events = [...begin(0, config(1)), reported(0, 1, 10, { seconds: 4 }), reported(0, 2, 4, { seconds: 7 }), reported(0, 3, 1, { seconds: 10 })];
    const state = events.reduce((before, event) => scheduler.decide(before, event, context).state, scheduler.init());
    expect(state.gains).toEqual([{ time: 4, loss: 10, trial: 0, rate: 1.5, values: [1] }]);
  });
});

describe('options', () => {
  test('are recorded as data, from which a restore makes the same scheduler', () => {
    const given: Pb2Options = { perturbationInterval: 5, synch: true, hyperparamBounds: { lr: [1e-3, 0.1], net: { depth: [1, 8] } } };
    const recorded: unknown = JSON.parse(JSON.stringify(pb2(given).options));
    expect(recorded).toEqual({ ...given, quantileFraction: 0.25, burnIn: 0 });
    expect(rebuildScheduler({ name: 'pb2', options: recorded as never })?.options).toEqual(recorded);
    expect(rebuildScheduler({ name: 'pb2', options: pb2({ ...given, customExplore: (made) => made }).options as never })).toBeUndefined();
  });

  test('have keys of any name', () => {
    const hyperparamBounds = { constructor: { x: [0, 1] as const } };
    expect(pb2({ hyperparamBounds } as never).options).toMatchObject({ hyperparamBounds: { constructor: { x: [0, 1] } } });
  });

  test.each<readonly [string, unknown, string]>([
    ['no object', null, 'pb2: expected one object of options, got null.'],
    ['no bounds', { hyperparamBounds: null }, 'pb2: hyperparamBounds: expected [lowest, highest] by key of the configuration, got null.'],
    ['nothing to explore', { hyperparamBounds: {} }, 'pb2: expected hyperparamBounds of at least one number, got none.'],
    ['empty bounds', { hyperparamBounds: { net: {} } }, 'pb2: expected hyperparamBounds of at least one number, got none.'],
    ['an option of pbt alone', { ...options, resampleProbability: 0.5 }, 'pb2: expected options among perturbationInterval,'],
    ['an interval of 0', { ...options, perturbationInterval: 0 }, 'pb2: expected perturbationInterval to be a finite number > 0, got 0.'],
    ['a quantile above a half', { ...options, quantileFraction: 0.6 }, 'pb2: expected quantileFraction to be a number from 0 to 0.5, got 0.6.'],
    [
      'bounds that are a list',
      { hyperparamBounds: [0, 1] },
      'pb2: hyperparamBounds: expected [lowest, highest] by key of the configuration, got an array of 2.',
    ],
    ['a number', { hyperparamBounds: { x: 1 } }, 'pb2: hyperparamBounds/x: expected [lowest, highest] by key of the configuration, got 1.'],
    [
      'one bound',
      { hyperparamBounds: { x: [1] } },
      'pb2: hyperparamBounds/x: expected two finite numbers [lowest, highest], the first below the second, got [1].',
    ],
    ['three', { hyperparamBounds: { x: [0, 1, 2] } }, 'got [0, 1, 2].'],
    ['bounds the wrong way round', { hyperparamBounds: { net: { x: [2, 1] } } }, 'pb2: hyperparamBounds/net/x: expected two finite numbers'],
    ['bounds that are equal', { hyperparamBounds: { x: [1, 1] } }, 'got [1,1].'],
    ['an infinite bound', { hyperparamBounds: { x: [0, Infinity] } }, 'got [0, Infinity].'],
    ['a word', { hyperparamBounds: { x: ['0', 1] } }, 'got ["0", 1].'],
    ['no function', { ...options, customExplore: 7 }, 'pb2: expected customExplore to be a function, got 7.'],
  ])('refuses %s', (_, wrong, message) => {
    expect(() => pb2(wrong as Pb2Options)).toThrow(message);
  });

  const check = (hyperparamBounds: HyperparamBounds, setup = {}): void =>
    pb2({ ...options, hyperparamBounds }).check?.({ space, objectives: 1, samples: 4, slots: 4, ...setup });

  test.each<readonly [string, HyperparamBounds, string]>([
    ['a key that the space lacks', { lrate: [0, 1] }, 'pb2: hyperparamBounds: expected keys of the space (x, lr, layers, width, kind, kind/b), got "lrate".'],
    ['bounds beyond the domain', { lr: [0, 1] }, 'pb2: hyperparamBounds/lr: expected bounds within the domain, 0.0001 to 1, got [0, 1].'],
    [
      'the end of a randint',
      { layers: [1, 9] },
      'expected bounds within the domain, 1 to 8, got [1, 9]. Hint: The upper bound of a randint is not one of its values.',
    ],
    ['bounds with one value between them', { width: [15, 25] }, 'expected bounds with at least two values of the domain between them, got [15, 25].'],
    ['a choice', { kind: [0, 1] }, 'pb2: hyperparamBounds/kind: expected bounds of a number that is drawn, got a choice.'],
    ['what follows from others', { twice: [0, 1] }, 'pb2: hyperparamBounds/twice: expected bounds of a number that is drawn, got a expr.'],
  ])('refuses in new Tuner, of the space, %s', (_, bounds, message) => {
    expect(() => check(bounds)).toThrow(message);
  });

  describe('without bounds', () => {
    const setup = { objectives: 1, samples: 4, slots: 4 };

    test('every number that has two ends is explored, between them', () => {
      expect(boundsOf(space).map(({ name, lower, upper }) => [name, lower, upper])).toEqual([
        ['x', 0, 2],
        ['lr', 1e-4, 1],
        ['layers', 1, 8],
        ['width', 0, 100],
        ['kind/b', 0, 1],
      ]);
      expect(() => pb2().check?.({ ...setup, space })).not.toThrow();
      expect(pb2().options).toEqual({ perturbationInterval: 60, quantileFraction: 0.25, burnIn: 0, synch: false, hyperparamBounds: 'all' });
      expect(rebuildScheduler({ name: 'pb2', options: pb2().options as never })?.options).toEqual(pb2().options);
    });

    test('where options have the same path, between the ends of all; what has no end, or one value, is copied', () => {
      const other = compileSpace({
        free: randn(0, 1),
        one: randint(3, 4),
        nested: [{ 'a/b': uniform(-1, 1) }],
        net: choice([{ depth: randint(1, 9) }, { depth: randint(4, 20) }, { width: uniform(0, 1) }]),
        kind: choice([{ size: uniform(0, 1) }, { size: choice([1, 2]) }]),
      });
      expect(boundsOf(other)).toEqual([
        { path: ['nested', '0', 'a/b'], name: 'nested/0/a/b', lower: -1, upper: 1 },
        { path: ['net', 'depth'], name: 'net/depth', lower: 4, upper: 8 },
        { path: ['net', 'width'], name: 'net/width', lower: 0, upper: 1 },
      ]);
    });

    test('decides as if they had been given', () => {
      const hyperparamBounds = { x: [0, 2], lr: [1e-4, 1], layers: [1, 8], width: [0, 100], kind: { b: [0, 1] } } as const;
      const members = [0.1, 1.4, 0.6, 0.2].map((x, i) => [config(x), i] as const);
      const all = copiedIn({ perturbationInterval: 1 }, race(members, 8));
      expect(all.config).not.toEqual(config(0.2));
      expect(all).toEqual(copiedIn({ perturbationInterval: 1, hyperparamBounds }, race(members, 8)));
    });

    test('refuses a space in which there is none', () => {
      const none = compileSpace({ kind: choice(['a', 'b']), free: randn(0, 1) });
      expect(() => pb2().check?.({ ...setup, space: none })).toThrow('pb2: expected a space with a number to explore');
    });
  });

  test('refuses a sampleFrom and a constant, and several metrics', () => {
    const other = compileSpace({ x: uniform(0, 2), fixed: 7, drawn: sampleFrom(() => 1) });
    expect(() => check({ fixed: [0, 8] }, { space: other })).toThrow('got a constant.');
    expect(() => check({ drawn: [0, 8] }, { space: other })).toThrow('got a sampleFrom.');
    expect(() => check({ x: [0, 2] }, { objectives: 2 })).toThrow('pb2: expected exactly one metric to rank trials by, got 2.');
    expect(() => check({ x: [0, 2] })).not.toThrow();
  });
});
